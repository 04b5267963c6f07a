package org.attunet.predict;

import java.util.Arrays;
import org.attunet.bundle.NetworkConfig;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;

/**
 * A network applied to a whole image on the network's grid: the image is one block where that fits, else overlapping
 * tiles. A network of 2 dimensions takes a volume slice by slice along z.
 *
 * <p>Beyond the image a block holds 0, as patches do in training and as every convolution takes what lies outside its
 * map. An image smaller than the patch is one block of the patch's size, for that is what the network has learnt on.
 *
 * <p>Immutable and, if the engine is, thread-safe.
 *
 * @param engine what computes the network
 * @param patch the size of the blocks that the network was trained on (x, y[, z])
 */
record Sweep(Engine engine, int[] patch, SegmenterOptions options) {

    /** The stitched maps of an image; its channels must be the network's. */
    Stitch over(Image image) {
        check(image);
        Grid grid = image.grid();
        int[] tile = tile(grid);
        int[] size = Arrays.copyOf(tile, engine.network().dimension());
        float[][] gaussian = new float[3][];
        int[][] starts = new int[3][];
        for (int axis = 0; axis < 3; axis++) {
            gaussian[axis] = Tiling.gaussian(tile[axis]);
            starts[axis] = Tiling.starts(grid.size(axis), tile[axis], options.overlap());
        }
        Stitch stitch = new Stitch(grid, engine.network().outputs());
        for (int z : starts[2]) {
            for (int y : starts[1]) {
                for (int x : starts[0]) {
                    int[] start = {x, y, z};
                    float[] block = block(image, start, tile);
                    stitch.add(
                            BlockPrediction.of(engine, block, size, options.mirror(), options.attention()),
                            start,
                            tile,
                            gaussian);
                }
            }
        }
        return stitch;
    }

    /** The size of the blocks for an image (x, y, z): the padded image itself, no smaller than the patch, or the patch. */
    int[] tile(Grid grid) {
        NetworkConfig network = engine.network();
        int multiple = network.multiple();
        int[] whole = new int[network.dimension()];
        int[] tile = new int[network.dimension()];
        // Instance normalisation's statistics depend on the block, which must look like those of the training.
        boolean patchOnly = network.normalisation() == NetworkConfig.NormLayer.INSTANCE;
        for (int axis = 0; axis < whole.length; axis++) {
            int patchSize = Tiling.roundUp(patch[axis], multiple);
            whole[axis] = Math.max(Tiling.roundUp(grid.size(axis), multiple), patchSize);
            tile[axis] = patchSize;
        }
        return Stitch.threeAxes(!patchOnly && fits(whole) ? whole : tile);
    }

    private boolean fits(int[] whole) {
        NetworkConfig network = engine.network();
        double values = Math.max(network.channels(), network.outputs());
        for (int n : whole) {
            values *= n;
        }
        return values <= Tiling.MAX_ARRAY && Tiling.estimateBytes(network, whole) <= options.wholeImageBytes();
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

    private void check(Image image) {
        NetworkConfig network = engine.network();
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
