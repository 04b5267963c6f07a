package org.attunet.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.NetworkConfig;
import org.attunet.bundle.NetworkConfig.Family;
import org.attunet.bundle.NetworkConfig.Gates;
import org.attunet.bundle.NetworkConfig.NormLayer;
import org.attunet.bundle.NetworkConfig.Upsampling;
import org.attunet.data.Augmentation;
import org.attunet.data.Case;
import org.attunet.data.DataSet;
import org.attunet.image.Grid;
import org.attunet.io.Images;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * What a data set is trained with where the user says nothing else: network, preprocessing, patch, batch.
 *
 * @param model the network and what is done to images before it
 * @param config how it is trained
 */
public record Plan(ModelDescription model, TrainingConfig config) {
    /** Voxels of a 3D patch; a larger one costs accuracy for each minute on a CPU. */
    private static final int MOST_VOXELS = 112 * 1024;

    /**
     * Plans from the sizes, spacings and channels that the images' headers tell.
     *
     * <p>The spacing is the median's, left alone where images differ by less than 1%. The patch is the median size,
     * rounded up to what the network's levels divide, at most 256 x 256 or about 48 x 48 x 48 voxels. Networks are narrow:
     * 16 channels at the finest level, doubling at each of 5 levels in 2D and 4 in 3D. CT is clipped to the soft-tissue
     * window; everything else is standardised image by image.
     */
    public static Plan of(DataSet data) {
        int dimension = data.dimension();
        double[][] spacings = new double[dimension][data.cases().size()];
        List<Grid> grids = new ArrayList<>();
        boolean canonical = oriented(data);
        for (Case one : data.cases()) {
            Grid grid = Images.readGrid(one.images().get(0));
            grids.add(canonical ? preprocessing(data, null).preparedGrid(grid) : grid);
        }
        for (int k = 0; k < grids.size(); k++) {
            for (int axis = 0; axis < dimension; axis++) {
                spacings[axis][k] = grids.get(k).spacing(axis);
            }
        }
        Preprocessing preprocessing = preprocessing(data, targetSpacing(spacings));
        int[] size = new int[dimension];
        for (int axis = 0; axis < dimension; axis++) {
            double[] sizes = new double[grids.size()];
            for (int k = 0; k < sizes.length; k++) {
                sizes[k] = preprocessing.preparedGrid(grids.get(k)).size(axis);
            }
            size[axis] = (int) Math.round(median(sizes));
        }
        NetworkConfig network =
                network(dimension, data.channels(), data.labels().size());
        int[] patch = patch(size, network.multiple());
        TrainingConfig config =
                TrainingConfig.defaults().with(c -> c.augmentation = augmentation(preprocessing, dimension));
        return new Plan(ModelDescription.of(data.name(), network, preprocessing, data.labels(), patch), config);
    }

    /** Images that were brought to one orientation keep their anatomy; of others nothing is known. */
    private static Augmentation augmentation(Preprocessing preprocessing, int dimension) {
        return preprocessing.canonicalOrientation()
                ? Augmentation.anatomical(dimension)
                : Augmentation.standard(dimension);
    }

    /**
     * The network that is trained where the user says nothing else: one label through a sigmoid, more as classes; deep
     * supervision in 3D, where few patches are seen.
     */
    public static NetworkConfig network(int dimension, int channels, int labels) {
        return new NetworkConfig(
                Family.ATTENTION_UNET,
                dimension,
                channels,
                labels == 1 ? 1 : labels + 1,
                dimension == 2 ? List.of(16, 32, 64, 128, 256) : List.of(16, 32, 64, 128),
                Upsampling.TRANSPOSED,
                NormLayer.BATCH,
                Gates.ADDITIVE,
                dimension == 3);
    }

    /** Sizes rounded up to the next multiples. */
    public static int[] roundedUp(int[] size, int multiple) {
        return Arrays.stream(size)
                .map(s -> (Math.max(1, s) + multiple - 1) / multiple * multiple)
                .toArray();
    }

    /** The patch for images of a size: rounded up to the multiple, then cut along the longest axis until small enough. */
    static int[] patch(int[] size, int multiple) {
        int[] patch = new int[size.length];
        for (int axis = 0; axis < size.length; axis++) {
            int rounded = (size[axis] + multiple - 1) / multiple * multiple;
            patch[axis] = size.length == 2 ? Math.min(rounded, 256 / multiple * multiple) : rounded;
        }
        while (size.length == 3 && (long) patch[0] * patch[1] * patch[2] > MOST_VOXELS) {
            int longest = 0;
            for (int axis = 1; axis < 3; axis++) {
                longest = patch[axis] > patch[longest] ? axis : longest;
            }
            patch[longest] -= multiple;
        }
        return patch;
    }

    private static Preprocessing preprocessing(DataSet data, double @Nullable [] spacing) {
        boolean ct = data.channelNames().stream()
                .allMatch(name -> name.toLowerCase(Locale.ROOT).equals("ct"));
        Normalisation normalisation = ct ? new Normalisation.Window(-160, 240) : new Normalisation.ZScore();
        Preprocessing own = Preprocessing.of(data.channels(), normalisation).withCanonicalOrientation(oriented(data));
        return spacing == null ? own : own.withTargetSpacing(spacing);
    }

    /** Whether the files say how the body lies in them: NIfTI does, photographs don't. */
    private static boolean oriented(DataSet data) {
        return data.cases().stream()
                .allMatch(one -> Images.suffix(one.images().get(0)).startsWith(".nii"));
    }

    private static double @Nullable [] targetSpacing(double[][] spacings) {
        double[] target = new double[spacings.length];
        boolean differ = false;
        for (int axis = 0; axis < spacings.length; axis++) {
            target[axis] = median(spacings[axis]);
            for (double spacing : spacings[axis]) {
                differ |= Math.abs(spacing / target[axis] - 1) > 0.01;
            }
        }
        return differ ? target : null;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
