package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples of a pixel are channels, unless they are declared as alpha; what isn't supported is refused by name. */
class TiffBandsTest {
    @TempDir
    Path folder;

    /** Two pixels of n samples: 10, 11, … and 20, 21, …. */
    private static byte[] pixels(int samples) {
        byte[] bytes = new byte[2 * samples];
        for (int k = 0; k < samples; k++) {
            bytes[k] = (byte) (10 + k);
            bytes[samples + k] = (byte) (20 + k);
        }
        return bytes;
    }

    private Image read(TestTiff tiff) throws Exception {
        Path file = tiff.write(folder.resolve("a.tif"));
        Image image = Images.read(file);
        assertThat(Images.readHeader(file)).isEqualTo(new Images.Header(image.grid(), image.channels().length, false));
        return image;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 9})
    void unspecified_samples_are_channels_whether_they_lie_by_pixel_or_by_plane(int samples) throws Exception {
        for (boolean planar : new boolean[] {false, true}) {
            TestTiff tiff = TestTiff.littleEndian();
            byte[] data = new byte[2 * samples];
            for (int k = 0; k < samples; k++) {
                data[planar ? 2 * k : k] = (byte) (10 + k);
                data[planar ? 2 * k + 1 : samples + k] = (byte) (20 + k);
            }
            TestTiff.Page page = tiff.page(2, 1, samples, 8, data);
            if (samples > 1) {
                page.put(338, new long[samples - 1]);
            }
            if (planar && samples > 1) {
                long[] offsets = new long[samples];
                long[] counts = new long[samples];
                for (int k = 0; k < samples; k++) {
                    offsets[k] = 8L + 2 * k;
                    counts[k] = 2;
                }
                page.put(284, 2).put(273, offsets).put(279, counts);
            }
            Image image = read(tiff);
            assertThat(image.channels()).hasNumberOfRows(samples);
            for (int k = 0; k < samples; k++) {
                assertThat(image.channel(k)).as("channel %d", k).containsExactly(10 + k, 20 + k);
            }
        }
    }

    @Test
    void samples_without_a_declaration_are_channels() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 4, 8, pixels(4)).put(262, 2);
        assertThat(read(tiff).channel(3)).containsExactly(13, 23);
    }

    @ParameterizedTest
    @CsvSource({"1,2,1,1", "1,2,2,1", "2,4,2,3", "2,5,0 2,4", "2,5,2 0,4", "2,4,1,3"})
    void alpha_is_left_out_and_nothing_else(int colours, int samples, String extra, int channels) throws Exception {
        long[] kinds = java.util.Arrays.stream(extra.split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, samples, 8, pixels(samples)).put(262, colours).put(338, kinds);
        Image image = read(tiff);
        assertThat(image.channels()).hasNumberOfRows(channels);
        if (kinds.length > 1) { // the fourth channel is the extra sample that isn't alpha
            assertThat(image.channel(3)).containsExactly(kinds[0] == 0 ? 13 : 14, kinds[0] == 0 ? 23 : 24);
        }
    }

    @Test
    void numbers_of_each_type_and_order_are_read_as_stored() throws Exception {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            TestTiff signed8 = new TestTiff(order);
            signed8.page(3, 1, 1, 8, TestTiff.bytes(0, 127, 128)).put(339, 2);
            assertThat(read(signed8).channel(0)).containsExactly(0, 127, -128);
            TestTiff signed = new TestTiff(order);
            signed.page(2, 1, 2, 16, signed.shorts(-5, 7, -32768, 32767)).put(339, 2, 2);
            assertThat(read(signed).channels()).isDeepEqualTo(new float[][] {{-5, -32768}, {7, 32767}});
            TestTiff half = new TestTiff(order);
            half.page(2, 1, 1, 16, half.shorts(0x3c00, 0xc000)).put(339, 3);
            assertThat(read(half).channel(0)).containsExactly(1, -2);
            TestTiff large = new TestTiff(order);
            int low = order == ByteOrder.BIG_ENDIAN ? 3 : 0;
            byte[] bytes = {-1, -1, -1, -1, 0, 0, 0, 0};
            bytes[4 + low] = 9;
            large.page(2, 1, 1, 32, bytes);
            assertThat(read(large).channel(0)).containsExactly(0x1p32f, 9);
        }
    }

    @Test
    void few_bits_and_inverted_greys_are_read_as_they_are_shown() throws Exception {
        TestTiff one = TestTiff.littleEndian();
        one.page(4, 1, 1, 1, TestTiff.bytes(0b0101_0000));
        assertThat(read(one).channel(0)).containsExactly(0, 255, 0, 255);
        TestTiff four = TestTiff.littleEndian();
        four.page(2, 1, 1, 4, TestTiff.bytes(0x1f)).put(262, 0);
        assertThat(read(four).channel(0)).containsExactly(255 - 17, 0);
        TestTiff sixteen = TestTiff.littleEndian();
        sixteen.page(2, 1, 1, 16, sixteen.shorts(0, 1000)).put(262, 0);
        assertThat(read(sixteen).channel(0)).containsExactly(65535, 64535);
        TestTiff twelve = TestTiff.littleEndian();
        twelve.page(2, 1, 1, 12, TestTiff.bytes(0x12, 0x3a, 0xbc));
        assertThat(read(twelve).channel(0)).containsExactly(0x123, 0xabc);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "259|50000|Zstandard",
                "259|34712|JPEG 2000",
                "259|6|JPEG in its form of 1992",
                "262|5|CMYK",
                "262|8|CIE Lab",
                "262|32803|colour filter array",
                "262|34892|linear raw",
                "339|5|its numbers are complex",
                "339|6|its numbers are complex",
                "258|64|its samples are uint64",
                "258|24|its samples are uint24"
            })
    void what_is_not_supported_is_refused_by_name(int tag, int value, String name) throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 1, 8, new byte[64]).put(tag, value);
        Path file = tiff.write(folder.resolve("a.tif"));
        assertThatThrownBy(() -> Images.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(name)
                .hasMessageNotContaining("undamaged");
        assertThatThrownBy(() -> Images.readGrid(file)).hasMessageContaining(name);
    }

    @Test
    void samples_of_different_types_are_refused() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 3, 8, new byte[6]).put(258, 5, 6, 5);
        Path file = tiff.write(folder.resolve("a.tif"));
        assertThatThrownBy(() -> Images.read(file)).hasMessageContaining("bits per sample [5, 6, 5]");
    }

    @Test
    void a_mask_of_several_channels_is_refused_unless_they_are_equal() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 2, 8, pixels(2)).put(338, 0);
        Path file = tiff.write(folder.resolve("a.tif"));
        assertThatThrownBy(() -> Images.readLabels(file)).hasMessageContaining("the first at (0, 0)");
    }

    /** A page of two pixels of one grey value with alpha. */
    private static void veiled(TestTiff tiff, int grey, int first, int second) {
        tiff.page(2, 1, 2, 8, TestTiff.bytes(grey, first, grey, second)).put(338, 2);
    }

    @Test
    void a_mask_of_one_colour_has_its_labels_in_alpha() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        veiled(tiff, 7, 0, 255);
        veiled(tiff, 7, 255, 255);
        StoredMask mask = Images.readMask(tiff.write(folder.resolve("a.tif")));
        assertThat(mask.labels().voxels()).containsExactly((short) 0, (short) 255, (short) 255, (short) 255);
        assertThat(mask.source().alpha()).isTrue();

        TestTiff grey = TestTiff.littleEndian();
        veiled(grey, 7, 0, 255);
        veiled(grey, 8, 255, 255);
        StoredMask other = Images.readMask(grey.write(folder.resolve("a.tif")));
        assertThat(other.labels().voxels()).containsExactly((short) 7, (short) 7, (short) 8, (short) 8);
        assertThat(other.source().alpha()).isFalse();

        TestTiff opaque = TestTiff.littleEndian();
        veiled(opaque, 7, 255, 255);
        assertThat(Images.readLabels(opaque.write(folder.resolve("a.tif"))).voxels())
                .containsExactly((short) 7, (short) 7);
    }

    @Test
    void alpha_of_its_own_plane_is_found() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 4, 8, TestTiff.bytes(9, 9, 9, 9, 9, 9, 0, 3))
                .put(262, 2)
                .put(338, 2)
                .put(284, 2)
                .put(273, 8, 10, 12, 14)
                .put(279, 2, 2, 2, 2);
        Path file = tiff.write(folder.resolve("a.tif"));
        assertThat(Images.readLabels(file).voxels()).containsExactly((short) 0, (short) 3);
        assertThat(Images.read(file).channels()).isDeepEqualTo(new float[][] {{9, 9}, {9, 9}, {9, 9}});
    }

    /** A page of the numbers 0 and 1, of which 1 is this colour and 2 another. */
    private static void coloured(TestTiff tiff, long red, long green, long unused) {
        long[] colours = new long[768];
        colours[1] = red << 8;
        colours[256 + 1] = green << 8;
        colours[2] = unused << 8;
        tiff.page(2, 1, 1, 8, TestTiff.bytes(0, 1)).put(262, 3).put(320, colours);
    }

    @Test
    void palettes_of_a_masks_pages_must_agree_where_they_are_used() throws Exception {
        TestTiff alike = TestTiff.littleEndian();
        coloured(alike, 255, 0, 0);
        coloured(alike, 255, 0, 9);
        assertThat(Images.readLabels(alike.write(folder.resolve("a.tif"))).voxels())
                .containsExactly((short) 0, (short) 1, (short) 0, (short) 1);
        TestTiff unlike = TestTiff.littleEndian();
        coloured(unlike, 255, 0, 0);
        coloured(unlike, 0, 255, 0);
        Path file = unlike.write(folder.resolve("a.tif"));
        assertThatThrownBy(() -> Images.readLabels(file))
                .hasMessageContaining("the palette of page 2 has (0, 255, 0) as number 1")
                .hasMessageContaining("(255, 0, 0)");
        TestTiff mixed = TestTiff.littleEndian();
        coloured(mixed, 255, 0, 0);
        coloured(mixed, 0, 0, 0);
        Path other = mixed.write(folder.resolve("a.tif"));
        assertThatThrownBy(() -> Images.readLabels(other)).hasMessageContaining("page 2 has grey values");
    }
}
