package org.attunet.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same elements in each encoding of PS3.5, and files that contradict themselves. */
class DicomFileTest {
    private static final String IMPLICIT = "1.2.840.10008.1.2";
    private static final String EXPLICIT = "1.2.840.10008.1.2.1";
    private static final String DEFLATED = "1.2.840.10008.1.2.1.99";
    private static final String BIG_ENDIAN = "1.2.840.10008.1.2.2";

    @TempDir
    private Path folder;

    static Stream<Arguments> encodings() {
        Supplier<DicomBytes> explicit = DicomBytes::explicit;
        Supplier<DicomBytes> implicit = DicomBytes::implicit;
        Supplier<DicomBytes> bigEndian = DicomBytes::bigEndian;
        return Stream.of(
                Arguments.of(explicit, EXPLICIT),
                Arguments.of(explicit, DEFLATED),
                Arguments.of(implicit, IMPLICIT),
                Arguments.of(bigEndian, BIG_ENDIAN));
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void all_encodings_give_the_same_elements(Supplier<DicomBytes> encoding, String syntax) throws IOException {
        for (boolean undefined : List.of(true, false)) {
            DicomBytes inner =
                    encoding.get().text(Tag.RESCALE_INTERCEPT, Vr.DS, "-1024 ").text(Tag.RESCALE_SLOPE, Vr.DS, "0.5");
            DicomBytes bytes = encoding.get()
                    .text(Tag.MODALITY, Vr.CS, "CT")
                    .text(Tag.IMAGE_POSITION_PATIENT, Vr.DS, "-1.5\\2e1\\ 3")
                    .number(Tag.ROWS, 513)
                    .sequence(
                            Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
                            undefined,
                            encoding.get().sequence(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, !undefined, inner))
                    .words(Tag.PIXEL_DATA, (short) 1, (short) -2);

            DicomFile file = read(bytes.file(syntax));

            DataSet set = file.elements();
            assertThat(file.syntax().uid()).isEqualTo(syntax);
            assertThat(set.text(Tag.MODALITY)).isEqualTo("CT");
            assertThat(set.numbers(Tag.IMAGE_POSITION_PATIENT, 3)).containsExactly(-1.5, 20, 3);
            assertThat(set.integer(Tag.ROWS, 0)).isEqualTo(513);
            DataSet values = set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                    .get(0)
                    .items(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE)
                    .get(0);
            assertThat(values.numbers(Tag.RESCALE_INTERCEPT)).containsExactly(-1024);
            assertThat(values.numbers(Tag.RESCALE_SLOPE)).containsExactly(0.5);
            assertThat(file.hasPixels()).isTrue();
            try (PixelBytes pixels = PixelBytes.open(file)) {
                assertThat(pixels.read(0, 4)).containsExactly(1, 0, -2, -1);
                assertThat(pixels.read(1, 2)).containsExactly(0, -2);
            }
        }
    }

    @Test
    void a_file_without_preamble_says_itself_whether_it_is_explicit() throws IOException {
        assertThat(read(DicomBytes.explicit().text(Tag.MODALITY, Vr.CS, "MR").bare())
                        .elements()
                        .text(Tag.MODALITY))
                .isEqualTo("MR");
        assertThat(read(DicomBytes.implicit().text(Tag.MODALITY, Vr.CS, "MR").bare())
                        .elements()
                        .text(Tag.MODALITY))
                .isEqualTo("MR");
    }

    /** PS3.5, annexes H and I: Yamada Tarou in JIS X 0208, Hong Gildong in KS X 1001; and UTF-8. */
    @Test
    void text_is_read_in_its_character_sets() throws IOException {
        byte[] yamada = {
            0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42, 0x5e, 0x1b, 0x24, 0x42, 0x42, 0x40, 0x4f, 0x3a,
            0x1b, 0x28, 0x42
        };
        byte[] hong = {
            0x1b,
            0x24,
            0x29,
            0x43,
            (byte) 0xfb,
            (byte) 0xf3,
            0x5e,
            0x1b,
            0x24,
            0x29,
            0x43,
            (byte) 0xd1,
            (byte) 0xce,
            (byte) 0xd4,
            (byte) 0xd7
        };
        assertThat(text("\\ISO 2022 IR 87", yamada)).isEqualTo("山田^太郎");
        assertThat(text("\\ISO 2022 IR 149", hong)).isEqualTo("洪^吉洞");
        assertThat(text("ISO_IR 192", "Łódź Δ".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("Łódź Δ");
        assertThat(text("ISO_IR 100", new byte[] {'M', (byte) 0xfc, 'l'})).isEqualTo("Mül");
        assertThat(text("no such set", new byte[] {'a', 'b'})).isEqualTo("ab");
    }

    private String text(String set, byte[] bytes) throws IOException {
        return read(DicomBytes.explicit()
                        .text(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, set)
                        .element(Tag.SERIES_DESCRIPTION, Vr.LO, bytes)
                        .file(EXPLICIT))
                .elements()
                .text(Tag.SERIES_DESCRIPTION);
    }

    @Test
    void what_contradicts_itself_is_refused_in_a_sentence() throws IOException {
        DicomBytes deep = DicomBytes.explicit().text(Tag.RESCALE_SLOPE, Vr.DS, "1");
        for (int k = 0; k < 100; k++) {
            deep = DicomBytes.explicit().sequence(Tag.MODALITY_LUT_SEQUENCE, true, deep);
        }
        List<byte[]> files = List.of(
                DicomBytes.explicit()
                        .head(Tag.MODALITY_LUT_SEQUENCE, Vr.OB, 0x7fffffff)
                        .file(EXPLICIT),
                DicomBytes.explicit()
                        .head(Tag.MODALITY_LUT_SEQUENCE, Vr.SQ, 0x7fffffff)
                        .file(EXPLICIT),
                DicomBytes.explicit()
                        .head(Tag.MODALITY_LUT_SEQUENCE, Vr.OB, 0x7fffffff)
                        .file(DEFLATED),
                DicomBytes.explicit().head(Tag.MODALITY, Vr.CS, 20).file(EXPLICIT),
                DicomBytes.explicit().head(Tag.MODALITY_LUT_SEQUENCE, Vr.SQ, -1).file(EXPLICIT),
                DicomBytes.explicit().head(Tag.SERIES_DESCRIPTION, Vr.UT, -1).file(EXPLICIT),
                DicomBytes.explicit()
                        .tag(Tag.MODALITY)
                        .raw(new byte[] {'?', '?', 0, 0})
                        .file(EXPLICIT),
                deep.file(EXPLICIT),
                new byte[0],
                "no DICOM".getBytes(StandardCharsets.UTF_8));
        for (byte[] file : files) {
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("a.dcm")
                    .hasMessageContaining("expected");
        }
    }

    @Test
    void real_numbers_have_their_own_pixel_data_and_bits() throws IOException {
        DicomBytes real = image().element(Tag.FLOAT_PIXEL_DATA, Vr.OF, new byte[4]);
        assertThat(PixelFormat.of(read(real.file(EXPLICIT))).real()).isTrue();
        DicomBytes wrong = image().element(Tag.DOUBLE_PIXEL_DATA, Vr.OD, new byte[8]);
        DicomFile file = read(wrong.file(EXPLICIT));
        assertThatThrownBy(() -> PixelFormat.of(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("real numbers: 32 or 64");
    }

    private static DicomBytes image() {
        return DicomBytes.explicit()
                .number(Tag.ROWS, 1)
                .number(Tag.COLUMNS, 1)
                .number(Tag.BITS_ALLOCATED, 32)
                .number(Tag.BITS_STORED, 32);
    }

    private DicomFile read(byte[] bytes) throws IOException {
        return DicomFile.read(Files.write(folder.resolve("a.dcm"), bytes));
    }
}
