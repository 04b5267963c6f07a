package org.attunet.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.attunet.error.AttunetException;

/**
 * Writes weights as {@code torch.save(OrderedDict)} does: a zip of stored entries, the index as a pickle of protocol 2,
 * one storage for each weight, aligned to 64 bytes so that PyTorch can map it.
 *
 * <p>The same weights give the same bytes: the zip holds no time.
 */
final class TorchWriter {
    private static final String ROOT = "archive/";
    private static final int ALIGNMENT = 64;
    private static final int NO_DATE = 0x21; // 1 January 1980, the first day that a zip can name
    private static final long MAX_BYTES = 0xf000_0000L;
    private static final int MAX_ENTRIES = 0xfff0;

    private final OutputStream out;
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private long position;
    private int entries;

    private TorchWriter(OutputStream out) {
        this.out = out;
    }

    /** Refuses what a zip without 64-bit sizes can't hold. */
    static void requireSize(StateDict weights, Path target) {
        long bytes = 0;
        for (Weight weight : weights.weights().values()) {
            bytes += (long) weight.elements() * weight.dtype().bytes() + 1024;
        }
        if (bytes > MAX_BYTES || weights.size() > MAX_ENTRIES) {
            throw new AttunetException(
                    target,
                    "the weights take " + bytes + " bytes in " + weights.size() + " tensors",
                    "at most " + MAX_BYTES + " bytes and " + MAX_ENTRIES + " tensors in a .pt file",
                    "write a .safetensors file");
        }
    }

    static void write(StateDict weights, OutputStream out) throws IOException {
        TorchWriter zip = new TorchWriter(out);
        zip.entry("data.pkl", index(weights));
        zip.entry("byteorder", ascii("little"));
        int key = 0;
        for (Weight weight : weights.weights().values()) {
            zip.entry("data/" + key++, weight.bytes());
        }
        zip.entry("version", ascii("3\n"));
        zip.end();
    }

    private static ByteBuffer ascii(String text) {
        return StandardCharsets.US_ASCII.encode(text);
    }

    private static ByteBuffer index(StateDict weights) {
        Pickler pickle = new Pickler();
        pickle.emptyOrderedDict();
        pickle.op('(');
        int key = 0;
        for (var entry : weights.weights().entrySet()) {
            pickle.text(entry.getKey());
            pickle.tensor(Integer.toString(key++), entry.getValue());
        }
        pickle.op('u'); // sets the marked pairs
        pickle.op('.');
        return ByteBuffer.wrap(pickle.out.toByteArray());
    }

    private void entry(String shortName, ByteBuffer content) throws IOException {
        byte[] name = (ROOT + shortName).getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        int size = content.remaining();
        crc.update(content.duplicate());
        int gap = Math.floorMod(-(position + 30 + name.length + 4), ALIGNMENT);
        byte[] local = new byte[30 + name.length + 4 + gap];
        ByteBuffer header = little(local);
        header.putInt(0x04034b50);
        common(header, crc, size, name.length, 4 + gap);
        header.put(name).putShort((short) 0x4246).putShort((short) gap); // the field that PyTorch pads with
        byte[] listed = new byte[46 + name.length];
        ByteBuffer central = little(listed);
        central.putInt(0x02014b50).putShort((short) 0);
        common(central, crc, size, name.length, 0);
        central.position(42).putInt((int) position).put(name);
        directory.writeBytes(listed);
        put(local);
        copy(content);
        entries++;
    }

    private void copy(ByteBuffer content) throws IOException {
        byte[] chunk = new byte[1 << 16];
        while (content.hasRemaining()) {
            int count = Math.min(chunk.length, content.remaining());
            content.get(chunk, 0, count);
            out.write(chunk, 0, count);
            position += count;
        }
    }

    /** The fields that a local header and the directory share: version 0, no flags, stored. */
    private static void common(ByteBuffer into, CRC32 crc, int size, int nameBytes, int extraBytes) {
        into.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        into.putShort((short) 0).putShort((short) NO_DATE);
        into.putInt((int) crc.getValue()).putInt(size).putInt(size);
        into.putShort((short) nameBytes).putShort((short) extraBytes);
    }

    private void end() throws IOException {
        byte[] all = directory.toByteArray();
        byte[] last = new byte[22];
        ByteBuffer end = little(last).putInt(0x06054b50).putInt(0);
        end.putShort((short) entries)
                .putShort((short) entries)
                .putInt(all.length)
                .putInt((int) position);
        put(all);
        put(last);
    }

    private void put(byte[] bytes) throws IOException {
        out.write(bytes);
        position += bytes.length;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The few instructions of a pickle that an index of weights needs. */
    private static final class Pickler {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickler() {
            op(0x80);
            op(2);
        }

        void op(int code) {
            out.write(code);
        }

        void emptyOrderedDict() {
            global("collections", "OrderedDict");
            op(')');
            op('R');
        }

        void tensor(String key, Weight weight) {
            global("torch._utils", "_rebuild_tensor_v2");
            op('(');
            op('(');
            text("storage");
            global("torch", weight.dtype().torchStorage());
            text(key);
            text("cpu");
            number(weight.elements());
            op('t');
            op('Q'); // the tuple is the storage's identifier
            number(0);
            long[] shape = weight.shape();
            tuple(shape);
            tuple(strides(shape));
            op(0x89); // requires no gradient
            emptyOrderedDict();
            op('t');
            op('R');
        }

        private static long[] strides(long[] shape) {
            long[] strides = new long[shape.length];
            long step = 1;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                strides[axis] = step;
                step *= Math.max(1, shape[axis]);
            }
            return strides;
        }

        private void global(String module, String name) {
            op('c');
            out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        void text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            op('X');
            i32(bytes.length);
            out.writeBytes(bytes);
        }

        private void i32(int value) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                out.write(value >> shift);
            }
        }

        private void tuple(long[] numbers) {
            op('(');
            for (long number : numbers) {
                number(number);
            }
            op('t');
        }

        private void number(long value) {
            if (value >= 0 && value < 256) {
                op('K');
                op((int) value);
            } else if (value == (int) value) {
                op('J');
                i32((int) value);
            } else {
                op(0x8a);
                op(8);
                i32((int) value);
                i32((int) (value >> 32));
            }
        }
    }
}
