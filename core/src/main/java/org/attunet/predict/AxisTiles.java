package org.attunet.predict;

import java.util.Arrays;

/**
 * Tiles of one length along one axis, and the part of each that contributes to the result.
 *
 * @param tile the length of every tile
 * @param starts the first voxel of each tile, ascending from 0
 * @param from the first voxel that each tile contributes
 * @param to the voxel after the last one that each tile contributes, within the image
 */
record AxisTiles(int tile, int[] starts, int[] from, int[] to) {

    /** Slices: tiles of one voxel side by side. */
    static AxisTiles slices(int size) {
        return blended(size, 1, 0);
    }

    /** Tiles that overlap and contribute all of their voxels within the image. */
    static AxisTiles blended(int size, int tile, double overlap) {
        int[] starts = starts(size, tile, overlap);
        int[] to =
                Arrays.stream(starts).map(start -> Math.min(start + tile, size)).toArray();
        return new AxisTiles(tile, starts, starts, to);
    }

    /**
     * The first voxels of tiles that cover an axis: evenly spread, the first at 0, the last flush with the end.
     *
     * @param size the number of voxels to cover
     * @param tile the tile's length; if it is {@code size} or more, one tile at 0 is enough
     * @param overlap the least share of a tile that its neighbour covers, from 0 to below 1
     */
    static int[] starts(int size, int tile, double overlap) {
        if (tile >= size) {
            return new int[] {0};
        }
        int step = Math.max(1, (int) (tile * (1 - overlap)));
        int steps = (int) Math.ceil((double) (size - tile) / step);
        int[] starts = new int[steps + 1];
        for (int i = 0; i <= steps; i++) {
            starts[i] = (int) Math.round((double) i * (size - tile) / steps);
        }
        return starts;
    }

    /**
     * The fewest tiles whose cores cover the image. A core is at least a halo away from the ends of its tile, except at
     * the ends of the padded image; so the first and the last tile have one halo and a longer core. Tiles that would
     * contribute only padding are left out.
     *
     * @param size the image's length
     * @param padded the padded image's length
     * @param tile the tiles' length: the padded one, or less and longer than two halos
     * @param halo the context that a core needs; padded, tile and halo are multiples of the network's cell, so all starts
     *     are
     */
    static AxisTiles exact(int size, int padded, int tile, int halo) {
        int count = tile >= padded ? 1 : ceilDiv(padded - 2 * halo, tile - 2 * halo);
        int step = tile - 2 * halo;
        while (count > 1 && (count - 1) * step + halo >= size) {
            count--; // the last core would begin beyond the image
        }
        int[] starts = new int[count];
        int[] from = new int[count];
        int[] to = new int[count];
        for (int i = 0; i < count; i++) {
            starts[i] = Math.min(i * step, padded - tile);
            from[i] = i == 0 ? 0 : to[i - 1];
            to[i] = Math.min(size, starts[i] + tile == padded ? padded : starts[i] + tile - halo);
        }
        return new AxisTiles(tile, starts, from, to);
    }

    static int ceilDiv(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }

    /** The number of tiles. */
    int count() {
        return starts.length;
    }

    /** The longest contribution of a tile. */
    int longest() {
        int longest = 0;
        for (int i = 0; i < count(); i++) {
            longest = Math.max(longest, to[i] - from[i]);
        }
        return longest;
    }

    /**
     * The weights of blended tiles' voxels: symmetric, positive, the greatest near 1 at the centre, where the network has
     * context on all sides. They are a Gaussian whose standard deviation is an eighth of the tile (Isensee et al.,
     * nnU-Net, Nature Methods 18, 2021, online methods, "Inference").
     */
    static float[] gaussian(int tile) {
        float[] weights = new float[tile];
        double centre = (tile - 1) / 2.0;
        double sigma = tile / 8.0;
        for (int i = 0; i < tile; i++) {
            double distance = (i - centre) / sigma;
            weights[i] = (float) Math.exp(-0.5 * distance * distance);
        }
        return weights;
    }
}
