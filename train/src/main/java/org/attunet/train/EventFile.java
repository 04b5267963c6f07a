package org.attunet.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.attunet.error.AttunetException;

/**
 * Scalars over the steps in TensorBoard's event format: TFRecord framing (length, masked CRC-32C, data, masked CRC-32C)
 * around protobuf messages {@code Event {1: wall time, 2: step, 3: file version, 5: Summary {1: Value {1: tag, 2: number}}}}.
 *
 * <p>Appended as training goes, so that TensorBoard can watch; a process that is killed leaves at most one incomplete
 * record at the end, which readers skip. One thread only.
 */
final class EventFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private EventFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** A new file in a folder, named for the time. */
    static EventFile create(Path folder) {
        long millis = System.currentTimeMillis();
        Path file =
                folder.resolve(String.format("events.out.tfevents.%010d.%03d.attunet", millis / 1000, millis % 1000));
        try {
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            var events = new EventFile(file, channel);
            var event = new Message();
            event.fixed64(1, millis / 1000.0);
            event.text(3, "brain.Event:2");
            events.append(event.bytes());
            return events;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Adds one point of a curve. */
    void scalar(String tag, long step, double value) {
        var point = new Message();
        point.text(1, tag);
        point.fixed32(2, (float) value);
        var summary = new Message();
        summary.message(1, point);
        var event = new Message();
        event.fixed64(1, System.currentTimeMillis() / 1000.0);
        event.varint(2, step);
        event.message(5, summary);
        try {
            append(event.bytes());
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private void append(byte[] data) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 0, 8));
        record.put(data);
        record.putInt(maskedCrc(data, 0, data.length));
        record.flip();
        while (record.hasRemaining()) {
            channel.write(record);
        }
    }

    /** TFRecord's checksum: CRC-32C, rotated and shifted so that checksums of checksums differ. */
    private static int maskedCrc(byte[] data, int offset, int length) {
        var crc = new CRC32C();
        crc.update(data, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static AttunetException failed(Path file, IOException e) {
        return new AttunetException(
                file.toString(),
                "can't be written (" + e.getMessage() + ")",
                "a writable folder with free space",
                "free space or choose another folder with -o",
                e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** A protobuf message under construction (protobuf encoding guide: varint, 64-bit, length-delimited, 32-bit). */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void varint(int field, long value) {
            raw((long) field << 3);
            raw(value);
        }

        void fixed64(int field, double value) {
            raw((long) field << 3 | 1);
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(value)
                    .array());
        }

        void fixed32(int field, float value) {
            raw((long) field << 3 | 5);
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(value)
                    .array());
        }

        void text(int field, String value) {
            block(field, value.getBytes(StandardCharsets.UTF_8));
        }

        void message(int field, Message value) {
            block(field, value.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void block(int field, byte[] bytes) {
            raw((long) field << 3 | 2);
            raw(bytes.length);
            out.writeBytes(bytes);
        }

        private void raw(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
