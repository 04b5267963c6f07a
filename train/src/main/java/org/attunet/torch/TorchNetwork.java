package org.attunet.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.attunet.network.NetworkConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A segmentation network with its weights.
 *
 * <p>Owns its tensors until {@link #close}. Forward passes in {@link Mode#INFERENCE} may run on several threads at once;
 * training and changes of the weights belong to one thread.
 */
public abstract class TorchNetwork implements AutoCloseable {
    private final NetworkConfig config;
    final WeightStore weights;
    private final List<ConvNorm> units = new ArrayList<>();

    TorchNetwork(NetworkConfig config, WeightStore weights) {
        this.config = config;
        this.weights = weights;
    }

    /**
     * A new network on the CPU.
     *
     * @param seed fixes every weight
     */
    public static TorchNetwork create(NetworkConfig config, long seed) {
        Natives.load();
        return create(config, seed, new Device("cpu"));
    }

    /** A new network on a device. */
    public static TorchNetwork create(NetworkConfig config, long seed, Device device) {
        try (var scope = TensorScope.open()) {
            var weights = new WeightStore(seed, device);
            return switch (config.family()) {
                case ATTENTION_UNET -> new AttentionUNet(config, weights);
                case GRID_ATTENTION_UNET -> new GridAttentionUNet(config, weights);
            };
        }
    }

    /**
     * One pass. To be called within a {@link TensorScope}, which then holds the results.
     *
     * @param x (B, channels, [D,] H, W), each spatial size a multiple of {@code config().multiple()}
     */
    public abstract Forward forward(Tensor x, Mode mode);

    /** What fixes the network's shape. */
    public final NetworkConfig config() {
        return config;
    }

    /** Every tensor (parameters and running statistics) by its published name, in the order of a state_dict. */
    public final Map<String, Tensor> state() {
        return weights.all();
    }

    /** The tensors that training changes, by name. */
    public final Map<String, Tensor> parameters() {
        return weights.parameters();
    }

    /** Whether every weight is a finite number. */
    public final boolean finite() {
        try (var scope = TensorScope.withoutGradients()) {
            // A sum is finite only where its terms are; in float64 finite terms can't add up to infinity.
            return parameters().values().stream()
                    .allMatch(tensor ->
                            Double.isFinite(tensor.to(ScalarType.Double).sum().item_double()));
        }
    }

    /** The number of trained values. */
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /**
     * Makes inference faster by multiplying batch normalisation into the convolutions; the weights must not change
     * afterwards.
     */
    public final void freeze() {
        units.forEach(ConvNorm::freeze);
    }

    /**
     * Lets batch normalisation take its statistics over the batches of all ranks, in training, from now on. Then only one
     * network of a process may be trained at a time, for all ranks must come to the same layer.
     */
    public final void across(ProcessGroup ranks) {
        units.forEach(unit -> unit.across(ranks));
    }

    /**
     * Makes every weight float64, for comparisons in which rounding must not matter; inputs must then be float64 too.
     * Not after {@link #freeze}.
     */
    public final void toDouble() {
        try (var scope = TensorScope.withoutGradients()) {
            state().values().stream()
                    .filter(tensor -> Tensors.type(tensor) == ScalarType.Float)
                    .forEach(tensor -> tensor.set_data(tensor.detach().to(ScalarType.Double)));
        }
    }

    /** A convolution with normalisation that belongs to this network. */
    final ConvNorm unit(String conv, String norm, int in, int out, int kernel) {
        var unit = new ConvNorm(weights, conv, norm, config.normalisation(), in, out, config.dimension(), kernel);
        units.add(unit);
        return unit;
    }

    /** A kernel-1 convolution without normalisation: a head. */
    final Conv1 conv1(String name, int in, int out) {
        return new Conv1(weights, name, in, out, config.dimension());
    }

    /** Runs a block in a scope of its own, so that in inference its inner maps are freed when it ends. */
    static Tensor scoped(Supplier<Tensor> block) {
        Tensor result;
        try (var scope = TensorScope.open()) {
            result = TensorScope.keep(block.get());
        }
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            outer.attach(result);
            TensorScope.release(result);
        }
        return result;
    }

    @Override
    public void close() {
        units.forEach(ConvNorm::close);
        weights.close();
    }

    /** A kernel-1 convolution. */
    static final class Conv1 {
        private final Tensor weight; // (out, in, 1...)
        private final Tensor bias; // (out)

        Conv1(WeightStore weights, String name, int in, int out, int dimension) {
            long[] shape = ConvNorm.convShape(out, in, dimension, 1);
            weight = weights.convWeight(name + ".weight", shape);
            bias = weights.convBias(name + ".bias", out, shape);
        }

        Tensor forward(Tensor x) {
            return TorchLayers.conv(
                    x, weight, bias, 1, 0, x.suggest_memory_format()); // one pass over the map, as it lies
        }
    }
}
