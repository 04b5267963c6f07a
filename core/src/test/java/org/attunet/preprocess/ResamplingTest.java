package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.OrientationTest;
import org.junit.jupiter.api.Test;

/** The numbers are SciPy 1.10.1's: ndimage.zoom(order=1, mode="nearest", grid_mode=True). */
class ResamplingTest {
    private static int pattern(int i) {
        return (i * 37 + i * i * 11) % 101;
    }

    private static float[] pattern(Grid grid) {
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = pattern(i);
        }
        return values;
    }

    private static void assertClose(float[] actual, double... expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("value %d", i).isCloseTo(expected[i], within(2e-5));
        }
    }

    @Test
    void linear_interpolation_of_a_picture_equals_scipys() {
        Grid grid = Grid.of(5, 4);
        assertClose(
                Resampling.toSize(grid, 8, 3).linear(pattern(grid)),
                9.33333,
                23.625,
                41.20833,
                33.29167,
                26.98958,
                22.30208,
                20.52083,
                19.5,
                56.0,
                38.71875,
                18.5625,
                39.1875,
                50.90625,
                53.71875,
                40.5,
                30.0,
                9.33333,
                34.125,
                65.65625,
                62.21875,
                65.65625,
                75.96875,
                51.3125,
                31.33333);
    }

    @Test
    void linear_interpolation_of_a_volume_equals_scipys() {
        Grid grid = Grid.of(4, 3, 2);
        assertClose(
                Resampling.toSize(grid, 3, 5, 3).linear(pattern(grid)),
                8.0,
                32.5,
                9.5,
                15.53333,
                33.1,
                36.83333,
                26.83333,
                34.0,
                77.83333,
                57.43333,
                34.0,
                47.23333,
                77.83333,
                34.0,
                26.83333,
                8.75,
                32.5,
                8.75,
                25.48333,
                42.3,
                28.45,
                50.58333,
                57.0,
                58.0,
                69.73333,
                55.65,
                36.15,
                82.5,
                54.75,
                21.58333,
                9.5,
                32.5,
                8.0,
                35.43333,
                51.5,
                20.06667,
                74.33333,
                80.0,
                38.16667,
                82.03333,
                77.3,
                25.06667,
                87.16667,
                75.5,
                16.33333);
    }

    @Test
    void one_hot_interpolation_of_four_labels_equals_scipys() {
        Grid grid = Grid.of(6, 5, 4);
        short[] labels = new short[120];
        for (int i = 0; i < 120; i++) {
            labels[i] = (short) (pattern(i) % 4);
        }
        LabelMap resampled = Resampling.toSize(grid, 8, 4, 5).oneHotLinear(new LabelMap(grid, labels));
        StringBuilder text = new StringBuilder();
        for (short v : resampled.voxels()) {
            text.append(v);
        }
        assertThat(text.toString())
                .isEqualTo("0001011003330001100212201333111212212000222330010110133311122332221133002113333331120033"
                        + "112222122111333101101333322200021221211133310221200133003330010010003331");
    }

    @Test
    void the_same_spacing_changes_nothing() {
        Grid grid = Grid.of(new int[] {5, 6, 7}, new double[] {0.7, 1.2, 3});
        float[] values = pattern(grid);
        Resampling same = Resampling.toSpacing(grid, 0.7, 1.2, 3);
        assertThat(same.isIdentity()).isTrue();
        assertThat(same.to()).isSameAs(grid);
        assertThat(same.linear(values)).isSameAs(values);
        LabelMap labels = new LabelMap(grid, new short[210]);
        assertThat(same.oneHotLinear(labels).voxels()).isSameAs(labels.voxels());
    }

    @Test
    void a_linear_ramp_in_world_coordinates_stays_one_away_from_the_border() {
        double[][] oblique = {{0.12, -0.31, 2.9, -40}, {-0.78, 0.05, 0.4, 33.5}, {0.06, 0.62, 0.7, 12.25}};
        Grid grid = Grid.ofAffine(new int[] {12, 15, 9}, oblique);
        Grid to = Resampling.toSize(grid, 17, 11, 20).to();
        float[] resampled = Resampling.toSize(grid, 17, 11, 20).linear(worldRamp(grid));
        float[] expected = worldRamp(to);
        for (int z = 2; z < 18; z++) {
            for (int y = 1; y < 10; y++) {
                for (int x = 1; x < 16; x++) {
                    int i = x + 17 * (y + 11 * z);
                    assertThat(resampled[i]).isCloseTo(expected[i], within(1e-4f));
                }
            }
        }
    }

    private static float[] worldRamp(Grid grid) {
        float[] values = new float[grid.voxels()];
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                for (int x = 0; x < grid.size(0); x++) {
                    double[] world = OrientationTest.world(grid, x, y, z);
                    values[i++] = (float) (2 * world[0] - world[1] + 0.5 * world[2]);
                }
            }
        }
        return values;
    }

    @Test
    void the_outer_faces_of_the_volume_stay_where_they_are() {
        double[][] oblique = {{0.12, -0.31, 2.9, -40}, {-0.78, 0.05, 0.4, 33.5}, {0.06, 0.62, 0.7, 12.25}};
        Grid grid = Grid.ofAffine(new int[] {12, 15, 9}, oblique);
        Grid to = Resampling.toSpacing(grid, 1, 1, 1).to();
        assertThat(to.size()).containsExactly(9, 10, 27);
        assertThat(OrientationTest.world(to, -0.5, -0.5, -0.5))
                .containsExactly(OrientationTest.world(grid, -0.5, -0.5, -0.5), within(1e-9));
        assertThat(OrientationTest.world(to, 8.5, 9.5, 26.5))
                .containsExactly(OrientationTest.world(grid, 11.5, 14.5, 8.5), within(1e-9));
    }

    @Test
    void a_tie_between_labels_goes_to_the_smaller_and_high_labels_survive() {
        Grid grid = Grid.of(2, 1);
        LabelMap labels = new LabelMap(grid, new short[] {(short) 65535, 3});
        assertThat(Resampling.toSize(grid, 1, 1).oneHotLinear(labels).label(0)).isEqualTo(3);
        LabelMap finer = Resampling.toSize(grid, 4, 1).oneHotLinear(labels);
        assertThat(finer.label(0)).isEqualTo(65535);
        assertThat(finer.label(1)).isEqualTo(65535);
        assertThat(finer.label(2)).isEqualTo(3);
    }

    @Test
    void a_voxel_is_judged_if_the_nearest_one_is_by_the_labels_judged_around_it() {
        Grid grid = Grid.of(5, 1);
        LabelMap labels = new LabelMap(grid, new short[] {9, 9, 1, 9, 0}, 9);
        LabelMap finer = Resampling.toSize(grid, 15, 1).oneHotLinear(labels);
        assertThat(finer.voxels()).containsExactly(9, 9, 9, 9, 9, 9, 1, 1, 1, 9, 9, 9, 0, 0, 0);
        assertThat(finer.ignored()).isEqualTo(9);
        // Every second voxel of five slices: those at the old positions 0.33, 2 and 3.67.
        assertThat(Resampling.toSize(grid, 3, 1).oneHotLinear(labels).voxels()).containsExactly(9, 1, 0);
    }

    @Test
    void an_axis_never_vanishes() {
        assertThat(Resampling.toSpacing(Grid.of(40, 40, 2), 1, 1, 50).to().size())
                .containsExactly(40, 40, 1);
    }

    @Test
    void a_spacing_that_would_fill_the_memory_is_refused() {
        assertThatThrownBy(() -> Resampling.toSpacing(Grid.of(500, 500, 500), 1e-6, 1e-6, 1e-6))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("500 x 500 x 500 voxels")
                .hasMessageContaining("larger target spacing");
        assertThatThrownBy(() -> Resampling.toSpacing(Grid.of(500, 500, 500), 0.1, 0.1, 0.1))
                .isInstanceOf(AttunetException.class);
    }

    @Test
    void a_spacing_that_is_no_positive_number_is_refused() {
        for (double s : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Resampling.toSpacing(Grid.of(4, 4), 1, s)).isInstanceOf(ConfigException.class);
        }
    }

    @Test
    void a_spacing_for_another_number_of_axes_is_refused() {
        assertThatThrownBy(() -> Resampling.toSpacing(Grid.of(4, 4), 1, 1, 1))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("one number per axis, 2");
        assertThatThrownBy(() -> Resampling.toSize(Grid.of(4, 4), 4)).isInstanceOf(AttunetException.class);
    }
}
