package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with bytes changed, left out or doubled: read, or refused in a sentence; never another failure. */
class MutationTest {
    private static final int MUTATIONS = 1000;

    @TempDir
    private Path folder;

    @Test
    void damaged_files_are_read_or_refused() throws IOException {
        List<byte[]> files = List.of(
                image(DicomBytes.explicit())
                        .words(Tag.PIXEL_DATA, new short[96])
                        .file("1.2.840.10008.1.2.1"),
                image(DicomBytes.implicit())
                        .words(Tag.PIXEL_DATA, new short[96])
                        .file("1.2.840.10008.1.2"),
                image(DicomBytes.bigEndian())
                        .words(Tag.PIXEL_DATA, new short[96])
                        .file("1.2.840.10008.1.2.2"),
                image(DicomBytes.explicit())
                        .words(Tag.PIXEL_DATA, new short[96])
                        .file("1.2.840.10008.1.2.1.99"),
                runLengths());
        SplittableRandom random = new SplittableRandom(11);
        int refused = 0;
        for (int k = 0; k < MUTATIONS; k++) {
            byte[] mutated = mutated(files.get(k % files.size()), random);
            Path file = Files.write(folder.resolve("a.dcm"), mutated);
            try (Frames frames = Frames.open(DicomFile.read(file))) {
                for (int frame = 0; frame < Math.min(3, frames.format().frames()); frame++) {
                    assertThat(frames.read(frame)).hasSize(frames.format().frameSamples());
                }
            } catch (AttunetException e) {
                assertThat(e.getMessage()).contains("expected");
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS);
    }

    private static byte[] mutated(byte[] file, SplittableRandom random) {
        byte[] copy = file.clone();
        int changes = 1 + random.nextInt(4);
        for (int k = 0; k < changes; k++) {
            int at = 128 + random.nextInt(copy.length - 128);
            switch (random.nextInt(4)) {
                case 0 -> copy[at] = (byte) random.nextInt(256);
                case 1 -> copy[at] = (byte) 0xFF;
                case 2 -> copy = Arrays.copyOf(copy, Math.max(200, at));
                default -> copy = spliced(copy, at, random.nextInt(8));
            }
        }
        return copy;
    }

    /** With some bytes written twice. */
    private static byte[] spliced(byte[] bytes, int at, int count) {
        int twice = Math.min(count, bytes.length - at);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + twice);
        System.arraycopy(bytes, at, longer, at + twice, bytes.length - at);
        return longer;
    }

    private static DicomBytes image(DicomBytes bytes) {
        return bytes.text(Tag.MODALITY, Vr.CS, "CT")
                .number(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .text(Tag.NUMBER_OF_FRAMES, Vr.IS, "3")
                .number(Tag.ROWS, 4)
                .number(Tag.COLUMNS, 8)
                .number(Tag.BITS_ALLOCATED, 16)
                .number(Tag.BITS_STORED, 12)
                .number(Tag.HIGH_BIT, 11)
                .number(Tag.PIXEL_REPRESENTATION, 1);
    }

    /** Three frames of two segments, each a literal run and a repetition. */
    private static byte[] runLengths() {
        ByteBuffer frame = ByteBuffer.allocate(64 + 2 * 20).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(2).putInt(64).putInt(84);
        for (int segment = 0; segment < 2; segment++) {
            byte[] bytes = new byte[20];
            bytes[0] = 15; // sixteen bytes as they are
            Arrays.fill(bytes, 1, 17, (byte) segment);
            bytes[17] = -15; // the next one sixteen times
            bytes[18] = 3;
            frame.position(64 + 20 * segment).put(bytes);
        }
        List<byte[]> fragments = new ArrayList<>(List.of(new byte[0], frame.array(), frame.array(), frame.array()));
        DicomBytes bytes = image(DicomBytes.explicit()).head(Tag.PIXEL_DATA, Vr.OB, -1);
        for (byte[] fragment : fragments) {
            bytes.tag(0xFFFE_E000).number32(fragment.length).raw(fragment);
        }
        return bytes.tag(0xFFFE_E0DD).number32(0).file("1.2.840.10008.1.2.5");
    }
}
