package org.attunet.predict;

/**
 * Tiles of one length along one axis, and the part of each that counts.
 *
 * @param tile the length of every tile
 * @param starts where each tile begins, ascending from 0
 * @param from the first voxel that each tile contributes
 * @param to the voxel after the last one that each tile contributes, within the image
 */
record AxisTiles(int tile, int[] starts, int[] from, int[] to) {

    /** Tiles that overlap and contribute all of themselves, within the image. */
    static AxisTiles blended(int size, int tile, double overlap) {
        int[] starts = Tiling.starts(size, tile, overlap);
        int[] to = new int[starts.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = Math.min(starts[i] + tile, size);
        }
        return new AxisTiles(tile, starts, starts, to);
    }

    /**
     * The fewest tiles whose cores, at least a halo away from those ends of a tile that aren't the padded image's, cover
     * the image. The first begins where the padded image begins and the last ends where it ends, so these have their
     * halo on one side only and a longer core. Tiles that would contribute padding alone are left out.
     *
     * @param size the image's length
     * @param padded the padded image's length
     * @param tile the tiles' length: the padded one, or less and longer than two halos
     * @param halo what a core needs around it; padded, tile and halo are multiples of the network's cell, so all starts are
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
}
