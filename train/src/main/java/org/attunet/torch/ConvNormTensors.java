package org.attunet.torch;

import java.util.Arrays;
import org.attunet.network.ConvNorm;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a convolution and of the normalisation after it.
 *
 * <p>Batch normalisation (Ioffe and Szegedy, arXiv 1502.03167) in inference is a fixed scale and shift for each channel,
 * so {@link #freeze} multiplies it into the convolution: one pass over the map less, the same result to rounding.
 */
final class ConvNormTensors implements AutoCloseable {
    private static final double EPSILON = ConvNorm.EPSILON;
    private static final double MOMENTUM = 0.1;

    private final NormLayer kind;
    private final int padding;
    private final Tensor weight; // (out, in, k...)
    private final Tensor bias; // (out)
    private final @Nullable Tensor scale; // (out)
    private final @Nullable Tensor shift;
    private final @Nullable Tensor mean;
    private final @Nullable Tensor variance;
    private final @Nullable Tensor batches; // ()

    private ProcessGroup group = ProcessGroup.alone();
    private @Nullable Tensor frozenWeight;
    private @Nullable Tensor frozenBias;

    /** Adds the normalisation's tensors to the store, which has the convolution's. */
    ConvNormTensors(WeightStore weights, ConvNorm layer) {
        kind = layer.kind();
        padding = layer.conv().padding();
        weight = weights.get(layer.conv().weight());
        bias = weights.get(layer.conv().biasName());
        int out = layer.conv().out();
        boolean batch = kind == NormLayer.BATCH;
        scale = kind == NormLayer.NONE ? null : weights.normWeight(layer.scale(), out);
        shift = kind == NormLayer.NONE ? null : weights.constant(layer.shift(), true, 0, out);
        mean = batch ? weights.constant(layer.mean(), false, 0, out) : null;
        variance = batch ? weights.constant(layer.variance(), false, 1, out) : null;
        batches = batch ? weights.counter(layer.batches()) : null;
    }

    /** From now on, takes the statistics of training over the batches of all processes of a group. */
    void synchronize(ProcessGroup processes) {
        group = processes;
    }

    /** (B, in, ...) to (B, out, ...), the spatial size unchanged. */
    Tensor forward(Tensor x, Mode mode) {
        if (mode == Mode.INFERENCE && frozenWeight != null) {
            var format = TorchLayers.channelsLast((int) x.dim() - 2);
            return TorchLayers.conv(x, frozenWeight, frozenBias, 1, padding, format);
        }
        Tensor y = TorchLayers.conv(x, weight, bias, 1, padding);
        if (kind == NormLayer.NONE) {
            return y;
        }
        var none = new TensorOptional();
        if (kind == NormLayer.INSTANCE) {
            return torch.instance_norm(
                    y,
                    TorchLayers.optional(scale),
                    TorchLayers.optional(shift),
                    none,
                    none,
                    true,
                    MOMENTUM,
                    EPSILON,
                    true);
        }
        boolean training = mode == Mode.TRAINING;
        if (training && batches != null) {
            batches.add_(new Scalar(1L));
        }
        if (training && group.count() > 1 && scale != null && shift != null && mean != null && variance != null) {
            SharedStatistics statistics = SharedStatistics.of(y, group);
            statistics.update(mean, variance, MOMENTUM);
            return statistics.normalised(y, scale, shift, EPSILON);
        }
        return torch.batch_norm(
                y,
                TorchLayers.optional(scale),
                TorchLayers.optional(shift),
                TorchLayers.optional(mean),
                TorchLayers.optional(variance),
                training,
                MOMENTUM,
                EPSILON,
                true);
    }

    /** Multiplies batch normalisation into the convolution for inference; later changes of the weights have no effect. */
    void freeze() {
        if (scale == null || shift == null || mean == null || variance == null || frozenWeight != null) {
            return;
        }
        try (var scope = TensorScope.withoutGradients()) {
            Tensor factor = scale.div(variance.add(new Scalar(EPSILON)).sqrt()); // (out)
            long[] perOutput = weight.shape();
            Arrays.fill(perOutput, 1, perOutput.length, 1);
            var format = TorchLayers.channelsLast(perOutput.length - 2);
            frozenWeight =
                    TensorScope.keep(weight.mul(factor.reshape(perOutput)).contiguous(format));
            frozenBias = TensorScope.keep(bias.sub(mean).mul(factor).add(shift));
        }
    }

    @Override
    public void close() {
        if (frozenWeight != null) {
            TensorScope.release(frozenWeight);
            frozenWeight = null;
        }
        if (frozenBias != null) {
            TensorScope.release(frozenBias);
            frozenBias = null;
        }
    }
}
