package org.attunet.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.export.Graph.Values;
import org.attunet.export.proto.ModelProto;
import org.attunet.network.Conv;
import org.attunet.network.ConvNorm;
import org.attunet.network.Network;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.Operations;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Tensor;

/**
 * A network in inference as an ONNX graph, without the heads that only training uses. Batch normalisation is multiplied
 * into the convolution before it, in float64.
 *
 * <p>One input, {@code input} (batch, channels, [z,] y, x), spatial sizes multiples of {@code config.multiple()}; outputs
 * {@code logits} of the same size and {@code attention_GATE} for each gate, coarsest first, at the gate's resolution.
 */
final class NetworkGraph implements Operations<NetworkGraph.Node> {
    /** The input's name. */
    static final String INPUT = "input";
    /** The logits' name. */
    static final String LOGITS = "logits";
    /** What the names of the gates' outputs begin with. */
    static final String ATTENTION = "attention_";

    private final Graph graph;
    private final Map<String, Tensor> weights;
    private final List<Gate> gates = new ArrayList<>();

    /**
     * The result of an operator.
     *
     * @param name the result's name in the graph
     * @param stride voxels of the input per voxel of the result, along each axis
     */
    record Node(String name, int channels, int stride) {
        Node named(String other) {
            return new Node(other, channels, stride);
        }
    }

    private record Gate(String name, Node coefficients) {}

    private NetworkGraph(TorchNetwork network) {
        graph = new Graph("attunet", network.config().dimension());
        weights = network.state();
    }

    static ModelProto of(TorchNetwork network) {
        var config = network.config();
        var writer = new NetworkGraph(network);
        var input = new Node(writer.graph.input(INPUT, config.channels()), config.channels(), 1);
        Node logits = Network.of(config).forward(writer, input);
        writer.graph.output(LOGITS, logits.name, logits.channels, true);
        for (Gate gate : writer.gates) {
            writer.graph.output(ATTENTION + gate.name, gate.coefficients.name, gate.coefficients.channels, false);
        }
        return writer.graph.model();
    }

    @Override
    public Node conv(Conv layer, Node x) {
        float[] bias = layer.bias() ? vector(layer.biasName()) : null;
        String name = graph.conv(layer.name(), x.name, values(layer.weight()), bias, layer.stride(), layer.padding());
        return new Node(name, layer.out(), x.stride * layer.stride());
    }

    @Override
    public Node convTranspose(Conv layer, Node x) {
        String name = graph.convTranspose(layer.name(), x.name, values(layer.weight()), vector(layer.biasName()));
        return new Node(name, layer.out(), x.stride / 2);
    }

    @Override
    public Node convNorm(ConvNorm layer, Node x) {
        if (layer.kind() == NormLayer.BATCH) {
            return folded(layer, x);
        }
        Node y = conv(layer.conv(), x);
        return layer.kind() == NormLayer.NONE
                ? y
                : y.named(graph.instanceNorm(layer.name(), y.name, vector(layer.scale()), vector(layer.shift())));
    }

    private Node folded(ConvNorm layer, Node x) {
        float[] scale = vector(layer.scale());
        float[] shift = vector(layer.shift());
        float[] mean = vector(layer.mean());
        float[] variance = vector(layer.variance());
        Conv conv = layer.conv();
        Values weight = values(conv.weight());
        float[] bias = vector(conv.biasName());
        float[] values = weight.values();
        int each = values.length / scale.length;
        for (int k = 0; k < scale.length; k++) {
            double factor = scale[k] / Math.sqrt(variance[k] + ConvNorm.EPSILON);
            bias[k] = (float) ((bias[k] - mean[k]) * factor + shift[k]);
            for (int i = k * each; i < (k + 1) * each; i++) {
                values[i] = (float) (values[i] * factor);
            }
        }
        return new Node(graph.conv(conv.name(), x.name, weight, bias, 1, conv.padding()), conv.out(), x.stride);
    }

    @Override
    public Node relu(Node x) {
        return x.named(graph.relu(x.name));
    }

    @Override
    public Node sigmoid(Node x) {
        return x.named(graph.sigmoid(x.name));
    }

    @Override
    public Node maxPool(Node x) {
        return new Node(graph.maxPool(x.name), x.channels, 2 * x.stride);
    }

    @Override
    public Node upsampleNearest(Node x) {
        return new Node(graph.nearest(x.name, 2), x.channels, x.stride / 2);
    }

    @Override
    public Node resize(Node x, Node like) {
        int factor = x.stride / like.stride;
        return factor == 1 ? x : new Node(graph.linear(x.name, factor), x.channels, like.stride);
    }

    @Override
    public Node concat(List<Node> maps) {
        String name = graph.concat(maps.stream().map(Node::name).toList());
        return new Node(name, maps.stream().mapToInt(Node::channels).sum(), maps.get(0).stride);
    }

    @Override
    public Node add(Node a, Node b) {
        return a.named(graph.add(a.name, b.name));
    }

    @Override
    public Node mul(Node x, Node coefficients) {
        return x.named(graph.mul(x.name, coefficients.name));
    }

    @Override
    public Node attention(String gate, Node coefficients) {
        gates.add(new Gate(gate, coefficients));
        return coefficients;
    }

    /** A copy of a tensor. */
    private Values values(String name) {
        Tensor tensor = Objects.requireNonNull(weights.get(name), name);
        try (var scope = TensorScope.withoutGradients()) {
            return new Values(Tensors.toFloats(tensor), tensor.shape());
        }
    }

    private float[] vector(String name) {
        return values(name).values();
    }
}
