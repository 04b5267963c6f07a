package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.IntPredicate;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LesionMatchTest {
    private static long noise(int i) {
        return ((i * 2654435761L & 0xFFFFFFFFL) >> 16) % 100;
    }

    private static boolean sure(int i) {
        return noise(i) < 4 && noise(i + 5000) >= 30;
    }

    private static LesionMatch match(Grid grid, double aboveIou) {
        return match(grid, aboveIou, i -> false);
    }

    private static LesionMatch match(Grid grid, double aboveIou, IntPredicate open) {
        boolean volume = grid.dimension() == 3;
        short[] truth = new short[grid.voxels()];
        short[] predicted = new short[truth.length];
        int width = grid.size(0);
        for (int i = 0; i < truth.length; i++) {
            boolean nextX = volume && i % width < width - 1;
            boolean nextY = volume && i / width % grid.size(1) < grid.size(1) - 1;
            truth[i] = (short) (noise(i) < 6 || (nextX && noise(i + 1) < 6) ? 2 : 0);
            boolean found = sure(i) || noise(i + 5000) < 3 || (nextY && sure(i + width));
            predicted[i] = (short) (found ? 2 : 1);
            truth[i] = open.test(i) ? 9 : truth[i];
        }
        return LesionMatch.of(
                "case", new LabelMap(grid, truth, 9), new LabelMap(grid, predicted), value -> value == 2, aboveIou);
    }

    /** By scipy 1.10: {@code ndimage.label} with all neighbours, and IoUs from the table of overlaps. */
    @ParameterizedTest
    @CsvSource({
        "20, 18, 8, 0, 83, 43, 69, 38, 0.856722757719327",
        "20, 18, 8, 0.1, 83, 43, 50, 37, 0.7086764987550277",
        "20, 18, 8, 0.5, 83, 43, 1, 1, 0.015873015873015876",
        "40, 30, 1, 0, 61, 59, 42, 42, 0.7",
        "40, 30, 1, 0.5, 61, 59, 22, 22, 0.3666666666666667"
    })
    void lesions_equal_those_of_scipy(
            int x, int y, int z, double aboveIou, int truth, int predicted, int found, int right, double f1) {
        LesionMatch match = match(z == 1 ? Grid.of(x, y) : Grid.of(x, y, z), aboveIou);
        assertThat(match).isEqualTo(new LesionMatch(truth, predicted, found, right));
        assertThat(match.f1()).isCloseTo(f1, within(1e-12));
        assertThat(match.recall()).isCloseTo((double) found / truth, within(1e-12));
        assertThat(match.falsePositives()).isEqualTo(predicted - right);
    }

    /** By scipy 1.17: the predicted components are labelled in the whole volume, then the open voxels are taken out. */
    @ParameterizedTest
    @CsvSource({"20, 18, 8, 83, 39, 67, 37", "40, 30, 1, 47, 33, 32, 32"})
    void voxels_without_a_judgement_count_nowhere_but_hold_predicted_lesions_together(
            int x, int y, int z, int truth, int predicted, int found, int right) {
        LesionMatch match = match(z == 1 ? Grid.of(x, y) : Grid.of(x, y, z), 0, i -> noise(i + 9000) < 15);
        assertThat(match).isEqualTo(new LesionMatch(truth, predicted, found, right));
    }

    @Test
    void masks_without_lesions_have_no_recall_or_precision_and_F1_0_if_only_one_is_empty() {
        LesionMatch neither = new LesionMatch(0, 0, 0, 0);
        LesionMatch missed = new LesionMatch(3, 0, 0, 0);
        LesionMatch invented = new LesionMatch(0, 2, 0, 0);
        assertThat(neither.f1()).isNull();
        assertThat(missed.precision()).isNull();
        assertThat(missed.f1()).isZero();
        assertThat(invented.recall()).isNull();
        assertThat(invented.f1()).isZero();
        assertThat(LesionMatch.sum(List.of(neither, missed, invented))).isEqualTo(new LesionMatch(3, 2, 0, 0));
    }
}
