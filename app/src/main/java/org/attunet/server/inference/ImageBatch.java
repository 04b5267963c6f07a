package org.attunet.server.inference;

import java.util.Arrays;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Sizes;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.ServedModel;
import org.jspecify.annotations.Nullable;

/**
 * What an input's shape means: images of one size.
 *
 * @param batch how many images, 1 or more
 * @param channels of each
 * @param grid of each; its axes are taken as the world's, width as x, height as y, depth as z
 * @param prepared the voxels of an image that the model has resampled
 */
record ImageBatch(int batch, int channels, Grid grid, int prepared) {
    private static final double SMALLEST = 1e-6; // millimetres
    private static final double LARGEST = 1e6;

    /**
     * Holds a shape against what the model takes and the server allows.
     *
     * @param shape whose product is that of elements which really came
     * @param mostVoxels of all images together
     * @throws HttpFailure 400 where it doesn't suit, 413 where it is too much
     */
    static ImageBatch of(long[] shape, @Nullable String spacing, ServedModel model, long mostVoxels) {
        boolean volumes = shape.length == 5;
        if (!volumes && (shape.length != 4 || model.dimension() == 3)) {
            throw HttpFailure.bad("the input has the shape " + Arrays.toString(shape) + "; expected "
                    + (model.dimension() == 3
                            ? "[batch, channels, depth, height, width], as the model is a 3D one"
                            : "[batch, channels, height, width] or [batch, channels, depth, height, width]"));
        }
        if (shape[1] != 1 && shape[1] != model.channels()) {
            throw HttpFailure.bad("the input has " + shape[1] + " channels, as its shape is " + Arrays.toString(shape)
                    + "; expected " + (model.channels() == 1 ? "1" : "1 or " + model.channels()));
        }
        long voxels = shape[0];
        for (int axis = 2; axis < shape.length; axis++) {
            voxels *= shape[axis]; // no overflow: as many elements came
        }
        if (voxels > mostVoxels) {
            throw new HttpFailure(
                    413,
                    "the input has " + voxels + " voxels; expected at most " + mostVoxels
                            + ": crop or resample it, send fewer at a time, or have the server's --max-voxels raised");
        }
        int[] size = Sizes.ofShape(shape);
        Grid grid = Grid.of(size, spacing(spacing, size.length));
        return new ImageBatch((int) shape[0], (int) shape[1], grid, prepared(grid, model, mostVoxels));
    }

    private static double[] spacing(@Nullable String given, int axes) {
        double[] spacing = new double[axes];
        Arrays.fill(spacing, 1);
        if (given == null) {
            return spacing;
        }
        String[] parts = given.split(",", -1);
        boolean sound = parts.length == axes;
        for (int axis = 0; sound && axis < axes; axis++) {
            try {
                spacing[axis] = Double.parseDouble(parts[axis].strip());
            } catch (NumberFormatException e) {
                sound = false;
            }
            sound &= spacing[axis] >= SMALLEST && spacing[axis] <= LARGEST;
        }
        if (!sound) {
            throw HttpFailure.bad(
                    "the parameter spacing is " + InferenceRequestReader.quoted(given) + "; expected " + axes
                            + " numbers from 1e-6 to 1e6, the millimetres between neighbours along "
                            + (axes == 2 ? "\"x,y\"" : "\"x,y,z\""));
        }
        return spacing;
    }

    /** The voxels after resampling, which a wrong spacing makes too many. */
    private static int prepared(Grid grid, ServedModel model, long mostVoxels) {
        int most = 0;
        try {
            for (ModelDescription member : model.segmenter().models()) {
                Grid prepared = member.preprocessing().preparedGrid(grid);
                if (prepared.voxels() > mostVoxels) {
                    throw HttpFailure.bad("the model resamples the image to " + prepared + "; expected at most "
                            + mostVoxels + " voxels: check the parameter spacing");
                }
                most = Math.max(most, prepared.voxels());
            }
            return most;
        } catch (AttunetException e) {
            throw HttpFailure.bad("the input doesn't suit: " + e.getMessage());
        }
    }

    /** The voxels of one image. */
    int voxels() {
        return grid.voxels();
    }

    /** The bytes of one image, as it came and as it is prepared. */
    long imageBytes() {
        return ((long) voxels() + prepared) * channels * Float.BYTES;
    }

    /**
     * The shape of an output that has a value for each voxel.
     *
     * @param maps per image; 0 where there is one and no axis for it
     */
    long[] shape(int maps) {
        return maps == 0 ? Sizes.shape(grid.size(), batch) : Sizes.shape(grid.size(), batch, maps);
    }
}
