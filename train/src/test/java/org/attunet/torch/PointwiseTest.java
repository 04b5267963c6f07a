package org.attunet.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernel-1 convolutions are libtorch's, forward and backward, on one thread (a matrix product) as on two. */
class PointwiseTest {
    private static final Offset<Float> ROUNDING = Offset.offset(2e-5f);

    private record Result(float[] output, float[] ofInput, float[] ofWeight, float[] ofBias) {}

    @AfterEach
    void one_thread_again() {
        Natives.threads(1);
    }

    @ParameterizedTest
    @CsvSource({"2,true", "2,false", "3,true", "3,false"})
    void one_thread_and_two_agree_in_both_layouts(int dimension, boolean channelsLast) {
        Result one = run(1, dimension, channelsLast);
        Result two = run(2, dimension, channelsLast);
        assertThat(one.output).containsExactly(two.output, ROUNDING);
        assertThat(one.ofInput).containsExactly(two.ofInput, ROUNDING);
        assertThat(one.ofWeight).containsExactly(two.ofWeight, roundingOf(two.ofWeight));
        assertThat(one.ofBias).containsExactly(two.ofBias, roundingOf(two.ofBias));
    }

    /** Of sums over all voxels, by the size of their terms; the order differs between processors. */
    private static Offset<Float> roundingOf(float[] sums) {
        float greatest = 0;
        for (float sum : sums) {
            greatest = Math.max(greatest, Math.abs(sum));
        }
        return Offset.offset(2e-6f * greatest);
    }

    private static Result run(int threads, int dimension, boolean channelsLast) {
        Natives.threads(threads);
        long[] size = dimension == 2 ? new long[] {2, 5, 6, 7} : new long[] {2, 5, 6, 7, 4};
        try (var scope = TensorScope.open()) {
            MemoryFormat format = channelsLast ? TorchLayers.channelsLast(dimension) : MemoryFormat.Contiguous;
            Tensor x = numbers(1, size).contiguous(format).requires_grad_(true);
            long[] kernel = new long[dimension + 2];
            java.util.Arrays.fill(kernel, 1);
            kernel[0] = 3;
            kernel[1] = 5;
            Tensor weight = numbers(2, kernel).requires_grad_(true);
            Tensor bias = numbers(3, 3).requires_grad_(true);
            Tensor y = TorchLayers.conv(x, weight, bias, 1, 0, format);
            assertThat(y.suggest_memory_format().value).isEqualTo(format.value);
            y.mul(y).sum().backward();
            return new Result(
                    Tensors.toFloats(y),
                    Tensors.toFloats(x.grad()),
                    Tensors.toFloats(weight.grad()),
                    Tensors.toFloats(bias.grad()));
        }
    }

    private static Tensor numbers(long seed, long... shape) {
        int count = 1;
        for (long n : shape) {
            count *= (int) n;
        }
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, shape);
    }
}
