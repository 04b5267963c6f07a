package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * The even grid of a volume and where its slices lie on it.
 *
 * <p>If the slices lie evenly and over one another, they are the grid's. Otherwise the grid's third axis is their normal, its
 * spacing that of most slices, and its planes are large enough for all slices, which lie at any places between and within
 * them.
 *
 * @param grid columns as the slices', rows from the last to the first, slices along the normal
 * @param even whether slice k is the grid's plane k
 * @param depths how far each slice lies from the first one along the normal, in steps of the grid
 * @param shifts for each slice, the column and the row of its first pixel, in pixels from the grid's first column and its last
 *     row
 * @param notes what the user should know, in sentences
 */
record SliceGrid(Grid grid, boolean even, double[] depths, double[][] shifts, List<String> notes) {
    /** How far from its even place a slice may lie, in steps. */
    private static final double UNEVEN = 0.1;

    /** How far it may lie at any rate, in mm, up to twice as many steps: headers round positions. */
    private static final double ROUNDED = 0.1;

    /** How far sideways from its even place a slice may lie, in pixels. */
    private static final double ASIDE = 0.1;

    /** The tilt up to which a grid whose axes aren't quite at right angles describes the slices, as its tangent. */
    private static final double TILTED = 0.01;

    /** The tilt above which slices don't lie over one another, as its tangent. */
    private static final double STEEPEST = 1;

    /** The widest gap that is interpolated, in steps. */
    private static final double WIDEST = 3.5;

    /** Which share of the gaps may be smaller than the grid's step. */
    private static final double SMALLER = 0.1;

    /** How many times as many slices, columns and rows a grid may have. */
    private static final int GROWTH = 2;

    /**
     * Finds it.
     *
     * @param slices in their order along their normal, no two in one place
     * @throws AttunetException if they leave wide gaps or don't lie over one another
     */
    static SliceGrid of(List<Slice> slices) {
        for (Slice slice : slices) {
            if (slice.file().elements().texts(Tag.IMAGE_TYPE).contains("MOSAIC")) {
                throw new AttunetException(
                        slice.file().path(),
                        "a mosaic of Siemens, many slices in one picture",
                        "one slice in a frame",
                        "convert the series with dcm2niix");
            }
        }
        Plane first = slices.get(0).plane();
        if (!slices.get(0).isPlaced()) {
            return picture(slices.get(0));
        }
        double[] normal = first.normal();
        int count = slices.size();
        double[] along = slices.stream()
                .mapToDouble(slice -> slice.plane().along(normal) - first.along(normal))
                .toArray();
        if (count == 1) {
            double thickness = slices.get(0).elements().number(Tag.PIXEL_MEASURES_SEQUENCE, Tag.SLICE_THICKNESS, 1);
            double[] step = Vectors.times(normal, thickness > 0 ? thickness : 1);
            return even(first, step, 1);
        }
        double[][] aside = new double[count][]; // in mm, along rows and columns
        for (int k = 0; k < count; k++) {
            double[] way = Vectors.minus(slices.get(k).plane().position(), first.position());
            aside[k] = new double[] {Vectors.dot(way, first.across()), Vectors.dot(way, first.down())};
        }
        double[] step = Vectors.times(
                Vectors.minus(slices.get(count - 1).plane().position(), first.position()), 1.0 / (count - 1));
        requireApart(slices, along);
        if (isEven(along, aside, first)) {
            return even(first, step, count);
        }
        return resampled(slices, along, aside);
    }

    /** The two-dimensional grid of a picture, whose rows run as the picture's. */
    private static SliceGrid picture(Slice slice) {
        Plane plane = slice.plane();
        int[] size = {plane.columns(), plane.rows()};
        Grid grid = slice.isSized()
                ? Grid.of(size, new double[] {plane.columnSpacing(), plane.rowSpacing()})
                : Grid.ofPixels(size);
        return new SliceGrid(grid, true, new double[1], new double[1][2], List.of());
    }

    /** The row of the grid at a row of slices that lie as the grid does. */
    int row(int row) {
        return grid.dimension() == 2 ? row : grid.size(1) - 1 - row;
    }

    private static SliceGrid even(Plane first, double[] step, int count) {
        double[] depths = new double[count];
        Arrays.setAll(depths, k -> k);
        Grid grid = grid(first, first.position(), step, new int[] {first.columns(), first.rows(), count});
        return new SliceGrid(grid, true, depths, new double[count][2], List.of());
    }

    /** Whether the slices lie on a line in equal steps, almost along their normal. */
    private static boolean isEven(double[] along, double[][] aside, Plane first) {
        int last = along.length - 1;
        double gap = along[last] / last;
        double sideways = Math.hypot(aside[last][0], aside[last][1]) / last;
        double off = Math.max(UNEVEN * gap, Math.min(ROUNDED, 2 * UNEVEN * gap));
        boolean even = sideways <= TILTED * gap;
        for (int k = 0; k <= last; k++) {
            double share = k / (double) last;
            even &= Math.abs(along[k] - k * gap) <= off
                    && Math.abs(aside[k][0] - share * aside[last][0]) <= ASIDE * first.columnSpacing()
                    && Math.abs(aside[k][1] - share * aside[last][1]) <= ASIDE * first.rowSpacing();
        }
        return even;
    }

    private static SliceGrid resampled(List<Slice> slices, double[] along, double[][] aside) {
        Plane first = slices.get(0).plane();
        int last = slices.size() - 1;
        requireOverOneAnother(slices, along, aside);
        double usual = usualGap(along);
        int steps = (int) Math.min(Math.round(along[last] / usual), (long) GROWTH * slices.size() - 1);
        double gap = along[last] / Math.max(1, steps);
        requireNoHole(slices, along, usual);
        double[][] shifts = new double[slices.size()][];
        double[] least = {0, 0};
        double[] most = {0, 0};
        for (int k = 0; k <= last; k++) {
            shifts[k] = new double[] {aside[k][0] / first.columnSpacing(), aside[k][1] / first.rowSpacing()};
            for (int axis = 0; axis < 2; axis++) {
                least[axis] = Math.min(least[axis], shifts[k][axis]);
                most[axis] = Math.max(most[axis], shifts[k][axis]);
            }
        }
        for (double[] shift : shifts) {
            shift[0] -= Math.floor(least[0]);
            shift[1] -= Math.floor(least[1]);
        }
        int columns = first.columns() + (int) (Math.ceil(most[0]) - Math.floor(least[0]));
        int rows = first.rows() + (int) (Math.ceil(most[1]) - Math.floor(least[1]));
        if (columns > GROWTH * first.columns() || rows > GROWTH * first.rows()) {
            throw refused(slices, "slices shifted sideways by more than their size", "slices over one another");
        }
        double[] corner = Vectors.plus(
                first.position(),
                Vectors.times(first.across(), Math.floor(least[0]) * first.columnSpacing()),
                Vectors.times(first.down(), Math.floor(least[1]) * first.rowSpacing()));
        double[] step = Vectors.times(first.normal(), gap);
        Grid grid = grid(first, corner, step, new int[] {columns, rows, Math.max(1, steps) + 1});
        double[] depths = Arrays.stream(along).map(depth -> depth / gap).toArray();
        return new SliceGrid(grid, false, depths, shifts, notes(slices, along, aside, usual, grid));
    }

    private static Grid grid(Plane first, double[] corner, double[] step, int[] size) {
        double[] i = Vectors.times(first.across(), first.columnSpacing());
        double[] j = Vectors.times(first.down(), -first.rowSpacing());
        double[][] affine = new double[3][];
        for (int axis = 0; axis < 3; axis++) {
            double sign = axis < 2 ? -1 : 1; // left and back become right and front
            double origin = corner[axis] - (size[1] - 1) * j[axis];
            affine[axis] = new double[] {sign * i[axis], sign * j[axis], sign * step[axis], sign * origin};
        }
        return Grid.ofAffine(size, affine);
    }

    private static double[] gaps(double[] along) {
        double[] gaps = new double[along.length - 1];
        Arrays.setAll(gaps, k -> along[k + 1] - along[k]);
        return gaps;
    }

    /** The smallest gap but for a few. */
    private static double usualGap(double[] along) {
        double[] gaps = gaps(along);
        Arrays.sort(gaps);
        return gaps[(int) (SMALLER * gaps.length)];
    }

    private static void requireApart(List<Slice> slices, double[] along) {
        double mean = along[along.length - 1] / (along.length - 1);
        for (int k = 1; k < along.length; k++) {
            if (!(along[k] - along[k - 1] > UNEVEN * mean)) {
                throw refused(
                        slices,
                        "slices in one place that nothing tells apart, such as "
                                + slices.get(k - 1).name() + " and "
                                + slices.get(k).name(),
                        "one slice in each place");
            }
        }
    }

    private static void requireOverOneAnother(List<Slice> slices, double[] along, double[][] aside) {
        for (int k = 1; k < along.length; k++) {
            double sideways = Math.hypot(aside[k][0] - aside[k - 1][0], aside[k][1] - aside[k - 1][1]);
            double gap = along[k] - along[k - 1];
            if (sideways > STEEPEST * gap + ASIDE * slices.get(0).plane().columnSpacing()) {
                throw refused(
                        slices,
                        text("slices %.2f mm apart are shifted sideways by %.2f mm", gap, sideways),
                        "slices over one another, tilted by at most 45 degrees");
            }
        }
    }

    private static void requireNoHole(List<Slice> slices, double[] along, double usual) {
        double[] gaps = gaps(along);
        for (int k = 0; k < gaps.length; k++) {
            if (gaps[k] > WIDEST * usual) {
                String found =
                        text("a gap of %.2f mm between slices that are usually %.2f mm apart, after ", gaps[k], usual)
                                + slices.get(k).file().path().getFileName();
                long missing = Math.round(gaps[k] / usual) - 1;
                throw refused(
                        slices, found + " (about " + missing + " slices are missing)", "slices without wide gaps");
            }
        }
    }

    private static List<String> notes(List<Slice> slices, double[] along, double[][] aside, double usual, Grid grid) {
        List<String> notes = new ArrayList<>(ofGaps(slices, gaps(along), usual, grid));
        Plane first = slices.get(0).plane();
        int last = along.length - 1;
        double sideways = Math.hypot(aside[last][0], aside[last][1]);
        boolean straight = true;
        for (int k = 0; k <= last; k++) {
            double share = along[k] / along[last];
            straight &= Math.abs(aside[k][0] - share * aside[last][0]) <= first.columnSpacing()
                    && Math.abs(aside[k][1] - share * aside[last][1]) <= first.rowSpacing();
        }
        if (!straight) {
            notes.add("slices are shifted sideways against one another: they were moved to where they lie");
        } else if (sideways > TILTED * along[last]) {
            notes.add(text(
                    "the slices are tilted by %.1f degrees: they were moved sideways to where they lie",
                    Math.toDegrees(Math.atan2(sideways, along[last]))));
        }
        return notes;
    }

    /** Which slices are missing if most gaps are equal and the others are multiples; else how the gaps differ. */
    private static List<String> ofGaps(List<Slice> slices, double[] gaps, double usual, Grid grid) {
        double least = usual;
        double most = usual;
        int equal = 0;
        int missing = 0;
        int places = 0;
        boolean multiples = true;
        String after = "";
        for (int k = 0; k < gaps.length; k++) {
            least = Math.min(least, gaps[k]);
            most = Math.max(most, gaps[k]);
            long steps = Math.round(gaps[k] / usual);
            multiples &= Math.abs(gaps[k] / usual - steps) <= UNEVEN && steps > 0;
            equal += steps == 1 ? 1 : 0;
            missing += (int) steps - 1;
            places += steps > 1 ? 1 : 0;
            after = steps > 1 && after.isEmpty() ? slices.get(k).name() : after;
        }
        if (multiples && missing > 0 && 2 * equal > gaps.length) {
            return List.of(missing + (missing == 1 ? " slice is" : " slices are") + " missing "
                    + (places == 1 ? "" : "at " + places + " places, the first ") + "after " + after
                    + text(
                            " (gaps of up to %.2f mm instead of %.2f mm); what lies there is interpolated",
                            most, usual));
        }
        if (most - least <= UNEVEN * usual) {
            return List.of();
        }
        return List.of(text(
                "the gaps between slices are %.2f to %.2f mm: they were resampled to %d slices every %.2f mm",
                least, most, grid.size(2), grid.spacing(2)));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static AttunetException refused(List<Slice> slices, String found, String expected) {
        return new AttunetException(
                slices.get(0).file().path(),
                found,
                expected,
                "give a complete series, or resample it by another program");
    }
}
