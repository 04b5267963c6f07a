package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stored values mean, of images of 2 x 1 pixels (PS3.3, C.7.6.3 and C.11.1). */
class ValuesTest {
    @TempDir
    private Path folder;

    private static DicomBytes image(String photometric, int allocated, int signed) {
        return SeriesFiles.elements("1.2.3.4", new double[] {1, 0, 0, 0, 1, 0}, new double[3], 0)
                .number(Tag.ROWS, 1)
                .number(Tag.COLUMNS, 2)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, photometric)
                .number(Tag.BITS_ALLOCATED, allocated)
                .number(Tag.BITS_STORED, allocated)
                .number(Tag.HIGH_BIT, allocated - 1)
                .number(Tag.PIXEL_REPRESENTATION, signed)
                .text(Tag.RESCALE_SLOPE, Vr.DS, "1")
                .text(Tag.RESCALE_INTERCEPT, Vr.DS, "0");
    }

    private Series read(DicomBytes bytes) throws IOException {
        Path file = folder.resolve("a.dcm");
        Files.write(file, bytes.file("1.2.840.10008.1.2.1"));
        return Series.of(file, share -> {}).get(0);
    }

    private float[] grey(DicomBytes bytes) throws IOException {
        Image image = read(bytes).image(share -> {});
        assertThat(image.channels()).hasNumberOfRows(1);
        return image.channel(0);
    }

    private static DicomBytes table(DicomBytes to, int descriptor, int data, int[] described, short... entries) {
        short[] words = {(short) described[0], (short) described[1], (short) described[2]};
        ByteBuffer bytes = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(words);
        return to.element(descriptor, Vr.US, bytes.array()).words(data, entries);
    }

    @Test
    void a_modality_table_gives_intensities_and_its_ends_go_on() throws IOException {
        DicomBytes item = table(
                DicomBytes.explicit(),
                Tag.LUT_DESCRIPTOR,
                Tag.LUT_DATA,
                new int[] {3, -1, 16},
                (short) 7,
                (short) 9,
                (short) 40000);
        for (short[] stored : new short[][] {{-1, 0}, {-50, 500}}) {
            DicomBytes bytes = image("MONOCHROME2", 16, 1).sequence(Tag.MODALITY_LUT_SEQUENCE, true, item);
            float[] expected = stored[0] == -1 ? new float[] {7, 9} : new float[] {7, 40000};
            assertThat(grey(bytes.words(Tag.PIXEL_DATA, stored))).isEqualTo(expected);
        }
    }

    @Test
    void a_palette_gives_colours_of_eight_bits() throws IOException {
        DicomBytes bytes = image("PALETTE COLOR", 16, 0);
        for (int colour = 0; colour < 3; colour++) {
            int shown = 1 + colour;
            table(
                    bytes,
                    Tag.RED_PALETTE_DESCRIPTOR + colour,
                    Tag.RED_PALETTE + colour,
                    new int[] {2, 10, 16},
                    (short) (shown << 8),
                    (short) ((shown * 20) << 8));
        }
        Image image = read(bytes.words(Tag.PIXEL_DATA, (short) 10, (short) 11)).image(share -> {});
        assertThat(image.channels()).isDeepEqualTo(new float[][] {{1, 20}, {2, 40}, {3, 60}});
    }

    /** White, and the red of PS3.3's equations: Y 76, Cb 85, Cr 255. */
    @Test
    void luminance_and_differences_become_colours() throws IOException {
        DicomBytes bytes = image("YBR_FULL", 8, 0)
                .number(Tag.SAMPLES_PER_PIXEL, 3)
                .element(Tag.PIXEL_DATA, Vr.OB, new byte[] {(byte) 255, (byte) 128, (byte) 128, 76, 85, (byte) 255});
        Image image = read(bytes).image(share -> {});
        assertThat(image.channels()).isDeepEqualTo(new float[][] {{255, 254}, {255, 0}, {255, 0}});
    }

    @Test
    void numbers_of_32_bits_are_unsigned_if_they_say_so() throws IOException {
        byte[] pixels = {0, 0, 0, (byte) 0x80, 5, 0, 0, 0};
        assertThat(grey(image("MONOCHROME2", 32, 0).element(Tag.PIXEL_DATA, Vr.OW, pixels)))
                .containsExactly(0x1p31f, 5);
        assertThat(grey(image("MONOCHROME2", 32, 1).element(Tag.PIXEL_DATA, Vr.OW, pixels)))
                .containsExactly(-0x1p31f, 5);
    }

    @Test
    void overlays_in_high_bits_are_no_values() throws IOException {
        DicomBytes bytes =
                image("MONOCHROME2", 16, 1).number(Tag.BITS_STORED, 12).number(Tag.HIGH_BIT, 11);
        assertThat(grey(bytes.words(Tag.PIXEL_DATA, (short) 0xF005, (short) 0x0FFF)))
                .containsExactly(5, -1);
    }

    @Test
    void values_shown_as_negative_stay_as_stored_with_a_note() throws IOException {
        Series series = read(image("MONOCHROME1", 16, 1).words(Tag.PIXEL_DATA, (short) 3, (short) 4));
        assertThat(series.image(share -> {}).channel(0)).containsExactly(3, 4);
        assertThat(series.notes()).singleElement().asString().contains("MONOCHROME1");
    }

    @Test
    void what_is_neither_grey_nor_a_known_colour_is_refused_by_name() throws IOException {
        Series series =
                read(image("HSV", 8, 0).number(Tag.SAMPLES_PER_PIXEL, 3).element(Tag.PIXEL_DATA, Vr.OB, new byte[6]));
        for (Runnable reading : List.<Runnable>of(series::check, () -> series.image(share -> {}))) {
            assertThatThrownBy(reading::run)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("3 samples a pixel in HSV");
        }
    }
}
