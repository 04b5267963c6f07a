"""Makes the files of this folder with nibabel, NumPy and Pillow, and expected.json with what those read from them."""
import json
import warnings

import nibabel as nib
import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
expected = {}
rotated = np.array([[-1.2, 0.3, 0.1, 40.5], [0.4, 1.5, -0.2, -20.25], [0.0, 0.5, 2.75, 7.0], [0, 0, 0, 1]])
angle = 0.3
rigid = np.eye(4)
rigid[:3, :3] = np.array(
    [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]) @ np.diag([-0.7, 0.9, 2.5])
rigid[:3, 3] = [-11.5, 22.25, 3.125]


def volume(dtype, shape=(4, 3, 2)):
    count = int(np.prod(shape))
    info = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else None
    values = (np.arange(count) * 7 % 100).astype(np.float64) - (0 if info is not None and info.min == 0 else 50)
    values = values.astype(dtype)
    if info is not None:
        values[0], values[1] = info.min, info.max
    else:
        values = values + dtype(0.125)
    return values.reshape(shape, order="F")


def save(name, image):
    nib.save(image, name)
    back = nib.load(name)
    data = np.asarray(back.dataobj).astype(np.float32)
    spatial = data.reshape(data.shape[:3] + (-1,), order="F") if data.ndim > 3 else data[..., None]
    channels = spatial.shape[-1]
    expected[name] = dict(
        size=list(data.shape[:3]),
        affine=back.affine[:3].tolist(),
        channels=[spatial[..., c].ravel(order="F").tolist() for c in range(channels)])


for t in "u1 i1 i2 u2 i4 u4 i8 u8 f4 f8".split():
    dtype = np.dtype(t).type
    save(f"one_{t}.nii", nib.Nifti1Image(volume(dtype), rotated, dtype=dtype))
    if t in ("u2", "f8", "i8"):
        header = nib.Nifti2Header(endianness=">")
        header.set_data_dtype(dtype)
        image = nib.Nifti2Image(volume(dtype), rotated, header, dtype=dtype)
        save(f"two_big_{t}.nii.gz", image)

header = nib.Nifti1Header(endianness=">")
image = nib.Nifti1Image(volume(np.int16), rotated, header, dtype=np.int16)
image.header.set_slope_inter(0.25, -3)
save("one_big_scaled.nii.gz", image)

image = nib.Nifti1Image(volume(np.uint8), None)
image.set_qform(rigid, 1)
image.set_sform(None, 0)
save("qform_only.nii", image)
image.set_sform(rotated, 2)
save("sform_and_qform.nii", image)
# nibabel gives every file that it saves an orientation: the two codes are taken away afterwards.
nib.save(nib.Nifti1Image(volume(np.uint8), np.diag([0.5, 0.75, 3, 1])), "no_form.nii")
with open("no_form.nii", "r+b") as out:
    out.seek(252)
    out.write(bytes(4))
back = nib.load("no_form.nii")
expected["no_form.nii"] = dict(
    size=list(back.shape), affine=back.affine[:3].tolist(), channels=[back.get_fdata().ravel(order="F").tolist()])

save("four_axes.nii.gz", nib.Nifti1Image(volume(np.float32, (4, 3, 2, 3)), rotated))
plane = nib.Nifti1Image(volume(np.uint8, (5, 4)), rigid)
save("plane.nii", plane)
save("one_slice.nii", nib.Nifti1Image(volume(np.uint8, (5, 4, 1)), rigid))
image = nib.Nifti1Image(volume(np.int16), rigid)
image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"a comment of some length"))
save("extension.nii", image)
colours = np.zeros((2, 3, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
for i, c in enumerate("RGB"):
    colours[c] = np.arange(12).reshape(2, 3, 2, order="F") * 10 + i
nib.save(nib.Nifti1Image(colours, np.eye(4)), "rgb24.nii")
expected["rgb24.nii"] = dict(
    size=[2, 3, 2], affine=np.eye(4)[:3].tolist(), channels=[colours[c].ravel(order="F").tolist() for c in "RGB"])


def picture(name, image, values=None, pages=1, labels=None, **options):
    image.save(name, **options)
    values = np.asarray(Image.open(name)) if values is None else np.asarray(values)
    channels = [values.ravel()] if values.ndim == 2 or pages > 1 else [values[..., c].ravel() for c in range(3)]
    height, width = values.shape[-2:] if values.ndim == 2 or pages > 1 else values.shape[:2]
    expected[name] = dict(size=[width, height] + ([pages] if pages > 1 else []), channels=[c.tolist() for c in channels])
    if labels is not None:
        expected[name]["labels"] = np.asarray(labels).ravel().tolist()


def save_raster():
    height, width = 5, 7
    ramp = (np.arange(height * width) * 37 % 256).astype(np.uint8).reshape(height, width)
    deep = (np.arange(height * width) * 1871 % 65536).astype(np.uint16).reshape(height, width)
    rgb = np.stack([ramp, 255 - ramp, ramp // 2], -1)
    alpha = np.full((height, width), 128, np.uint8)
    alpha[0] = 0
    classes = (np.arange(height * width) % 4).astype(np.uint8).reshape(height, width)
    classes[4, 6] = 255
    bits = ramp > 100
    voc = np.zeros((256, 3), np.uint8)
    voc[1:4] = [[128, 0, 0], [0, 128, 0], [128, 128, 0]]
    voc[255] = [224, 224, 192]
    greys = np.repeat(np.arange(256)[:, None], 3, 1).astype(np.uint8)
    indexed = Image.fromarray(classes, "P")
    indexed.putpalette(voc.ravel().tolist())
    grey_indexed = Image.fromarray(ramp, "P")
    grey_indexed.putpalette(greys.ravel().tolist())
    rgba = Image.fromarray(np.dstack([rgb, alpha]))
    equal = Image.fromarray(np.dstack([classes] * 3 + [alpha]))
    one_bit = Image.fromarray(bits)
    black_white = bits.astype(np.uint8) * 255
    for suffix in ("png", "tif"):
        picture(f"grey8.{suffix}", Image.fromarray(ramp), labels=ramp)
        picture(f"grey16.{suffix}", Image.fromarray(deep), labels=deep)
        picture(f"bits.{suffix}", one_bit, black_white, labels=black_white)
        picture(f"rgb.{suffix}", Image.fromarray(rgb))
        picture(f"rgba.{suffix}", rgba, rgb)
        picture(f"equal_rgba.{suffix}", equal, np.dstack([classes] * 3), labels=classes)
        picture(f"palette.{suffix}", indexed, voc[classes], labels=classes)
        picture(f"grey_palette.{suffix}", grey_indexed, ramp, labels=ramp)
        picture(f"grey_alpha.{suffix}", Image.fromarray(np.dstack([ramp, alpha]), "LA"), ramp, labels=ramp)
    picture("few_colours.png", indexed.quantize(16), voc[classes])
    picture("grey8.bmp", Image.fromarray(ramp), labels=ramp)
    picture("bits.bmp", one_bit, black_white, labels=black_white)
    picture("rgb.bmp", Image.fromarray(rgb))
    picture("palette.bmp", indexed, voc[classes], labels=classes)
    picture("float.tif", Image.fromarray(ramp.astype(np.float32) * 10 - 1000.5))
    picture("int32.tif", Image.fromarray(ramp.astype(np.int32) * 1000 - 7), compression="tiff_lzw")
    picture("deflate16.tif", Image.fromarray(deep), compression="tiff_adobe_deflate", labels=deep)
    picture("lzw.tif", Image.fromarray(rgb), compression="tiff_lzw")
    picture("float_deflate.tif", Image.fromarray(ramp.astype(np.float32) * 10 - 1000.5), compression="tiff_adobe_deflate")
    picture("white_is_zero.tif", Image.fromarray(bits), black_white, labels=black_white, compression="group4")
    pages = [Image.fromarray((ramp.astype(int) * (k + 1) % 256).astype(np.uint8)) for k in range(3)]
    stack = np.stack([np.asarray(p) for p in pages])
    picture("pages.tif", pages[0], stack, 3, labels=stack, save_all=True, append_images=pages[1:])
    smooth = (np.add.outer(np.arange(16), np.arange(24)) * 5).astype(np.uint8)
    picture("grey.jpg", Image.fromarray(smooth), quality=95)
    picture("rgb.jpg", Image.fromarray(np.stack([smooth, 200 - smooth, smooth // 2], -1)), quality=95)
    picture("progressive.jpg", Image.fromarray(smooth), quality=95, progressive=True)


save_raster()
np.save("c_order.npy", np.arange(6, dtype=">f8").reshape(2, 3) / 4)
np.save("fortran.npy", np.asfortranarray(np.arange(24, dtype="<i4").reshape(2, 3, 4)))
np.save("half.npy", np.array([0.5, -2, 65504, 5.960464477539063e-08, 0.0999755859375], dtype=np.float16))
np.save("scalar.npy", np.float32(3.25))
np.save("booleans.npy", np.array([True, False, True]))
with open("expected.json", "w") as out:
    json.dump(expected, out, sort_keys=True, separators=(",", ":"))
