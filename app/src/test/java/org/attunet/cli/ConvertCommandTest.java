package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code attunet convert}: a series becomes a volume; what is none or not the only one is refused. */
class ConvertCommandTest {
    @TempDir
    private Path folder;

    @Test
    void a_series_becomes_a_volume() {
        Path files = dcmqi();
        Path volume = folder.resolve("ct.nii.gz");
        Program done = Program.run("convert", files.resolve("ct-3slice"), "-o", volume);
        assertThat(done.code()).isZero();
        assertThat(Images.read(volume).grid().size()).containsExactly(512, 512, 3);
    }

    @Test
    void several_series_are_named() {
        Path volume = folder.resolve("ct.nii.gz");
        Program refused = Program.run("convert", dcmqi(), "-o", volume);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains("CT_series2 (series 2, CT, 512 x 512 x 3)")
                .contains("--series");
        Program chosen = Program.run("convert", dcmqi(), "--series", "2", "-o", volume);
        assertThat(chosen.code()).isZero();
    }

    @Test
    void a_folder_without_dicom_is_refused() {
        Program refused = Program.run("convert", folder, "-o", folder.resolve("a.nii.gz"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("no DICOM series");
        assertThat(Files.exists(folder.resolve("a.nii.gz"))).isFalse();
    }

    /** The decoder of JPEG 2000 is no part of the program. */
    @Test
    void jpeg_2000_is_refused_by_name_and_with_a_remedy() {
        Path file = dcmqi().resolve("../../syntaxes/CT1_J2KR").normalize();
        Program refused = Program.run("convert", file, "-o", folder.resolve("a.nii.gz"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("JPEG 2000 lossless", "jai-imageio-jpeg2000");
    }

    @Test
    void a_volume_becomes_a_series_and_a_mask_its_segmentation() {
        Path volume = folder.resolve("scan.nii.gz");
        Images.write(Image.of(Grid.of(new int[] {6, 5, 4}, new double[] {1, 2, 3}), new float[120]), volume);
        Path series = folder.resolve("series");
        assertThat(Program.run("convert", volume, "--modality", "CT", "-o", series)
                        .code())
                .isZero();
        Path again = folder.resolve("again.nii.gz");
        assertThat(Program.run("convert", series, "-o", again).code()).isZero();
        short[] labels = new short[120];
        labels[7] = 3;
        Path mask = folder.resolve("mask.nii.gz");
        Images.write(new LabelMap(Images.readGrid(again), labels), mask);
        Path file = folder.resolve("mask.dcm");
        Program done = Program.run("convert", mask, "--like", series, "--labels", "3=liver", "-o", file, "--json");
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("\"3\"", "liver");
        assertThat(Program.run("info", file).out()).contains("SEG of series 1", "a segmentation");
        Program unclear = Program.run("convert", volume, "-o", folder.resolve("x"));
        assertThat(unclear.err()).contains("--modality CT or MR");
    }

    private static Path dcmqi() {
        String files = System.getenv("ATTUNET_DICOM");
        assumeTrue(files != null, "ATTUNET_DICOM is not set: tests on public DICOM files are skipped");
        return Path.of(files, "dcmqi", "segmentations");
    }
}
