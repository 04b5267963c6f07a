package org.attunet.predict;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.network.NetworkShape;

/**
 * A network applied to a whole image on the network's grid, as one block or tile by tile; what it says is handed on in
 * slabs of planes (slices of a volume, rows of a picture), so that never more than a tile and a slab is in memory. A
 * network of 2 dimensions takes a volume slice by slice along z.
 *
 * <p>Beyond the image a block holds 0, as patches do in training and as every convolution takes what lies outside its
 * map. An image smaller than the patch is padded to the patch's size, for that is what the network has learnt on.
 *
 * <p>Immutable and, if the engine is, thread-safe.
 *
 * @param member the model whose network it is
 * @param choice which blocks an image of one grid is parted into
 * @param plan the blocks
 */
record SlidingWindow(EnsembleMember member, TilePlanner choice, TilePlan plan) {

    /** Begins to compute an image, whose channels must be the network's. */
    Walk walk(Image image) {
        check(image);
        return new Walk(image);
    }

    /** A sweep under way: each step computes one row or layer of blocks. Not thread-safe. */
    final class Walk {
        private final Image image;
        private final AxisTiles[] axes = choice.axes(plan);
        private final float[][] gaussian = new float[3][];
        private final int last;
        private final int across; // 1 for a volume's slices, whose other axis is y; 2 for a picture's rows, with no z
        private final int[] number = new int[3]; // of the next block along each axis
        private final PlaneBuffer slab;

        private Walk(Image image) {
            this.image = image;
            last = image.grid().dimension() - 1;
            across = 3 - last;
            boolean blended = plan.mode() == TileMode.BLENDED;
            slab = new PlaneBuffer(image.grid(), choice.maps(), axes[last].longest(), blended);
            for (int axis = 0; axis < 3; axis++) {
                gaussian[axis] = Tiling.gaussian(axes[axis].tile());
            }
        }

        /** Whether all planes have been handed on. */
        boolean finished() {
            return number[last] == axes[last].count();
        }

        /** How many blocks the whole image takes. */
        long blocks() {
            return (long) axes[0].count() * axes[1].count() * axes[2].count();
        }

        /**
         * Computes the next blocks and hands the planes that they complete on.
         *
         * @param each called after each block
         */
        void step(PlaneBuffer.Sink sink, Runnable each) {
            for (number[across] = 0; number[across] < axes[across].count(); number[across]++) {
                for (number[0] = 0; number[0] < axes[0].count(); number[0]++) {
                    compute(image, axes, number, gaussian, slab);
                    each.run();
                }
            }
            number[last]++;
            slab.advance(finished() ? image.grid().size(last) : axes[last].from()[number[last]], sink);
        }
    }

    private void compute(Image image, AxisTiles[] axes, int[] number, float[][] gaussian, PlaneBuffer slab) {
        int[] start = new int[3];
        int[] tile = new int[3];
        int[] from = new int[3];
        int[] to = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            tile[axis] = axes[axis].tile();
            start[axis] = axes[axis].starts()[number[axis]];
            from[axis] = axes[axis].from()[number[axis]];
            to[axis] = axes[axis].to()[number[axis]];
        }
        BlockPrediction prediction = BlockPrediction.of(
                member,
                block(image, start, tile),
                Arrays.copyOf(tile, network().dimension()),
                choice.options(),
                choice.entropies());
        if (plan.mode() == TileMode.BLENDED) {
            slab.blend(prediction, start, tile, gaussian);
        } else {
            slab.place(prediction, start, tile, from, to);
        }
    }

    /** The values (channels, z, y, x) of a block of an image, 0 beyond it. */
    static float[] block(Image image, int[] start, int[] tile) {
        Grid grid = image.grid();
        int tileVoxels = tile[0] * tile[1] * tile[2];
        float[] block = new float[image.channels().length * tileVoxels];
        int insideX = Math.min(tile[0], grid.size(0) - start[0]);
        int insideY = Math.min(tile[1], grid.size(1) - start[1]);
        int insideZ = Math.min(tile[2], grid.size(2) - start[2]);
        for (int channel = 0; channel < image.channels().length; channel++) {
            for (int z = 0; z < insideZ; z++) {
                for (int y = 0; y < insideY; y++) {
                    int from = start[0] + grid.size(0) * (start[1] + y + grid.size(1) * (start[2] + z));
                    int to = channel * tileVoxels + tile[0] * (y + tile[1] * z);
                    System.arraycopy(image.channel(channel), from, block, to, insideX);
                }
            }
        }
        return block;
    }

    private NetworkShape network() {
        return member.engine().network();
    }

    private void check(Image image) {
        NetworkShape network = network();
        if (image.channels().length != network.channels()) {
            throw new AttunetException(
                    "image",
                    image.channels().length + " channels",
                    network.channels() + " channels, as the network was trained on",
                    "give an image of the same kind as the training images");
        }
        if (image.grid().dimension() < network.dimension()) {
            throw new AttunetException(
                    "image",
                    "a 2D image of " + image.grid(),
                    "a 3D volume, as the network was trained on",
                    "give a volume or choose a 2D model");
        }
        for (float[] channel : image.channels()) {
            for (float value : channel) {
                if (!Float.isFinite(value)) {
                    throw new AttunetException(
                            "image",
                            "an intensity is " + value,
                            "finite intensities",
                            "replace the image's NaN and infinite values");
                }
            }
        }
    }
}
