package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Public DICOM files in JPEG-LS against the same image uncompressed, if ATTUNET_DICOM names their folder. */
class JpegLsPublicFilesTest {
    private static final String CT = "syntaxes/CTImage.dcm_";
    private static final String UNCOMPRESSED = "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm";

    @Test
    void a_lossless_ct_equals_the_uncompressed() throws IOException {
        byte[] stream = frame(CT + "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm");
        JpegLs.Frame frame = JpegLs.decode("ct", stream, 512, 512, 1, 16);
        assertThat(frame.near()).isZero();
        assertThat(frame.samples()).isEqualTo(uncompressed(CT + UNCOMPRESSED));
    }

    @Test
    void a_near_lossless_ct_differs_by_no_more_than_it_states() throws IOException {
        byte[] stream = frame(CT + "JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm");
        JpegLs.Frame frame = JpegLs.decode("ct", stream, 512, 512, 1, 16);
        short[] original = uncompressed(CT + UNCOMPRESSED);
        int largest = 0;
        for (int i = 0; i < original.length; i++) {
            largest = Math.max(largest, Math.abs((frame.samples()[i] & 0xFFFF) - (original[i] & 0xFFFF)));
        }
        assertThat(frame.near()).isEqualTo(1);
        assertThat(largest).isEqualTo(1);
    }

    /** The first fragment of encapsulated pixel data: the frame. */
    private static byte[] frame(String name) throws IOException {
        ByteBuffer file = pixelData(name);
        int offsetTable = file.getInt(file.position() + 8);
        int fragment = file.position() + 12 + offsetTable;
        byte[] frame = new byte[file.getInt(fragment + 4)];
        file.get(fragment + 8, frame);
        return frame;
    }

    private static short[] uncompressed(String name) throws IOException {
        ByteBuffer file = pixelData(name);
        short[] samples = new short[file.getInt(file.position()) / 2];
        file.position(file.position() + 4).asShortBuffer().get(samples);
        return samples;
    }

    /** The file, little-endian, at the length of its pixel data (7FE0,0010). */
    private static ByteBuffer pixelData(String name) throws IOException {
        String folder = System.getenv("ATTUNET_DICOM");
        assumeTrue(folder != null, "ATTUNET_DICOM isn't set: tests on public DICOM files are skipped");
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(Path.of(folder, name))).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (file.getInt(at) != 0x00107FE0 || file.get(at + 4) != 'O') {
            at++;
        }
        return file.position(at + 8);
    }
}
