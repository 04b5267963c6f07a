package org.attunet.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;

/** What is doubtful about the spacings of a data set, before anything is trained on it. */
final class SpacingCheck {
    /** How many times larger or smaller than the median a spacing may be without a note. */
    private static final double FAR = 4;

    private SpacingCheck() {}

    /**
     * The notes, a sentence each; usually none.
     *
     * @param grids of the cases' images, in the same order and of the same dimension
     */
    static List<String> notes(List<Case> cases, List<Grid> grids) {
        List<String> unsized = new ArrayList<>();
        for (int i = 0; i < grids.size(); i++) {
            if (!grids.get(i).hasPhysicalSize()) {
                unsized.add(name(cases.get(i)));
            }
        }
        if (unsized.size() == grids.size()) {
            return List.of();
        }
        if (!unsized.isEmpty()) {
            return List.of(
                    unsized.size() + " of " + grids.size() + " images have no physical size, so none is resampled"
                            + " and the model won't know a spacing: " + CaseMatcher.some(unsized));
        }
        return outliers(cases, grids);
    }

    private static List<String> outliers(List<Case> cases, List<Grid> grids) {
        double[] median = new double[grids.get(0).dimension()];
        for (int axis = 0; axis < median.length; axis++) {
            int k = axis;
            double[] sorted = grids.stream()
                    .mapToDouble(grid -> ascending(grid)[k])
                    .sorted()
                    .toArray();
            median[axis] = sorted[sorted.length / 2];
        }
        List<String> far = IntStream.range(0, grids.size())
                .filter(i -> far(grids.get(i), median))
                .mapToObj(i -> name(cases.get(i)) + " with "
                        + LengthUnit.text(grids.get(i).spacing()))
                .toList();
        return far.isEmpty()
                ? List.of()
                : List.of("the spacing of " + far.size() + " of " + grids.size() + " images is far from the median of "
                        + LengthUnit.text(median) + ", check the unit in their headers: " + CaseMatcher.some(far));
    }

    /** Without regard to axes, whose order differs between slices of different directions. */
    private static double[] ascending(Grid grid) {
        return Arrays.stream(grid.spacing()).sorted().toArray();
    }

    private static boolean far(Grid grid, double[] median) {
        return IntStream.range(0, median.length).anyMatch(axis -> {
            double ratio = ascending(grid)[axis] / median[axis];
            return Math.max(ratio, 1 / ratio) >= FAR;
        });
    }

    private static String name(Case one) {
        return String.valueOf(one.firstFile().getFileName());
    }
}
