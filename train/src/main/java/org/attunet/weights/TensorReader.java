package org.attunet.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.error.AttunetException;

/** Fetches the elements of tensors from the storages of a PyTorch file and lays them out row-major, little-endian. */
abstract class TensorReader {
    /** Weights may share storages, so that more is read than the file has; beyond this factor it is an attack. */
    private static final long MAX_SHARING = 64;

    private final CheckedFile file;
    private final boolean bigEndian;
    private long taken;

    TensorReader(CheckedFile file, boolean bigEndian) {
        this.file = file;
        this.bigEndian = bigEndian;
    }

    /** Some bytes of a storage of so many bytes in total, as the file has them. */
    abstract byte[] bytes(TorchAllowList.Storage storage, long total, long from, long count);

    StateDict stateDict(Map<String, TorchAllowList.View> views) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        views.forEach((name, view) -> weights.put(name, weight(StateDict.shown(name), view)));
        return new StateDict(weights).withoutWrapperPrefixes();
    }

    private Weight weight(String name, TorchAllowList.View view) {
        DType dtype = view.dtype();
        DType stored = view.storage().dtype();
        if (dtype == null || stored == null) {
            throw new AttunetException(
                    file.file(),
                    "the weight " + name + " is a " + view.storage().type() + " or of an unknown dtype",
                    "f32, f64, f16, bf16 or whole numbers",
                    "convert it with .float() before torch.save");
        }
        long elements = Shapes.elements(view.shape());
        long capacity = file.length() / stored.bytes();
        long held = view.storage().elements();
        if (held < 0 || held > capacity || elements < 0 || elements > capacity) {
            throw file.broken(
                    "the weight " + name + " of shape " + Shapes.text(view.shape()) + " would be larger than the file",
                    "shapes that the file has room for");
        }
        if (elements == 0) {
            return Weight.wrap(dtype, view.shape(), new byte[0]);
        }
        long size = dtype.bytes();
        long total = held * stored.bytes();
        long reach = Shapes.reach(view.shape(), view.strides());
        long room = total / size;
        if (view.offset() < 0
                || reach < 0
                || elements > room
                || view.offset() >= room
                || reach >= room - view.offset()) {
            throw file.broken(
                    "the weight " + name + " of shape " + Shapes.text(view.shape()) + " leaves its storage of " + room
                            + " elements",
                    "tensors within their storages");
        }
        taken += (reach + 1) * size;
        if (taken > MAX_SHARING * file.length()) {
            throw file.broken("its weights together are far larger than the file", "weights that it has room for");
        }
        byte[] raw = bytes(view.storage(), total, view.offset() * size, (reach + 1) * size);
        byte[] out = Shapes.contiguous(view.shape(), view.strides()) ? raw : gather(raw, view, dtype);
        if (bigEndian) {
            reverse(out, dtype.bytes());
        }
        return Weight.wrap(dtype, view.shape(), out);
    }

    private static byte[] gather(byte[] raw, TorchAllowList.View view, DType dtype) {
        int size = dtype.bytes();
        long[] shape = view.shape();
        byte[] out = new byte[Math.toIntExact(Shapes.elements(shape) * size)];
        long[] at = new long[shape.length];
        long from = 0;
        for (int to = 0; to < out.length; to += size) {
            System.arraycopy(raw, Math.toIntExact(from * size), out, to, size);
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                from += view.strides()[axis];
                if (++at[axis] < shape[axis]) {
                    break;
                }
                from -= shape[axis] * view.strides()[axis];
                at[axis] = 0;
            }
        }
        return out;
    }

    private static void reverse(byte[] bytes, int size) {
        for (int start = 0; start + size <= bytes.length; start += size) {
            for (int i = 0, j = size - 1; i < j; i++, j--) {
                byte swap = bytes[start + i];
                bytes[start + i] = bytes[start + j];
                bytes[start + j] = swap;
            }
        }
    }
}
