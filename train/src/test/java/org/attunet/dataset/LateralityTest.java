package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;

class LateralityTest {
    private static final int[] CLASSES = {0, 1, 2};

    /** A block of label 1 with a smaller one of label 2 above its right end, here and there. */
    private static short[] structure(Grid grid, Random random) {
        short[] labels = new short[grid.voxels()];
        int x0 = random.nextInt(6);
        int y0 = random.nextInt(4);
        int length = 6 + random.nextInt(4);
        fill(grid, labels, 1, x0, y0, length, 4);
        fill(grid, labels, 2, x0 + length - 2, y0 + 4, 2, 3);
        return labels;
    }

    private static void fill(Grid grid, short[] labels, int label, int x0, int y0, int width, int height) {
        for (int z = 1; z < grid.size(2) - 1; z++) {
            for (int y = y0; y < y0 + height; y++) {
                for (int x = x0; x < x0 + width; x++) {
                    labels[(z * grid.size(1) + y) * grid.size(0) + x] = (short) label;
                }
            }
        }
    }

    private static short[] mirrored(Grid grid, short[] labels) {
        short[] mirrored = new short[labels.length];
        int row = grid.size(0);
        for (int i = 0; i < labels.length; i++) {
            mirrored[i - i % row + row - 1 - i % row] = labels[i];
        }
        return mirrored;
    }

    private static double[] leaning(Grid grid, short[] labels) {
        return Laterality.of(new LabelMap(grid, labels), CLASSES, CLASSES.length);
    }

    private static List<double[]> cases(int count, int mirrorEvery) {
        List<double[]> cases = new ArrayList<>();
        var random = new Random(1);
        Grid grid = Grid.of(17, 12, 4);
        for (int k = 0; k < count; k++) {
            short[] labels = structure(grid, random);
            cases.add(leaning(grid, k % mirrorEvery == mirrorEvery - 1 ? mirrored(grid, labels) : labels));
        }
        return cases;
    }

    @Test
    void a_mirror_image_leans_to_the_other_side_as_much() {
        Grid grid = Grid.of(17, 12, 4);
        short[] labels = structure(grid, new Random(4));
        double[] here = leaning(grid, labels);
        double[] there = leaning(grid, mirrored(grid, labels));
        assertThat(here).hasSize(5);
        for (int k = 0; k < here.length; k++) {
            assertThat(there[k]).isCloseTo(-here[k], within(1e-12));
        }
    }

    /** scipy.stats.skew and numpy.corrcoef of the coordinates of eleven voxels in a plane. */
    @Test
    void the_numbers_are_skewness_and_correlation() {
        Grid grid = Grid.of(5, 4, 1);
        short[] labels = new short[20];
        for (int i : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 15}) {
            labels[i] = 1;
        }
        double[] found = Laterality.of(new LabelMap(grid, labels), new int[] {0, 1}, 2);
        assertThat(found).hasSize(3);
        assertThat(found[0]).isCloseTo(0.765796644025031, within(1e-9));
        assertThat(found[1]).isCloseTo(-0.5486726407127175, within(1e-9));
        assertThat(found[2]).isNaN(); // one plane alone
    }

    @Test
    void cases_of_one_side_are_distinguished_from_cases_of_both() {
        assertThat(Laterality.share(cases(40, 100))).isEqualTo(1);
        assertThat(Laterality.share(cases(40, 2))).isBetween(0.5, 0.7);
        assertThat(Laterality.share(cases(40, 10))).isEqualTo(0.9);
        assertThat(Laterality.share(cases(19, 100))).isZero();
    }

    @Test
    void cases_without_labels_decide_nothing() {
        Grid grid = Grid.of(17, 12, 4);
        List<double[]> cases = cases(19, 100);
        cases.add(leaning(grid, new short[grid.voxels()]));
        assertThat(Laterality.share(cases)).isZero();
    }
}
