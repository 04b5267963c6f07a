package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeflatedFrameTest {
    private static final int ITEM = 0xFFFE_E000;

    @TempDir
    private Path folder;

    private DicomFile file(int bits, byte[]... frames) throws IOException {
        DicomBytes bytes = DicomBytes.explicit()
                .number(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .text(Tag.NUMBER_OF_FRAMES, Vr.IS, Integer.toString(frames.length))
                .number(Tag.ROWS, 3)
                .number(Tag.COLUMNS, 5)
                .number(Tag.BITS_ALLOCATED, bits)
                .number(Tag.BITS_STORED, bits)
                .number(Tag.HIGH_BIT, bits - 1)
                .number(Tag.PIXEL_REPRESENTATION, 0)
                .head(Tag.PIXEL_DATA, Vr.OB, -1)
                .tag(ITEM)
                .number32(0);
        for (byte[] frame : frames) {
            Deflater deflater = new Deflater(9, true);
            deflater.setInput(frame);
            deflater.finish();
            byte[] deflated = new byte[100];
            int length = deflater.deflate(deflated);
            deflater.end();
            byte[] even = Arrays.copyOf(deflated, length + length % 2);
            bytes.tag(ITEM).number32(even.length).raw(even);
        }
        Path path = folder.resolve("a.dcm");
        Files.write(path, bytes.tag(0xFFFE_E0DD).number32(0).file("1.2.840.10008.1.2.8.1"));
        return DicomFile.read(path);
    }

    @Test
    void bits_begin_anew_in_each_frame() throws IOException {
        try (Frames frames = Frames.open(file(1, new byte[] {0x21, 0x40}, new byte[] {(byte) 0x80, 1}))) {
            assertThat(frames.read(0)).containsExactly(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1);
            assertThat(frames.read(1)).containsExactly(0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void bytes_are_read_and_too_few_are_refused() throws IOException {
        byte[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, (byte) 255};
        try (Frames frames = Frames.open(file(8, values, new byte[] {1, 2}))) {
            assertThat(frames.read(0)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255);
            assertThatThrownBy(() -> frames.read(1))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("it ends within its pixel data");
        }
    }
}
