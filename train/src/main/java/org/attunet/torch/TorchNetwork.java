package org.attunet.torch;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.attunet.network.ConvNorm;
import org.attunet.network.Layer;
import org.attunet.network.Network;
import org.attunet.network.NetworkConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network on libtorch: its definition and its weights.
 *
 * <p>Owns its tensors until {@link #close}. Forward passes in {@link Mode#INFERENCE} may run on several threads at once;
 * training and changes of the weights belong to one thread.
 */
public final class TorchNetwork implements AutoCloseable {
    private final Network network;
    private final WeightStore weights;
    private final IdentityHashMap<ConvNorm, ConvNormTensors> units = new IdentityHashMap<>();

    private TorchNetwork(Network network, WeightStore weights) {
        this.network = network;
        this.weights = weights;
        for (Layer layer : network.layers()) {
            weights.add(layer.conv(), config().dimension());
            if (layer instanceof ConvNorm unit) {
                units.put(unit, new ConvNormTensors(weights, unit));
            }
        }
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
            return new TorchNetwork(Network.of(config), new WeightStore(seed, device));
        }
    }

    /**
     * One pass. Call it within a {@link TensorScope}, which then holds the results.
     *
     * @param x (B, channels, [D,] H, W), each spatial size a multiple of {@code config().multiple()}
     */
    public Forward forward(Tensor x, Mode mode) {
        var operations = new TorchOperations(this, mode);
        return operations.results(network.forward(operations, x));
    }

    /** The configuration that the network is built from. */
    public NetworkConfig config() {
        return network.config();
    }

    /** Every tensor (parameters and running statistics) by its published name, in the order of a state_dict. */
    public Map<String, Tensor> state() {
        return weights.all();
    }

    /** The tensors that training changes, by name. */
    public Map<String, Tensor> parameters() {
        return weights.parameters();
    }

    /** Whether every weight is a finite number. */
    public boolean finite() {
        try (var scope = TensorScope.withoutGradients()) {
            // A sum is finite only if its terms are; in float64 finite terms can't add up to infinity.
            return parameters().values().stream()
                    .allMatch(tensor ->
                            Double.isFinite(tensor.to(ScalarType.Double).sum().item_double()));
        }
    }

    /** The number of trained values. */
    public long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /**
     * Makes inference faster by multiplying batch normalisation into the convolutions; the weights must not change
     * afterwards.
     */
    public void freeze() {
        units.values().forEach(ConvNormTensors::freeze);
    }

    /**
     * From now on, batch normalisation takes its statistics in training over the batches of all processes of a group. Only
     * one network of a process may then be trained at a time, since all processes must reach the same layer.
     */
    public void synchronize(ProcessGroup group) {
        units.values().forEach(unit -> unit.synchronize(group));
    }

    /**
     * Makes every weight float64, for comparisons in which rounding must not matter; inputs must then be float64 too.
     * Not after {@link #freeze}.
     */
    public void toDouble() {
        try (var scope = TensorScope.withoutGradients()) {
            state().values().stream()
                    .filter(tensor -> Tensors.type(tensor) == ScalarType.Float)
                    .forEach(tensor -> tensor.set_data(tensor.detach().to(ScalarType.Double)));
        }
    }

    /** The tensors of one of the network's layers. */
    ConvNormTensors tensors(ConvNorm layer) {
        return Objects.requireNonNull(units.get(layer));
    }

    /** One of the network's tensors. */
    Tensor tensor(String name) {
        return weights.get(name);
    }

    @Override
    public void close() {
        units.values().forEach(ConvNormTensors::close);
        weights.close();
    }
}
