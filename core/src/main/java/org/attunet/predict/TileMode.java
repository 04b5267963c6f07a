package org.attunet.predict;

import java.util.Arrays;
import org.attunet.bundle.Tiling;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.network.ReceptiveField;

/** How an image is divided into blocks for the network. */
public enum TileMode {
    /**
     * The whole image if the memory budget allows it, else exact tiles if these fit the budget and cost at most
     * {@value TilePlanner#WORTH} times as much as blended ones, else blended tiles as large as the budget allows. A network that can't be exact always gets blended
     * tiles of the size of its training patches.
     */
    AUTO,
    /** The image as one block, whatever memory that takes. */
    WHOLE,
    /**
     * Tiles with a halo as wide as the network's receptive field, which contribute their cores only: the logits equal
     * the whole image's except for rounding in the last digits.
     */
    EXACT,
    /**
     * Overlapping tiles, averaged with Gaussian weights: for networks whose normalisation depends on the whole block, and if
     * exact tiles would be too large. They have the size of the training patches if this mode is asked for.
     */
    BLENDED;

    /**
     * {@return the mode for large images: exact if the network's receptive field is known and bounded, else blended}
     *
     * @param network the network of a model
     */
    public static TileMode ownOf(NetworkShape network) {
        // Instance normalisation's statistics depend on the block, which must look like those of the training.
        return network instanceof NetworkConfig && !network.patchOnly() ? EXACT : BLENDED;
    }

    /**
     * {@return the tiling that a network's bundle declares: exact with the halo along every axis, or blended}
     *
     * @param network the network of a model
     */
    public static Tiling tiling(NetworkConfig network) {
        if (ownOf(network) != EXACT) {
            return Tiling.gaussian();
        }
        int[] halo = new int[network.dimension()];
        Arrays.fill(halo, ReceptiveField.of(network).halo());
        return Tiling.exact(halo);
    }
}
