package org.attunet.predict;

import java.util.Arrays;
import java.util.List;
import org.attunet.network.NetworkShape;

/**
 * A trained network that turns blocks of voxels into logits, whatever library computes it.
 *
 * <p>Arrays are dense, x fastest: the value of channel c of the block b at (x, y, z) stands at {@code x + sizeX * (y +
 * sizeY * (z + sizeZ * (c + channels * b)))}. In the words of tensors their shape is (B, C, [D,] H, W) with W = x, H = y
 * and D = z.
 *
 * <p>An implementation may be called from several threads at once, gives the same result for the same input, and reports
 * failures of its library as {@link org.attunet.error.AttunetException}.
 */
public interface Engine extends AutoCloseable {
    /** The network that the engine computes, as it looks from outside. */
    NetworkShape network();

    /**
     * Computes the network for a batch of blocks of one size.
     *
     * @param input {@code batch * network().channels() * product(size)} values, which the engine only reads
     * @param batch the number of blocks, 1 or more
     * @param size sizes in grid order (x, y[, z]), one per dimension, each a multiple of {@code network().multiple()}
     * @param attention whether the gates' maps are wanted; a network without gates gives none
     * @return arrays that belong to the caller
     */
    Output run(float[] input, int batch, int[] size, boolean attention);

    /**
     * The names of the network's attention gates, coarsest first: those of {@link #run}'s maps. Unless the engine knows
     * better, a small block is computed to hear them.
     */
    default List<String> gates() {
        int[] size = new int[network().dimension()];
        Arrays.fill(
                size, 2 * network().multiple()); // the coarsest map has more than one voxel, which instance norms need
        int values = network().channels();
        for (int n : size) {
            values = Math.multiplyExact(values, n);
        }
        return run(new float[values], 1, size, true).attention().stream()
                .map(AttentionMap::gate)
                .toList();
    }

    /** Frees what the engine holds; calls afterwards fail. */
    @Override
    void close();

    /**
     * What a network computes for a batch.
     *
     * @param logits (B, outputs, [z,] y, x) on the input's grid, before sigmoid or softmax; after it, where {@link
     *     NetworkShape#probabilities} says so
     * @param attention one entry for each gate, coarsest first; empty when none were asked for
     */
    record Output(float[] logits, List<AttentionMap> attention) {}

    /**
     * The weights of one attention gate for a batch, 0 where the skip connection is shut and 1 where it is open.
     *
     * @param gate the gate's name, unique within the network, such as {@code Att5}
     * @param channels the number of maps per block: 1, or 2 for a multi-gate
     * @param size the gate's own resolution in grid order (x, y[, z]); the map spans the same box as the input
     * @param values (B, channels, [z,] y, x)
     */
    record AttentionMap(String gate, int channels, int[] size, float[] values) {}
}
