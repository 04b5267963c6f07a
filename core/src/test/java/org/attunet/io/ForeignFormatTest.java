package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of other formats are refused by name with the way out, whether their content or their suffix shows it. */
class ForeignFormatTest {
    @TempDir
    Path folder;

    private static byte[] content(String hex) {
        return Arrays.copyOf(HexFormat.of().parseHex(hex), 400);
    }

    private static byte[] gzip(byte[] content) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static void assertNamed(Path file, String format, String remedy) {
        assertThatThrownBy(() -> Images.read(file))
                .as(file.toString())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(format)
                .hasMessageContaining(remedy);
        assertThatThrownBy(() -> Images.readGrid(file)).hasMessageContaining(format);
    }

    @ParameterizedTest
    @CsvSource({
        "a.hdr,5c010000,.hdr/.img pair,put the other one beside it",
        "a.img,00,.hdr/.img pair,put the other one beside it",
        "a.png,5c010000,.hdr/.img pair,into one folder",
        "a.mgz,1f8b08,MGH,mri_convert",
        "a.nrrd,4e525244303030340a,NRRD,3D Slicer",
        "a.mha,4f626a65637454797065,MetaImage,SimpleITK",
        "a.npy,934e554d5059,NumPy,tifffile",
        "a.npz,504b0304,NumPy,tifffile",
        "a.h5,894844460d0a1a0a,HDF5,TIFF",
        "a.czi,5a495352415746494c45,CZI,Fiji",
        "a.svs,49492a00,a whole slide,QuPath",
        "a.gif,474946383961,GIF,PNG",
        "a.png,474946383961,GIF,PNG",
        "a.jpg,00000018667479706865,HEIC,PNG",
        "a.png,524946460000000057454250,WebP,PNG",
        "a.tif,3c21444f4354595045,a web page,download",
        "a.nii,3c21444f4354595045,a web page,download",
        "a.png,76657273696f6e2068747470733a2f2f6769742d6c66732e,Git LFS,git lfs pull",
        "a.dcm,00,DICOM,dcm2niix"
    })
    void other_formats_are_named(String name, String hex, String format, String remedy) throws Exception {
        if (name.equals("a.svs")) { // a TIFF inside
            assertThatThrownBy(() -> Images.requireNotForeign(Files.write(folder.resolve(name), content(hex))))
                    .hasMessageContaining(format);
            return;
        }
        assertNamed(Files.write(folder.resolve(name), content(hex)), format, remedy);
    }

    @Test
    void dicom_is_found_without_a_suffix_and_in_folders() throws Exception {
        byte[] dicom = new byte[400];
        System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, dicom, 128, 4);
        assertNamed(Files.write(folder.resolve("IM0001"), dicom), "DICOM", "dcm2niix");
        assertNamed(Files.write(folder.resolve("scan.nii"), dicom), "DICOM", "dcm2niix");
        Files.delete(folder.resolve("scan.nii"));
        Files.write(folder.resolve("x.dcm"), dicom);
        assertThatThrownBy(() -> ImageCase.in(folder, 1))
                .hasMessageContaining("no image file in the folder, but 2 files that are DICOM");
    }

    @Test
    void images_under_another_formats_name_are_named() throws Exception {
        LabelMap labels = new LabelMap(Grid.of(4, 4, 2), new short[32]);
        Images.write(labels, folder.resolve("a.nii"));
        Images.write(labels, folder.resolve("a.nii.gz"));
        for (String name : new String[] {"a.nii", "a.nii.gz"}) {
            Path renamed = Files.copy(folder.resolve(name), folder.resolve(name + ".png"));
            assertNamed(renamed, "it is NIfTI, not a picture", "rename it");
        }
        Images.write(new LabelMap(Grid.of(4, 4), new short[16]), folder.resolve("b.png"));
        assertNamed(Files.copy(folder.resolve("b.png"), folder.resolve("b.nii")), "it is PNG, not NIfTI", "rename");
    }

    @Test
    void halves_of_pairs_are_named_under_a_nifti_name() throws Exception {
        byte[] analyze = content("5c010000");
        assertNamed(Files.write(folder.resolve("a.nii"), analyze), "ANALYZE 7.5", "convert it");
        byte[] half = content("5c010000");
        System.arraycopy("ni1\0".getBytes(StandardCharsets.US_ASCII), 0, half, 344, 4);
        assertNamed(
                Files.write(folder.resolve("b.nii.gz"), gzip(half)),
                "half of a .hdr/.img pair",
                "convert it to .nii.gz");
    }
}
