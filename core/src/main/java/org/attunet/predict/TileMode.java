package org.attunet.predict;

import java.util.Arrays;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.network.ReceptiveField;

/** How an image is parted into the blocks that the network computes. */
public enum TileMode {
    /**
     * The model's own way: the whole image where the memory budget allows it, else exact tiles where these fit the budget
     * and cost at most {@value TilePlanner#MOST_WORK} times the image's own work, else blended tiles. A network that can't be
     * exact always gets blended tiles.
     */
    AUTO,
    /** The image as one block, whatever memory that takes. */
    WHOLE,
    /**
     * Tiles that carry the network's reach on all sides and contribute their cores alone: the logits are the whole image's,
     * but for rounding in the last digits.
     */
    EXACT,
    /**
     * Overlapping tiles of the size that the network was trained on, averaged with Gaussian weights: for networks whose
     * normalisation looks at the whole block, and where exact tiles would be too large.
     */
    BLENDED;

    /** The mode that a network's large images get: exact where its reach is known and bounded, else blended. */
    public static TileMode ownOf(NetworkShape network) {
        // Instance normalisation's statistics depend on the block, which must look like those of the training.
        return network instanceof NetworkConfig && !network.patchOnly() ? EXACT : BLENDED;
    }

    /** How a network wants large images to be cut: exactly, with its halo along every axis, or blended. */
    public static org.attunet.bundle.Tiling tiling(NetworkConfig network) {
        if (ownOf(network) != EXACT) {
            return org.attunet.bundle.Tiling.gaussian();
        }
        int[] halo = new int[network.dimension()];
        Arrays.fill(halo, ReceptiveField.of(network).halo());
        return org.attunet.bundle.Tiling.exact(halo);
    }
}
