package org.attunet.dicom.anonymise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Element;
import org.attunet.dicom.data.Representations;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strings that are planted in all elements of the standard, at the top and two deep, and around them. */
class PlantedStringsTest {
    private static final String EXPLICIT = "1.2.840.10008.1.2.1";
    private static final int OUTER = 0x0008_1250; // Related Series Sequence
    /** A fixed one: new identifiers have thousands of digits, among which random ones might be those of a date. */
    private static final byte[] KEY = "a key of sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);

    private static final List<String> KNOWN = List.of("zebulon", "quillfeather", "771238846", "19510203", "ac55501");

    private static final List<Vr> NUMBERS =
            List.of(Vr.US, Vr.SS, Vr.UL, Vr.SL, Vr.UV, Vr.SV, Vr.FL, Vr.FD, Vr.OW, Vr.OF, Vr.OD, Vr.OL, Vr.OV, Vr.AT);

    private static final Map<Integer, Vr> DICTIONARY = new LinkedHashMap<>();

    @TempDir
    private Path folder;

    @BeforeAll
    static void readDictionary() throws IOException {
        String text = new String(
                Representations.class.getResourceAsStream("representations.txt").readAllBytes(),
                StandardCharsets.US_ASCII);
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            String[] words = line.split(" ");
            for (int k = 2; k < words.length; k++) {
                int tag = Integer.parseUnsignedInt((words[0] + words[k]).replace('x', '2'), 16);
                boolean document = tag == 0x0042_0011; // refused
                if ((tag >>> 16) >= 8 && tag >>> 16 < 0x7F00 && !document) {
                    DICTIONARY.put(tag, Representations.of(tag, false));
                }
            }
        });
        assertThat(DICTIONARY).hasSizeGreaterThan(4900);
    }

    /** All elements of the dictionary, with private ones, each with what is planted there. */
    private static DicomBytes planted(BiFunction<Integer, Vr, String> plant, DicomBytes... inner) {
        DicomBytes bytes = DicomBytes.explicit();
        List<Integer> tags = new ArrayList<>(DICTIONARY.keySet());
        tags.addAll(List.of(0x0009_0010, 0x0009_1001, 0x0011_0010, 0x0011_1002));
        tags.sort(Integer::compareUnsigned);
        for (int tag : tags) {
            Vr vr = DICTIONARY.getOrDefault(tag, Vr.LO);
            if (tag == OUTER) {
                bytes.sequence(tag, true, inner);
            } else if (tag == Tag.SPECIFIC_CHARACTER_SET) {
                bytes.text(tag, Vr.CS, "ISO_IR 100");
            } else if (vr == Vr.SQ) {
                bytes.sequence(tag, true, DicomBytes.explicit().text(0x0008_1030, Vr.LO, plant.apply(tag, Vr.LO)));
            } else {
                bytes.text(tag, vr, plant.apply(tag, vr));
            }
        }
        return bytes;
    }

    private static DicomBytes nested(BiFunction<Integer, Vr, String> plant) {
        return planted(plant, DicomBytes.explicit().sequence(OUTER, true, planted(plant)));
    }

    private static String known(int tag, Vr vr) {
        return switch (tag) {
            case 0x0010_0010 -> "Quillfeather^Zebulon";
            case 0x0010_0020 -> "MRN-771-238846";
            case 0x0010_0030 -> "19510203";
            case 0x0008_0050 -> "AC55501";
            default ->
                switch (vr) {
                    case CS, AE -> "ZEBULON";
                    case PN -> "Quillfeather^Zebulon";
                    case UI -> "1.2.771238846." + Integer.toUnsignedString(tag);
                    case DA -> "19510203";
                    case DT -> "19510203101010";
                    case TM -> "101010";
                    case IS, DS -> "771238846";
                    case AS -> "Zebulon";
                    case OW, UN, OB -> (tag & 1) == 0 ? "of ZebulonQuillfeather." : "\0Z\0e\0b\0u\0l\0o\0n\0 \0Q";
                    default -> "x zebulon_QUILLFEATHER1, 771-238846, born 3.2.1951 1951-02-03 (AC-55501)";
                };
        };
    }

    @ParameterizedTest
    @CsvSource({"false, false, false", "true, true, true"})
    void whatIdentifiesThePatientIsNowhere(boolean dates, boolean descriptors, boolean characteristics)
            throws IOException {
        byte[] file = withPixels(nested(PlantedStringsTest::known));
        System.arraycopy("Zebulon Quillfeather".getBytes(StandardCharsets.US_ASCII), 0, file, 0, 20); // the preamble
        Path source = Files.createDirectories(folder.resolve("in/Quillfeather_Zebulon/MRN-771238846"));
        Files.write(source.resolve("AC55501.dcm"), file);
        Path target = folder.resolve("out");

        FolderAnonymiser.Outcome outcome = new FolderAnonymiser(
                        new Anonymiser(new Retention(dates, descriptors, characteristics), KEY), true)
                .run(folder.resolve("in"), target, share -> {});

        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.files()).isEqualTo(1);
        try (Stream<Path> written = Files.walk(target)) {
            for (Path path : written.toList()) {
                assertThat(KNOWN).noneMatch(folder.relativize(path).toString().toLowerCase(Locale.ROOT)::contains);
                if (Files.isRegularFile(path)) {
                    assertThat(found(Files.readAllBytes(path)))
                            .as(Files.readString(path, StandardCharsets.ISO_8859_1))
                            .isEmpty();
                }
            }
        }
    }

    /** Which of the known strings bytes hold, as text of 8 or 16 bits. */
    private static List<String> found(byte[] bytes) {
        List<String> found = new ArrayList<>();
        for (Charset set : List.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            for (int from = 0; from < 2; from++) {
                String text = new String(bytes, from, bytes.length - from, set).toLowerCase(Locale.ROOT);
                KNOWN.stream().filter(text::contains).forEach(found::add);
            }
        }
        return found;
    }

    private static byte[] withPixels(DicomBytes bytes) {
        return bytes.words(Tag.PIXEL_DATA, (short) 1, (short) 2)
                .text(0xFFFC_FFFC, Vr.OB, "Zebulon Quillfeather")
                .file(EXPLICIT);
    }

    /** Text of which nobody knows whose it is stays where the table says nothing and values are codes or of technique. */
    @Test
    void otherTextStaysInElementsOfTechniqueOnly() throws IOException {
        BiFunction<Integer, Vr, String> unique = (tag, vr) -> {
            String text = String.format("QX%08X", tag);
            return vr == Vr.CS && tag == 0x0040_A040 ? "TEXT" : text;
        };
        DataSet source = DicomFile.read(Files.write(folder.resolve("a.dcm"), withPixels(nested(unique))))
                .elements();

        DataSet clean = new Anonymiser(Retention.NONE).anonymise(source);

        TreeSet<String> left = new TreeSet<>();
        collect(clean, left);
        assertThat(left).hasSizeBetween(500, 1000);
        for (String text : left) {
            int tag = Integer.parseUnsignedInt(text.substring(2, 10), 16);
            Vr vr = DICTIONARY.get(tag);
            assertThat(Profile.action(tag, vr, Retention.NONE))
                    .as(text + " " + vr)
                    .isEqualTo(Action.KEEP);
            assertThat(vr).as(text).isIn(Vr.CS, Vr.SH, Vr.LO, Vr.LT, Vr.ST, Vr.UC, Vr.UR, Vr.OB);
        }
    }

    /** What stays in elements that aren't numbers. */
    private static void collect(DataSet set, Set<String> found) {
        for (Element element : set.elements()) {
            String text = new String(element.value(), StandardCharsets.ISO_8859_1);
            boolean number = NUMBERS.contains(element.vr());
            for (int at = number ? -1 : text.indexOf("QX"); at >= 0; at = text.indexOf("QX", at + 1)) {
                found.add(text.substring(at, at + 10));
            }
            element.items().forEach(item -> collect(item, found));
        }
    }

    /** A JPEG's comment, which is part of the pixel data, isn't written unless it is allowed. */
    @Test
    void commentsInCompressedPixelsAreRefused() throws IOException {
        byte[] jpeg = "..\u00ff\u00fe. Zebulon Quillfeather .. pixels".getBytes(StandardCharsets.ISO_8859_1);
        byte[] file = DicomBytes.explicit()
                .text(0x0010_0010, Vr.PN, "Quillfeather^Zebulon")
                .number(Tag.ROWS, 1)
                .number(Tag.COLUMNS, 1)
                .number(Tag.BITS_ALLOCATED, 8)
                .head(Tag.PIXEL_DATA, Vr.OB, -1)
                .tag(0xFFFE_E000)
                .number32(0)
                .tag(0xFFFE_E000)
                .number32(jpeg.length)
                .raw(jpeg)
                .tag(0xFFFE_E0DD)
                .number32(0)
                .file("1.2.840.10008.1.2.4.50");
        Path source = Files.write(folder.resolve("a.dcm"), file);

        for (boolean allowed : List.of(false, true)) {
            FolderAnonymiser.Outcome outcome = new FolderAnonymiser(new Anonymiser(Retention.NONE), allowed)
                    .run(source, folder.resolve("out"), share -> {});
            assertThat(outcome.files()).isEqualTo(allowed ? 1 : 0);
            assertThat(String.join("", outcome.problems()).contains("comments in its compressed pixels"))
                    .isEqualTo(!allowed);
        }
    }

    /** A Japanese name in JIS X 0208, written in UTF-8 then (PS3.5, annex H). */
    @Test
    void namesAreFoundInAllCharacterSets() throws IOException {
        byte[] name = {0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42};
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.write("CT of ".getBytes(StandardCharsets.US_ASCII));
        text.write(name);
        DataSet source = DicomFile.read(Files.write(
                        folder.resolve("a.dcm"),
                        DicomBytes.explicit()
                                .text(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "\\ISO 2022 IR 87")
                                .element(Tag.SERIES_DESCRIPTION, Vr.LO, text.toByteArray())
                                .element(0x0010_0010, Vr.PN, name)
                                .file(EXPLICIT)))
                .elements();

        DataSet clean = new Anonymiser(new Retention(false, true, false)).anonymise(source);

        assertThat(source.text(Tag.SERIES_DESCRIPTION)).isEqualTo("CT of 山田");
        assertThat(clean.text(Tag.SERIES_DESCRIPTION)).isEqualTo("CT of REMOVED");
    }
}
