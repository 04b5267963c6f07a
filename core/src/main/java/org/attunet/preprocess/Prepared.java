package org.attunet.preprocess;

import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * An image on the network's grid and the way back: whatever the network says about this grid's voxels is restored to
 * the grid that the image came on, with the very same affine.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Prepared {
    private final Image image;
    private final Orientation orientation;
    private final Resampling resampling;
    private final List<Scaling> scalings;

    Prepared(Image image, Orientation orientation, Resampling resampling, List<Scaling> scalings) {
        this.image = image;
        this.orientation = orientation;
        this.resampling = resampling;
        this.scalings = List.copyOf(scalings);
    }

    /** The normalised image on the network's grid. */
    public Image image() {
        return image;
    }

    /** The grid that the image came on. */
    public Grid original() {
        return orientation.from();
    }

    /** What normalisation did, one per channel of the image as it came. */
    public List<Scaling> scalings() {
        return scalings;
    }

    /**
     * Labels on the network's grid brought to the original grid: for each voxel the label of the nearest one.
     *
     * @throws AttunetException where the labels lie on another grid
     */
    public LabelMap restore(LabelMap labels) {
        check(labels.grid());
        LabelMap resampled = resampling.inverse().nearest(labels);
        return new LabelMap(original(), orientation.inverse().apply(resampled.voxels()));
    }

    /**
     * Probabilities or attention on the network's grid brought to the original grid by linear interpolation, any number
     * of channels.
     *
     * @throws AttunetException where the image lies on another grid
     */
    public Image restore(Image maps) {
        check(maps.grid());
        MapRestoration restoration = mapRestoration(maps.channels().length);
        restoration.accept(planes(), maps.channels());
        return restoration.image();
    }

    /** The way back for maps of any number of channels that come plane by plane. */
    public MapRestoration mapRestoration(int channels) {
        return new MapRestoration(resampling.inverse(), orientation, channels);
    }

    /**
     * The first half of the way back for maps that come plane by plane: the original voxels, but in canonical order. What
     * is made of them there goes on to {@link MapRestoration#put} or {@link LabelRestoration#put}.
     */
    public PlaneResampling planeResampling(int channels) {
        return new PlaneResampling(resampling.inverse(), channels);
    }

    /**
     * The way back to labels for probabilities that come plane by plane.
     *
     * @param labels the labels' values in mask files
     * @param outputs the number of probabilities per voxel: one for each class (background first), or a single one, of
     *     label 1 against the background, which is set where it is above 0.5
     * @throws AttunetException where the number of outputs doesn't suit the labels
     */
    public LabelRestoration labelRestoration(LabelSet labels, int outputs) {
        return new LabelRestoration(resampling.inverse(), orientation, labels, outputs);
    }

    /**
     * The most probable label of each voxel of the original grid. Each class's probability is brought there by linear
     * interpolation before the classes are compared, which keeps outlines smooth; of equal ones the first class wins.
     *
     * @param classProbabilities one array per class (background first) over the network's grid; or a single one, of
     *     label 1 against the background, which is set where it is above 0.5
     * @param labels the labels' values in mask files
     * @throws AttunetException where the number of arrays or their length does not suit
     */
    public LabelMap restoreArgmax(float[][] classProbabilities, LabelSet labels) {
        for (float[] map : classProbabilities) {
            if (map.length != resampling.to().voxels()) {
                throw new AttunetException(
                        "probabilities",
                        map.length + " values",
                        resampling.to().voxels() + " values for " + resampling.to(),
                        "give voxels of the prepared image's grid");
            }
        }
        LabelRestoration restoration = labelRestoration(labels, classProbabilities.length);
        restoration.accept(planes(), classProbabilities);
        return restoration.labels();
    }

    /** The number of planes of the network's grid. */
    private int planes() {
        return resampling.to().size(resampling.to().dimension() - 1);
    }

    private void check(Grid grid) {
        if (!Arrays.equals(grid.size(), resampling.to().size())) {
            throw new AttunetException(
                    "result",
                    "a grid of " + grid,
                    resampling.to().toString(),
                    "give voxels of the prepared image's grid");
        }
    }
}
