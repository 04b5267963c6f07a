package org.attunet.predict;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.network.NetworkShape;

/**
 * The computation of a whole image on the network's grid, as one block or tile by tile. Finished planes (slices of a
 * volume, rows of a picture) are passed on, so that only a tile and a slab of planes are in memory. A 2D network takes a
 * volume slice by slice along z.
 *
 * <p>Beyond the image a block holds 0, like patches in training and like the padding of convolutions. An image smaller
 * than the patch is padded to the patch's size, on which the network was trained.
 *
 * <p>Not thread-safe.
 */
final class SlidingWindow {
    private final EnsembleMember member;
    private final TilePlanner planner;
    private final boolean blended;
    private final Image image;
    private final AxisTiles[] axes;
    private final float[][] gaussian = new float[3][];
    private final int last; // the axis of the planes
    private final int across; // y for slices of a volume; z, which has one voxel, for rows of a picture
    private final int[] number = new int[3]; // the next block along each axis
    private final PlaneBuffer slab;
    private final double voteWork; // about the operations on a block, for each mirror image

    /** @param image its channels must be the network's, and its intensities finite */
    SlidingWindow(EnsembleMember member, TilePlanner planner, TilePlan plan, Image image) {
        check(member.engine().network(), image);
        this.member = member;
        this.planner = planner;
        this.image = image;
        blended = plan.mode() == TileMode.BLENDED;
        axes = planner.axes(plan);
        last = image.grid().dimension() - 1;
        across = 3 - last;
        slab = new PlaneBuffer(image.grid(), planner.maps(), axes[last].longest(), blended);
        double voxels = (double) axes[0].tile() * axes[1].tile() * axes[2].tile();
        voteWork = voxels * Progress.operations(planner.network());
        for (int axis = 0; axis < 3; axis++) {
            gaussian[axis] = AxisTiles.gaussian(axes[axis].tile());
        }
    }

    /** Returns whether all planes have been passed on. */
    boolean finished() {
        return number[last] == axes[last].count();
    }

    /** About how many operations the whole image takes. */
    double work() {
        double blocks = (double) axes[0].count() * axes[1].count() * axes[2].count();
        return blocks * BlockPrediction.copies(member, planner.options()) * voteWork;
    }

    /**
     * Computes the next row or layer of blocks, and passes on the planes that they complete.
     *
     * @param progress counts each block
     */
    void step(PlaneBuffer.Sink sink, Progress progress) {
        for (number[across] = 0; number[across] < axes[across].count(); number[across]++) {
            for (number[0] = 0; number[0] < axes[0].count(); number[0]++) {
                compute(progress);
            }
        }
        number[last]++;
        slab.advance(finished() ? image.grid().size(last) : axes[last].from()[number[last]], sink);
    }

    private void compute(Progress progress) {
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
                Arrays.copyOf(tile, planner.network().dimension()),
                planner.options(),
                planner.entropies(),
                () -> progress.run(voteWork));
        if (blended) {
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
                Interruption.check();
                for (int y = 0; y < insideY; y++) {
                    int from = start[0] + grid.size(0) * (start[1] + y + grid.size(1) * (start[2] + z));
                    int to = channel * tileVoxels + tile[0] * (y + tile[1] * z);
                    System.arraycopy(image.channel(channel), from, block, to, insideX);
                }
            }
        }
        return block;
    }

    private static void check(NetworkShape network, Image image) {
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
            for (int i = 0; i < channel.length; i++) {
                Interruption.check(i);
                float value = channel[i];
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
