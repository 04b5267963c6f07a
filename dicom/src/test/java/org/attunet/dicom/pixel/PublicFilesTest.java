package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.attunet.dicom.data.DicomFile;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Public files (CTs in all transfer syntaxes, segmentations, slides, ultrasound), of which pydicom 2.3.1 read the same
 * values: the CRC-32 of all frames as little-endian 32-bit integers.
 */
class PublicFilesTest {
    private static final String CT = "syntaxes/CTImage.dcm";

    private record Expected(String file, long crc) {}

    static List<Expected> files() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                PublicFilesTest.class.getResourceAsStream("pydicom_crc32.txt"), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(line -> line.split(" "))
                    .map(parts -> new Expected(parts[0], Long.parseLong(parts[1])))
                    .toList();
        }
    }

    private static Path folder() {
        String folder = System.getenv("ATTUNET_DICOM");
        assumeTrue(folder != null, "ATTUNET_DICOM is not set: tests on public DICOM files are skipped");
        return Path.of(folder);
    }

    @ParameterizedTest
    @MethodSource("files")
    void values_are_those_of_pydicom(Expected expected) {
        assertThat(crc(folder().resolve(expected.file))).isEqualTo(expected.crc);
    }

    /** The files say that they are lossless copies of one CT. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
                "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
                "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
                "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90"
            })
    void lossless_copies_are_equal(String syntax) {
        assertThat(crc(folder().resolve(CT + "_" + syntax + ".dcm"))).isEqualTo(crc(folder().resolve(CT)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
                "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
                "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55"
            })
    void jpeg_of_12_bits_is_refused_by_name(String syntax) {
        Path file = folder().resolve(CT + "_" + syntax + ".dcm");
        assertThatThrownBy(() -> crc(file)).isInstanceOf(AttunetException.class).hasMessageContaining("12 bits");
    }

    @Test
    void what_is_no_image_is_left_to_the_caller() throws IOException {
        try (Stream<Path> files = Files.walk(folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (DicomFile.looksLike(file)) {
                    assertThat(DicomFile.read(file).syntax()).isNotNull();
                }
            }
        }
    }

    private static long crc(Path path) {
        CRC32 crc = new CRC32();
        try (Frames frames = Frames.open(DicomFile.read(path))) {
            for (int k = 0; k < frames.format().frames(); k++) {
                int[] values = frames.read(k);
                ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asIntBuffer().put(values);
                crc.update(bytes.array());
            }
        }
        return crc.getValue();
    }
}
