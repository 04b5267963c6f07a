package org.attunet.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.dicom.pixel.Frames;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DicomWriterTest {
    @TempDir
    Path folder;

    @Test
    void elementsComeBack() {
        DataSet item = new DataSet();
        item.put(Tag.SERIES_DESCRIPTION, Vr.LO, "Müller^山田");
        DataSet set = new DataSet();
        set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
        set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.3");
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "PRIMARY");
        set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -1.0 / 3, 1e-9, 12345678.87654321);
        set.put(Tag.ROWS, Vr.US, 65535);
        set.put(Tag.PLANE_POSITION_SEQUENCE, List.of(item, new DataSet()));
        set.put(Tag.PIXEL_DATA, Vr.OW, new byte[] {1, 2, 3, 4});
        Path file = folder.resolve("a.dcm");

        DicomWriter.write(file, set);

        DataSet read = DicomFile.read(file).elements();
        assertThat(read.texts(Tag.IMAGE_TYPE)).containsExactly("DERIVED", "PRIMARY");
        assertThat(read.numbers(Tag.IMAGE_POSITION_PATIENT)).containsExactly(-0.3333333333333, 1e-9, 12345678.8765432);
        assertThat(read.integer(Tag.ROWS, 0)).isEqualTo(65535);
        assertThat(read.items(Tag.PLANE_POSITION_SEQUENCE)).hasSize(2);
        assertThat(read.items(Tag.PLANE_POSITION_SEQUENCE).get(0).text(Tag.SERIES_DESCRIPTION))
                .isEqualTo("Müller^山田");
        assertThat(read.elements()).hasSize(set.elements().size() - 1);
    }

    @Test
    void textIsCopiedIntoUtf8() {
        DataSet latin = new DataSet(CharacterSets.DEFAULT);
        latin.put(Element.of(Tag.SERIES_DESCRIPTION, Vr.LO, "Füße".getBytes(StandardCharsets.ISO_8859_1)));
        DataSet copy = new DataSet();

        copy.copy(latin, Tag.SERIES_DESCRIPTION, Tag.MODALITY);

        assertThat(copy.text(Tag.SERIES_DESCRIPTION)).isEqualTo("Füße");
        assertThat(copy.find(Tag.SERIES_DESCRIPTION).value()).isEqualTo("Füße".getBytes(StandardCharsets.UTF_8));
        assertThat(copy.elements()).hasSize(1);
    }

    /** Texts of at most 16 characters, which name the nearest number that they can. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1",
        "-0.0001220703125, -0.0001220703125",
        "-0.00012207031257, -0.0001220703126",
        "1e-30, 1E-30",
        "-1.2345678901234567e-30, -1.234567890E-30",
        "1e20, 1E+20",
        "512, 512",
        "-0.0, 0"
    })
    void decimalText(double value, String text) {
        assertThat(Decimals.text(value)).isEqualTo(text).hasSizeLessThanOrEqualTo(16);
    }

    /** Files of all syntaxes, written again with their own pixel data, have the same frames. */
    @Test
    void pixelDataIsKept() throws IOException {
        String public_ = System.getenv("ATTUNET_DICOM");
        assumeTrue(public_ != null, "ATTUNET_DICOM doesn't name the public files");
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of(public_, "syntaxes"))) {
            all.filter(DicomFile::looksLike).sorted().forEach(files::add);
        }
        int compared = 0;
        for (Path file : files) {
            DicomFile source = DicomFile.read(file);
            if (!source.hasPixels()) {
                continue;
            }
            Path copy = folder.resolve(file.getFileName());
            try (OutputStream out = Files.newOutputStream(copy)) {
                DicomWriter.write(out, source.elements(), source);
            }
            try (Frames before = Frames.open(source);
                    Frames after = Frames.open(DicomFile.read(copy))) {
                assertThat(after.read(0)).as(file.toString()).isEqualTo(before.read(0));
                compared++;
            } catch (AttunetException e) {
                assertThat(e.found()).as(file.toString()).doesNotContain("ends");
            }
        }
        assertThat(compared).isGreaterThan(15);
    }
}
