package org.attunet.weights;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the elements of tensors from the storages of a PyTorch file and lays them out row-major, little-endian. */
final class TensorReader {
    /** Tensors may share storages, so more may be read than the file holds; beyond this factor it is an attack. */
    private static final long MAX_SHARING = 64;

    /** Access to the storages of a file. */
    interface Storages {
        /** Returns {@code count} bytes from offset {@code from} of a storage of {@code total} bytes. */
        byte[] read(TorchAllowList.Storage storage, long total, long from, long count);
    }

    private final CheckedFile file;
    private final boolean bigEndian;
    private final Storages storages;
    private long bytesRead;

    TensorReader(CheckedFile file, boolean bigEndian, Storages storages) {
        this.file = file;
        this.bigEndian = bigEndian;
        this.storages = storages;
    }

    StateDict stateDict(Map<String, TorchAllowList.View> views) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        views.forEach((name, view) -> weights.put(name, weight(StateDict.printable(name), view)));
        return new StateDict(weights);
    }

    private Weight weight(String name, TorchAllowList.View view) {
        DType dtype = view.dtype();
        DType stored = view.storage().dtype();
        if (dtype == null || stored == null) {
            throw file.refused(
                    "the weight " + name + " has the number format " + StateDict.printable(view.format()),
                    "f32, f64, f16, bf16 or whole numbers",
                    "convert it with .float() before torch.save");
        }
        String described = "the weight " + name + " of shape " + Shapes.text(view.shape());
        long elements = Shapes.elements(view.shape());
        long capacity = file.length() / stored.bytes();
        long held = view.storage().elements();
        if (held < 0 || held > capacity || elements < 0 || elements > capacity) {
            throw file.broken(described + " would be larger than the file", "shapes that the file has room for");
        }
        if (elements == 0) {
            return Weight.wrap(dtype, view.shape(), new byte[0]);
        }
        long total = held * stored.bytes();
        long last = Shapes.lastOffset(view.shape(), view.strides());
        long room = total / dtype.bytes();
        long offset = view.offset();
        if (offset < 0 || last < 0 || elements > room || offset >= room || last >= room - offset) {
            throw file.broken(
                    described + " leaves its storage of " + room + " elements", "tensors within their storages");
        }
        long count = (last + 1) * dtype.bytes();
        bytesRead += count;
        if (bytesRead > MAX_SHARING * file.length()) {
            throw file.broken("its weights together are far larger than the file", "weights that it has room for");
        }
        byte[] raw = storages.read(view.storage(), total, offset * dtype.bytes(), count);
        byte[] rowMajor = Shapes.contiguous(view.shape(), view.strides()) ? raw : gather(raw, view, dtype);
        if (bigEndian) {
            reverse(rowMajor, dtype.bytes());
        }
        if (view.negative()) {
            negate(name, rowMajor, dtype);
        }
        return Weight.wrap(dtype, view.shape(), rowMajor);
    }

    private static byte[] gather(byte[] raw, TorchAllowList.View view, DType dtype) {
        int size = dtype.bytes();
        long[] shape = view.shape();
        byte[] out = new byte[Math.toIntExact(Shapes.elements(shape) * size)];
        long[] index = new long[shape.length];
        long from = 0;
        for (int to = 0; to < out.length; to += size) {
            System.arraycopy(raw, Math.toIntExact(from * size), out, to, size);
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                from += view.strides()[axis];
                if (++index[axis] < shape[axis]) {
                    break;
                }
                from -= shape[axis] * view.strides()[axis];
                index[axis] = 0;
            }
        }
        return out;
    }

    /** Changes the sign of little-endian elements. */
    private void negate(String name, byte[] bytes, DType dtype) {
        if (!dtype.floating()) {
            throw file.refused(
                    "the weight " + name + " is a lazy negation of whole numbers",
                    "plain whole numbers",
                    "in Python, save tensor.clone()");
        }
        for (int last = dtype.bytes() - 1; last < bytes.length; last += dtype.bytes()) {
            bytes[last] ^= (byte) 0x80;
        }
    }

    /** Reverses the byte order of each element. */
    static void reverse(byte[] bytes, int size) {
        for (int start = 0; start < bytes.length; start += size) {
            for (int i = start, j = start + size - 1; i < j; i++, j--) {
                byte swap = bytes[i];
                bytes[i] = bytes[j];
                bytes[j] = swap;
            }
        }
    }
}
