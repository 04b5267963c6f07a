package org.attunet.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.network.NetworkConfig.NormLayer;

/**
 * A network as it is published: its layers with the names of their weights, and its {@code forward}, each stated once.
 *
 * <p>It holds no weights and knows no library. Everything else is read off it: libtorch runs {@link #forward} on tensors,
 * the export writes it as ONNX, {@link ReceptiveField} finds how far it sees, {@link NetworkCost} counts its operations,
 * and {@link #weights} lists what a file of its weights contains. Immutable; safe for any number of threads.
 */
public abstract class Network {
    private final NetworkConfig config;
    private final List<Layer> layers = new ArrayList<>();

    Network(NetworkConfig config) {
        this.config = config;
    }

    /**
     * {@return the network of a configuration}
     *
     * @param config the configuration of the network
     */
    public static Network of(NetworkConfig config) {
        return config.family().define(config);
    }

    /**
     * One pass.
     *
     * @param <T> what flows through the network
     * @param op the operations
     * @param x (B, channels, [D,] H, W), each spatial size a multiple of {@code config().multiple()}
     * @return the logits (B, outputs, [D,] H, W)
     */
    public abstract <T> T forward(Operations<T> op, T x);

    /** {@return the configuration that the network is built from} */
    public final NetworkConfig config() {
        return config;
    }

    /** {@return the layers with weights, in the order in which the network declares them} */
    public final List<Layer> layers() {
        return Collections.unmodifiableList(layers);
    }

    /**
     * {@return the name and shape of every weight in the order of a PyTorch state_dict, running statistics included; () is
     * a scalar}
     */
    public final Map<String, long[]> weights() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (Layer layer : layers) {
            Conv conv = layer.conv();
            shapes.put(conv.weight(), conv.shape(config.dimension()));
            if (conv.bias()) {
                shapes.put(conv.biasName(), new long[] {conv.out()});
            }
            if (layer instanceof ConvNorm unit) {
                if (unit.kind() != NormLayer.NONE) {
                    shapes.put(unit.scale(), new long[] {conv.out()});
                    shapes.put(unit.shift(), new long[] {conv.out()});
                }
                if (unit.kind() == NormLayer.BATCH) {
                    shapes.put(unit.mean(), new long[] {conv.out()});
                    shapes.put(unit.variance(), new long[] {conv.out()});
                    shapes.put(unit.batches(), new long[0]);
                }
            }
        }
        return shapes;
    }

    /** A kernel-1 convolution without normalisation, such as a head. */
    final Conv conv1(String name, int in, int out) {
        return declared(new Conv(name, in, out, 1, 1, true, false));
    }

    /** A convolution with kernel 2 and stride 2 and without bias, which halves each spatial size. */
    final Conv halving(String name, int in, int out) {
        return declared(new Conv(name, in, out, 2, 2, false, false));
    }

    /** A transposed convolution with kernel 2 and stride 2, which doubles each spatial size. */
    final Conv doubling(String name, int in, int out) {
        return declared(new Conv(name, in, out, 2, 2, true, true));
    }

    /**
     * A convolution with an odd kernel and the normalisation after it, in a PyTorch sequence.
     *
     * @param sequence the sequence's name
     * @param index the convolution's place in it; the normalisation's is the next
     */
    final ConvNorm convNorm(String sequence, int index, int in, int out, int kernel) {
        var conv = new Conv(sequence + "." + index, in, out, kernel, 1, true, false);
        return declared(new ConvNorm(conv, sequence + "." + (index + 1), config.normalisation()));
    }

    private <L extends Layer> L declared(L layer) {
        layers.add(layer);
        return layer;
    }
}
