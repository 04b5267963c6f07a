package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** JPEG-LS streams of CharLS and of the standard's text against the images that they were made of. */
class JpegLsTest {
    /** T.87, H.3: the example of 4 x 4 samples. */
    private static final String EXAMPLE = "FFD8FFF7000B080004000401011100FFDA0008010100000000"
            + "C000006C80208E01C00000574000006EE6000001BC18000005D800009160FFD9";

    private static final int[] EXAMPLE_SAMPLES = {0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145};

    /** T.87, H.4.5: an image with a palette, 3 columns and 4 rows of 2 bits. */
    private static final String PALETTE = "FFD8FFF7000B02000400030101" + "1100FFF8001102"
            + "0503FFFFFFFF000000FF000000FF" + "FFDA0008010105000000DB95F0FFD9";

    static Iterable<JpegLsStream> streams() throws IOException {
        return JpegLsStream.all();
    }

    @ParameterizedTest
    @MethodSource("streams")
    void samples_are_those_of_the_image(JpegLsStream stream) {
        JpegLs.Frame frame = stream.decode();

        assertThat(frame.bits()).isEqualTo(stream.bits());
        assertThat(frame.near()).isEqualTo(stream.near());
        assertThat(frame.samples()).hasSize(stream.width() * stream.height() * stream.components());
        int i = 0;
        for (int y = 0; y < stream.height(); y++) {
            for (int x = 0; x < stream.width(); x++) {
                for (int c = 0; c < stream.components(); c++) {
                    int difference = Math.abs((frame.samples()[i++] & 0xFFFF) - stream.original(x, y, c));
                    assertThat(difference).isLessThanOrEqualTo(stream.near());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void samples_are_those_that_CharLS_decodes(JpegLsStream stream) {
        short[] samples = stream.decode().samples();
        ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples);
        CRC32 crc = new CRC32();
        crc.update(bytes.array());
        assertThat(crc.getValue()).isEqualTo(stream.crc());
    }

    @Test
    void the_example_of_the_standard_is_decoded() {
        assertThat(unsigned(decode(EXAMPLE, 4, 4))).containsExactly(EXAMPLE_SAMPLES);
    }

    @Test
    void bytes_after_the_end_comments_and_fill_bytes_are_ignored() {
        String padded = EXAMPLE.replace("FFDA", "FFFE0005414243FFE80003FFFFFFFFDA") + "00";
        assertThat(unsigned(decode(padded, 4, 4))).containsExactly(EXAMPLE_SAMPLES);
    }

    @Test
    void a_palette_is_refused_but_skipped_if_no_scan_uses_it() {
        assertThatThrownBy(() -> decode(PALETTE, 3, 4))
                .isInstanceOf(AttunetException.class)
                .hasMessage("scan.dcm: JPEG-LS with a mapping table (palette); expected samples that are the values."
                        + " Remedy: decompress the file with another program, such as dcmdjpls.");
        String unused = PALETTE.replace("FFDA0008010105", "FFDA0008010100");
        assertThat(unsigned(decode(unused, 3, 4))).containsExactly(0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FFD8FFF7             | FFD9FFF7                     | EOI at the start of the JPEG-LS stream
            FFF7000B08           | FFF7000B11                   | the JPEG-LS frame has 17 bits per sample; expected 2 to 8
            FFF7000B080004       | FFF7000B080005               | 4 columns, 5 rows and 1 components; expected 4 columns, 4 rows
            FFF7000B080004       | FFF7000B080000               | 4 columns, 0 rows and 1 components; expected 4 columns, 4 rows
            FFF7                 | FFF70002FFF7                 | the segment SOF55 ends
            FFF7                 | FFC3                         | the marker 0xFFC3 in a JPEG-LS stream
            FFDA                 | FFF7000B0800040004010111 00FFDA | a second frame header
            011100               | 012200                       | JPEG-LS with the sampling factors 2x2 for component 1
            FFDA                 | FFF8000D010100 0000 0000 0000 0000 FFDA | the JPEG-LS parameter MAXVAL is 256; expected 1 to 255
            FFDA                 | FFF8000D010000000000000000 0002FFDA | the JPEG-LS parameter RESET is 2; expected 3 to 255
            FFDA                 | FFF8000D0100000009000800000000FFDA | the JPEG-LS parameter T2 is 8; expected 9 to 255
            FFDA                 | FFF8000804020004 0004FFDA    | JPEG-LS with the dimensions in an LSE segment
            FFDA                 | FFF800030DFFDA               | an LSE segment with the ID 13
            FFDA                 | FFE800076D72667801FFDA       | the colour transformation 1 of HP's encoder
            FFDA                 | FFDD000301FFDA               | a restart interval of 1 bytes
            FFDA                 | FFDD00040002FFDA             | bytes of JPEG-LS data are left after the last row
            FFDA                 | FFDC00040004FFDA             | JPEG-LS with the number of rows in a DNL segment
            FFDA00080101         | FFDA00080102                 | a scan of the component 2; expected one of the frame: [1]
            FFDA00080101         | FFDA00080201                 | the segment SOS has a length of 8 bytes; expected 10
            FFDA00080101000000   | FFDA00080101008000           | the JPEG-LS parameter NEAR is 128; expected 0 to 127
            FFDA00080101000000   | FFDA00080101000001           | the interleave mode 1 in a scan with one component
            FFDA0008010100000000 | FFDA0008010100000001         | a point transform of 1 bits
            FFDA0008010100000000 | FFDA0007010100000000         | the segment SOS has a length of 7 bytes; expected 8
            FFDA0008010100000000 | FFDAFFFF010100000000         | the segment SOS states a length of 65535 bytes
            C000006C80           | C0006C80                     | JPEG-LS data
            9160FFD9             | 91600000FFD9                 | 2 bytes of JPEG-LS data are left after the last row
            D800009160FFD9       | D8FFD9                       | the JPEG-LS data end within a row
            9160FFD9             | 9160FFD0FFD9                 | the marker 0xFFD0 in a JPEG-LS stream
            9160FFD9             | 9160FF                       | the JPEG-LS stream ends after
            FFDA                 | FFD9                         | no scan for component 1 of 1
            """)
    void what_is_wrong_is_named(String was, String is, String message) {
        String changed = EXAMPLE.replaceFirst(was, is.replace(" ", ""));
        assertThat(changed).isNotEqualTo(EXAMPLE);
        assertThatThrownBy(() -> decode(changed, 4, 4))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("scan.dcm: ")
                .hasMessageContaining(message);
    }

    @Test
    void more_bits_than_the_header_allocates_are_refused() throws IOException {
        JpegLsStream twelve = JpegLsStream.all().stream()
                .filter(stream -> stream.bits() == 12)
                .findFirst()
                .orElseThrow();
        assertThatThrownBy(() -> JpegLs.decode(
                        "scan.dcm", twelve.bytes(), twelve.width(), twelve.height(), twelve.components(), 8))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("the JPEG-LS frame has 12 bits per sample; expected 2 to 8 (Bits Allocated)");
    }

    @Test
    void a_stream_cut_off_anywhere_is_refused() throws IOException {
        for (JpegLsStream stream : JpegLsStream.all()) {
            for (int length = 0; length < stream.bytes().length; length++) {
                byte[] cut = Arrays.copyOf(stream.bytes(), length);
                assertThatThrownBy(() -> stream.decode(cut)).isInstanceOf(AttunetException.class);
            }
        }
    }

    @Test
    @Timeout(60)
    void damaged_streams_are_refused_or_give_samples_in_range() throws IOException {
        Random random = new Random(87);
        int refused = 0;
        for (int round = 0; round < 50; round++) {
            for (JpegLsStream stream : JpegLsStream.all()) {
                try {
                    JpegLs.Frame frame = stream.decode(damaged(stream.bytes(), random));
                    for (short sample : frame.samples()) {
                        assertThat((sample & 0xFFFF) >> frame.bits()).isZero();
                    }
                } catch (AttunetException refusal) {
                    assertThat(refusal).hasMessageStartingWith("scan.dcm: ");
                    refused++;
                }
            }
        }
        assertThat(refused).isBetween(1000, 2290);
    }

    /** Changes, removes or repeats up to four bytes, mostly in the headers. */
    private static byte[] damaged(byte[] stream, Random random) {
        byte[] changed = stream.clone();
        for (int n = 1 + random.nextInt(4); n > 0 && changed.length > 2; n--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(64, changed.length) : changed.length);
            switch (random.nextInt(5)) {
                case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> changed[at] = (byte) random.nextInt(256);
                case 2 -> changed[at] = (byte) 0xFF;
                default -> {
                    int gap = random.nextBoolean() ? 1 : -1; // a byte more or less
                    byte[] moved = Arrays.copyOf(changed, changed.length + gap);
                    int from = Math.min(changed.length, at + Math.max(0, -gap));
                    System.arraycopy(changed, from, moved, at + Math.max(0, gap), changed.length - from);
                    changed = moved;
                }
            }
        }
        return changed;
    }

    private static short[] decode(String hex, int width, int height) {
        return JpegLs.decode("scan.dcm", HexFormat.of().parseHex(hex), width, height, 1, 8)
                .samples();
    }

    private static int[] unsigned(short[] samples) {
        int[] values = new int[samples.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = samples[i] & 0xFFFF;
        }
        return values;
    }
}
