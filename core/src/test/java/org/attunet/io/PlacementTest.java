package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacementTest {
    private static final int[] SIZE = {4, 3, 2};
    private static final double[][] AFFINE = {{1.8, -0.24, 0.3, -20}, {0.3, 1.9, 0.2, 7}, {-0.2, 0.1, 2.5, 11}};
    private static final Grid OBLIQUE = Grid.ofAffine(SIZE, AFFINE);

    /** What nibabel 4 makes of the values 0 to 23 on the oblique grid by {@code as_reoriented([[1, 1], [2, -1], [0, -1]])}. */
    private static final Grid TURNED = Grid.ofAffine(
            new int[] {2, 4, 3},
            new double[][] {{-0.3, 1.8, 0.24, -20.18}, {-0.2, 0.3, -1.9, 11.0}, {-2.5, -0.2, -0.1, 13.7}});

    private static final int[] TURNED_VALUES = {
        20, 8, 21, 9, 22, 10, 23, 11, 16, 4, 17, 5, 18, 6, 19, 7, 12, 0, 13, 1, 14, 2, 15, 3
    };

    @TempDir
    Path folder;

    private Path image(String name, Grid grid) {
        Path file = folder.resolve(name);
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = grid.equals(TURNED) ? TURNED_VALUES[i] : i;
        }
        Images.write(Image.of(grid, values), file);
        return file;
    }

    private Path mask(String name, Grid grid) {
        Path file = folder.resolve(name);
        short[] values = new short[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (short) (grid.equals(TURNED) ? TURNED_VALUES[i] : i);
        }
        Images.write(new LabelMap(grid, values), file);
        return file;
    }

    private static short[] counted() {
        short[] values = new short[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = (short) i;
        }
        return values;
    }

    private static Grid moved(double x, double z) {
        double[][] affine = {AFFINE[0].clone(), AFFINE[1].clone(), AFFINE[2].clone()};
        for (int row = 0; row < 3; row++) {
            affine[row][3] += x * AFFINE[row][0] + z * AFFINE[row][2];
        }
        return Grid.ofAffine(SIZE, affine);
    }

    @Test
    void a_mask_of_the_same_points_is_turned_as_nibabel_turns_it() {
        Path image = image("a.nii.gz", OBLIQUE);
        Path mask = mask("m.nii", TURNED);
        Placement placement = Placement.ofMask(mask, image);
        assertThat(placement.kind()).isEqualTo(Placement.Kind.TURNED);
        LabelMap turned = placement.apply(Images.readLabels(mask), OBLIQUE);
        assertThat(turned.grid()).isEqualTo(OBLIQUE);
        assertThat(turned.voxels()).isEqualTo(counted());
    }

    @Test
    void a_channel_of_the_same_points_is_turned() {
        var one = new ImageCase("a", List.of(image("a_0000.nii", OBLIQUE), image("a_0001.nii", TURNED)));
        Image read = one.read(2);
        assertThat(read.channel(1)).isEqualTo(read.channel(0));
        assertThat(one.readGrid()).isEqualTo(read.grid());
    }

    @Test
    void headers_may_differ_by_less_than_a_hundredth_of_a_voxel() {
        Path image = image("a.nii", OBLIQUE);
        for (Grid near : List.of(moved(0.009, 0), moved(0, -0.009))) {
            assertThat(Placement.ofMask(mask("near.nii", near), image).kind()).isEqualTo(Placement.Kind.EQUAL);
        }
        for (Grid far : List.of(moved(0.012, 0), moved(0, 0.012), moved(0.5, 0), moved(30, 2))) {
            Path mask = mask("far.nii", far);
            assertThatThrownBy(() -> Placement.ofMask(mask, image))
                    .hasMessageContainingAll("far.nii: its header places the mask up to", "the points of " + image);
            assertThatThrownBy(() -> Placement.ofChannel(mask, image))
                    .hasMessageContainingAll("far.nii: its affine differs", "resample the channels");
        }
    }

    @Test
    void a_corner_far_away_decides_over_a_small_difference_of_spacing() {
        Grid long1 = Grid.of(new int[] {400, 2, 2}, new double[] {1, 1, 1});
        Grid long2 = Grid.of(new int[] {400, 2, 2}, new double[] {1.0001, 1, 1});
        Path image = image("a.nii", long1);
        assertThatThrownBy(() -> Placement.ofMask(mask("m.nii", long2), image)).hasMessageContaining("0.0399 voxels");
    }

    @Test
    void a_mask_without_a_position_is_taken_voxel_for_voxel() {
        Path image = image("a.nii", OBLIQUE);
        Grid itk = Grid.ofAffine(SIZE, new double[][] {{-1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 0}});
        Grid noCodes = Grid.ofAffine(SIZE, new double[][] {{-2, 0, 0, 3}, {0, 2, 0, -2}, {0, 0, 2, -1}});
        for (Path mask : List.of(
                mask("m.tif", Grid.of(SIZE)),
                mask("identity.nii", Grid.of(SIZE)),
                mask("itk.nii", itk),
                mask("none.nii", noCodes))) {
            Placement placement = Placement.ofMask(mask, image);
            assertThat(placement.kind()).as(mask.toString()).isEqualTo(Placement.Kind.UNPLACED);
            assertThat(placement.apply(Images.readLabels(mask), OBLIQUE).voxels())
                    .isEqualTo(counted());
        }
    }

    @Test
    void a_file_without_codes_is_not_turned_by_the_affine_that_readers_assume() {
        Grid assumed = Grid.ofAffine(SIZE, new double[][] {{-2, 0, 0, 3}, {0, 2, 0, -2}, {0, 0, 2, -1}});
        Grid mirrored = Grid.ofAffine(SIZE, new double[][] {{2, 0, 0, -3}, {0, 2, 0, -2}, {0, 0, 2, -1}});
        Path image = image("a.nii", mirrored);
        assertThat(Placement.ofMask(mask("m.nii", assumed), image).kind()).isEqualTo(Placement.Kind.UNPLACED);
        assertThatThrownBy(() -> Placement.ofChannel(image("b.nii", assumed), image))
                .hasMessageContaining("its affine differs");
    }

    @Test
    void two_pictures_need_one_size_only() {
        Path image = image("a.png", Grid.of(5, 4));
        assertThat(Placement.ofMask(mask("m.tif", Grid.of(5, 4)), image).kind()).isEqualTo(Placement.Kind.EQUAL);
        Path turned = mask("t.png", Grid.of(4, 5));
        assertThatThrownBy(() -> Placement.ofMask(turned, image)).hasMessageContaining("t.png");
    }

    @Test
    void other_sizes_are_refused_with_both() {
        Path image = image("a.nii", OBLIQUE);
        Path mask = mask("m.nii", Grid.of(4, 3, 3));
        assertThatThrownBy(() -> Placement.ofMask(mask, image))
                .hasMessageContainingAll("4 x 3 x 3", "4 x 3 x 2", image.toString());
    }
}
