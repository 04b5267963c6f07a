package org.attunet.torch;

import java.util.Arrays;
import org.attunet.tensor.Natives;
import org.attunet.tensor.Precaution;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a U-Net in 2 and 3 dimensions, and the one place that knows libtorch's option objects.
 *
 * <p>Tensors are (B, C, [D,] H, W); the dimension is the tensor's own.
 */
final class TorchLayers {
    private static final boolean AVX2 = torch.get_cpu_capability().getString().equals("AVX2");

    private TorchLayers() {}

    /**
     * The layout in which a convolution of (in) to (out) channels trains fastest: channels last, except for wide maps of 2
     * dimensions on processors with AVX2 only, where its backward pass takes up to twice as long (measured: 128 to 128
     * channels at 128 x 128, 252 ms against 127; 16 to 16 at 256 x 256, 51 against 74).
     */
    static MemoryFormat format(int dimension, long in, long out) {
        if (dimension == 3) {
            return MemoryFormat.ChannelsLast3d;
        }
        return AVX2 && Math.max(in, out) >= 32 ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast;
    }

    /** The layout in which inference is fastest everywhere. */
    static MemoryFormat channelsLast(int dimension) {
        return dimension == 3 ? MemoryFormat.ChannelsLast3d : MemoryFormat.ChannelsLast;
    }

    /** Convolution with the kernel's own size; padding as given on each side. */
    static Tensor conv(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        return conv(x, weight, bias, stride, padding, format(spatial(x), weight.size(1), weight.size(0)));
    }

    /** The same in a layout of choice, which the weight has too. */
    static Tensor conv(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding, MemoryFormat format) {
        if (stride == 1
                && padding == 0
                && weight.numel() == weight.size(0) * weight.size(1)
                && x.is_cpu()
                && (torch.get_num_threads() == 1 || Natives.avoids(Precaution.MATRIX_PRODUCTS))) {
            return pointwise(x, weight, bias);
        }
        Tensor map = x.contiguous(format);
        return convolution(map, weight, bias, stride, padding);
    }

    /** As PyTorch's layers call it: autocast on the CPU knows these two functions, not {@code convolution} itself. */
    private static Tensor convolution(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        int d = spatial(x);
        return d == 2
                ? torch.conv2d(x, weight, optional(bias), all(d, stride), all(d, padding), all(d, 1), 1)
                : torch.conv3d(x, weight, optional(bias), all(d, stride), all(d, padding), all(d, 1), 1);
    }

    /**
     * Convolution with kernel 1 as a matrix product, in the layout of the map. On a single thread libtorch would unfold the
     * map for it and hand on the result in the default layout, from which all that follows is converted back.
     */
    private static Tensor pointwise(Tensor x, Tensor weight, @Nullable Tensor bias) {
        Tensor matrix = weight.reshape(weight.size(0), weight.size(1)); // (out, in)
        if (x.suggest_memory_format().value == MemoryFormat.Contiguous.value) {
            long[] shape = x.shape();
            shape[1] = weight.size(0);
            Tensor product = torch.matmul(matrix, x.contiguous().flatten(2, -1)); // (B, out, voxels)
            return (bias == null ? product : product.add(bias.unsqueeze(1))).reshape(shape);
        }
        int last = spatial(x) + 1;
        Tensor voxels = x.movedim(1, last); // (B, [D,] H, W, in), as it lies
        return torch.linear(voxels, matrix, optional(bias)).movedim(last, 1);
    }

    /**
     * Transposed convolution, kernel 2, stride 2: doubles each spatial size.
     *
     * <p>Its outputs don't overlap, so in 2D it is a kernel-1 convolution to four maps for each channel, interleaved: the
     * same numbers from a plain matrix product, whose backward pass is up to 2.6 times as fast.
     */
    static Tensor convTranspose(Tensor x, Tensor weight, Tensor bias) {
        int d = spatial(x);
        if (d == 3) {
            return torch.conv_transpose3d(x, weight, optional(bias), all(d, 2), all(d, 0), all(d, 0), 1, all(d, 1));
        }
        long in = weight.size(0);
        long out = weight.size(1);
        Tensor four = weight.permute(1, 2, 3, 0).reshape(4 * out, in, 1, 1); // (out x row x column, in, 1, 1)
        Tensor maps = Natives.avoids(Precaution.MATRIX_PRODUCTS) && x.is_cpu()
                ? pointwise(x, four, null)
                : convolution(x, four, null, 1, 0);
        return torch.pixel_shuffle(maps, 2).add_(bias.reshape(1, out, 1, 1)); // (B, out, 2H, 2W)
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

    /** Linear interpolation to a spatial size, with half-voxel centres (PyTorch's {@code align_corners=False}). */
    static Tensor linear(Tensor x, long... size) {
        if (Arrays.equals(size(x), size)) {
            return x;
        }
        return size.length == 2
                ? torch.upsample_bilinear2d(x, size, false, new DoubleOptional(), new DoubleOptional())
                : torch.upsample_trilinear3d(
                        x, size, false, new DoubleOptional(), new DoubleOptional(), new DoubleOptional());
    }

    /** Joins maps along the channels. */
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
