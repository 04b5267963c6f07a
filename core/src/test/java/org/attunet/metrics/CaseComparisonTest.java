package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;

class CaseComparisonTest {
    private static final LabelSet ONE = LabelSet.of(Map.of(1, "disc"));

    /** A box from the first corner (inclusive) to the second (exclusive). */
    private static LabelMap box(Grid grid, int label, int... corners) {
        short[] voxels = new short[grid.voxels()];
        int d = grid.dimension();
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                for (int x = 0; x < grid.size(0); x++, i++) {
                    boolean inside = x >= corners[0] && x < corners[d] && y >= corners[1] && y < corners[d + 1];
                    if (inside && (d == 2 || (z >= corners[2] && z < corners[5]))) {
                        voxels[i] = (short) label;
                    }
                }
            }
        }
        return new LabelMap(grid, voxels);
    }

    private static LabelMetrics compare(LabelMap truth, LabelMap prediction) {
        return Objects.requireNonNull(CaseComparison.compare("a case", truth, prediction, ONE, Tolerance.of(1))
                .labels()
                .get(1));
    }

    @Test
    void a_mask_equals_itself() {
        LabelMap mask = box(Grid.of(new int[] {9, 9, 9}, new double[] {0.7, 1, 3}), 1, 2, 2, 2, 7, 8, 6);
        LabelMetrics m = compare(mask, mask);
        assertThat(m.value(Metric.DICE)).isEqualTo(1);
        assertThat(m.value(Metric.IOU)).isEqualTo(1);
        assertThat(m.value(Metric.HD)).isZero();
        assertThat(m.value(Metric.HD95)).isZero();
        assertThat(m.value(Metric.ASSD)).isZero();
        assertThat(m.value(Metric.NSD)).isEqualTo(1);
        assertThat(m.value(Metric.VOLUME_DIFFERENCE)).isZero();
    }

    @Test
    void a_shift_along_a_thick_slice_is_measured_in_millimetres() {
        Grid grid = Grid.of(new int[] {9, 9, 9}, new double[] {1, 1, 5});
        LabelMetrics m = compare(box(grid, 1, 2, 2, 2, 5, 5, 5), box(grid, 1, 2, 2, 3, 5, 5, 6));
        assertThat(m.value(Metric.HD)).isEqualTo(5);
        // 27 voxels each, 26 of them surface; 9 are 5 mm away on one side; the covered inner voxel is 1 mm away.
        assertThat(m.value(Metric.ASSD)).isCloseTo((9 * 5.0 + 1) / 26, within(1e-12));
        assertThat(m.value(Metric.DICE)).isCloseTo(2 * 18 / 54.0, within(1e-12));
    }

    @Test
    void what_is_not_judged_counts_in_no_measure() {
        Grid grid = Grid.of(new int[] {20, 10, 6}, new double[] {0.7, 1, 2});
        LabelMap truth = box(grid, 1, 2, 2, 1, 7, 8, 5);
        LabelMap prediction = box(grid, 1, 3, 2, 1, 8, 7, 4);
        LabelMetrics whole = compare(truth, prediction);
        // The same masks in the left half, and beside an unjudged column anything in the right one.
        short[] sparse = truth.voxels().clone();
        short[] more = prediction.voxels().clone();
        for (int i = 0; i < sparse.length; i++) {
            if (i % 20 >= 10) {
                sparse[i] = 4;
                more[i] = (short) (i % 3 == 0 ? 1 : 0);
            }
        }
        LabelMetrics left = compare(new LabelMap(grid, sparse, 4), new LabelMap(grid, more));
        assertThat(left.values()).isEqualTo(whole.values());
        assertThat(left.truePositives()).isEqualTo(whole.truePositives());
    }

    @Test
    void where_a_mask_ends_at_unjudged_voxels_it_has_no_surface() {
        // One slice of a tube of squares is judged: its surface is the square's outline, as in a picture of that slice.
        Grid grid = Grid.of(new int[] {12, 12, 5}, new double[] {1, 1, 3});
        short[] truth = box(grid, 1, 2, 2, 0, 9, 9, 5).voxels().clone();
        short[] prediction = box(grid, 1, 4, 2, 0, 9, 9, 5).voxels();
        for (int i = 0; i < truth.length; i++) {
            truth[i] = i / 144 == 2 ? truth[i] : 9;
        }
        LabelMetrics slice = compare(new LabelMap(grid, truth, 9), new LabelMap(grid, prediction));
        Grid flat = Grid.of(12, 12);
        LabelMetrics picture = compare(box(flat, 1, 2, 2, 9, 9), box(flat, 1, 4, 2, 9, 9));
        assertThat(slice.value(Metric.DICE)).isEqualTo(picture.value(Metric.DICE));
        assertThat(slice.value(Metric.HD)).isEqualTo(picture.value(Metric.HD)).isEqualTo(2);
        assertThat(slice.value(Metric.ASSD)).isEqualTo(picture.value(Metric.ASSD));
        assertThat(slice.value(Metric.NSD)).isEqualTo(picture.value(Metric.NSD));
    }

    @Test
    void a_measure_over_nothing_judged_is_absent() {
        Grid grid = Grid.of(6, 6);
        short[] truth = new short[36];
        Arrays.fill(truth, (short) 3);
        LabelMetrics none = compare(new LabelMap(grid, truth, 3), box(grid, 1, 1, 1, 4, 4));
        assertThat(none.undefined()).isTrue();
        assertThat(none.values()).isEmpty();
        // Only the inside of a structure is judged: it has a Dice, but no surface to measure distances to.
        truth[14] = 1;
        LabelMetrics inside = compare(new LabelMap(grid, truth, 3), box(grid, 1, 1, 1, 4, 4));
        assertThat(inside.value(Metric.DICE)).isEqualTo(1);
        assertThat(inside.values()).doesNotContainKeys(Metric.HD95, Metric.HD95_PX, Metric.NSD);
    }

    @Test
    void exchanging_truth_and_prediction_exchanges_precision_and_recall_only() {
        Grid grid = Grid.of(new int[] {12, 12, 12}, new double[] {0.8, 1.1, 2});
        LabelMap a = box(grid, 1, 0, 1, 2, 7, 8, 9);
        LabelMap b = box(grid, 1, 3, 2, 0, 12, 7, 8);
        LabelMetrics ab = compare(a, b);
        LabelMetrics ba = compare(b, a);
        assertThat(ab.value(Metric.DICE)).isEqualTo(ba.value(Metric.DICE));
        assertThat(ab.value(Metric.PRECISION)).isEqualTo(ba.value(Metric.RECALL));
        assertThat(ab.value(Metric.HD)).isEqualTo(ba.value(Metric.HD));
        assertThat(ab.value(Metric.HD95)).isEqualTo(ba.value(Metric.HD95));
        assertThat(ab.value(Metric.ASSD)).isCloseTo(Objects.requireNonNull(ba.value(Metric.ASSD)), within(1e-12));
        assertThat(ab.value(Metric.NSD)).isEqualTo(ba.value(Metric.NSD));
        assertThat(ab.value(Metric.VOLUME_DIFFERENCE))
                .isEqualTo(-Objects.requireNonNull(ba.value(Metric.VOLUME_DIFFERENCE)));
    }

    @Test
    void a_picture_has_four_neighbours_and_an_area() {
        Grid grid = Grid.of(new int[] {9, 9}, new double[] {2, 2});
        LabelMetrics m = compare(box(grid, 1, 2, 2, 7, 7), box(grid, 1, 3, 3, 6, 6));
        // 16 surface pixels of the larger square: 4 corners at 2 sqrt 2 mm, 12 at 2 mm; all 8 of the smaller at 2 mm.
        assertThat(m.value(Metric.ASSD)).isCloseTo((4 * 2 * Math.sqrt(2) + 12 * 2 + 8 * 2) / 24, within(1e-12));
        assertThat(m.value(Metric.AREA_DIFFERENCE)).isEqualTo(-16 * 4.0);
        assertThat(m.value(Metric.VOLUME_DIFFERENCE)).isNull();
    }

    @Test
    void without_a_physical_size_everything_is_in_pixels() {
        Grid grid = Grid.ofPixels(9, 9);
        LabelMetrics m = compare(box(grid, 1, 2, 2, 7, 7), box(grid, 1, 3, 3, 6, 6));
        assertThat(m.physical()).isFalse();
        assertThat(m.value(Metric.ASSD_PX)).isCloseTo((4 * Math.sqrt(2) + 12 + 8) / 24, within(1e-12));
        assertThat(m.value(Metric.HD_PX)).isCloseTo(Math.sqrt(2), within(1e-12));
        assertThat(m.value(Metric.SIZE_DIFFERENCE_PX)).isEqualTo(-16);
        List<CaseResult> cases = List.of(new CaseResult("a", Map.of(1, m)));
        assertThat(m.values().keySet())
                .doesNotContain(Metric.HD, Metric.HD95, Metric.ASSD, Metric.VOLUME_DIFFERENCE, Metric.AREA_DIFFERENCE);
        String text = ResultsTable.toText(cases, Summary.of(cases), LabelSet.of(Map.of(1, "cell")));
        assertThat(text).contains("HD95 px", "size px").doesNotContain("mm", "ml");
        assertThat(ResultsTable.toJson(cases, Summary.of(cases))
                        .at("/cases/0/labels/1")
                        .toString())
                .contains("\"hd_mm\":null", "\"nsd_tolerance_mm\":null", "\"size_difference_px\":-16.0");
    }

    @Test
    void a_volume_of_one_slice_is_measured_as_a_picture() {
        Grid picture = Grid.of(new int[] {9, 9}, new double[] {2, 3});
        Grid slice = Grid.of(new int[] {9, 9, 1}, new double[] {2, 3, 1});
        LabelMetrics flat = compare(box(picture, 1, 2, 2, 7, 7), box(picture, 1, 3, 1, 8, 6));
        LabelMetrics deep = compare(box(slice, 1, 2, 2, 0, 7, 7, 1), box(slice, 1, 3, 1, 0, 8, 6, 1));
        for (Metric metric : List.of(Metric.DICE, Metric.HD, Metric.HD95, Metric.ASSD, Metric.NSD)) {
            assertThat(deep.value(metric)).isEqualTo(flat.value(metric));
        }
    }

    @Test
    void an_image_of_one_voxel_has_a_surface() {
        LabelMap voxel = new LabelMap(Grid.of(1, 1, 1), new short[] {1});
        assertThat(compare(voxel, voxel).value(Metric.NSD)).isEqualTo(1);
        assertThat(compare(voxel, voxel).value(Metric.HD)).isZero();
    }

    @Test
    void a_mask_one_voxel_thin_inside_a_volume_is_all_surface() {
        boolean[] all = new boolean[25];
        java.util.Arrays.fill(all, true);
        assertThat(SurfaceDistances.surface(all, new int[] {5, 5, 1}, new boolean[3]))
                .isEqualTo(all);
    }

    @Test
    void a_distance_equal_to_the_tolerance_is_within_despite_32_bit_spacing() {
        Grid grid = Grid.of(new int[] {20, 3, 3}, new double[] {0.2f, 1, 1});
        LabelMetrics m = compare(box(grid, 1, 2, 1, 1, 3, 2, 2), box(grid, 1, 7, 1, 1, 8, 2, 2));
        assertThat(m.value(Metric.HD)).isGreaterThan(1.0);
        assertThat(m.value(Metric.NSD)).isEqualTo(1);
    }

    @Test
    void a_missed_label_fails_and_an_absent_one_is_undefined() {
        Grid grid = Grid.of(5, 5, 5);
        LabelMap empty = new LabelMap(grid, new short[125]);
        LabelMap some = box(grid, 1, 1, 1, 1, 3, 3, 3);
        LabelMetrics missed = compare(some, empty);
        assertThat(missed.failed()).isTrue();
        assertThat(missed.value(Metric.DICE)).isZero();
        assertThat(missed.value(Metric.PRECISION)).isNull();
        assertThat(missed.value(Metric.RECALL)).isZero();
        assertThat(missed.value(Metric.HD95)).isNull();
        assertThat(compare(empty, some).failed()).isTrue();
        LabelMetrics absent = compare(empty, empty);
        assertThat(absent.undefined()).isTrue();
        assertThat(absent.failed()).isFalse();
        assertThat(absent.value(Metric.DICE)).isNull();
        assertThat(absent.value(Metric.VOLUME_DIFFERENCE)).isNull();
    }

    @Test
    void a_prediction_of_another_size_is_refused_with_both_sizes() {
        LabelMap truth = new LabelMap(Grid.of(4, 5, 6), new short[120]);
        LabelMap other = new LabelMap(Grid.of(4, 5, 7), new short[140]);
        assertThatThrownBy(() -> compare(truth, other))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a case")
                .hasMessageContaining("4 x 5 x 6")
                .hasMessageContaining("4 x 5 x 7")
                .hasMessageContaining("Remedy");
    }

    @Test
    void a_prediction_at_another_place_is_refused() {
        LabelMap truth = new LabelMap(Grid.of(4, 5, 6), new short[120]);
        Grid moved = Grid.ofAffine(new int[] {4, 5, 6}, new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0.02}, {0, 0, 1, 0}});
        assertThatThrownBy(() -> compare(truth, new LabelMap(moved, new short[120])))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("up to 0.0200 voxels apart");
        Grid rounded =
                Grid.ofAffine(new int[] {4, 5, 6}, new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0.009}, {0, 0, 1, 0}});
        assertThat(compare(truth, new LabelMap(rounded, new short[120])).undefined())
                .isTrue();
    }

    @Test
    void a_picture_without_physical_size_fits_any_picture_of_its_size() {
        LabelMap slice = new LabelMap(Grid.of(new int[] {4, 5}, new double[] {0.7, 0.7}), new short[20]);
        LabelMap png = new LabelMap(Grid.ofPixels(4, 5), new short[20]);
        assertThat(compare(slice, png).undefined()).isTrue();
        assertThat(compare(png, slice).undefined()).isTrue();
    }

    @Test
    void an_undeclared_label_is_refused_with_its_value() {
        LabelMap truth = new LabelMap(Grid.of(2, 1), new short[] {0, 1});
        LabelMap odd = new LabelMap(Grid.of(2, 1), new short[] {0, (short) 40000});
        assertThatThrownBy(() -> compare(truth, odd))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("the prediction holds the label 40000");
        assertThatThrownBy(() -> compare(odd, truth)).hasMessageContaining("the truth holds the label 40000");
        assertThat(odd.values()).containsExactly(40000);
    }

    @Test
    void the_default_tolerance_is_a_pixel_unless_images_have_millimetres() {
        double[] micrometres = {0.4, 0.5};
        Grid[] grids = {
            Grid.ofPixels(20, 9),
            Grid.of(new int[] {20, 9}, micrometres, LengthUnit.MICROMETRE),
            Grid.of(new int[] {20, 9}, new double[] {0.8, 0.8})
        };
        String[] texts = {"1 px", "0.5 µm", "1 mm"};
        for (int k = 0; k < grids.length; k++) {
            CaseResult near = rows(grids[k], 1);
            assertThat(near.labels().get(1).value(Metric.NSD)).isEqualTo(1);
            assertThat(rows(grids[k], 3).labels().get(1).value(Metric.NSD)).isZero();
            assertThat(Tolerance.text(List.of(near))).isEqualTo(texts[k]);
        }
        CaseResult mixed = CaseComparison.compare("a", row(grids[0], 1), row(grids[0], 1), ONE, Tolerance.of(2.5));
        assertThat(Tolerance.text(List.of(mixed, rows(grids[2], 1)))).isEqualTo("2.5 px, 1 mm");
    }

    /** The comparison of a row of pixels with one some rows below. */
    private static CaseResult rows(Grid grid, int apart) {
        return CaseComparison.compare("a", row(grid, 2), row(grid, 2 + apart), ONE, Tolerance.DEFAULT);
    }

    private static LabelMap row(Grid grid, int y) {
        short[] voxels = new short[grid.voxels()];
        Arrays.fill(voxels, 20 * y, 20 * y + 20, (short) 1);
        return new LabelMap(grid, voxels);
    }

    @Test
    void a_tolerance_below_zero_is_refused() {
        LabelMap mask = new LabelMap(Grid.of(2, 1), new short[2]);
        for (double tolerance : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> CaseComparison.compare("a", mask, mask, ONE, Tolerance.of(tolerance)))
                    .isInstanceOf(ConfigException.class);
        }
    }

    @Test
    void the_fast_path_gives_the_same_dice() {
        Grid grid = Grid.of(new int[] {12, 12, 12}, new double[] {0.8, 1.1, 2});
        LabelMap a = box(grid, 1, 0, 1, 2, 7, 8, 9);
        LabelMap b = box(grid, 1, 3, 2, 0, 12, 7, 8);
        LabelMap empty = new LabelMap(grid, new short[grid.voxels()]);
        OverlapCounts counts = OverlapCounts.of(a, b, ONE);
        assertThat(counts.dice(1)).isEqualTo(compare(a, b).value(Metric.DICE));
        assertThat(counts.dice()).containsOnlyKeys(1);
        List<OverlapCounts> all = List.of(counts, OverlapCounts.of(a, empty, ONE), OverlapCounts.of(empty, empty, ONE));
        Summary summary = Summary.of(List.of(
                CaseComparison.compare("1", a, b, ONE, Tolerance.of(1)),
                CaseComparison.compare("2", a, empty, ONE, Tolerance.of(1)),
                CaseComparison.compare("3", empty, empty, ONE, Tolerance.of(1))));
        assertThat(OverlapCounts.meanDice(all)).isCloseTo(summary.meanDice(), within(1e-15));
        assertThat(OverlapCounts.meanDice(List.of())).isNaN();
    }
}
