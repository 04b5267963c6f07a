package org.attunet.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes weights as {@code torch.save(OrderedDict)} does: a zip of stored entries, the index as a pickle of protocol 2 and
 * one storage for each weight, aligned to 64 bytes so that PyTorch can map it into memory.
 *
 * <p>The same weights give the same bytes: all entries have one fixed date.
 */
final class TorchWriter {
    private static final String ROOT = "archive/";
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30; // bytes before the name
    private static final int FIELD_HEADER = 4; // id and length of an extra field
    private static final short PADDING_FIELD = 0x4246; // the id that PyTorch pads with
    private static final LocalDateTime DATE = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final ZipOutputStream zip;
    private long position;

    private TorchWriter(OutputStream out) {
        this.zip = new ZipOutputStream(out, StandardCharsets.US_ASCII);
        zip.setMethod(ZipOutputStream.STORED);
    }

    static void write(StateDict weights, OutputStream out) throws IOException {
        TorchWriter writer = new TorchWriter(out);
        writer.entry("data.pkl", index(weights));
        writer.entry("byteorder", ascii("little"));
        int key = 0;
        for (Weight weight : weights.weights().values()) {
            writer.entry("data/" + key++, weight);
        }
        writer.entry("version", ascii("3\n"));
        writer.zip.finish();
    }

    private static Weight ascii(String text) {
        return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Weight bytes(byte[] content) {
        return Weight.wrap(DType.U8, new long[] {content.length}, content);
    }

    private void entry(String name, Weight content) throws IOException {
        ZipEntry entry = new ZipEntry(ROOT + name);
        int size = content.bytes().remaining();
        CRC32 crc = new CRC32();
        crc.update(content.bytes());
        entry.setSize(size);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(DATE);
        long unpadded = position + LOCAL_HEADER + entry.getName().length() + FIELD_HEADER;
        int padding = Math.floorMod(-unpadded, ALIGNMENT);
        entry.setExtra(ByteBuffer.allocate(FIELD_HEADER + padding)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(PADDING_FIELD)
                .putShort((short) padding)
                .array());
        zip.putNextEntry(entry);
        content.writeTo(zip);
        zip.closeEntry();
        position = unpadded + padding + size;
    }

    private static Weight index(StateDict weights) {
        Pickler pickle = new Pickler();
        pickle.emptyOrderedDict();
        pickle.op('(');
        int key = 0;
        for (Map.Entry<String, Weight> entry : weights.weights().entrySet()) {
            pickle.string(entry.getKey());
            pickle.tensor(Integer.toString(key++), entry.getValue());
        }
        pickle.op('u'); // SETITEMS
        pickle.op('.'); // STOP
        return bytes(pickle.out.toByteArray());
    }

    /** Writes the few pickle opcodes that an index of weights needs; names as in CPython's {@code pickletools}. */
    private static final class Pickler {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickler() {
            op(0x80); // PROTO
            op(2);
        }

        void op(int code) {
            out.write(code);
        }

        void emptyOrderedDict() {
            global("collections", "OrderedDict");
            op(')'); // EMPTY_TUPLE
            op('R'); // REDUCE
        }

        void tensor(String key, Weight weight) {
            global("torch._utils", "_rebuild_tensor_v2");
            op('('); // MARK
            op('(');
            string("storage");
            global("torch", weight.dtype().torchStorage());
            string(key);
            string("cpu");
            integer(weight.elements());
            op('t'); // TUPLE
            op('Q'); // BINPERSID: the tuple identifies the storage
            integer(0); // offset
            tuple(weight.shape());
            tuple(strides(weight.shape()));
            op(0x89); // NEWFALSE: requires no gradient
            emptyOrderedDict(); // no backward hooks
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
            op('c'); // GLOBAL
            out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        void string(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            op('X'); // BINUNICODE
            littleEndian(bytes.length, Integer.BYTES);
            out.writeBytes(bytes);
        }

        private void tuple(long[] integers) {
            op('(');
            for (long integer : integers) {
                integer(integer);
            }
            op('t');
        }

        private void integer(long value) {
            if (value >= 0 && value < 256) {
                op('K'); // BININT1
                op((int) value);
            } else if (value == (int) value) {
                op('J'); // BININT
                littleEndian(value, Integer.BYTES);
            } else {
                op(0x8a); // LONG1
                op(Long.BYTES);
                littleEndian(value, Long.BYTES);
            }
        }

        private void littleEndian(long value, int bytes) {
            for (int k = 0; k < bytes; k++) {
                out.write((int) (value >> (Byte.SIZE * k)));
            }
        }
    }
}
