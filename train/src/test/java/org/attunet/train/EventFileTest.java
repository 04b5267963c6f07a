package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
    @TempDir
    Path folder;

    @Test
    void records_are_framed_as_tfrecords_and_hold_the_scalars() throws Exception {
        try (EventFile events = EventFile.create(folder)) {
            events.scalar("training/loss", 300, 0.5);
        }
        Path file;
        try (var files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(new String(record(bytes), java.nio.charset.StandardCharsets.ISO_8859_1))
                .endsWith("brain.Event:2");
        ByteBuffer event = ByteBuffer.wrap(record(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.hasRemaining()).isFalse();
        event.position(9); // field 1, the wall time: a tag and 8 bytes
        assertThat(event.get()).isEqualTo((byte) 0x10); // field 2, varint
        assertThat(event.get()).isEqualTo((byte) 0xac); // 300 = 0b10_0101100
        assertThat(event.get()).isEqualTo((byte) 0x02);
        assertThat(event.get()).isEqualTo((byte) 0x2a); // field 5, a message
        event.get(); // its length
        assertThat(event.get()).isEqualTo((byte) 0x0a); // the summary's value
        event.get(); // its length
        assertThat(event.get()).isEqualTo((byte) 0x0a); // the tag's text
        byte[] tag = new byte[event.get()];
        event.get(tag);
        assertThat(tag).asString().isEqualTo("training/loss");
        assertThat(event.get()).isEqualTo((byte) 0x15); // field 2, 32 bits
        assertThat(event.getFloat()).isEqualTo(0.5f);
    }

    /** One record's data, its two checksums verified as TensorFlow's tfrecord format defines them. */
    private static byte[] record(ByteBuffer bytes) {
        byte[] length = new byte[8];
        bytes.get(length);
        assertThat(bytes.getInt()).isEqualTo(masked(length));
        byte[] data = new byte
                [(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
        bytes.get(data);
        assertThat(bytes.getInt()).isEqualTo(masked(data));
        return data;
    }

    private static int masked(byte[] data) {
        var crc = new CRC32C();
        crc.update(data);
        long value = crc.getValue();
        return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
    }
}
