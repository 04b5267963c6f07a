package org.attunet.server.inference;

import java.util.Arrays;
import java.util.Locale;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Sizes;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.ServedModel;
import org.jspecify.annotations.Nullable;

/**
 * The images that an input tensor's shape describes, all of one size.
 *
 * @param batch the number of images, 1 or more
 * @param channels of each image
 * @param grid of each image, with width as x, height as y, depth as z
 * @param prepared the voxels of an image after the model has resampled it
 */
record ImageBatch(int batch, int channels, Grid grid, int prepared) {
    private static final double SMALLEST = 1e-6; // millimetres
    private static final double LARGEST = 1e6;

    /**
     * Checks a shape against the model and the server's limit.
     *
     * @param shape as many elements as this really came, so that its product doesn't overflow
     * @param mostVoxels of all images together
     * @throws HttpFailure 400 if the shape doesn't suit, 413 if it is too large
     */
    static ImageBatch of(long[] shape, @Nullable String spacing, ServedModel model, long mostVoxels) {
        boolean volumes = shape.length == 5;
        if (!volumes && (shape.length != 4 || model.dimension() == 3)) {
            throw HttpFailure.bad(
                    "the input has the shape " + Arrays.toString(shape),
                    model.dimension() == 3
                            ? "[batch, channels, depth, height, width], as the model is a 3D one"
                            : "[batch, channels, height, width] or [batch, channels, depth, height, width]");
        }
        if (shape[1] != 1 && shape[1] != model.channels()) {
            throw HttpFailure.bad(
                    "the input has " + shape[1] + " channels, as its shape is " + Arrays.toString(shape),
                    model.channels() == 1 ? "1" : "1 or " + model.channels());
        }
        long voxels = shape[0];
        for (int axis = 2; axis < shape.length; axis++) {
            voxels *= shape[axis];
        }
        if (voxels > mostVoxels) {
            throw HttpFailure.tooLarge(
                    "the input has " + voxels + " voxels",
                    "at most " + mostVoxels
                            + ": crop or resample it, send fewer at a time, or have the server's --max-voxels raised");
        }
        int[] size = Sizes.ofShape(shape);
        Grid grid = spacing == null ? Grid.ofPixels(size) : Grid.of(size, spacing(spacing, size.length));
        double padded = shape[0] * model.segmenter().paddedVoxels(grid);
        if (padded > 2.0 * mostVoxels) {
            throw HttpFailure.tooLarge(
                    String.format(Locale.ROOT, "the model computes %.0f voxels for the input, padded", padded),
                    "at most " + 2 * mostVoxels + ": send fewer images at a time");
        }
        return new ImageBatch((int) shape[0], (int) shape[1], grid, prepared(grid, model, mostVoxels));
    }

    private static double[] spacing(String given, int axes) {
        double[] spacing;
        try {
            spacing = Arrays.stream(given.split(",", -1))
                    .map(String::strip)
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } catch (NumberFormatException e) {
            spacing = new double[0];
        }
        if (spacing.length != axes || !Arrays.stream(spacing).allMatch(mm -> mm >= SMALLEST && mm <= LARGEST)) {
            throw HttpFailure.bad(
                    "the parameter spacing is " + InferenceRequestReader.quoted(given),
                    axes + " numbers from 1e-6 to 1e6, the millimetres between neighbours along "
                            + (axes == 2 ? "\"x,y\"" : "\"x,y,z\""));
        }
        return spacing;
    }

    /** Returns the voxels after resampling, which a wrong spacing makes too many. */
    private static int prepared(Grid grid, ServedModel model, long mostVoxels) {
        int most = 0;
        try {
            for (ModelDescription member : model.segmenter().models()) {
                Grid prepared = member.preprocessing().preparedGrid(grid);
                if (prepared.voxels() > mostVoxels) {
                    throw HttpFailure.tooLarge(
                            "the model resamples the image to " + prepared,
                            "at most " + mostVoxels + " voxels: check the parameter spacing");
                }
                most = Math.max(most, prepared.voxels());
            }
            return most;
        } catch (AttunetException e) {
            throw new HttpFailure(400, "the input doesn't suit: " + e.getMessage());
        }
    }

    int voxels() {
        return grid.voxels();
    }

    /** Returns the bytes of one image, as received and as prepared. */
    long imageBytes() {
        return ((long) voxels() + prepared) * channels * Float.BYTES;
    }

    /**
     * Returns the shape of an output that has a value for each voxel.
     *
     * @param maps per image; 0 for one map without an axis for it
     */
    long[] shape(int maps) {
        return maps == 0 ? Sizes.shape(grid.size(), batch) : Sizes.shape(grid.size(), batch, maps);
    }
}
