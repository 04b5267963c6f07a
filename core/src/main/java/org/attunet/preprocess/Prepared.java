package org.attunet.preprocess;

import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.image.Orientation;

/**
 * An image on the network's grid, with the way back for results: they are restored to the original grid, with exactly its
 * affine.
 *
 * <p>Immutable and thread-safe.
 */
public final class Prepared {
    private final Image image;
    private final Orientation orientation;
    private final Resampling resampling;

    Prepared(Image image, Orientation orientation, Resampling resampling) {
        this.image = image;
        this.orientation = orientation;
        this.resampling = resampling;
    }

    /** {@return the normalised image on the network's grid} */
    public Image image() {
        return image;
    }

    /** {@return the grid of the original image} */
    public Grid original() {
        return orientation.from();
    }

    /** {@return the grid of the original image with its axes in the network's order, before resampling} */
    public Grid oriented() {
        return orientation.to();
    }

    /**
     * Restores probability or attention maps that come plane by plane.
     *
     * @param channels the number of maps
     * @return receives the planes
     */
    public MapRestoration mapRestoration(int channels) {
        return new MapRestoration(resampling.inverse(), orientation, channels);
    }

    /**
     * Resamples maps that come plane by plane to the original voxel sizes, but leaves them in canonical orientation; {@link
     * MapRestoration#put} or {@link LabelRestoration#put} take what is computed from the planes.
     *
     * @param channels the number of maps
     * @return receives the planes
     */
    public PlaneResampling planeResampling(int channels) {
        return new PlaneResampling(resampling.inverse(), channels);
    }

    /**
     * Computes labels on the original grid from probabilities that come plane by plane.
     *
     * @param labels the labels' values in mask files
     * @param outputs the number of probabilities per voxel: one for each class (background first), or a single one for
     *     label 1 against the background, which is set above 0.5
     * @return receives the planes
     * @throws AttunetException if the number of outputs doesn't suit the labels
     */
    public LabelRestoration labelRestoration(LabelSet labels, int outputs) {
        return new LabelRestoration(resampling.inverse(), orientation, labels, outputs);
    }
}
