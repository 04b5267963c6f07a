package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which slices are one volume, and what is left out. */
class SplittingTest {
    private static final double[] AXIAL = {1, 0, 0, 0, 1, 0};

    @TempDir
    private Path folder;

    /** The elements of a slice at a height; the number gives its values, its instance number and its identifier. */
    private static DicomBytes at(double height, int number) {
        return SeriesFiles.elements("1.2.3.4", AXIAL, new double[] {-20, -30, height}, number);
    }

    private void write(DicomBytes elements, int number) {
        SeriesFiles.write(folder.resolve(number + ".dcm"), elements, number);
    }

    private List<Series> found() {
        return Series.of(folder, share -> {});
    }

    /** Three places, two slices each, that differ in an element of the second. */
    private void twice(int tag, Vr vr, String first, String second) {
        for (int k = 0; k < 3; k++) {
            write(at(2 * k, k).text(tag, vr, first), k);
            write(at(2 * k, 10 + k).text(tag, vr, second), 10 + k);
        }
    }

    @Test
    void echoes_times_and_kinds_of_images_are_volumes_of_their_own() {
        twice(Tag.ECHO_TIME, Vr.DS, "4.6", "12.3");
        assertThat(found()).extracting(Series::part).containsExactly("echo time 4.6", "echo time 12.3");
        twice(Tag.TEMPORAL_POSITION_IDENTIFIER, Vr.IS, "9", "10");
        assertThat(found()).extracting(Series::part).containsExactly("time 9", "time 10");
        twice(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL\\PRIMARY\\M", "ORIGINAL\\PRIMARY\\P");
        assertThat(found())
                .extracting(Series::part)
                .containsExactly("image type ORIGINAL\\PRIMARY\\M", "image type ORIGINAL\\PRIMARY\\P");
        twice(Tag.TRIGGER_TIME, Vr.DS, "0", "40.5");
        assertThat(found()).extracting(Series::size).containsExactly(3, 3);
        assertThat(found()).extracting(Series::label).containsExactly("CT_series1_1", "CT_series1_2");
    }

    /** A time that differs for every slice sets no volumes apart; the order of instances does. */
    @Test
    void repetitions_are_told_by_their_instance_numbers() {
        for (int k = 0; k < 6; k++) {
            write(at(2 * (k % 3), k).text(Tag.CONTENT_TIME, Vr.TM, "10101" + k), k);
        }
        List<Series> found = found();
        assertThat(found).extracting(Series::part).containsExactly("repetition 1", "repetition 2");
        assertThat(found.get(0).image(share -> {}).channel(0)[12]).isEqualTo(-1000 + 2 * (100 + 20));
        assertThat(found.get(1).image(share -> {}).channel(0)[12]).isEqualTo(-1000 + 2 * (400 + 20));
    }

    @Test
    void slices_of_varying_type_that_lie_in_places_of_their_own_are_one_volume() {
        for (int k = 0; k < 6; k++) {
            write(at(2 * k, k).text(Tag.IMAGE_TYPE, Vr.CS, k < 3 ? "ORIGINAL\\PRIMARY\\AXIAL" : "DERIVED"), k);
        }
        assertThat(found()).extracting(Series::size).containsExactly(6);
    }

    @Test
    void slices_given_twice_are_left_out_and_named() throws IOException {
        for (int k = 0; k < 4; k++) {
            write(at(2 * k, k), k);
        }
        Files.copy(folder.resolve("2.dcm"), folder.resolve("copy.dcm"));
        List<Series> found = found();
        assertThat(found).extracting(Series::size).containsExactly(4);
        assertThat(found.get(0).notes()).containsExactly("1 slice was given twice and left out: copy.dcm (as 2.dcm)");

        Files.delete(folder.resolve("copy.dcm")); // the same pixels as another object
        SeriesFiles.write(folder.resolve("z.dcm"), at(4, 77), 2);
        assertThat(found()).extracting(Series::size).containsExactly(4);
        assertThat(found().get(0).notes()).containsExactly("1 slice was given twice and left out: z.dcm (as 2.dcm)");
    }

    @Test
    void slices_in_one_place_that_nothing_tells_apart_are_refused_and_named() {
        for (int k = 0; k < 4; k++) {
            write(at(2 * k, k), k);
        }
        write(at(4, 50), 50);
        Series only = found().get(0);
        assertThatThrownBy(only::grid).isInstanceOf(AttunetException.class).hasMessageContaining("2.dcm and 50.dcm");
        assertThat(only.notes()).isEmpty();
    }

    @Test
    void localizers_are_left_out_and_counted() {
        for (int k = 0; k < 3; k++) {
            write(at(2 * k, k), k);
        }
        write(at(9, 9).text(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL\\PRIMARY\\LOCALIZER"), 9);
        assertThat(found()).extracting(Series::size).containsExactly(3);
        assertThat(found().get(0).notes()).containsExactly("1 of the series' files left out: localizers");
    }

    /** Two stacks of two b values in one file. */
    @Test
    void frames_of_several_stacks_and_b_values_are_parted() throws IOException {
        List<DicomBytes> frames = new ArrayList<>();
        for (int k = 0; k < 12; k++) {
            int stack = k / 6;
            double b = 800 * (k / 3 % 2);
            double[] position = {-20, -30, 100 * stack + 2 * (k % 3)};
            frames.add(DicomBytes.explicit()
                    .sequence(
                            Tag.FRAME_CONTENT_SEQUENCE,
                            false,
                            DicomBytes.explicit().text(Tag.STACK_ID, Vr.SH, "" + (stack + 1)))
                    .sequence(
                            Tag.MR_DIFFUSION_SEQUENCE,
                            false,
                            DicomBytes.explicit().element(Tag.DIFFUSION_B_VALUE, Vr.FD, real(b)))
                    .sequence(
                            Tag.PLANE_POSITION_SEQUENCE,
                            false,
                            DicomBytes.explicit()
                                    .text(
                                            Tag.IMAGE_POSITION_PATIENT,
                                            Vr.DS,
                                            position[0] + "\\" + position[1] + "\\" + position[2])));
        }
        DicomBytes file = at(0, 0).text(Tag.NUMBER_OF_FRAMES, Vr.IS, "12")
                .sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, false, frames.toArray(new DicomBytes[0]));
        short[] pixels = new short[12 * 12];
        for (int k = 0; k < pixels.length; k++) {
            pixels[k] = (short) (k / 12);
        }
        Files.write(folder.resolve("a.dcm"), file.words(Tag.PIXEL_DATA, pixels).file("1.2.840.10008.1.2.1"));

        List<Series> found = found();

        assertThat(found)
                .extracting(Series::part)
                .containsExactly(
                        "stack 1, b value 0", "stack 1, b value 800", "stack 2, b value 0", "stack 2, b value 800");
        assertThat(found.get(3).image(share -> {}).channel(0))
                .startsWith(-1000 + 2 * 9)
                .endsWith(-1000 + 2 * 11);
        assertThat(found.get(3).slices().get(0).frameNumber()).isEqualTo(10);
    }

    private static byte[] real(double value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array();
    }

    @Test
    void archives_and_directories_of_media_are_read_in_place() throws IOException {
        Path data = folder.resolve("data");
        for (int k = 0; k < 3; k++) {
            SeriesFiles.write(data.resolve("IM" + k), at(2 * k, k), k);
        }
        Path zip = folder.resolve("scan.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int k = 0; k < 3; k++) {
                out.putNextEntry(new ZipEntry("a/IM" + k));
                Files.copy(data.resolve("IM" + k), out);
            }
        }
        DicomBytes[] entries = new DicomBytes[4];
        for (int k = 0; k < 4; k++) {
            entries[k] = DicomBytes.explicit().text(Tag.REFERENCED_FILE_ID, Vr.CS, k < 3 ? "DATA\\IM" + k : "..\\x");
        }
        DicomBytes directory = DicomBytes.explicit().sequence(Tag.DIRECTORY_RECORD_SEQUENCE, true, entries);
        Path list = folder.resolve("DICOMDIR");
        Files.write(list, directory.file("1.2.840.10008.1.2.1"));

        float[] expected =
                Series.of(data, share -> {}).get(0).image(share -> {}).channel(0);
        for (Path input : List.of(zip, list)) {
            List<Series> found = Series.of(input, share -> {});
            assertThat(found).extracting(Series::size).containsExactly(3);
            assertThat(found.get(0).image(share -> {}).channel(0)).isEqualTo(expected);
        }
        assertThat(Contents.of(list, share -> {}).notes())
                .containsExactly("1 of the files that the DICOMDIR names are not there, such as ../x");
        assertThat(Contents.of(folder, share -> {}).series()).hasSize(1);
    }

    @Test
    void failures_in_archives_name_the_archive() throws IOException {
        write(at(0, 0).text(Tag.PIXEL_SPACING, Vr.DS, "wide"), 0);
        Path zip = folder.resolve("scan.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("a/0.dcm"));
            Files.copy(folder.resolve("0.dcm"), out);
        }
        assertThatThrownBy(() -> Series.of(zip, share -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(zip + "!/a/0.dcm: (0028,0030)");
    }

    @Test
    void an_archive_that_unpacks_to_far_more_than_its_size_is_refused() throws IOException {
        Path zip = folder.resolve("bomb.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("a"));
            out.setLevel(1);
            byte[] zeros = new byte[1 << 20];
            for (int k = 0; k < 290; k++) {
                out.write(zeros);
            }
        }
        assertThatThrownBy(() -> Series.of(zip, share -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("20 times the archive's size");
    }
}
