// What kind of image a file is, and which models were trained on such images.

const ENOUGH = 1 << 16; // bytes of a file that are looked at, after decompression
const AIR = -500; // Hounsfield units; only CT has values below
const WORDS = { volumes: 'a volume', slices: 'a slice of a scan', pictures: 'a picture' };

/** The bytes per voxel and the reader of NIfTI's number types. */
const NUMBERS = {
  2: [1, 'getUint8'],
  4: [2, 'getInt16'],
  8: [4, 'getInt32'],
  16: [4, 'getFloat32'],
  64: [8, 'getFloat64'],
  256: [1, 'getInt8'],
  512: [2, 'getUint16'],
  768: [4, 'getUint32'],
};

/** Reads the beginning of a file, decompressed if it is gzip. */
async function beginning(file) {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const zipped = magic[0] === 0x1f && magic[1] === 0x8b;
  const part = file.slice(0, 4 * ENOUGH).stream();
  const reader = (zipped ? part.pipeThrough(new DecompressionStream('gzip')) : part).getReader();
  const bytes = new Uint8Array(ENOUGH);
  let count = 0;
  try {
    while (count < ENOUGH) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes.set(value.subarray(0, ENOUGH - count), count);
      count = Math.min(ENOUGH, count + value.length);
    }
  } catch {
    // gzip ends in the middle; what came before is enough
  }
  reader.cancel().catch(() => undefined);
  return new DataView(bytes.buffer, 0, count);
}

/** Reads sizes, channels and whether the first voxels lie in air; null for anything but NIfTI. */
function nifti(view) {
  if (view.byteLength < 348) return null;
  const little = [348, 540].includes(view.getInt32(0, true));
  const length = view.getInt32(0, little);
  if (length !== 348 && length !== 540) return null;
  const two = length === 540;
  const sizes = Array.from({ length: 8 }, (_, k) => (two ? Number(view.getBigInt64(16 + 8 * k, little)) : view.getInt16(40 + 2 * k, little)));
  const [axes, , , depth = 1] = sizes;
  const beyond = sizes.slice(4, axes + 1).reduce((product, n) => product * Math.max(1, n), 1);
  const type = view.getInt16(two ? 12 : 70, little);
  const real = (at) => (two ? view.getFloat64(at[1], little) : view.getFloat32(at[0], little));
  const start = two ? Number(view.getBigInt64(168, little)) : real([108]);
  const slope = real([112, 176]) || 1;
  const [bytes, read] = NUMBERS[type] ?? [];
  let least = Infinity;
  for (let at = start; read && at + bytes <= view.byteLength; at += bytes) {
    least = Math.min(least, view[read](at, little) * slope + (real([116, 184]) || 0));
  }
  return {
    kind: axes > 2 && depth > 1 ? 'volumes' : 'slices',
    channels: type === 128 || type === 2304 ? 3 : beyond,
    air: least <= AIR,
  };
}

function png(view) {
  if (view.byteLength < 26 || view.getUint32(0) !== 0x89504e47) return null;
  return { kind: 'pictures', channels: [0, 4].includes(view.getUint8(25)) ? 1 : null };
}

const text = (view, at, length) => String.fromCharCode(...new Uint8Array(view.buffer, at, length));

/** Whether a file begins like a DICOM file. */
export async function isDicom(file) {
  const bytes = new Uint8Array(await file.slice(128, 132).arrayBuffer());
  return String.fromCharCode(...bytes) === 'DICM';
}

/** The modality of a DICOM file says whether it is CT; slices are taken for those of a volume. */
function dicom(view) {
  if (view.byteLength < 132 || text(view, 128, 4) !== 'DICM') return null;
  const head = text(view, 0, Math.min(view.byteLength, 8192));
  return { kind: 'volumes', channels: 1, air: /\x08\x00\x60\x00(CS)?[\x00-\xff]{2,4}CT/.test(head) };
}

/** Finds out whether a TIFF holds several pages, in directories of their own or after one that ImageJ describes. */
async function tiff(file, view) {
  const order = view.byteLength < 8 ? 0 : view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  if (view.getUint16(2, little) === 43) return { kind: 'pictures', channels: null, stack: true }; // BigTIFF: not read here
  const at = async (start, length) => new DataView(await file.slice(start, start + length).arrayBuffer());
  const pages = Number(/images=(\d+)/.exec(new TextDecoder('latin1').decode(view))?.[1] ?? 1);
  const first = view.getUint32(4, little);
  const entries = (await at(first, 2)).getUint16(0, little);
  const next = (await at(first + 2 + 12 * entries, 4)).getUint32(0, little);
  return { kind: 'pictures', channels: null, stack: pages > 1 || next > 0 };
}

/** Returns the number of channels that files named CASE_0000, CASE_0001, … have together, or 0 for other names. */
function numbered(files) {
  const numbers = files.map((file) => file.name.match(/_(\d{4})\.nii(\.gz)?$/i)?.[1]);
  return files.length > 1 && numbers.every(Boolean) ? new Set(numbers).size : 0;
}

/**
 * Returns the kind of the first file: volumes, slices or pictures; its channels if they are known; whether it has values
 * that only CT has. Null if it is none of the known formats; then the server has the word.
 */
export async function look(files) {
  try {
    const view = await beginning(files[0]);
    const picture = /\.(jpe?g|tiff?|bmp)$/i.test(files[0].name) ? { kind: 'pictures', channels: null } : null;
    const found = dicom(view) ?? nifti(view) ?? png(view) ?? (await tiff(files[0], view)) ?? picture;
    if (!found) return null;
    return { ...found, channels: numbered(files) || found.channels };
  } catch {
    return null;
  }
}

/** Whether the server refuses an image for a model. */
export const refused = (model, image) => model.dimension === 3 && image && image.kind !== 'volumes' && !image.stack;

/** Returns why a model wasn't made for an image, as a sentence; an empty string if it was. */
export function misfit(model, image) {
  if (!image) return '';
  const what = WORDS[image.kind];
  if (refused(model, image)) {
    return `The image is ${what}, and ${model.name} takes volumes only.`;
  }
  if (model.takes === 'pictures' && image.kind !== 'pictures') {
    return `The image is ${what}, and ${model.name} was trained on pictures.`;
  }
  if (model.hounsfield && image.kind === 'pictures') {
    return `The image is a picture, and ${model.name} was trained on CT.`;
  }
  const colours = model.takes === 'pictures' && model.channels === 3; // they take grey pictures too
  if (image.channels && image.channels !== model.channels && !(colours && image.channels === 1)) {
    return `The image has ${image.channels === 1 ? '1 channel' : `${image.channels} channels`}, and ${model.name} was trained on ${model.channels}.`;
  }
  return '';
}

/** Orders models by how well they fit an image: those that fit, first those for CT if it is one. */
export function ordered(models, image) {
  const fits = models.filter((model) => !misfit(model, image));
  const alike = (model) => Number(Boolean(model.hounsfield) === Boolean(image?.air));
  return fits.sort((a, b) => alike(b) - alike(a)); // stable
}

/** Returns what an image is, such as "this volume". */
export const words = (image) => WORDS[image.kind].replace('a ', 'this ');
