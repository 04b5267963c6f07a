package org.attunet.predict;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.attunet.bundle.Probabilities;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.VoxelLoop;
import org.attunet.network.NetworkShape;

/**
 * A network's prediction for one block, averaged over mirror images if test-time augmentation is on.
 *
 * <p>Probabilities are averaged, not logits: each mirror image has a vote of weight 1, however confident it is. The
 * running mean of equal votes is exactly their value.
 *
 * @param probabilities (outputs, [z,] y, x), followed by one channel for the mean entropy of the votes if requested
 * @param attention the gates' maps of the block, each at its own resolution
 */
record BlockPrediction(float[] probabilities, List<Engine.AttentionMap> attention) {

    /**
     * Computes the prediction.
     *
     * @param block (channels, [z,] y, x)
     * @param size the block's size in grid order, as many as the network has dimensions
     * @param options whether to average over mirror images along every combination of the member's mirrored axes, and
     *     whether to return the gates' maps
     * @param entropies whether to append the mean entropy of the votes
     * @param votes begins the progress of each mirror image
     */
    static BlockPrediction of(
            EnsembleMember member,
            float[] block,
            int[] size,
            SegmenterOptions options,
            boolean entropies,
            Supplier<Progress.Run> votes) {
        var vote = new Vote(member, block, size, options.attention(), entropies, votes);
        BlockPrediction mean = vote.mirrored(0);
        int copies = copies(member, options);
        for (int axes = 1; axes < copies; axes++) {
            BlockPrediction next = vote.mirrored(axes);
            float share = 1f / (axes + 1);
            blend(mean.probabilities, next.probabilities, share);
            for (int gate = 0; gate < mean.attention.size(); gate++) {
                float[] maps = mean.attention.get(gate).values();
                blend(maps, next.attention.get(gate).values(), share);
            }
        }
        return mean;
    }

    /** The number of mirror images, each of which takes the same work. */
    static int copies(EnsembleMember member, SegmenterOptions options) {
        return options.mirror() ? 1 << member.model().mirroredAxes() : 1;
    }

    /** The network's input and the requested outputs for each mirror image. */
    private record Vote(
            EnsembleMember member,
            float[] block,
            int[] size,
            boolean attention,
            boolean entropies,
            Supplier<Progress.Run> votes) {
        BlockPrediction mirrored(int axes) {
            NetworkShape network = member.engine().network();
            Progress.Run run = votes.get();
            Engine.Output output =
                    member.engine().run(Mirror.flip(block, size, axes), 1, size.clone(), attention, run::waiting);
            run.finished();
            check(network, block, size, output);
            float[] probabilities = checked(Probabilities.of(
                    output.logits(), network, member.model().hasIndependentOutputs(), member.temperature()));
            float[] all = entropies
                    ? withEntropy(
                            probabilities, network.outputs(), member.model().hasIndependentOutputs())
                    : probabilities;
            List<Engine.AttentionMap> maps = !attention
                    ? List.of()
                    : output.attention().stream()
                            .map(map -> map.withValues(Mirror.flip(map.values(), map.size(), axes)))
                            .toList();
            return new BlockPrediction(Mirror.flip(all, size, axes), maps);
        }
    }

    private static float[] withEntropy(float[] probabilities, int outputs, boolean independent) {
        int voxels = probabilities.length / outputs;
        float[] all = Arrays.copyOf(probabilities, probabilities.length + voxels);
        Entropy.of(probabilities, outputs, independent, voxels, all, probabilities.length);
        return all;
    }

    private static void check(NetworkShape network, float[] block, int[] size, Engine.Output output) {
        int expected = block.length / network.channels() * network.outputs();
        if (output.logits().length != expected) {
            throw new AttunetException(
                    "network",
                    output.logits().length + " logits",
                    expected + " logits for a block of " + Arrays.toString(size),
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
                        map.channels() + " maps of " + Arrays.toString(map.size()),
                        "import or train the model again");
            }
        }
    }

    /** Refuses NaN, which also stands for an infinite logit of several. */
    static float[] checked(float[] probabilities) {
        for (int i = 0; i < probabilities.length; i++) {
            Interruption.check(i);
            if (Float.isNaN(probabilities[i])) {
                throw new AttunetException(
                        "network",
                        "a logit is not a finite number",
                        "finite logits",
                        "use weights from before the training diverged, or check the input's intensities");
            }
        }
        return probabilities;
    }

    private static void blend(float[] mean, float[] next, float share) {
        VoxelLoop.parallel(mean.length, (from, to) -> {
            for (int i = from; i < to; i++) {
                mean[i] += (next[i] - mean[i]) * share;
            }
        });
    }
}
