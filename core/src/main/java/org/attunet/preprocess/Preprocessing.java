package org.attunet.preprocess;

import java.util.Arrays;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * What happens to every image before the network sees it, in training and in prediction alike: reordering to canonical
 * axes, normalisation (of the measured, not the interpolated values), resampling to one spacing. {@link Prepared} holds
 * the way back.
 *
 * @param channels channels that the network takes, 1 or more; an image of one channel is repeated
 * @param canonicalOrientation whether a 3D volume's axes are reordered to RAS+
 * @param targetSpacing millimetres, one per axis, x first; null where voxels stay as they are
 * @param normalisation how intensities are scaled
 */
public record Preprocessing(
        int channels, boolean canonicalOrientation, double @Nullable [] targetSpacing, Normalisation normalisation) {
    /** Checks the ranges. */
    public Preprocessing {
        if (channels < 1 || channels > 4096) {
            throw new ConfigException("channels", channels, "a number from 1 to 4096");
        }
        if (normalisation == null) {
            throw new ConfigException("normalisation", null, "one of the normalisations");
        }
        if (targetSpacing != null) {
            targetSpacing = targetSpacing.clone();
            if (targetSpacing.length != 2 && targetSpacing.length != 3) {
                throw new ConfigException("target spacing", Arrays.toString(targetSpacing), "2 or 3 numbers");
            }
            for (double s : targetSpacing) {
                if (!(s > 0) || Double.isInfinite(s)) {
                    throw new ConfigException("target spacing", Arrays.toString(targetSpacing), "numbers above 0");
                }
            }
        }
    }

    /** Normalisation alone: axes and voxels stay as they are. */
    public static Preprocessing of(int channels, Normalisation normalisation) {
        return new Preprocessing(channels, false, null, normalisation);
    }

    /** A copy of the target spacing, or null. */
    @Override
    public double @Nullable [] targetSpacing() {
        return targetSpacing == null ? null : targetSpacing.clone();
    }

    /** A copy with another number of channels. */
    public Preprocessing withChannels(int other) {
        return new Preprocessing(other, canonicalOrientation, targetSpacing, normalisation);
    }

    /** A copy with or without reordering to canonical axes. */
    public Preprocessing withCanonicalOrientation(boolean other) {
        return new Preprocessing(channels, other, targetSpacing, normalisation);
    }

    /** A copy with another target spacing, or none. */
    public Preprocessing withTargetSpacing(double @Nullable [] other) {
        return new Preprocessing(channels, canonicalOrientation, other, normalisation);
    }

    /** A copy with another normalisation. */
    public Preprocessing withNormalisation(Normalisation other) {
        return new Preprocessing(channels, canonicalOrientation, targetSpacing, other);
    }

    /**
     * The image as the network wants it, with the way back.
     *
     * @throws AttunetException where the number of channels or of axes does not suit
     */
    public Prepared prepare(Image image) {
        int found = image.channels().length;
        if (found != channels && found != 1) {
            throw new AttunetException(
                    "image",
                    found + " channels",
                    channels == 1 ? "1 channel" : "1 or " + channels + " channels",
                    "convert the image, or use a model for " + found + " channels");
        }
        Orientation orientation = orientation(image.grid());
        Resampling resampling = resampling(orientation.to());
        Normalised normalised = normalisation.apply(orientation.apply(image));
        Image ready = repeated(resampling.linear(normalised.image()));
        return new Prepared(ready, orientation, resampling, normalised.scalings());
    }

    /** Labels through the same geometry as {@link #prepare}; resampled by one-hot linear interpolation. */
    public LabelMap prepareLabels(LabelMap labels) {
        return prepareLabels(labels, labels.grid());
    }

    /**
     * Labels through the geometry of the image that they belong to, voxel for voxel, whatever the mask's own header says
     * about its place.
     *
     * @throws AttunetException where the sizes differ
     */
    public LabelMap prepareLabels(LabelMap labels, Grid imageGrid) {
        if (!Arrays.equals(labels.grid().size(), imageGrid.size())) {
            throw new AttunetException(
                    "mask",
                    "a grid of " + labels.grid(),
                    "the image's, " + imageGrid,
                    "give the mask that was drawn on this image");
        }
        Orientation orientation = orientation(imageGrid);
        Resampling resampling = resampling(orientation.to());
        return resampling.oneHotLinear(orientation.apply(new LabelMap(imageGrid, labels.voxels())));
    }

    /** The grid that an image on the given grid is brought to. */
    public Grid preparedGrid(Grid grid) {
        return resampling(orientation(grid).to()).to();
    }

    private Orientation orientation(Grid grid) {
        if (canonicalOrientation) {
            return Orientation.canonical(grid);
        }
        int[] axes = grid.dimension() == 2 ? new int[] {0, 1} : new int[] {0, 1, 2};
        return Orientation.of(grid, axes, new boolean[axes.length]);
    }

    private Resampling resampling(Grid grid) {
        return targetSpacing == null ? Resampling.toSize(grid, grid.size()) : Resampling.toSpacing(grid, targetSpacing);
    }

    private Image repeated(Image image) {
        if (image.channels().length == channels) {
            return image;
        }
        float[][] same = new float[channels][];
        Arrays.fill(same, image.channel(0));
        return new Image(image.grid(), same);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Preprocessing p
                && channels == p.channels
                && canonicalOrientation == p.canonicalOrientation
                && Arrays.equals(targetSpacing, p.targetSpacing)
                && normalisation.equals(p.normalisation);
    }

    @Override
    public int hashCode() {
        return Objects.hash(channels, canonicalOrientation, Arrays.hashCode(targetSpacing), normalisation);
    }

    @Override
    public String toString() {
        String voxels =
                targetSpacing == null ? "voxels as they are" : "resampled to " + Arrays.toString(targetSpacing) + " mm";
        return channels + (channels == 1 ? " channel" : " channels") + (canonicalOrientation ? ", axes RAS+" : "")
                + ", " + voxels + ", intensities " + normalisation;
    }
}
