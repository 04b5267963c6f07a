package org.attunet.predict;

import java.util.Arrays;
import java.util.List;
import org.attunet.network.NetworkShape;

/**
 * A trained network that computes logits from blocks of voxels, with ONNX Runtime, libtorch or another library.
 *
 * <p>Arrays are dense, x fastest: the value of channel c of block b at (x, y, z) is at {@code x + sizeX * (y + sizeY * (z
 * + sizeZ * (c + channels * b)))}. As tensors their shape is (B, C, [D,] H, W) with W = x, H = y and D = z.
 *
 * <p>Implementations are thread-safe, return the same result for the same input, and report failures of their library as
 * {@link org.attunet.error.AttunetException}.
 */
public interface Engine extends AutoCloseable {
    /** {@return the network's inputs and outputs} */
    NetworkShape network();

    /**
     * Computes the network for a batch of blocks of one size.
     *
     * @param input {@code batch * network().channels() * product(size)} values, not modified
     * @param batch the number of blocks, 1 or more
     * @param size the blocks' size in grid order (x, y[, z]), one per dimension, each a multiple of {@code
     *     network().multiple()}
     * @param attention whether to return the gates' maps, if the network has gates
     * @return arrays that belong to the caller
     */
    Output run(float[] input, int batch, int[] size, boolean attention);

    /**
     * {@return the same for a caller that can use the time until it gets the result}
     *
     * @param input the blocks as for the other method
     * @param batch the number of blocks
     * @param size the blocks' size
     * @param attention whether to return the gates' maps
     * @param waiting called on the calling thread now and then if the engine computes on others; an exception from it ends
     *     the run and is passed on
     */
    default Output run(float[] input, int batch, int[] size, boolean attention, Runnable waiting) {
        return run(input, batch, size, attention);
    }

    /**
     * {@return the names of the attention gates in the order of {@link #run}'s maps, coarsest first} By default, a small
     * block is computed to get them.
     */
    default List<String> gates() {
        int[] size = new int[network().dimension()];
        Arrays.fill(size, 2 * network().multiple()); // instance norms need more than one voxel in the coarsest map
        int values = network().channels();
        for (int n : size) {
            values = Math.multiplyExact(values, n);
        }
        return run(new float[values], 1, size, true).attention().stream()
                .map(AttentionMap::gate)
                .toList();
    }

    /**
     * {@return about the most bytes that a run takes for each voxel of a block besides the arrays that it is given and
     * returns} By default, it is a bound for engines that free maps block by block, such as libtorch.
     */
    default double bytesPerVoxel() {
        return TilePlanner.tenMaps(network());
    }

    /** Frees the engine's resources; later calls fail. */
    @Override
    void close();

    /**
     * The output of a network for a batch.
     *
     * @param logits (B, outputs, [z,] y, x) on the input's grid, before sigmoid or softmax; probabilities if {@link
     *     NetworkShape#probabilities}
     * @param attention the maps of each gate, coarsest first; empty if not requested
     */
    record Output(float[] logits, List<AttentionMap> attention) {}

    /**
     * The weights of one attention gate for a batch, 0 where the skip connection is shut and 1 where it is open.
     *
     * @param gate the gate's name, unique within the network, such as {@code Att5}
     * @param channels the number of maps per block: 1, or 2 for a multi-gate
     * @param size the gate's own resolution in grid order (x, y[, z]); the map covers the same box as the input
     * @param values (B, channels, [z,] y, x)
     */
    record AttentionMap(String gate, int channels, int[] size, float[] values) {
        AttentionMap withValues(float[] other) {
            return new AttentionMap(gate, channels, size, other);
        }
    }
}
