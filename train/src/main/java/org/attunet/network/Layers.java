package org.attunet.network;

import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a U-Net in 2 and 3 dimensions, and the one place that knows libtorch's option objects.
 *
 * <p>Tensors are (B, C, [D,] H, W); the dimension is the tensor's own.
 */
final class Layers {
    private Layers() {}

    /** Convolution with the kernel's own size; padding as given on each side. */
    static Tensor conv(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        int d = spatial(x);
        return torch.convolution(
                x, weight, optional(bias), all(d, stride), all(d, padding), all(d, 1), false, all(d, 0), 1);
    }

    /** Transposed convolution, kernel 2, stride 2: doubles each spatial size. */
    static Tensor convTranspose(Tensor x, Tensor weight, @Nullable Tensor bias) {
        int d = spatial(x);
        return torch.convolution(x, weight, optional(bias), all(d, 2), all(d, 0), all(d, 1), true, all(d, 0), 1);
    }

    /** Largest value in each block of 2 voxels a side: halves each spatial size. */
    static Tensor maxPool(Tensor x) {
        int d = spatial(x);
        return d == 2
                ? torch.max_pool2d(x, all(d, 2), all(d, 2), all(d, 0), all(d, 1), false)
                : torch.max_pool3d(x, all(d, 2), all(d, 2), all(d, 0), all(d, 1), false);
    }

    /** Doubles each spatial size by repeating values. */
    static Tensor nearestTwice(Tensor x) {
        long[] size = size(x);
        for (int i = 0; i < size.length; i++) {
            size[i] *= 2;
        }
        return size.length == 2 ? torch.upsample_nearest2d(x, size) : torch.upsample_nearest3d(x, size);
    }

    /** Linear interpolation to a spatial size, edges aligned (PyTorch's {@code align_corners=False}). */
    static Tensor linear(Tensor x, long... size) {
        if (Arrays.equals(size(x), size)) {
            return x;
        }
        return size.length == 2
                ? torch.upsample_bilinear2d(x, size, false, new DoubleOptional(), new DoubleOptional())
                : torch.upsample_trilinear3d(
                        x, size, false, new DoubleOptional(), new DoubleOptional(), new DoubleOptional());
    }

    /** Joins two maps along the channels. */
    static Tensor concat(Tensor... maps) {
        return torch.cat(new TensorVector(maps), 1);
    }

    /** The spatial size of a map, [D,] H, W. */
    static long[] size(Tensor x) {
        long[] shape = x.shape();
        return Arrays.copyOfRange(shape, 2, shape.length);
    }

    static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    private static int spatial(Tensor x) {
        return (int) x.dim() - 2;
    }

    private static long[] all(int dimension, long value) {
        long[] values = new long[dimension];
        Arrays.fill(values, value);
        return values;
    }
}
