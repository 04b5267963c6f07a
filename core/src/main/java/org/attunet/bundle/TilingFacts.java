package org.attunet.bundle;

import java.util.Arrays;
import org.attunet.error.ConfigException;

/**
 * How a model wants large images to be cut into tiles.
 *
 * @param mode exact where each logit depends on a bounded surrounding, blended where it depends on the whole tile
 * @param halo voxels on each side of a tile whose logits don't equal the whole image's, in grid order (x, y[, z]); empty
 *     where tiles are blended
 */
public record TilingFacts(Mode mode, int[] halo) {
    /** The ways of putting tiles together. */
    public enum Mode {
        /** A tile's inner part equals the whole image's; the halo around it is cut off. */
        EXACT,
        /** Overlapping tiles are averaged with Gaussian weights. */
        GAUSSIAN
    }

    /** Checks that exact tiles have a halo, and that it isn't negative. */
    public TilingFacts {
        halo = halo.clone();
        boolean sizes = halo.length == 2 || halo.length == 3;
        if (mode == Mode.EXACT ? !sizes : halo.length != 0) {
            throw new ConfigException(
                    "halo", Arrays.toString(halo), mode == Mode.EXACT ? "2 or 3 sizes" : "none for blended tiles");
        }
        for (int size : halo) {
            if (size < 0 || size > 65536) {
                throw new ConfigException("halo", Arrays.toString(halo), "sizes from 0 to 65536");
            }
        }
    }

    /** Tiles that are put together exactly, with this halo (x, y[, z]). */
    public static TilingFacts exact(int... halo) {
        return new TilingFacts(Mode.EXACT, halo);
    }

    /** Tiles that are blended. */
    public static TilingFacts gaussian() {
        return new TilingFacts(Mode.GAUSSIAN, new int[0]);
    }

    /** A copy of the halo (x, y[, z]). */
    @Override
    public int[] halo() {
        return halo.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TilingFacts t && mode == t.mode && Arrays.equals(halo, t.halo);
    }

    @Override
    public int hashCode() {
        return 31 * mode.hashCode() + Arrays.hashCode(halo);
    }

    @Override
    public String toString() {
        return mode == Mode.EXACT ? "exact, halo " + Arrays.toString(halo) : "gaussian";
    }
}
