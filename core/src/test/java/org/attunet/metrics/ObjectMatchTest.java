package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectMatchTest {
    private static int truth(int x, int y, int k) {
        int cell = x / 7 + 9 * (y / 6) + 1;
        return x % 7 == 0 || cell % 5 == k ? 0 : cell;
    }

    private static int predicted(int column, int y, int k) {
        int x = y % 3 != 0 ? column + 1 : column;
        int cell = x / 7 + 9 * (y / 6) + 1;
        if (cell % 6 == k + 1) {
            return 0;
        }
        cell += cell % 7 == 3 ? 1 : 0;
        cell += cell % 4 == 2 && x % 7 >= 3 + k ? 1000 : 0;
        return (x + y) % 11 != 0 || k == 0 ? cell : 0;
    }

    private static ObjectMatch match(int k) {
        Grid grid = Grid.of(64, 48);
        int[] truth = new int[grid.voxels()];
        int[] predicted = new int[truth.length];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = truth(i % 64, i / 64, k);
            predicted[i] = predicted(i % 64, i / 64, k);
        }
        return ObjectMatch.of("image", new ObjectMap(grid, truth), new ObjectMap(grid, predicted));
    }

    /** By {@code matching(T, P, thresh)} of StarDist, whose optimal assignment is scipy's. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.5, 37, 31, 21, 0.4157303370786517, 0.5873015873015873, 0.4014085739377945, 0.6834794637319204",
        "0, 0.75, 0, 68, 58, 0, 0, 0, 0",
        "1, 0.5, 29, 34, 28, 0.31868131868131866, 0.48333333333333334, 0.30168972015380857, 0.6241856279044316",
        "1, 0.6, 21, 42, 36, 0.21212121212121213, 0.35, 0.22806390126546225, 0.6516111464727492",
        "2, 0.5, 27, 42, 30, 0.2727272727272727, 0.42857142857142855, 0.2733087691049727, 0.6377204612449363",
        "2, 0.75, 1, 68, 56, 0.008, 0.015873015873015872, 0.012001548494611467, 0.7560975551605225"
    })
    void counts_and_measures_equal_those_of_stardist(
            int k, double iou, int tp, int fp, int fn, double accuracy, double f1, double pq, double mean) {
        MatchCounts counts = match(k).at(iou);
        assertThat(counts.truePositives()).isEqualTo(tp);
        assertThat(counts.falsePositives()).isEqualTo(fp);
        assertThat(counts.falseNegatives()).isEqualTo(fn);
        assertThat(counts.averagePrecision()).isCloseTo(accuracy, within(1e-12));
        assertThat(counts.f1()).isCloseTo(f1, within(1e-12));
        assertThat(counts.panopticQuality()).isCloseTo(pq, within(1e-6)); // StarDist's are 32-bit
        if (tp > 0) {
            assertThat(counts.segmentationQuality()).isCloseTo(mean, within(1e-6));
        }
    }

    /** By {@code matching_dataset} of StarDist with {@code by_image=True} and {@code False}, over 0.5, 0.55, … 0.95. */
    @Test
    void both_means_over_images_equal_those_of_stardist() {
        var summary = new ObjectSummary(List.of(match(0), match(1), match(2)));
        assertThat(summary.overImages(0.5, MatchCounts::averagePrecision).mean())
                .isCloseTo(0.3357129761624143, within(1e-12));
        assertThat(summary.overImages(0.5, MatchCounts::precision).mean()).isCloseTo(0.4652464850674569, within(1e-12));
        assertThat(summary.meanAveragePrecision().mean()).isCloseTo(0.11464736841956477, within(1e-12));
        assertThat(summary.pooled(0.5).averagePrecision()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(summary.pooled(0.5).recall()).isCloseTo(0.5406976744186046, within(1e-12));
        assertThat(summary.pooledMeanAveragePrecision()).isCloseTo(0.11228263403694638, within(1e-12));
        assertThat(summary.pooled(0.5).panopticQuality()).isCloseTo(0.3258525581770046, within(1e-6));
    }

    /** By the program of Caicedo et al. 2019. */
    @ParameterizedTest
    @CsvSource({"0, 13, 5", "1, 10, 6", "2, 11, 3"})
    void splits_and_merges_equal_those_of_caicedo(int k, int splits, int merges) {
        assertThat(match(k).splits()).isEqualTo(splits);
        assertThat(match(k).merges()).isEqualTo(merges);
    }

    private static ObjectMap row(int... numbers) {
        return new ObjectMap(Grid.of(numbers.length, 1), numbers);
    }

    @Test
    void two_halves_are_one_pair_where_a_half_is_enough_and_none_where_more_is_asked_for() {
        ObjectMatch match = ObjectMatch.of("image", row(7, 7, 7, 7, 0), row(2, 2, 9, 9, 0));
        assertThat(match.at(0.5)).isEqualTo(new MatchCounts(1, 1, 0, 0.5)); // as linear_sum_assignment finds
        assertThat(match.above(0.5)).isEqualTo(new MatchCounts(0, 2, 1, 0));
    }

    @Test
    void images_without_objects_are_left_out_and_those_with_objects_on_one_side_count_as_0() {
        ObjectMatch none = ObjectMatch.of("image", row(0, 0), row(0, 0));
        ObjectMatch missed = ObjectMatch.of("image", row(1, 0), row(0, 0));
        ObjectMatch invented = ObjectMatch.of("image", row(0, 0), row(3, 4));
        ObjectMatch exact = ObjectMatch.of("image", row(Integer.MAX_VALUE, 0), row(1, 0));
        assertThat(none.at(0.5).averagePrecision()).isNull();
        assertThat(missed.at(0.5).precision()).isNull();
        assertThat(missed.at(0.5).averagePrecision()).isZero();
        assertThat(invented.at(0.5).recall()).isNull();
        assertThat(invented.countError()).isEqualTo(2);
        assertThat(exact.at(1).averagePrecision()).isEqualTo(1);
        Statistic statistic = new ObjectSummary(List.of(none, missed, invented, exact)).meanAveragePrecision();
        assertThat(statistic.mean()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(statistic.undefined()).isEqualTo(1);
        assertThat(statistic.failed()).isEqualTo(2);
        assertThat(new ObjectSummary(new ArrayList<>()).pooledMeanAveragePrecision())
                .isNull();
    }

    @Test
    void maps_of_different_sizes_are_refused() {
        assertThatThrownBy(() -> ObjectMatch.of("scan 7", row(1, 0), row(1, 0, 0)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("scan 7");
    }
}
