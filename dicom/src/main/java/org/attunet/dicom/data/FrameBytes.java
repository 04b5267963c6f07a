package org.attunet.dicom.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.dicom.data.TransferSyntax.Pixels;
import org.attunet.error.AttunetException;

/**
 * The encoded frames of a file's pixel data (PS3.5, 8.1 and A.4), read one at a time.
 *
 * <p>Not thread-safe; keeps the file open.
 */
public final class FrameBytes implements AutoCloseable {
    private static final int ITEM_HEAD = 8;

    private final DicomFile file;
    private final PixelFormat format;
    private final PixelBytes bytes;
    private final List<Fragment> fragments = new ArrayList<>();
    private final int[] starts; // each frame's first fragment, then their number

    private record Fragment(long position, int length) {}

    private FrameBytes(DicomFile file, PixelFormat format, PixelBytes bytes) throws IOException {
        this.file = file;
        this.format = format;
        this.bytes = bytes;
        if (bytes.length() >= 0) {
            requireWhole();
            starts = new int[0];
        } else {
            long[] offsets = readFragments();
            starts = frames(offsets);
        }
    }

    /**
     * Opens the pixel data of a file.
     *
     * @throws AttunetException if there is none, or less than the format says
     * @throws IOException if the file can't be read
     */
    public static FrameBytes open(DicomFile file, PixelFormat format) throws IOException {
        PixelBytes bytes = PixelBytes.open(file);
        try {
            return new FrameBytes(file, format, bytes);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * {@return a frame's bytes as they are encoded; of native data its pixels, each bit of frames of bits as a byte}
     *
     * @param frame from 0
     */
    public byte[] frame(int frame) throws IOException {
        if (bytes.length() >= 0) {
            return nativeFrame(frame);
        }
        int length = 0;
        for (int k = starts[frame]; k < starts[frame + 1]; k++) {
            length = Math.addExact(length, fragments.get(k).length);
        }
        byte[] all = new byte[length];
        int at = 0;
        for (int k = starts[frame]; k < starts[frame + 1]; k++) {
            Fragment fragment = fragments.get(k);
            System.arraycopy(bytes.read(fragment.position, fragment.length), 0, all, at, fragment.length);
            at += fragment.length;
        }
        return all;
    }

    private byte[] nativeFrame(int frame) throws IOException {
        long first = frame * format.frameBits();
        long end = first + format.frameBits();
        byte[] raw = bytes.read(first / 8, (int) ((end + 7) / 8 - first / 8));
        if (format.allocated() > 1) {
            return raw;
        }
        byte[] bits = new byte[(int) format.frameBits()];
        int shift = (int) (first % 8);
        for (int k = 0; k < bits.length; k++) {
            bits[k] = (byte) ((raw[(k + shift) / 8] >> ((k + shift) % 8)) & 1);
        }
        return bits;
    }

    private void requireWhole() {
        long needed = (format.frames() * format.frameBits() + 7) / 8;
        if (bytes.length() < needed) {
            throw damaged(
                    "its pixel data has " + bytes.length() + " bytes",
                    needed + " bytes for " + format.frames() + " frames of " + format.columns() + " x "
                            + format.rows());
        }
    }

    /** Reads where the fragments lie; returns the offset table, which may be empty. */
    private long[] readFragments() throws IOException {
        long at = 0;
        long[] offsets = null;
        while (true) {
            byte[] head = bytes.read(at, ITEM_HEAD);
            int tag = (int) (little(head, 0, 2) << 16 | little(head, 2, 2));
            long length = little(head, 4, 4);
            at += ITEM_HEAD;
            if (tag == Tag.SEQUENCE_END) {
                return offsets == null ? new long[0] : offsets;
            }
            if (tag != Tag.ITEM || length > bytes.available() - at) {
                throw damaged("a fragment of its pixel data is damaged", "fragments within the file");
            }
            if (offsets == null) {
                byte[] table = bytes.read(at, (int) length);
                offsets = new long[table.length / 4];
                for (int k = 0; k < offsets.length; k++) {
                    offsets[k] = little(table, 4 * k, 4);
                }
            } else {
                fragments.add(new Fragment(at, (int) length));
            }
            at += length;
        }
    }

    /** Which fragments are whose: one each, or by the offset table, or by what begins like an image. */
    private int[] frames(long[] offsets) throws IOException {
        int frames = format.frames();
        int[] first = new int[frames + 1];
        first[frames] = fragments.size();
        if (fragments.size() < frames) {
            throw damaged(
                    fragments.size() + " fragments of pixel data", "at least one for each of " + frames + " frames");
        }
        if (fragments.size() == frames) {
            Arrays.setAll(first, k -> k);
        } else if (frames > 1) {
            List<Integer> begins = offsets.length == frames ? byOffset(offsets) : byContent();
            if (begins.size() != frames || begins.get(0) != 0) {
                throw damaged(
                        fragments.size() + " fragments of pixel data, of which " + begins.size() + " begin a frame",
                        frames + " frames");
            }
            for (int k = 0; k < frames; k++) {
                first[k] = begins.get(k);
            }
        }
        return first;
    }

    private List<Integer> byOffset(long[] offsets) {
        List<Integer> begins = new ArrayList<>();
        long zero = fragments.get(0).position;
        for (int k = 0; k < fragments.size(); k++) {
            int next = begins.size();
            if (next < offsets.length && fragments.get(k).position - zero == offsets[next]) {
                begins.add(k);
            }
        }
        return begins;
    }

    private List<Integer> byContent() throws IOException {
        List<Integer> begins = new ArrayList<>();
        boolean wavelets = file.syntax().pixels() == Pixels.JPEG_2000;
        for (int k = 0; k < fragments.size(); k++) {
            Fragment fragment = fragments.get(k);
            byte[] head = bytes.read(fragment.position, Math.min(2, fragment.length));
            if (head.length == 2 && head[0] == (byte) 0xFF && head[1] == (byte) (wavelets ? 0x4F : 0xD8)) {
                begins.add(k);
            }
        }
        return begins;
    }

    private static long little(byte[] bytes, int at, int count) {
        long value = 0;
        for (int k = count - 1; k >= 0; k--) {
            value = value << 8 | (bytes[at + k] & 0xFF);
        }
        return value;
    }

    private AttunetException damaged(String found, String expected) {
        return new AttunetException(file.path(), found, expected, "copy or export the file again");
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
