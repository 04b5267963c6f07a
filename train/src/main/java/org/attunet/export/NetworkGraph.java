package org.attunet.export;

import java.util.ArrayList;
import java.util.List;
import org.attunet.export.proto.ModelProto;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.torch.TorchNetwork;

/**
 * A network in inference as an ONNX graph: what {@link org.attunet.torch.AttentionUNet} and {@link
 * org.attunet.torch.GridAttentionUNet} compute, without the heads that only training uses.
 *
 * <p>One input, {@code input} (batch, channels, [z,] y, x), spatial sizes multiples of {@code config.multiple()}; outputs
 * {@code logits} of the same size and {@code attention_GATE} for each gate, coarsest first, at the gate's resolution.
 */
final class NetworkGraph {
    /** The input's name. */
    static final String INPUT = "input";
    /** The logits' name. */
    static final String LOGITS = "logits";
    /** What the names of the gates' outputs begin with. */
    static final String ATTENTION = "attention_";

    private final NetworkConfig config;
    private final LayerExporter layers;
    private final Graph graph;

    private NetworkGraph(TorchNetwork network) {
        config = network.config();
        graph = new Graph("attunet", config.dimension());
        layers = new LayerExporter(graph, network);
    }

    static ModelProto of(TorchNetwork network) {
        var writer = new NetworkGraph(network);
        String x = writer.graph.input(INPUT, writer.config.channels());
        List<Attention> gates = new ArrayList<>();
        String logits = switch (writer.config.family()) {
            case ATTENTION_UNET -> writer.attentionUNet(x, gates);
            case GRID_ATTENTION_UNET -> writer.gridAttentionUNet(x, gates);
        };
        writer.graph.output(LOGITS, logits, writer.config.outputs(), true);
        gates.forEach(gate -> writer.graph.output(ATTENTION + gate.name, gate.coefficients, gate.maps, false));
        return writer.graph.model();
    }

    private record Attention(String name, String coefficients, int maps) {}

    // ---- AttentionUNet ----

    private String attentionUNet(String x, List<Attention> gates) {
        int levels = config.levels();
        List<String> skips = new ArrayList<>();
        for (int level = 1; level <= levels; level++) {
            String input = level == 1 ? x : graph.maxPool("pool" + level, skips.get(level - 2));
            skips.add(block("Conv" + level, input));
        }
        String d = skips.get(levels - 1);
        for (int level = levels; level >= 2; level--) {
            String up = up("Up" + level, d);
            String skip = skips.get(level - 2);
            if (config.gates() == Gates.ADDITIVE) {
                String gate = "Att" + level;
                String psi = additive(gate, up, skip);
                gates.add(new Attention(gate, psi, 1));
                skip = graph.mul(gate, skip, psi);
            }
            d = block("Up_conv" + level, graph.concat("concat" + level, List.of(skip, up)));
        }
        return layers.conv1(config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv", d);
    }

    private String block(String name, String x) {
        int step = config.normalisation() == NormLayer.NONE ? 2 : 3;
        String conv = name + ".conv.";
        String first = layers.unitRelu(conv + 0, conv + 1, x);
        return layers.unitRelu(conv + step, conv + (step + 1), first);
    }

    private String up(String name, String x) {
        return config.upsampling() == Upsampling.TRANSPOSED
                ? layers.transposed(name + ".up", x)
                : layers.unitRelu(name + ".up.1", name + ".up.2", graph.nearest(name + ".up.0", x, 2));
    }

    private String additive(String name, String g, String x) {
        String sum = graph.add(
                name + ".sum",
                layers.unit(name + ".W_g.0", name + ".W_g.1", g),
                layers.unit(name + ".W_x.0", name + ".W_x.1", x));
        String psi = layers.unit(name + ".psi.0", name + ".psi.1", graph.relu(name + ".relu", sum));
        return graph.sigmoid(name + ".psi", psi);
    }

    // ---- GridAttentionUNet ----

    private String gridAttentionUNet(String x, List<Attention> gates) {
        String e1 = authors("conv1", x);
        String e2 = authors("conv2", graph.maxPool("maxpool1", e1));
        String e3 = authors("conv3", graph.maxPool("maxpool2", e2));
        String e4 = authors("conv4", graph.maxPool("maxpool3", e3));
        String c = authors("center", graph.maxPool("maxpool4", e4));
        boolean gated = config.gates() != Gates.NONE;
        String g = gated ? layers.unitRelu("gating.conv1.0", "gating.conv1.1", c) : c;
        String d4 = join(4, grid("attentionblock4", e4, g, gates), c);
        String d3 = join(3, grid("attentionblock3", e3, d4, gates), d4);
        String d2 = join(2, grid("attentionblock2", e2, d3, gates), d3);
        String d1 = join(1, e1, d2);
        String heads = graph.concat(
                "dsv",
                List.of(
                        layers.conv1("dsv1", d1),
                        graph.linear("dsv2.dsv.1", layers.conv1("dsv2.dsv.0", d2), 2),
                        graph.linear("dsv3.dsv.1", layers.conv1("dsv3.dsv.0", d3), 4),
                        graph.linear("dsv4.dsv.1", layers.conv1("dsv4.dsv.0", d4), 8)));
        return layers.conv1("final", heads);
    }

    private String authors(String name, String x) {
        String first = layers.unitRelu(name + ".conv1.0", name + ".conv1.1", x);
        return layers.unitRelu(name + ".conv2.0", name + ".conv2.1", first);
    }

    private String join(int level, String skip, String coarse) {
        String name = "up_concat" + level;
        return authors(name + ".conv", graph.concat(name, List.of(skip, graph.linear(name + ".up", coarse, 2))));
    }

    private String grid(String name, String skip, String signal, List<Attention> attention) {
        if (config.gates() == Gates.NONE) {
            return skip;
        }
        int count = config.gates() == Gates.GRID_MULTI ? 2 : 1;
        List<String> gated = new ArrayList<>();
        List<String> maps = new ArrayList<>();
        for (int k = 1; k <= count; k++) {
            String gate = name + ".gate_block_" + k;
            String map = coefficients(gate, skip, signal);
            maps.add(map);
            gated.add(layers.unit(gate + ".W.0", gate + ".W.1", graph.mul(gate, skip, map)));
        }
        String map = count == 1 ? maps.get(0) : graph.concat(name + ".maps", maps);
        attention.add(new Attention(name, map, count));
        String joined = count == 1 ? gated.get(0) : graph.concat(name + ".gates", gated);
        return layers.unitRelu(name + ".combine_gates.0", name + ".combine_gates.1", joined);
    }

    /** The signal has half the skip connection's resolution, as theta's result has. */
    private String coefficients(String gate, String skip, String signal) {
        String half = graph.conv(gate + ".theta", skip, layers.values(gate + ".theta.weight"), null, 2, 0);
        String sum = graph.add(gate + ".sum", half, layers.conv1(gate + ".phi", signal));
        String psi = layers.conv1(gate + ".psi", graph.relu(gate + ".relu", sum));
        return graph.linear(gate + ".up", graph.sigmoid(gate + ".sigmoid", psi), 2);
    }
}
