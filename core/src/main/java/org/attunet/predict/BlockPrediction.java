package org.attunet.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.network.NetworkShape;

/**
 * What the network says of one block, averaged over its mirror images where they are wanted.
 *
 * <p>Probabilities are averaged, not logits: each mirror image casts a vote of weight 1, however sure it is of itself.
 * The mean is kept as a running mean, so that equal votes give exactly their value.
 *
 * @param probabilities (outputs, [z,] y, x), with one more channel behind for the mean of the votes' entropies where that
 *     is wanted
 * @param attention the gates' maps of the block, each at its own resolution
 */
record BlockPrediction(float[] probabilities, List<Engine.AttentionMap> attention) {

    /**
     * @param block (channels, [z,] y, x)
     * @param size the block's sizes in grid order, as many as the network has dimensions
     * @param options whether to average over the mirror images along every combination of the member's mirrored axes, and
     *     whether the gates' maps are wanted
     * @param entropies whether the mean of the votes' entropies is wanted
     */
    static BlockPrediction of(
            EnsembleMember member, float[] block, int[] size, SegmenterOptions options, boolean entropies) {
        var vote = new Vote(member, block, size, options.attention(), entropies);
        BlockPrediction mean = vote.mirrored(0);
        int copies = options.mirror() ? 1 << member.model().mirroredAxes() : 1;
        for (int axes = 1; axes < copies; axes++) {
            BlockPrediction next = vote.mirrored(axes);
            float share = 1f / (axes + 1);
            blend(mean.probabilities, next.probabilities, share);
            for (int gate = 0; gate < mean.attention.size(); gate++) {
                blend(
                        mean.attention.get(gate).values(),
                        next.attention.get(gate).values(),
                        share);
            }
        }
        return mean;
    }

    /** What is asked of the network for each mirror image. */
    private record Vote(EnsembleMember member, float[] block, int[] size, boolean attention, boolean entropies) {
        BlockPrediction mirrored(int axes) {
            NetworkShape network = member.engine().network();
            Engine.Output output = member.engine().run(Mirror.flip(block, size, axes), 1, size.clone(), attention);
            check(network, block, size, output);
            float[] probabilities = probabilities(output.logits(), network, member.temperature());
            List<Engine.AttentionMap> maps = new ArrayList<>();
            if (attention) {
                for (Engine.AttentionMap map : output.attention()) {
                    float[] values = Mirror.flip(map.values(), map.size(), axes);
                    maps.add(new Engine.AttentionMap(map.gate(), map.channels(), map.size(), values));
                }
            }
            float[] all = entropies ? withEntropy(probabilities, network.outputs()) : probabilities;
            return new BlockPrediction(Mirror.flip(all, size, axes), maps);
        }
    }

    private static float[] withEntropy(float[] probabilities, int outputs) {
        int voxels = probabilities.length / outputs;
        float[] all = Arrays.copyOf(probabilities, probabilities.length + voxels);
        Entropy.of(probabilities, outputs, voxels, all, probabilities.length);
        return all;
    }

    private static void check(NetworkShape network, float[] block, int[] size, Engine.Output output) {
        int expected = block.length / network.channels() * network.outputs();
        if (output.logits().length != expected) {
            throw new AttunetException(
                    "network",
                    output.logits().length + " logits",
                    expected + " logits for a block of " + text(size),
                    "import or train the model again");
        }
        for (Engine.AttentionMap map : output.attention()) {
            long values = map.channels();
            for (int n : map.size()) {
                values *= n;
            }
            if (map.size().length != size.length || map.values().length != values) {
                throw new AttunetException(
                        "gate " + map.gate(),
                        map.values().length + " values",
                        map.channels() + " maps of " + text(map.size()),
                        "import or train the model again");
            }
        }
    }

    private static String text(int[] size) {
        return Arrays.toString(size);
    }

    /** The probabilities that a network's outputs are or become, written over them. */
    private static float[] probabilities(float[] outputs, NetworkShape network, double temperature) {
        if (!network.probabilities()) {
            return probabilities(outputs, network.outputs(), temperature);
        }
        for (float value : outputs) {
            requireNumber(!Float.isNaN(value));
        }
        return outputs;
    }

    /** Sigmoid for one output, softmax over the outputs for more, of logits over the temperature; written over the logits. */
    static float[] probabilities(float[] logits, int outputs, double temperature) {
        int voxels = logits.length / outputs;
        boolean number = true;
        if (outputs == 1) {
            for (int i = 0; i < voxels; i++) {
                logits[i] = (float) (1 / (1 + Math.exp(-logits[i] / temperature)));
                number &= !Float.isNaN(logits[i]);
            }
        } else {
            for (int i = 0; i < voxels; i++) {
                number &= softmax(logits, i, voxels, temperature);
            }
        }
        requireNumber(number);
        return logits;
    }

    private static void requireNumber(boolean number) {
        if (!number) {
            throw new AttunetException(
                    "network",
                    "a logit is not a finite number",
                    "finite logits",
                    "use weights from before the training diverged, or check the input's intensities");
        }
    }

    /** Replaces the logits of one voxel, {@code stride} apart, by their softmax; whether that gave numbers. */
    private static boolean softmax(float[] logits, int first, int stride, double temperature) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int i = first; i < logits.length; i += stride) {
            greatest = Math.max(greatest, logits[i]);
        }
        double sum = 0;
        for (int i = first; i < logits.length; i += stride) {
            double e = Math.exp(((double) logits[i] - greatest) / temperature);
            sum += e;
            logits[i] = (float) e;
        }
        for (int i = first; i < logits.length; i += stride) {
            logits[i] = (float) (logits[i] / sum);
        }
        return !Double.isNaN(sum);
    }

    private static void blend(float[] mean, float[] next, float share) {
        for (int i = 0; i < mean.length; i++) {
            mean[i] += (next[i] - mean[i]) * share;
        }
    }
}
