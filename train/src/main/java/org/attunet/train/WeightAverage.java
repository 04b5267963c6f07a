package org.attunet.train;

import java.util.Map;
import java.util.Objects;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The exponential moving average of a network's weights and running statistics, held in a second network, which is the
 * one that is validated and kept: it generalises better than the weights of any single step (Polyak averaging; Izmailov
 * et al., arXiv 1803.05407).
 */
final class WeightAverage implements AutoCloseable {
    private final TorchNetwork averaged;
    private final double decay;

    /**
     * @param averaged holds the average; owned
     * @param decay the decay of the moving average, 0 (no averaging) to below 1
     */
    WeightAverage(TorchNetwork network, TorchNetwork averaged, double decay) {
        this.averaged = averaged;
        this.decay = decay;
        reset(network);
    }

    /** The network with the averaged weights. */
    TorchNetwork network() {
        return averaged;
    }

    /** Adds the weights after a step; the past weighs less in the first steps, while it is still random. */
    void update(TorchNetwork network, long step) {
        double past = Math.min(decay, (1.0 + step) / (10.0 + step));
        try (var scope = TensorScope.withoutGradients()) {
            Map<String, Tensor> from = network.state();
            averaged.state().forEach((name, mean) -> {
                Tensor value = Objects.requireNonNull(from.get(name));
                if (decay > 0 && Tensors.type(mean) == ScalarType.Float) {
                    mean.lerp_(value, new Scalar(1 - past));
                } else {
                    mean.copy_(value);
                }
            });
        }
    }

    /** Starts again from the network's weights. */
    void reset(TorchNetwork network) {
        try (var scope = TensorScope.withoutGradients()) {
            Map<String, Tensor> from = network.state();
            averaged.state().forEach((name, tensor) -> tensor.copy_(Objects.requireNonNull(from.get(name))));
        }
    }

    @Override
    public void close() {
        averaged.close();
    }
}
