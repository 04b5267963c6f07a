package org.attunet.preprocess;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LengthUnit;
import org.attunet.image.Orientation;
import org.jspecify.annotations.Nullable;

/**
 * The preprocessing of every image, in training and prediction alike: canonical orientation, normalisation (of the
 * measured, not the interpolated values), resampling to one spacing. {@link Prepared} holds the way back.
 *
 * @param channels channels of the network's input, 1 or more; an image of one channel is repeated
 * @param canonicalOrientation whether the axes of a 3D volume are reordered to RAS+
 * @param targetSpacing in mm, one per axis, x first; null to keep the voxels as they are, which also happens to images
 *     without a physical size
 * @param normalisation how intensities are scaled
 * @param resize the factor for the size along each axis, on top of the target spacing if there is one: 0.25 makes 150 x
 *     100 pixels of 600 x 400, or voxels of 4 times the target spacing
 */
public record Preprocessing(
        int channels,
        boolean canonicalOrientation,
        double @Nullable [] targetSpacing,
        Normalisation normalisation,
        double resize) {
    /** The smallest factor of {@link #resize}. */
    public static final double LEAST_RESIZE = 0.01;

    /** The largest factor of {@link #resize}. */
    public static final double MOST_RESIZE = 8;

    /** The steps of a preparation. */
    public static final int STEPS = 3;

    /** How many times larger or smaller a spacing may be without a warning. */
    private static final double FAR = 2.5;

    /**
     * Checks the components and copies them.
     *
     * @param channels channels of the network's input, 1 or more; an image of one channel is repeated
     * @param canonicalOrientation whether the axes of a 3D volume are reordered to RAS+
     * @param targetSpacing in mm, one per axis, x first; null to keep the voxels as they are, which also happens to images
     *     without a physical size
     * @param normalisation how intensities are scaled
     * @param resize the factor for the size along each axis, {@value #LEAST_RESIZE} to {@value #MOST_RESIZE}
     */
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
            Resampling.requirePositive(targetSpacing);
        }
        if (!(resize >= LEAST_RESIZE && resize <= MOST_RESIZE)) {
            throw new ConfigException("resize", resize, "a factor from " + LEAST_RESIZE + " to " + MOST_RESIZE);
        }
    }

    /**
     * A preprocessing without a factor for the size.
     *
     * @param channels channels of the network's input, 1 or more; an image of one channel is repeated
     * @param canonicalOrientation whether the axes of a 3D volume are reordered to RAS+
     * @param targetSpacing in mm, one per axis, x first; null to keep the voxels as they are
     * @param normalisation how intensities are scaled
     */
    public Preprocessing(
            int channels,
            boolean canonicalOrientation,
            double @Nullable [] targetSpacing,
            Normalisation normalisation) {
        this(channels, canonicalOrientation, targetSpacing, normalisation, 1);
    }

    /**
     * {@return normalisation alone: axes and voxels stay as they are}
     *
     * @param channels the number of channels
     * @param normalisation how intensities are normalised
     */
    public static Preprocessing of(int channels, Normalisation normalisation) {
        return new Preprocessing(channels, false, null, normalisation);
    }

    /** {@return a copy of the target spacing, or null} */
    @Override
    public double @Nullable [] targetSpacing() {
        return targetSpacing == null ? null : targetSpacing.clone();
    }

    /**
     * {@return a copy with or without reordering to canonical axes}
     *
     * @param other whether axes are brought to RAS+
     */
    public Preprocessing withCanonicalOrientation(boolean other) {
        return new Preprocessing(channels, other, targetSpacing, normalisation, resize);
    }

    /**
     * {@return a copy with another target spacing, or none}
     *
     * @param other in mm, x first; null to keep the image's
     */
    public Preprocessing withTargetSpacing(double @Nullable [] other) {
        return new Preprocessing(channels, canonicalOrientation, other, normalisation, resize);
    }

    /**
     * {@return a copy that works at another size}
     *
     * @param other the factor along each axis, {@value #LEAST_RESIZE} to {@value #MOST_RESIZE}
     */
    public Preprocessing withResize(double other) {
        return new Preprocessing(channels, canonicalOrientation, targetSpacing, normalisation, other);
    }

    /**
     * {@return a copy with another normalisation}
     *
     * @param other replaces the own
     */
    public Preprocessing withNormalisation(Normalisation other) {
        return new Preprocessing(channels, canonicalOrientation, targetSpacing, other, resize);
    }

    /**
     * Prepares an image for the network.
     *
     * @param image the image
     * @return the image as the network takes it
     */
    public Prepared prepare(Image image) {
        return prepare(image, () -> {});
    }

    /**
     * Prepares an image for the network. A colour picture becomes grey for a network of one channel.
     *
     * @param image the image
     * @param afterStep called {@link #STEPS} times on the way
     * @return the image as the network takes it
     * @throws AttunetException if the number of channels or of axes does not suit
     */
    public Prepared prepare(Image image, Runnable afterStep) {
        int found = image.channels().length;
        if (channels == 1 && found == 3 && image.grid().dimension() == 2) {
            return prepare(image.luminance(), afterStep);
        }
        if (found != channels && found != 1) {
            throw new AttunetException(
                    "image",
                    found + " channels",
                    channels == 1 ? "1 channel" : "1 or " + channels + " channels",
                    "convert the image, or use a model for " + found + " channels");
        }
        Orientation orientation = orientation(image.grid());
        Resampling resampling = resampling(orientation.to());
        Image ready = orientation.apply(image);
        afterStep.run();
        ready = normalisation.apply(ready);
        afterStep.run();
        ready = resampling.linear(ready);
        afterStep.run();
        return new Prepared(repeated(ready), orientation, resampling);
    }

    /**
     * Brings labels on an image's grid to the grid of {@link #prepare}; resamples by one-hot linear interpolation.
     *
     * @param labels on the image's grid
     * @return on the grid of the prepared image
     */
    public LabelMap prepareLabels(LabelMap labels) {
        Orientation orientation = orientation(labels.grid());
        Resampling resampling = resampling(orientation.to());
        return resampling.oneHotLinear(orientation.apply(labels));
    }

    /**
     * {@return the grid of the prepared image for an image on this grid}
     *
     * @param grid the image's grid
     */
    public Grid preparedGrid(Grid grid) {
        return resampling(orientation(grid).to()).to();
    }

    /** {@return the spacing of prepared images in mm, one per axis: the target's through the factor; null without a target} */
    public double @Nullable [] resizedSpacing() {
        return targetSpacing == null
                ? null
                : Arrays.stream(targetSpacing).map(length -> length / resize).toArray();
    }

    private Orientation orientation(Grid grid) {
        return canonicalOrientation ? Orientation.canonical(grid) : Orientation.identity(grid);
    }

    private Resampling resampling(Grid grid) {
        double[] spacing = resizedSpacing();
        return spacing == null || !grid.hasPhysicalSize()
                ? Resampling.by(grid, resize)
                : Resampling.toSpacing(grid, spacing);
    }

    /**
     * {@return what makes masks doubtful because of the image's spacing, a sentence each: the model's or the image's
     * spacing isn't known, or they differ much} Models of photographs know no spacing, and none is missed.
     *
     * @param grid the image's grid
     */
    public List<String> spacingWarnings(Grid grid) {
        if (targetSpacing == null) {
            boolean missed = grid.hasPhysicalSize() && (grid.dimension() == 3 || canonicalOrientation);
            return missed
                    ? List.of("the model doesn't record the spacing of its training images: the voxels of "
                            + LengthUnit.text(grid.spacing()) + " are taken as they are")
                    : List.of();
        }
        String trained = LengthUnit.text(targetSpacing);
        if (!grid.hasPhysicalSize()) {
            return List.of("the image has no physical size, and the model was trained at " + trained
                    + ": its voxels are taken as they are (--pixel-size, or pixel_size of the server, gives it one)");
        }
        double[] spacing = orientation(grid).to().spacing();
        for (int axis = 0; axis < spacing.length; axis++) {
            double ratio = spacing[axis] / targetSpacing[axis];
            if (Math.max(ratio, 1 / ratio) >= FAR) {
                return List.of("the spacing of " + LengthUnit.text(spacing) + " is far from the model's " + trained
                        + ": the image is resampled, but the mask may be wrong");
            }
        }
        return List.of();
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
                && normalisation.equals(p.normalisation)
                && resize == p.resize;
    }

    @Override
    public int hashCode() {
        return Objects.hash(channels, canonicalOrientation, Arrays.hashCode(targetSpacing), normalisation, resize);
    }

    /** {@return what happens to the voxels, such as {@code as they are} or {@code resampled to 1 x 1 mm}} */
    public String voxels() {
        String resized = "resized by " + resize + " along each axis";
        double[] spacing = resizedSpacing();
        if (spacing == null) {
            return resize == 1 ? "as they are" : resized;
        }
        return "resampled to " + LengthUnit.text(spacing)
                + (resize == 1 ? "" : ", those of images without a physical size " + resized);
    }

    @Override
    public String toString() {
        return channels + (channels == 1 ? " channel" : " channels") + (canonicalOrientation ? ", axes RAS+" : "")
                + ", voxels " + voxels() + ", intensities " + normalisation;
    }
}
