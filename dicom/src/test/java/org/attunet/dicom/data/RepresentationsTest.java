package org.attunet.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepresentationsTest {
    @TempDir
    private Path folder;

    /** PS3.6, chapters 6 and 7, and PS3.5, 7.8.1. */
    @ParameterizedTest
    @CsvSource({
        "00100010, false, PN", // Patient's Name
        "00081140, false, SQ", // Referenced Image Sequence
        "00041220, false, SQ", // Directory Record Sequence
        "00187060, false, CS", // Exposure Control Mode
        "00280106, false, US", // Smallest Image Pixel Value
        "00280106, true, SS",
        "00281201, true, OW", // Red Palette Color Lookup Table Data
        "00283006, false, OW", // LUT Data
        "00180000, false, UL", // a group's length
        "00190000, false, UL",
        "00190010, false, LO", // a private creator
        "00191010, false, UN",
        "60004000, false, LT", // Overlay Comments
        "601E0050, false, SS", // Overlay Origin of the last overlay
        "00203199, false, CS", // Source Image IDs, retired
        "00104321, false, UN" // none
    })
    void asTheStandardSays(String tag, boolean signed, Vr expected) {
        assertThat(Representations.of(Integer.parseUnsignedInt(tag, 16), signed))
                .isEqualTo(expected);
    }

    @Test
    void elementsOfUnknownRepresentationAreRead() throws IOException {
        byte[] name = "Doe^John".getBytes(StandardCharsets.US_ASCII);
        byte[] items = DicomBytes.implicit()
                .tag(Tag.ITEM)
                .number32(16)
                .text(0x0010_0020, Vr.LO, "ID 12345")
                .bare();
        DicomBytes bytes = DicomBytes.explicit()
                .element(0x0008_1120, Vr.UN, items) // Referenced Patient Sequence
                .element(0x0008_1140, Vr.UN, name) // no sequence, whatever its tag says
                .element(0x0009_1001, Vr.UN, items) // private
                .element(0x0010_0010, Vr.UN, name)
                .element(Tag.ROWS, Vr.UN, new byte[] {2, 1});
        DataSet big = read(DicomBytes.bigEndian()
                .element(Tag.ROWS, Vr.UN, new byte[] {2, 1})
                .number(Tag.COLUMNS, 258)
                .file("1.2.840.10008.1.2.2"));

        DataSet set = read(bytes.file(TransferSyntax.EXPLICIT.uid()));

        assertThat(set.items(0x0008_1120).get(0).text(0x0010_0020)).isEqualTo("ID 12345");
        assertThat(set.find(0x0008_1140).vr()).isEqualTo(Vr.UN);
        assertThat(set.find(0x0009_1001).value()).isEqualTo(items);
        assertThat(set.find(0x0010_0010).vr()).isEqualTo(Vr.PN);
        assertThat(set.integer(Tag.ROWS, 0)).isEqualTo(258);
        assertThat(big.integer(Tag.ROWS, 0)).isEqualTo(258);
        assertThat(big.integer(Tag.COLUMNS, 0)).isEqualTo(258);
    }

    @Test
    void valuesAreSignedAsPixelsAre() throws IOException {
        DicomBytes bytes = DicomBytes.implicit()
                .number(0x0018_9810, -5) // Zero Velocity Pixel Value
                .number(Tag.PIXEL_REPRESENTATION, 1)
                .number(0x0028_0120, -2000) // Pixel Padding Value
                .sequence(
                        0x0040_9096, // Real World Value Mapping Sequence
                        false,
                        DicomBytes.implicit().number(0x0040_9216, -3)); // Real World Value First Value Mapped

        DataSet set = read(bytes.file(TransferSyntax.IMPLICIT.uid()));

        assertThat(set.numbers(0x0018_9810)).containsExactly(-5);
        assertThat(set.numbers(0x0028_0120)).containsExactly(-2000);
        assertThat(set.items(0x0040_9096).get(0).numbers(0x0040_9216)).containsExactly(-3);
    }

    /** An implicit and an explicit file of one CT, by another program. */
    @Test
    void implicitFilesAreReadAsExplicitOnes() {
        String files = System.getenv("ATTUNET_DICOM");
        assumeTrue(files != null, "ATTUNET_DICOM is not set: tests on public DICOM files are skipped");
        Path syntaxes = Path.of(files, "syntaxes");
        DataSet implicit = DicomFile.read(
                        syntaxes.resolve("CTImage.dcm_LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm"))
                .elements();
        DataSet explicit = DicomFile.read(
                        syntaxes.resolve("CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"))
                .elements();
        assertThat(described(implicit)).isEqualTo(described(explicit)).hasSizeGreaterThan(50);
    }

    private static List<String> described(DataSet set) {
        return set.elements().stream()
                .filter(element -> !Tag.isPrivate(element.tag()))
                .map(element -> Tag.text(element.tag()) + element.vr() + element.value().length)
                .toList();
    }

    private DataSet read(byte[] bytes) throws IOException {
        return DicomFile.read(Files.write(folder.resolve("a.dcm"), bytes)).elements();
    }
}
