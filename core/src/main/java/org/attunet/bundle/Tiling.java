package org.attunet.bundle;

import java.util.Arrays;
import org.attunet.error.ConfigException;

/**
 * How large images are cut into tiles for a model.
 *
 * @param mode exact if each logit has a bounded receptive field, blended if it depends on the whole tile
 * @param halo the voxels on each side of a tile whose logits differ from the whole image's, in grid order (x, y[, z]);
 *     empty for blended tiles
 */
public record Tiling(Mode mode, int[] halo) {
    /** How tiles are assembled. */
    public enum Mode {
        /** Each tile contributes its core, which equals the whole image's result; the halo is discarded. */
        EXACT,
        /** Overlapping tiles are averaged with Gaussian weights. */
        GAUSSIAN
    }

    /**
     * Checks the components and copies them.
     *
     * @param mode exact if each logit has a bounded receptive field, blended if it depends on the whole tile
     * @param halo the voxels on each side of a tile whose logits differ from the whole image's, in grid order (x, y[, z]);
     *     empty for blended tiles
     */
    public Tiling {
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

    /**
     * {@return exact tiles with this halo (x, y[, z])}
     *
     * @param halo voxels on each side along each axis, x first
     */
    public static Tiling exact(int... halo) {
        return new Tiling(Mode.EXACT, halo);
    }

    /** {@return blended tiles} */
    public static Tiling gaussian() {
        return new Tiling(Mode.GAUSSIAN, new int[0]);
    }

    /** {@return a copy of the halo (x, y[, z])} */
    @Override
    public int[] halo() {
        return halo.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tiling t && mode == t.mode && Arrays.equals(halo, t.halo);
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
