package org.attunet.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Java arrays to tensors and back. Every call copies; arrays are in C order, the last axis fastest. */
public final class Tensors {
    private Tensors() {}

    /** A float32 tensor on the CPU. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, values.length, shape);
        tensor.data_ptr_float().put(values);
        return tensor;
    }

    /** An int64 tensor on the CPU. */
    public static Tensor ofLongs(long[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Long, values.length, shape);
        tensor.data_ptr_long().put(values);
        return tensor;
    }

    /** A uint8 tensor on the CPU. */
    public static Tensor ofBytes(byte[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Byte, values.length, shape);
        tensor.data_ptr_byte().put(values);
        return tensor;
    }

    /** A float64 tensor on the CPU. */
    public static Tensor ofDoubles(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, values.length, shape);
        tensor.data_ptr_double().put(values);
        return tensor;
    }

    /** A tensor of zeros in float32 on the CPU. */
    public static Tensor zeros(long... shape) {
        Natives.load();
        return torch.zeros(shape, new TensorOptions(ScalarType.Float));
    }

    /** The values of a floating-point tensor on any device and in any layout, in C order. */
    public static float[] toFloats(Tensor tensor) {
        Tensor plain = tensor.detach().to(new Device("cpu"), ScalarType.Float).contiguous();
        float[] values = new float[Math.toIntExact(plain.numel())];
        plain.data_ptr_float().get(values);
        return values;
    }

    /** The values of an integer tensor on any device and in any layout, in C order. */
    public static long[] toLongs(Tensor tensor) {
        Tensor plain = tensor.detach().to(new Device("cpu"), ScalarType.Long).contiguous();
        long[] values = new long[Math.toIntExact(plain.numel())];
        plain.data_ptr_long().get(values);
        return values;
    }

    /** The values of a floating-point tensor on any device and in any layout as float64, in C order. */
    public static double[] toDoubles(Tensor tensor) {
        Tensor plain = tensor.detach().to(new Device("cpu"), ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(plain.numel())];
        plain.data_ptr_double().get(values);
        return values;
    }

    /** The values of a uint8 tensor on the CPU, in C order. */
    public static byte[] toBytes(Tensor tensor) {
        Tensor plain = tensor.contiguous();
        byte[] values = new byte[Math.toIntExact(plain.numel())];
        plain.data_ptr_byte().get(values);
        return values;
    }

    /** The type of a tensor's values, as a constant that {@code ==} may compare: the binding's own result is not one. */
    public static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    private static Tensor empty(ScalarType type, int values, long[] shape) {
        Natives.load();
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        if (count != values) {
            throw new IllegalArgumentException(
                    values + " values for the shape " + java.util.Arrays.toString(shape) + " of " + count);
        }
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }
}
