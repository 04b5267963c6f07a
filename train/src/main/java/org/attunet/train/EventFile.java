package org.attunet.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.attunet.error.AttunetException;
import org.attunet.train.proto.Event;
import org.attunet.train.proto.Summary;

/**
 * A file of scalars for TensorBoard: {@link Event} messages in TFRecord framing (length, masked CRC-32C, data, masked
 * CRC-32C).
 *
 * <p>Events are appended during training, so that TensorBoard can follow it. A process that is killed leaves at most one
 * incomplete record at the end, which readers skip. One thread only.
 */
final class EventFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private EventFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Creates a file in a folder, named after the current time. */
    static EventFile create(Path folder) {
        long millis = System.currentTimeMillis();
        Path file =
                folder.resolve(String.format("events.out.tfevents.%010d.%03d.attunet", millis / 1000, millis % 1000));
        try {
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            var events = new EventFile(file, channel);
            events.append(event().setFileVersion("brain.Event:2"));
            return events;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Adds one point of a curve. */
    void scalar(String tag, long step, double value) {
        var point = Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value);
        append(event().setStep(step).setSummary(Summary.newBuilder().addValue(point)));
    }

    private static Event.Builder event() {
        return Event.newBuilder().setWallTime(System.currentTimeMillis() / 1000.0);
    }

    private void append(Event.Builder event) {
        byte[] data = event.build().toByteArray();
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), 0, 8));
        record.put(data);
        record.putInt(maskedCrc(data, 0, data.length));
        record.flip();
        try {
            while (record.hasRemaining()) {
                channel.write(record);
            }
        } catch (IOException e) {
            throw failed(file, e);
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
}
