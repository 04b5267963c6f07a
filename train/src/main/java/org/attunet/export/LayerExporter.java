package org.attunet.export;

import java.util.Map;
import org.attunet.export.Graph.Values;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Tensor;

/**
 * A network's layers as operators of a graph, its weights read from the network by their published names. Batch
 * normalisation is multiplied into the convolution before it, in float64.
 */
final class LayerExporter {
    private static final double EPSILON = 1e-5;

    final Graph graph;
    private final Map<String, Tensor> state;
    private final NormLayer normalisation;

    LayerExporter(Graph graph, TorchNetwork network) {
        this.graph = graph;
        this.state = network.state();
        this.normalisation = network.config().normalisation();
    }

    /** Convolution (the kernel is odd, the size stays) and normalisation. */
    String unit(String conv, String norm, String x) {
        Values weight = values(conv + ".weight");
        float[] bias = values(conv + ".bias").values();
        int padding = (int) weight.shape()[2] / 2;
        return switch (normalisation) {
            case NONE -> graph.conv(conv, x, weight, bias, 1, padding);
            case INSTANCE ->
                graph.instanceNorm(
                        norm,
                        graph.conv(conv, x, weight, bias, 1, padding),
                        vector(norm + ".weight"),
                        vector(norm + ".bias"));
            case BATCH -> {
                double[] factor = factors(norm);
                float[] shift = vector(norm + ".bias");
                float[] mean = vector(norm + ".running_mean");
                float[] folded = new float[bias.length];
                for (int k = 0; k < folded.length; k++) {
                    folded[k] = (float) ((bias[k] - mean[k]) * factor[k] + shift[k]);
                }
                yield graph.conv(conv, x, scaled(weight, factor), folded, 1, padding);
            }
        };
    }

    /** The same, then ReLU. */
    String unitRelu(String conv, String norm, String x) {
        return graph.relu(norm + ".relu", unit(conv, norm, x));
    }

    /** A kernel-1 convolution without normalisation. */
    String conv1(String name, String x) {
        return graph.conv(name, x, values(name + ".weight"), vector(name + ".bias"), 1, 0);
    }

    /** Transposed convolution, kernel 2, stride 2. */
    String transposed(String name, String x) {
        return graph.convTranspose(name, x, values(name + ".weight"), vector(name + ".bias"));
    }

    /** A tensor by name. */
    Values values(String name) {
        Tensor tensor = state.get(name);
        if (tensor == null) {
            throw new IllegalStateException("no tensor " + name);
        }
        try (var scope = TensorScope.withoutGradients()) {
            return new Values(Tensors.toFloats(tensor), tensor.shape());
        }
    }

    private float[] vector(String name) {
        return values(name).values();
    }

    private double[] factors(String norm) {
        float[] scale = vector(norm + ".weight");
        float[] variance = vector(norm + ".running_var");
        double[] factor = new double[scale.length];
        for (int k = 0; k < factor.length; k++) {
            factor[k] = scale[k] / Math.sqrt(variance[k] + EPSILON);
        }
        return factor;
    }

    private static Values scaled(Values weight, double[] factor) {
        float[] values = weight.values().clone();
        int each = values.length / factor.length;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * factor[i / each]);
        }
        return new Values(values, weight.shape());
    }
}
