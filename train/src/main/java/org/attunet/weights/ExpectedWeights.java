package org.attunet.weights;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Family;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;

/** Lists the names and shapes of a network's weights in the order in which PyTorch would list them. */
final class ExpectedWeights {
    private final NetworkConfig config;
    private final List<Integer> widths;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private ExpectedWeights(NetworkConfig config) {
        this.config = config;
        this.widths = config.widths();
    }

    static Map<String, long[]> of(NetworkConfig config) {
        ExpectedWeights expected = new ExpectedWeights(config);
        if (config.family() == Family.GRID_ATTENTION_UNET) {
            expected.gridAttentionUNet();
        } else {
            expected.attentionUNet();
        }
        return Collections.unmodifiableMap(expected.shapes);
    }

    private void attentionUNet() {
        int in = config.channels();
        for (int level = 1; level <= config.levels(); level++) {
            convBlock("Conv" + level, in, width(level));
            in = width(level);
        }
        for (int level = config.levels(); level >= 2; level--) {
            int out = width(level - 1);
            if (config.upsampling() == Upsampling.TRANSPOSED) {
                // A transposed convolution's weight has its inputs first.
                shapes.put("Up" + level + ".up.weight", kernel(width(level), out, 2));
                shapes.put("Up" + level + ".up.bias", new long[] {out});
            } else {
                unit("Up" + level + ".up", 1, width(level), out, 3);
            }
            if (config.gates() == Gates.ADDITIVE) {
                int inner = Math.max(1, out / 2);
                unit("Att" + level + ".W_g", 0, out, inner, 1);
                unit("Att" + level + ".W_x", 0, out, inner, 1);
                unit("Att" + level + ".psi", 0, inner, 1, 1);
            }
            convBlock("Up_conv" + level, 2 * out, out);
        }
        for (int level = 2; config.deepSupervision() && level < config.levels(); level++) {
            conv("Head" + level, width(level), config.outputs(), 1);
        }
        conv(config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv", width(1), config.outputs(), 1);
    }

    /** One sequence of convolution, normalisation (if any) and ReLU, twice. */
    private void convBlock(String name, int in, int out) {
        unit(name + ".conv", 0, in, out, 3);
        unit(name + ".conv", config.normalisation() == NormLayer.NONE ? 2 : 3, out, out, 3);
    }

    private void gridAttentionUNet() {
        for (int level = 1; level <= 4; level++) {
            doubleConv("conv" + level, level == 1 ? config.channels() : width(level - 1), width(level));
        }
        doubleConv("center", width(4), width(5));
        if (config.gates() != Gates.NONE) {
            unit("gating.conv1", 0, width(5), width(5), 1);
            for (int level = 2; level <= 4; level++) {
                gridGates("attentionblock" + level, width(level), width(level + 1));
            }
        }
        for (int level = 4; level >= 1; level--) {
            doubleConv("up_concat" + level + ".conv", width(level) + width(level + 1), width(level));
        }
        for (int level = 4; level >= 1; level--) {
            conv(level == 1 ? "dsv1" : "dsv" + level + ".dsv.0", width(level), config.outputs(), 1);
        }
        conv("final", 4 * config.outputs(), config.outputs(), 1);
    }

    private void gridGates(String name, int skip, int gating) {
        int count = config.gates() == Gates.GRID_MULTI ? 2 : 1;
        for (int k = 1; k <= count; k++) {
            String gate = name + ".gate_block_" + k;
            unit(gate + ".W", 0, skip, skip, 1);
            shapes.put(gate + ".theta.weight", kernel(skip, skip, 2));
            conv(gate + ".phi", gating, skip, 1);
            conv(gate + ".psi", skip, 1, 1);
        }
        unit(name + ".combine_gates", 0, count * skip, skip, 1);
    }

    private void doubleConv(String name, int in, int out) {
        unit(name + ".conv1", 0, in, out, 3);
        unit(name + ".conv2", 0, out, out, 3);
    }

    /** A convolution at an index of a sequence, its normalisation (if any) at the next. */
    private void unit(String sequence, int index, int in, int out, int size) {
        conv(sequence + "." + index, in, out, size);
        String norm = sequence + "." + (index + 1);
        if (config.normalisation() != NormLayer.NONE) {
            shapes.put(norm + ".weight", new long[] {out});
            shapes.put(norm + ".bias", new long[] {out});
        }
        if (config.normalisation() == NormLayer.BATCH) {
            shapes.put(norm + ".running_mean", new long[] {out});
            shapes.put(norm + ".running_var", new long[] {out});
            shapes.put(norm + ".num_batches_tracked", new long[0]);
        }
    }

    private void conv(String name, int in, int out, int size) {
        shapes.put(name + ".weight", kernel(out, in, size));
        shapes.put(name + ".bias", new long[] {out});
    }

    private long[] kernel(int first, int second, int size) {
        long[] shape = new long[2 + config.dimension()];
        Arrays.fill(shape, size);
        shape[0] = first;
        shape[1] = second;
        return shape;
    }

    private int width(int level) {
        return widths.get(level - 1);
    }
}
