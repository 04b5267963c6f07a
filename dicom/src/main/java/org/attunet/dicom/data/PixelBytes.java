package org.attunet.dicom.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file's pixel data, by their position in it, in little endian: in the file, or in memory if it is deflated or
 * in an archive.
 *
 * @param file the open file; null if the bytes are in memory
 * @param memory the bytes; empty if they are in the file
 * @param start where they begin in the file
 * @param length how many the element says there are; -1 if it consists of fragments
 * @param available how many there can be
 * @param swapped the bytes of a number whose order is turned; 1 if it isn't
 */
record PixelBytes(@Nullable FileChannel file, byte[] memory, long start, long length, long available, int swapped)
        implements AutoCloseable {

    static PixelBytes open(DicomFile dicom) throws IOException {
        DataSetReader.PixelData data = dicom.pixels();
        if (data == null) {
            throw new AttunetException(
                    dicom.path(),
                    "it has no pixel data",
                    "an image",
                    "leave the file out, or export it with its pixels");
        }
        int swapped = dicom.syntax().bigEndian() ? data.vr().width() : 1;
        if (swapped == 2 && dicom.elements().integer(Tag.BITS_ALLOCATED, 0) == 32) {
            swapped = 4; // whole numbers, as they are written
        }
        boolean deflated = dicom.syntax().pixels() == TransferSyntax.Pixels.DEFLATED;
        if (!deflated && dicom.unpacksWhole()) {
            byte[] unpacked = unpacked(dicom.path(), data);
            return new PixelBytes(null, unpacked, 0, data.length(), unpacked.length, swapped);
        }
        FileChannel file = FileChannel.open(dicom.path());
        try {
            if (!deflated) {
                long rest = file.size() - data.position();
                if (data.length() > rest) {
                    throw new EOFException();
                }
                return new PixelBytes(file, new byte[0], data.position(), data.length(), rest, swapped);
            }
            byte[] inflated = inflated(file.position(dicom.dataSet()), data);
            file.close();
            return new PixelBytes(null, inflated, 0, inflated.length, inflated.length, swapped);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The pixel data of an archive's file, up to the size that the archive states. */
    private static byte[] unpacked(Path file, DataSetReader.PixelData data) throws IOException {
        long rest = Files.size(file) - data.position();
        long count = data.length() < 0 ? rest : data.length();
        if (count > rest || count > Integer.MAX_VALUE - 8) {
            throw new EOFException();
        }
        try (InputStream in = Files.newInputStream(file)) {
            in.readNBytes(1); // what Java skips of a stored entry before anything is read is counted from elsewhere
            in.skipNBytes(data.position() - 1);
            byte[] all = in.readNBytes((int) count);
            if (all.length < count) {
                throw new EOFException();
            }
            return all;
        }
    }

    private static byte[] inflated(FileChannel file, DataSetReader.PixelData data) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InputStream in = new InflaterInputStream(Channels.newInputStream(file), inflater, 1 << 16)) {
            in.skipNBytes(data.position());
            byte[] all = in.readNBytes((int) Math.min(data.length(), Integer.MAX_VALUE - 8));
            if (data.length() < 0 || all.length < data.length()) {
                throw new EOFException();
            }
            return all;
        } finally {
            inflater.end();
        }
    }

    /** Where fragments end: behind the delimiter of their sequence. */
    long fragmentsEnd() throws IOException {
        long at = 0;
        while (true) {
            ByteBuffer head = ByteBuffer.wrap(read(at, 8)).order(ByteOrder.LITTLE_ENDIAN);
            int tag = (head.getShort() << 16) | Short.toUnsignedInt(head.getShort());
            long length = Integer.toUnsignedLong(head.getInt());
            at += 8;
            if (tag == Tag.SEQUENCE_END) {
                return at;
            }
            at += length; // held to the file by the next reading
        }
    }

    /** Reads bytes, in little endian. */
    byte[] read(long position, int count) throws IOException {
        if (position < 0 || count < 0 || position + count > available) {
            throw new EOFException();
        }
        if (swapped == 1) {
            return raw(position, count);
        }
        long from = position / swapped * swapped;
        long to = Math.min(available, (position + count + swapped - 1) / swapped * swapped);
        byte[] all = raw(from, (int) (to - from));
        DataSetReader.turn(all, swapped);
        return Arrays.copyOfRange(all, (int) (position - from), (int) (position - from) + count);
    }

    private byte[] raw(long position, int count) throws IOException {
        if (file == null) {
            return Arrays.copyOfRange(memory, (int) position, (int) position + count);
        }
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, start + position + bytes.position()) < 0) {
                throw new EOFException();
            }
        }
        return bytes.array();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
