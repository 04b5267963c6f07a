package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

public class OrientationTest {
    private static final double[][] OBLIQUE = {
        {0.12, -0.31, 2.9, -40}, {-0.78, 0.05, 0.4, 33.5}, {0.06, 0.62, 0.7, 12.25}
    };

    public static List<Orientation> all(Grid grid) {
        int[][] permutations = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        List<Orientation> orientations = new ArrayList<>();
        for (int[] axes : permutations) {
            for (int flips = 0; flips < 8; flips++) {
                orientations.add(Orientation.of(
                        grid, axes, new boolean[] {(flips & 1) != 0, (flips & 2) != 0, (flips & 4) != 0}));
            }
        }
        return orientations;
    }

    static float[] ramp(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }

    /** Values of the new grid on the old one. */
    public static float[] inverse(Orientation orientation, float[] values) {
        float[] source = orientation.apply(ramp(values.length));
        float[] old = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            old[(int) source[i]] = values[i];
        }
        return old;
    }

    public static double[] world(Grid grid, double x, double y, double z) {
        double[] world = new double[3];
        double[][] affine = grid.affine();
        for (int row = 0; row < 3; row++) {
            world[row] = affine[row][0] * x + affine[row][1] * y + affine[row][2] * z + affine[row][3];
        }
        return world;
    }

    @Test
    void putting_planes_back_restores_every_voxel_for_all_48_orientations() {
        Grid grid = Grid.ofAffine(new int[] {4, 5, 6}, OBLIQUE);
        float[] voxels = ramp(grid.voxels());
        List<Orientation> orientations = all(grid);
        assertThat(orientations).hasSize(48);
        for (Orientation orientation : orientations) {
            float[] moved = orientation.apply(voxels);
            assertThat(inverse(orientation, moved)).isEqualTo(voxels);
            float[] back = new float[voxels.length];
            int plane = orientation.to().size(0) * orientation.to().size(1);
            for (int z = 0; z < orientation.to().size(2); z++) {
                orientation.putBack(z, java.util.Arrays.copyOfRange(moved, z * plane, (z + 1) * plane), back);
            }
            assertThat(back).isEqualTo(voxels);
            assertThat(orientation.isIdentity()).isEqualTo(java.util.Arrays.equals(moved, voxels));
        }
    }

    @Test
    void every_voxel_keeps_its_world_coordinates() {
        Grid grid = Grid.ofAffine(new int[] {4, 5, 6}, OBLIQUE);
        float[] voxels = ramp(grid.voxels());
        for (Orientation orientation : all(grid)) {
            float[] moved = orientation.apply(voxels);
            Grid to = orientation.to();
            for (int i = 0; i < moved.length; i++) {
                int source = (int) moved[i];
                double[] before = world(grid, source % 4, source / 4 % 5, source / 20);
                int sx = to.size(0);
                double[] after = world(to, i % sx, i / sx % to.size(1), i / sx / to.size(1));
                assertThat(after).containsExactly(before, within(1e-9));
            }
        }
    }

    /** The numbers are nibabel 5.0.0's, as_closest_canonical. */
    @Test
    void the_canonical_grid_and_voxels_equal_nibabels_for_an_oblique_scan() {
        Grid grid = Grid.ofAffine(new int[] {4, 5, 6}, OBLIQUE);
        Orientation canonical = Orientation.canonical(grid);
        assertThat(canonical.to().size()).containsExactly(6, 4, 5);
        double[][] expected = {{2.9, -0.12, -0.31, -39.64}, {0.4, 0.78, 0.05, 31.16}, {0.7, -0.06, 0.62, 12.43}};
        for (int row = 0; row < 3; row++) {
            assertThat(canonical.to().affine()[row]).containsExactly(expected[row], within(1e-12));
        }
        float[] moved = canonical.apply(ramp(120));
        assertThat(java.util.Arrays.copyOf(moved, 12)).containsExactly(3, 23, 43, 63, 83, 103, 2, 22, 42, 62, 82, 102);
    }

    @Test
    void every_axis_order_becomes_the_same_canonical_volume() {
        Grid upright =
                Grid.ofAffine(new int[] {4, 5, 6}, new double[][] {{0.7, 0, 0, -12}, {0, 1.5, 0, 3}, {0, 0, 3, 99}});
        float[] voxels = ramp(120);
        for (Orientation orientation : all(upright)) {
            Orientation canonical = Orientation.canonical(orientation.to());
            assertThat(canonical.apply(orientation.apply(voxels))).isEqualTo(voxels);
            assertThat(canonical.to().sameAs(upright, 1e-9)).isTrue();
        }
    }

    @Test
    void canonical_axes_are_left_alone_and_their_arrays_shared() {
        Grid grid = Grid.of(new int[] {3, 4, 5}, new double[] {1, 2, 3});
        Image image = Image.of(grid, ramp(60));
        Orientation canonical = Orientation.canonical(grid);
        assertThat(canonical.isIdentity()).isTrue();
        assertThat(canonical.to()).isSameAs(grid);
        assertThat(canonical.apply(image).channel(0)).isSameAs(image.channel(0));
    }

    @Test
    void a_picture_is_left_alone_whatever_its_affine() {
        Grid grid = Grid.ofAffine(new int[] {3, 4}, new double[][] {{0, -1, 0, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}});
        assertThat(Orientation.canonical(grid).isIdentity()).isTrue();
    }

    @Test
    void a_picture_can_be_transposed_and_flipped() {
        Orientation turn = Orientation.of(Grid.of(3, 2), new int[] {1, 0}, new boolean[] {false, true});
        LabelMap turned = turn.apply(new LabelMap(Grid.of(3, 2), new short[] {1, 2, 3, 4, 5, 6}));
        assertThat(turned.grid().size()).containsExactly(2, 3);
        assertThat(turned.voxels()).containsExactly(3, 6, 2, 5, 1, 4);
    }

    @Test
    void labels_above_32767_survive() {
        Orientation flip = Orientation.of(Grid.of(2, 1, 1), new int[] {0, 1, 2}, new boolean[] {true, false, false});
        LabelMap flipped = flip.apply(new LabelMap(Grid.of(2, 1, 1), new short[] {(short) 65535, 7}));
        assertThat(flipped.label(0)).isEqualTo(7);
        assertThat(flipped.label(1)).isEqualTo(65535);
    }

    @Test
    void axes_that_are_no_permutation_are_refused() {
        Grid grid = Grid.of(2, 3, 4);
        for (int[] axes : new int[][] {{0, 0, 2}, {1, 2, 3}, {0, 1}, {-1, 0, 1}}) {
            assertThatThrownBy(() -> Orientation.of(grid, axes, new boolean[axes.length]))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("each of the 3 axes once");
        }
    }

    @Test
    void voxels_of_another_size_are_refused() {
        Orientation canonical = Orientation.canonical(Grid.of(2, 3, 4));
        assertThatThrownBy(() -> canonical.apply(new float[23]))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("23 values");
    }
}
