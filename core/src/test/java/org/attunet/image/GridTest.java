package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GridTest {
    private static final Grid PIXELS = Grid.ofPixels(640, 480);
    private static final Grid MICROSCOPE =
            Grid.of(new int[] {640, 480}, new double[] {0.5, 0.25}, LengthUnit.MICROMETRE);

    @Test
    void lengths_are_in_mm_whatever_the_unit() {
        assertThat(MICROSCOPE.spacing()).containsExactly(new double[] {0.0005, 0.00025}, within(1e-15));
        assertThat(MICROSCOPE.voxelVolume()).isEqualTo(1.25e-7, within(1e-18));
        assertThat(Grid.of(new int[] {2, 2, 2}, new double[] {0.001, 0.002, 0.003}, LengthUnit.METRE)
                        .voxelVolume())
                .isEqualTo(6, within(1e-12));
        assertThat(MICROSCOPE.affineInUnit()[1]).containsExactly(0, 0.25, 0, 0);
    }

    @Test
    void photographs_have_pixels_only() {
        assertThat(PIXELS.hasPhysicalSize()).isFalse();
        assertThat(MICROSCOPE.hasPhysicalSize()).isTrue();
        assertThat(PIXELS).isNotEqualTo(Grid.of(640, 480));
        assertThat(PIXELS.with(new int[] {320, 480}, new double[][] {{2, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}))
                .hasToString("320 x 480 pixels")
                .matches(grid -> grid.spacing(0) == 2 && !grid.hasPhysicalSize());
    }

    @Test
    void a_grid_without_physical_size_lies_anywhere() {
        Grid moved = Grid.ofAffine(new int[] {4, 5}, new double[][] {{2, 0, 0, 9}, {0, 2, 0, 9}, {0, 0, 1, 9}});
        assertThat(moved.sameAs(Grid.ofPixels(4, 5), 0)).isTrue();
        assertThat(Grid.ofPixels(4, 5).sameAs(moved, 0)).isTrue();
        assertThat(Grid.ofPixels(5, 4).sameAs(moved, 1e9)).isFalse();
        assertThat(moved.sameAs(Grid.of(4, 5), 1)).isFalse();
        assertThat(MICROSCOPE.sameAs(Grid.of(MICROSCOPE.size(), MICROSCOPE.spacing()), 1e-12))
                .isTrue();
    }

    @Test
    void text_has_the_files_unit() {
        assertThat(PIXELS).hasToString("640 x 480 pixels");
        assertThat(MICROSCOPE).hasToString("640 x 480 pixels of 0.5 x 0.25 µm");
        assertThat(Grid.of(40, 56, 30)).hasToString("40 x 56 x 30 voxels of 1 x 1 x 1 mm");
        assertThat(Grid.ofPixels(40, 56, 30)).hasToString("40 x 56 x 30 voxels");
    }
}
