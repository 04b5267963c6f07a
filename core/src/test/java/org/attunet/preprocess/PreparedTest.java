package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Orientation;
import org.attunet.image.OrientationTest;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedTest {
    private static final double[][] OBLIQUE = {
        {0.12, -0.31, 2.9, -40}, {-0.78, 0.05, 0.4, 33.5}, {0.06, 0.62, 0.7, 12.25}
    };
    private static final LabelSet TWO = LabelSet.of(Map.of(1, "inner", 5, "outer"));
    private static final Preprocessing SPACED =
            new Preprocessing(1, true, new double[] {1, 1, 1}, new Normalisation.ZScore());

    /** Two balls, one inside the other, in the middle of the volume. */
    private static LabelMap balls(Grid grid) {
        short[] voxels = new short[grid.voxels()];
        double[] centre = OrientationTest.world(
                grid, (grid.size(0) - 1) / 2.0, (grid.size(1) - 1) / 2.0, (grid.size(2) - 1) / 2.0);
        int i = 0;
        for (int z = 0; z < grid.size(2); z++) {
            for (int y = 0; y < grid.size(1); y++) {
                for (int x = 0; x < grid.size(0); x++, i++) {
                    double[] world = OrientationTest.world(grid, x, y, z);
                    double r = Math.hypot(Math.hypot(world[0] - centre[0], world[1] - centre[1]), world[2] - centre[2]);
                    voxels[i] = (short) (r < 7 ? 1 : r < 12 ? 5 : 0);
                }
            }
        }
        return new LabelMap(grid, voxels);
    }

    private static double dice(LabelMap a, LabelMap b, int label) {
        long both = 0;
        long sum = 0;
        for (int i = 0; i < a.voxels().length; i++) {
            both += a.label(i) == label && b.label(i) == label ? 1 : 0;
            sum += (a.label(i) == label ? 1 : 0) + (b.label(i) == label ? 1 : 0);
        }
        return 2.0 * both / sum;
    }

    private static float[][] oneHot(LabelMap labels) {
        float[][] probabilities = new float[3][labels.voxels().length];
        for (int i = 0; i < labels.voxels().length; i++) {
            probabilities[TWO.classOf(labels.label(i))][i] = 1;
        }
        return probabilities;
    }

    /** The labels of whole probability maps on the original grid. */
    private static LabelMap restored(Prepared prepared, float[][] probabilities, LabelSet labels) {
        LabelRestoration restoration = prepared.labelRestoration(labels, probabilities.length);
        restoration.accept(planes(prepared), probabilities);
        return restoration.labels();
    }

    /** Whole maps on the original grid. */
    private static Image restored(Prepared prepared, float[]... maps) {
        MapRestoration restoration = prepared.mapRestoration(maps.length);
        restoration.accept(planes(prepared), maps);
        return restoration.image();
    }

    private static int planes(Prepared prepared) {
        Grid grid = prepared.image().grid();
        return grid.size(grid.dimension() - 1);
    }

    private static Grid oblique() {
        return Grid.ofAffine(new int[] {40, 44, 12}, OBLIQUE);
    }

    @Test
    void a_mask_is_restored_to_exactly_its_grid_and_overlaps() {
        LabelMap mask = balls(oblique());
        Prepared prepared = SPACED.prepare(Image.of(mask.grid(), new float[mask.voxels().length]));
        LabelMap onNetwork = SPACED.prepareLabels(mask);
        assertThat(onNetwork.grid()).isEqualTo(prepared.image().grid());
        assertThat(onNetwork.grid().spacing()).containsExactly(new double[] {1, 1, 1}, within(0.03));
        LabelMap restored = restored(prepared, oneHot(onNetwork), TWO);
        assertThat(restored.grid()).isSameAs(mask.grid());
        assertThat(dice(restored, mask, 1)).isGreaterThan(0.93);
        assertThat(dice(restored, mask, 5)).isGreaterThan(0.93);
    }

    @Test
    void a_mask_written_for_a_scan_has_the_scans_affine(@TempDir Path folder) {
        Path scan = folder.resolve("scan.nii.gz");
        Images.write(Image.of(oblique(), new float[oblique().voxels()]), scan);
        Prepared prepared = SPACED.prepare(Images.read(scan));
        LabelMap onNetwork = balls(prepared.image().grid());
        Path mask = folder.resolve("mask.nii.gz");
        Images.write(restored(prepared, oneHot(onNetwork), TWO), mask);
        assertThat(Images.readGrid(mask).sameAs(Images.readGrid(scan), 1e-6)).isTrue();
    }

    @Test
    void a_landmark_stays_at_its_world_coordinates_on_the_networks_grid() {
        LabelMap mask = balls(oblique());
        LabelMap onNetwork = SPACED.prepareLabels(mask);
        assertThat(centreOfMass(onNetwork)).containsExactly(centreOfMass(mask), within(0.25));
        Preprocessing unspaced = SPACED.withTargetSpacing(null);
        assertThat(centreOfMass(unspaced.prepareLabels(mask))).containsExactly(centreOfMass(mask), within(1e-9));
    }

    private static double[] centreOfMass(LabelMap labels) {
        Grid grid = labels.grid();
        double[] sum = new double[3];
        int n = 0;
        for (int i = 0; i < labels.voxels().length; i++) {
            if (labels.label(i) == 1) {
                int sx = grid.size(0);
                double[] world = OrientationTest.world(grid, i % sx, i / sx % grid.size(1), i / sx / grid.size(1));
                for (int axis = 0; axis < 3; axis++) {
                    sum[axis] += world[axis];
                }
                n++;
            }
        }
        return new double[] {sum[0] / n, sum[1] / n, sum[2] / n};
    }

    @Test
    void without_resampling_every_voxel_comes_back_for_all_48_orientations() {
        Preprocessing preprocessing = SPACED.withTargetSpacing(null);
        Grid upright = Grid.of(new int[] {9, 10, 11}, new double[] {3, 2.5, 2});
        for (Orientation orientation : OrientationTest.all(upright)) {
            LabelMap mask = orientation.apply(balls(upright));
            Prepared prepared = preprocessing.prepare(Image.of(mask.grid(), new float[990]));
            LabelMap onNetwork = preprocessing.prepareLabels(mask);
            assertThat(onNetwork.grid().sameAs(upright, 1e-9)).isTrue();
            assertThat(restored(prepared, oneHot(onNetwork), TWO).voxels()).isEqualTo(mask.voxels());
            assertThat(restored(prepared, oneHot(onNetwork), TWO).grid()).isSameAs(mask.grid());
        }
    }

    @Test
    void argmax_without_any_change_of_grid_leaves_the_probabilities_alone() {
        Preprocessing preprocessing = Preprocessing.of(1, new Normalisation.Identity());
        Prepared prepared = preprocessing.prepare(Image.of(Grid.of(4, 1), new float[4]));
        float[][] probabilities = {{0.5f, 0.2f, 0.3f, 0.4f}, {0.5f, 0.7f, 0.3f, 0.2f}, {0, 0.1f, 0.4f, 0.4f}};
        float[] first = probabilities[0].clone();
        assertThat(restored(prepared, probabilities, TWO).voxels()).containsExactly(0, 1, 5, 0);
        assertThat(probabilities[0]).isEqualTo(first);
    }

    @Test
    void a_single_probability_is_set_above_one_half() {
        Prepared prepared =
                Preprocessing.of(1, new Normalisation.Identity()).prepare(Image.of(Grid.of(4, 1), new float[4]));
        LabelSet one = LabelSet.of(Map.of(255, "nucleus"));
        assertThat(restored(prepared, new float[][] {{0.2f, 0.5f, 0.500001f, 1}}, one)
                        .voxels())
                .containsExactly(0, 0, 255, 255);
    }

    @Test
    void probabilities_are_interpolated_before_they_are_compared() {
        Preprocessing coarse = new Preprocessing(1, false, new double[] {2, 1}, new Normalisation.Identity());
        Prepared prepared = coarse.prepare(Image.of(Grid.of(6, 1), new float[6]));
        assertThat(prepared.image().grid().size()).containsExactly(3, 1);
        float[][] probabilities = {{1, 0.9f, 0}, {0, 0.1f, 1}, {0, 0, 0}};
        // Over the six voxels class 0 has 1, 0.975, 0.925, 0.675, 0.225, 0.
        assertThat(restored(prepared, probabilities, TWO).voxels()).containsExactly(0, 0, 0, 0, 1, 1);
        assertThat(restored(prepared, probabilities[0]).channel(0))
                .containsExactly(new float[] {1, 0.975f, 0.925f, 0.675f, 0.225f, 0}, within(1e-6f));
    }

    @Test
    void the_inverse_of_a_probability_map_lies_on_the_original_grid() {
        Prepared prepared =
                SPACED.prepare(Image.of(oblique(), new float[oblique().voxels()]));
        float[] ones = new float[prepared.image().grid().voxels()];
        java.util.Arrays.fill(ones, 0.25f);
        Image restored = restored(prepared, ones, ones);
        assertThat(restored.grid()).isSameAs(prepared.original());
        assertThat(restored.channel(1)).containsOnly(0.25f);
    }

    @Test
    void planes_equal_whole_maps_bit_for_bit() {
        Random random = new Random(4);
        Grid upright = Grid.of(new int[] {9, 7, 8}, new double[] {1, 1, 1});
        for (double[] spacing : new double[][] {{1, 1, 1}, {1, 1, 2.2}, {0.6, 1.4, 0.7}, {1.7, 0.8, 1}, {2, 2, 3}}) {
            for (Orientation orientation : OrientationTest.all(upright)) {
                Grid grid = orientation.to();
                Prepared prepared = SPACED.withTargetSpacing(spacing).prepare(Image.of(grid, new float[504]));
                Grid onNetwork = prepared.image().grid();
                float[][] maps = new float[3][onNetwork.voxels()];
                for (float[] map : maps) {
                    for (int i = 0; i < map.length; i++) {
                        map[i] = random.nextFloat();
                    }
                }
                assertSlabsEqualWhole(prepared, maps, 1 + random.nextInt(3));
            }
        }
    }

    private static void assertSlabsEqualWhole(Prepared prepared, float[][] maps, int planes) {
        Grid onNetwork = prepared.image().grid();
        LabelRestoration labels = prepared.labelRestoration(TWO, 3);
        MapRestoration probabilities = prepared.mapRestoration(3);
        int plane = onNetwork.size(0) * onNetwork.size(1);
        for (int z = 0; z < onNetwork.size(2); z += planes) {
            int count = Math.min(planes, onNetwork.size(2) - z);
            float[][] slab = new float[3][planes * plane];
            for (int c = 0; c < 3; c++) {
                System.arraycopy(maps[c], z * plane, slab[c], 0, count * plane);
            }
            labels.accept(count, slab);
            probabilities.accept(count, slab);
        }
        Orientation orientation = Orientation.canonical(prepared.original());
        Resampling back = Resampling.toSize(onNetwork, orientation.to().size());
        float[][] whole = new float[3][];
        for (int c = 0; c < 3; c++) {
            whole[c] = OrientationTest.inverse(orientation, back.linear(maps[c]));
            assertThat(probabilities.image().channel(c)).isEqualTo(whole[c]);
        }
        for (int i = 0; i < whole[0].length; i++) {
            int best = whole[1][i] > whole[0][i] ? 1 : 0;
            best = whole[2][i] > whole[best][i] ? 2 : best;
            assertThat(labels.labels().label(i)).isEqualTo(TWO.valueOf(best));
        }
    }

    @Test
    void rows_of_a_picture_equal_the_whole_picture() {
        Random random = new Random(5);
        Grid grid = Grid.of(13, 11);
        for (double[] spacing : new double[][] {{1, 1}, {2, 0.7}, {0.6, 1.9}}) {
            Prepared prepared = Preprocessing.of(1, new Normalisation.Identity())
                    .withTargetSpacing(spacing)
                    .prepare(Image.of(grid, new float[143]));
            Grid onNetwork = prepared.image().grid();
            float[] map = new float[onNetwork.voxels()];
            for (int i = 0; i < map.length; i++) {
                map[i] = random.nextFloat();
            }
            MapRestoration rows = prepared.mapRestoration(1);
            for (int y = 0; y < onNetwork.size(1); y++) {
                int from = y * onNetwork.size(0);
                rows.accept(1, new float[][] {Arrays.copyOfRange(map, from, from + onNetwork.size(0))});
            }
            assertThat(rows.image().channel(0))
                    .isEqualTo(Resampling.toSize(onNetwork, 13, 11).linear(map));
        }
    }

    @Test
    void one_channel_is_repeated_for_a_network_of_three() {
        Preprocessing colour = Preprocessing.of(3, new Normalisation.UnitRange(0, 255));
        Prepared prepared = colour.prepare(Image.of(Grid.of(2, 1), new float[] {0, 255}));
        assertThat(prepared.image().channels()).hasDimensions(3, 2);
        assertThat(prepared.image().channel(2)).containsExactly(0, 1);
    }

    @Test
    void a_colour_picture_becomes_grey_for_a_network_of_one_channel() {
        Preprocessing grey = Preprocessing.of(1, new Normalisation.Identity());
        float[] same = {7, 9, 200, 3};
        Image equal = new Image(Grid.of(4, 1), new float[][] {same, same.clone(), same.clone()});
        assertThat(grey.prepare(equal).image().channels()).isDeepEqualTo(new float[][] {same});
        Image colours = new Image(Grid.of(4, 1), new float[][] {{255, 0, 0, 10}, {0, 255, 0, 20}, {0, 0, 255, 30}});
        float[] brightness = grey.prepare(colours).image().channel(0);
        // Pillow 9.4: Image.convert("L") of these pixels
        assertThat(brightness).hasSize(4);
        assertThat(Math.round(brightness[0])).isEqualTo(76);
        assertThat(Math.round(brightness[1])).isEqualTo(150);
        assertThat(Math.round(brightness[2])).isEqualTo(29);
        assertThat(Math.round(brightness[3])).isEqualTo(18);
    }

    @Test
    void other_numbers_of_channels_are_refused() {
        Image colour = new Image(Grid.of(2, 1, 1), new float[3][2]);
        Preprocessing grey = Preprocessing.of(1, new Normalisation.MinMax());
        assertThatThrownBy(() -> grey.prepare(colour))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("3 channels")
                .hasMessageContaining("expected 1 channel");
        assertThatThrownBy(() -> Preprocessing.of(4, new Normalisation.MinMax()).prepare(colour))
                .isInstanceOf(AttunetException.class);
    }

    @Test
    void another_number_of_classes_is_refused() {
        Prepared prepared = SPACED.prepare(Image.of(Grid.of(4, 4, 4), new float[64]));
        assertThatThrownBy(() -> prepared.labelRestoration(TWO, 4))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("4 classes");
    }

    @Test
    void settings_out_of_range_are_refused() {
        var identity = new Normalisation.Identity();
        assertThatThrownBy(() -> Preprocessing.of(0, identity)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Preprocessing(1, true, new double[] {1, 0, 1}, identity))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Preprocessing(1, true, new double[] {1}, identity))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> SPACED.prepare(Image.of(Grid.of(4, 4), new float[16])))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("2D");
    }
}
