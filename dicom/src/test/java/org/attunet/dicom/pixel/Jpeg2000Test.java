package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.jaiimageio.jpeg2000.J2KImageWriteParam;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriter;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriterSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JPEG 2000 frames give the pixels that were encoded; damaged ones are refused. */
class Jpeg2000Test {
    private static final int COLUMNS = 40;
    private static final int ROWS = 30;

    @TempDir
    private Path folder;

    @Test
    void lossless_frames_are_what_was_encoded() throws IOException {
        BufferedImage image = new BufferedImage(COLUMNS, ROWS, BufferedImage.TYPE_USHORT_GRAY);
        int[] expected = new int[COLUMNS * ROWS];
        Arrays.setAll(expected, k -> (k * 2_654_435) >>> 7 & 0xFFFF);
        image.getRaster().setPixels(0, 0, COLUMNS, ROWS, expected);
        byte[] frame = encoded(image);

        try (Frames frames = Frames.open(file(frame, COLUMNS))) {
            assertThat(frames.read(0)).isEqualTo(expected);
        }
        try (Frames frames = Frames.open(file(frame, COLUMNS + 2))) {
            assertThatThrownBy(() -> frames.read(0))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("a frame of 40 x 30");
        }
        try (Frames frames = Frames.open(file(Arrays.copyOf(frame, 60), COLUMNS))) {
            assertThatThrownBy(() -> frames.read(0)).isInstanceOf(AttunetException.class);
        }
    }

    private static byte[] encoded(BufferedImage image) throws IOException {
        J2KImageWriter writer = new J2KImageWriter(new J2KImageWriterSpi());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            J2KImageWriteParam lossless = (J2KImageWriteParam) writer.getDefaultWriteParam();
            lossless.setLossless(true);
            lossless.setWriteCodeStreamOnly(true);
            writer.write(null, new IIOImage(image, null, null), lossless);
        }
        writer.dispose();
        return Arrays.copyOf(bytes.toByteArray(), bytes.size() + bytes.size() % 2);
    }

    private DicomFile file(byte[] frame, int columns) throws IOException {
        DicomBytes bytes = DicomBytes.explicit()
                .number(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .number(Tag.ROWS, ROWS)
                .number(Tag.COLUMNS, columns)
                .number(Tag.BITS_ALLOCATED, 16)
                .head(Tag.PIXEL_DATA, Vr.OB, -1);
        for (byte[] fragment : new byte[][] {{}, frame}) {
            bytes.tag(0xFFFE_E000).number32(fragment.length).raw(fragment);
        }
        byte[] all = bytes.tag(0xFFFE_E0DD).number32(0).file("1.2.840.10008.1.2.4.90");
        return DicomFile.read(Files.write(folder.resolve("a.dcm"), all));
    }
}
