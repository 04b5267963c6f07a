package org.attunet.patches;

import org.attunet.error.ConfigException;

/**
 * Random alterations of training patches. Those of the geometry act alike on image and mask, in one resampling; those of the
 * intensities act on the image alone, on each channel with a strength of its own.
 *
 * @param flip the probability that an axis is mirrored, for each of {@code mirroredAxes}
 * @param mirroredAxes how many axes may be mirrored, x first: 0 to 3
 * @param quarterTurn the probability of a turn by 90, 180 or 270 degrees in a plane, without interpolation; planes whose
 *     two spacings differ turn by 180 degrees only
 * @param rotation degrees about each axis (3D) or in the plane (2D), in millimetres and not in voxels; strengths -180 to
 *     180
 * @param scaling magnification, 0.1 to 10
 * @param brightness factor on the intensities, 0 to 10
 * @param shift added to the intensities, in standard deviations of the case, -10 to 10
 * @param contrast factor on the distance from the patch's mean, clipped to the patch's range, 0 to 10
 * @param gamma exponent on the intensities scaled to 0..1, with mean and deviation kept, 0.1 to 10; half of the time it
 *     acts on the inverted intensities
 * @param noise standard deviation of Gaussian noise, in standard deviations of the case, 0 to 10
 * @param blur standard deviation of a Gaussian in voxels, 0.1 to 8
 * @param lowResolution the share of the resolution that is kept along each axis, 0.1 to 1
 * @param field height of a smooth hill of light that is added, in standard deviations of the case, -10 to 10; half as wide
 *     as the patch or wider, anywhere in it, the same in all channels
 */
public record Augmentation(
        double flip,
        int mirroredAxes,
        double quarterTurn,
        RandomRange rotation,
        RandomRange scaling,
        RandomRange brightness,
        RandomRange shift,
        RandomRange contrast,
        RandomRange gamma,
        RandomRange noise,
        RandomRange blur,
        RandomRange lowResolution,
        RandomRange field) {
    private static final RandomRange NARROW_GAMMA = new RandomRange(0.3, 0.7, 1.5);

    /** Checks the ranges. */
    public Augmentation {
        probability("flip", flip);
        if (mirroredAxes < 0 || mirroredAxes > 3) {
            throw new ConfigException("mirroredAxes", mirroredAxes, "a number from 0 to 3");
        }
        probability("quarterTurn", quarterTurn);
        rotation.requireWithin("rotation", -180, 180);
        scaling.requireWithin("scaling", 0.1, 10);
        brightness.requireWithin("brightness", 0, 10);
        shift.requireWithin("shift", -10, 10);
        contrast.requireWithin("contrast", 0, 10);
        gamma.requireWithin("gamma", 0.1, 10);
        noise.requireWithin("noise", 0, 10);
        blur.requireWithin("blur", 0.1, 8);
        lowResolution.requireWithin("lowResolution", 0.1, 1);
        field.requireWithin("field", -10, 10);
    }

    private static void probability(String name, double value) {
        ConfigException.check(value >= 0 && value <= 1, name, value, "a number from 0 to 1");
    }

    /** No alteration. */
    public static Augmentation none() {
        RandomRange never = RandomRange.NEVER;
        return new Augmentation(0, 3, 0, never, never, never, never, never, never, never, never, never, never);
    }

    /**
     * Moderate alterations of every kind; probabilities and ranges near nnU-Net's (Isensee et al., Nature Methods 2021,
     * supplementary note 2). In 2D, where images are mostly photographs, also quarter turns, uneven light, and gamma over
     * a wider range.
     *
     * @param dimension 2 (rotation by any angle) or 3 (rotation by up to 30 degrees about each axis)
     */
    public static Augmentation standard(int dimension) {
        if (dimension != 2 && dimension != 3) {
            throw new ConfigException("dimension", dimension, "2 or 3");
        }
        if (dimension == 3) {
            return of(
                    0.5,
                    3,
                    0,
                    new RandomRange(0.3, -30, 30),
                    new RandomRange(0.3, 0.7, 1.4),
                    NARROW_GAMMA,
                    RandomRange.NEVER);
        }
        RandomRange gamma = new RandomRange(0.5, 0.5, 2);
        RandomRange field = new RandomRange(0.3, -1.5, 1.5);
        return of(0.5, 3, 0.5, new RandomRange(0.3, -180, 180), new RandomRange(0.3, 0.7, 1.4), gamma, field);
    }

    /**
     * {@link #standard}, in 2D with intensities as they are: where objects meet, small differences in brightness are all that
     * tells them apart.
     *
     * @param dimension 2 or 3
     */
    public static Augmentation objects(int dimension) {
        Augmentation all = standard(dimension);
        RandomRange never = RandomRange.NEVER;
        return dimension == 2
                ? new Augmentation(
                        all.flip,
                        all.mirroredAxes,
                        all.quarterTurn,
                        all.rotation,
                        all.scaling,
                        never,
                        never,
                        never,
                        never,
                        never,
                        never,
                        never,
                        never)
                : all;
    }

    /**
     * Alterations for images that all lie in one anatomical orientation: mirrored left-right only, since a body's front is
     * not its back, turned by at most 15 degrees and magnified by at most a quarter.
     *
     * @param mirrored whether left and right are exchanged at all
     */
    public static Augmentation anatomical(boolean mirrored) {
        RandomRange rotation = new RandomRange(0.3, -15, 15);
        RandomRange scaling = new RandomRange(0.3, 0.8, 1.25);
        return of(mirrored ? 0.5 : 0, 1, 0, rotation, scaling, NARROW_GAMMA, RandomRange.NEVER);
    }

    private static Augmentation of(
            double flip,
            int mirroredAxes,
            double quarterTurn,
            RandomRange rotation,
            RandomRange scaling,
            RandomRange gamma,
            RandomRange field) {
        RandomRange factor = new RandomRange(0.15, 0.75, 1.25);
        RandomRange shift = new RandomRange(0.15, -0.3, 0.3);
        RandomRange noise = new RandomRange(0.15, 0, 0.3);
        RandomRange blur = new RandomRange(0.15, 0.5, 1);
        RandomRange lowResolution = new RandomRange(0.15, 0.5, 1);
        return new Augmentation(
                flip,
                mirroredAxes,
                quarterTurn,
                rotation,
                scaling,
                factor,
                shift,
                factor,
                gamma,
                noise,
                blur,
                lowResolution,
                field);
    }

    /** The number of axes, x first, that may be mirrored in images of a dimension. */
    public int mirrored(int dimension) {
        return flip > 0 ? Math.min(dimension, mirroredAxes) : 0;
    }
}
