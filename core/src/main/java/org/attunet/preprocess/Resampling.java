package org.attunet.preprocess;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LengthUnit;
import org.attunet.image.Sizes;
import org.attunet.image.VoxelLoop;

/**
 * The change from one grid to another that covers the same box of space with other voxel counts.
 *
 * <p>The outer faces of the first and the last voxel stay in place: along an axis of n old and m new voxels, the centre of
 * the new voxel j lies at the old index (j + 1/2) n/m - 1/2; beyond the outermost centres the outermost value is repeated.
 * This equals {@code scipy.ndimage.zoom} with {@code grid_mode=True, mode="nearest"}. There is no low-pass filter before
 * downsampling.
 *
 * <p>Immutable and thread-safe.
 */
public final class Resampling {
    /** Spacings whose ratio differs from 1 by less are equal: headers round them, and voxels stay exactly as they are. */
    private static final double SAME_SPACING = 1e-3;

    /** A header that makes an image grow more than this many times is taken to be wrong. */
    private static final double MOST_GROWTH = 1000;

    private final Grid from;
    private final Grid to;

    private Resampling(Grid from, Grid to) {
        this.from = from;
        this.to = to;
    }

    /**
     * {@return the change to voxels of about this spacing: new size = old size * old spacing / spacing, rounded half to
     * even and at least 1; the final spacing follows from equal extents} Along an axis whose spacing differs by less than
     * 0.1% nothing changes.
     *
     * @param grid the old grid
     * @param spacing in mm, one per axis of the grid
     * @throws ConfigException if a spacing is not above 0
     * @throws AttunetException if the number of axes differs, the result would have more than 1000 times the voxels, or it
     *     would not fit into memory
     */
    public static Resampling toSpacing(Grid grid, double... spacing) {
        if (spacing.length != grid.dimension()) {
            throw new AttunetException(
                    "target spacing",
                    spacing.length + " numbers for an image of " + grid,
                    "one number per axis, " + grid.dimension(),
                    "use a model for " + grid.dimension() + "D images");
        }
        requirePositive(spacing);
        double[] ratios = new double[spacing.length];
        for (int axis = 0; axis < ratios.length; axis++) {
            double ratio = grid.spacing(axis) / spacing[axis];
            ratios[axis] = Math.abs(ratio - 1) < SAME_SPACING ? 1 : ratio;
        }
        return scaled(
                grid,
                ratios,
                "the target spacing of " + LengthUnit.text(spacing),
                "check the spacing in the image's header, or choose a larger target spacing");
    }

    /**
     * {@return the change to a size times a factor along each axis, rounded half to even and at least 1}
     *
     * @param grid the old grid
     * @param factor above 0
     * @throws AttunetException if the result would not fit into memory
     */
    static Resampling by(Grid grid, double factor) {
        double[] ratios = new double[grid.dimension()];
        Arrays.fill(ratios, factor);
        return scaled(grid, ratios, "the factor " + factor, "choose a smaller factor, or give the program more memory");
    }

    private static Resampling scaled(Grid grid, double[] ratios, String cause, String remedy) {
        double voxels = 1;
        int[] size = new int[ratios.length];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = (int) Math.max(1, Math.min(Math.rint(grid.size(axis) * ratios[axis]), Integer.MAX_VALUE));
            voxels *= size[axis];
        }
        // The image as read, its copy and what is computed on it take several times the floats of one channel.
        double memory = Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / (4 * Float.BYTES));
        double most = Math.min(memory, MOST_GROWTH * grid.voxels());
        if (voxels > most) {
            throw new AttunetException(
                    "image",
                    cause + " makes " + Sizes.text(size) + " voxels of an image of " + grid,
                    String.format(
                            Locale.ROOT,
                            most < memory
                                    ? "at most %.0f voxels, 1000 times the image's"
                                    : "at most %.0f voxels in memory",
                            most),
                    remedy);
        }
        return toSize(grid, size);
    }

    static void requirePositive(double[] spacing) {
        for (double s : spacing) {
            if (!(s > 0) || Double.isInfinite(s)) {
                throw new ConfigException("target spacing", Arrays.toString(spacing), "numbers above 0");
            }
        }
    }

    /**
     * {@return the change to other voxel counts, one per axis}
     *
     * @param grid the old grid
     * @param size the new size, x first
     */
    public static Resampling toSize(Grid grid, int... size) {
        if (size.length != grid.dimension()) {
            throw new AttunetException(
                    "target size",
                    size.length + " numbers for an image of " + grid,
                    "one number per axis",
                    "give " + grid.dimension() + " sizes");
        }
        if (Arrays.equals(size, grid.size())) {
            return new Resampling(grid, grid);
        }
        double[][] affine = grid.affine();
        for (int axis = 0; axis < size.length; axis++) {
            double ratio = (double) grid.size(axis) / size[axis];
            for (int row = 0; row < 3; row++) {
                double step = affine[row][axis];
                affine[row][axis] = step * ratio;
                affine[row][3] += step * (ratio - 1) / 2;
            }
        }
        return new Resampling(grid, grid.with(size, affine));
    }

    /** {@return the old grid} */
    public Grid from() {
        return from;
    }

    /** {@return the new grid} */
    public Grid to() {
        return to;
    }

    /** {@return whether the voxel counts are equal, so that nothing is interpolated} */
    public boolean isIdentity() {
        return Arrays.equals(from.size(), to.size());
    }

    /** {@return the change back, to exactly the old grid} */
    public Resampling inverse() {
        return new Resampling(to, from);
    }

    /**
     * Interpolates each channel linearly; shares the arrays if the voxel counts are equal.
     *
     * @param image on the old grid
     * @return on the new grid
     */
    public Image linear(Image image) {
        return image.map(to, this::linear);
    }

    /**
     * Interpolates one channel linearly; returns the same array if the voxel counts are equal.
     *
     * @param values one channel of the old grid
     * @return on the new grid
     */
    public float[] linear(float[] values) {
        check(values.length);
        float[] current = values;
        int[] size = {from.size(0), from.size(1), from.size(2)};
        for (int axis : passes()) {
            current = alongAxis(current, size, axis);
            size[axis] = to.size(axis);
        }
        return current;
    }

    /** The axes that are interpolated, in the order in which {@link #linear(float[])} takes them. */
    List<Integer> passes() {
        // Linear interpolation is separable; axes that shrink go first and leave less for the others.
        List<Integer> passes = new ArrayList<>();
        for (int pass = 0; pass < 2; pass++) {
            for (int axis = 0; axis < 3; axis++) {
                boolean shrinks = to.size(axis) < from.size(axis);
                if (to.size(axis) != from.size(axis) && shrinks == (pass == 0)) {
                    passes.add(axis);
                }
            }
        }
        return passes;
    }

    /**
     * Resamples labels: the label with the largest linearly interpolated indicator (1 inside, 0 outside), the smaller one
     * in a tie. Outlines are smoother than with the nearest voxel's label, and no new label appears. A new voxel is judged
     * if the nearest old one is, by the labels of the judged ones around it.
     *
     * @param labels on the old grid
     * @return on the new grid
     */
    public LabelMap oneHotLinear(LabelMap labels) {
        check(labels.voxels().length);
        return labels.with(
                to, isIdentity() ? labels.voxels() : new OneHot(from, to, labels.ignored()).resample(labels.voxels()));
    }

    private void check(int length) {
        if (length != from.voxels()) {
            throw new AttunetException(
                    "resampling", length + " values", from.voxels() + " values for " + from, "give this grid's voxels");
        }
    }

    /**
     * Interpolates along one axis.
     *
     * @param size of the values; must be the old grid's along this axis only
     */
    float[] alongAxis(float[] in, int[] size, int axis) {
        Taps taps = Taps.of(size[axis], to.size(axis));
        int inner = 1;
        for (int lower = 0; lower < axis; lower++) {
            inner *= size[lower];
        }
        int outer = 1;
        for (int higher = axis + 1; higher < 3; higher++) {
            outer *= size[higher];
        }
        int oldLength = size[axis];
        int newLength = to.size(axis);
        float[] out = new float[Math.multiplyExact(Math.multiplyExact(outer, newLength), inner)];
        int row = inner;
        if (outer == 1) {
            VoxelLoop.parallel(newLength, row, (from, to) -> taps.apply(in, 0, out, 0, from, to, row));
        } else {
            VoxelLoop.parallel(outer, newLength * row, (from, to) -> {
                for (int block = from; block < to; block++) {
                    taps.apply(in, block * oldLength * row, out, block * newLength * row, 0, newLength, row);
                }
            });
        }
        return out;
    }

    /** For each new voxel along an axis, the two old neighbours of its centre and the weight of the higher one. */
    record Taps(int[] low, int[] high, double[] weight) {
        static Taps of(int oldLength, int newLength) {
            Taps taps = new Taps(new int[newLength], new int[newLength], new double[newLength]);
            for (int j = 0; j < newLength; j++) {
                double centre = (j + 0.5) * oldLength / newLength - 0.5;
                double inside = Math.max(0, Math.min(oldLength - 1, centre));
                taps.low[j] = (int) inside;
                taps.high[j] = Math.min(oldLength - 1, taps.low[j] + 1);
                taps.weight[j] = inside - taps.low[j];
            }
            return taps;
        }

        /**
         * Interpolates the new rows {@code from} to {@code to - 1}.
         *
         * @param base the first value of the old rows
         * @param outBase the first value of the new rows
         * @param row the values of a row
         */
        void apply(float[] in, int base, float[] out, int outBase, int from, int to, int row) {
            int next = outBase + from * row;
            for (int j = from; j < to; j++) {
                int a = base + low[j] * row;
                int b = base + high[j] * row;
                double share = weight[j];
                for (int i = 0; i < row; i++) {
                    out[next++] = (float) (in[a + i] + share * ((double) in[b + i] - in[a + i]));
                }
            }
        }
    }
}
