package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;

/** The spacing of training against the image's. */
class SpacingTest {
    private static final Preprocessing AT_1_MM = Preprocessing.of(1, new Normalisation.Identity())
            .withCanonicalOrientation(true)
            .withTargetSpacing(new double[] {1, 1, 1});

    private static Image ramp(Grid grid) {
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % grid.size(0);
        }
        return Image.of(grid, values);
    }

    private static Grid of(double spacing, int... size) {
        return Grid.of(size, new double[] {spacing, spacing, spacing});
    }

    @Test
    void voxels_of_the_models_spacing_stay_the_same_arrays() {
        for (double spacing : new double[] {1, 0.9993, 1.0009}) {
            Image image = ramp(of(spacing, 600, 3, 2));
            Prepared prepared = AT_1_MM.prepare(image);
            assertThat(prepared.image().grid().size()).containsExactly(600, 3, 2);
        }
        assertThat(AT_1_MM.preparedGrid(of(1.002, 600, 3, 2)).size(0)).isEqualTo(601);
    }

    /** Linear interpolation restores a ramp exactly, apart from the ends, where the outermost value is repeated. */
    @Test
    void a_ramp_at_2_mm_becomes_one_at_1_mm_and_back() {
        Image image = ramp(of(2, 20, 2, 2));
        Image fine = AT_1_MM.prepare(image).image();
        assertThat(fine.grid().size()).containsExactly(40, 4, 4);
        assertThat(fine.grid().spacing()).containsExactly(1, 1, 1);
        for (int x = 1; x < 39; x++) {
            assertThat(fine.channel(0)[x]).isEqualTo((x + 0.5f) / 2 - 0.5f, within(1e-5f));
        }
        float[] back = Resampling.toSize(fine.grid(), 20, 2, 2).linear(fine.channel(0));
        for (int x = 1; x < 19; x++) {
            assertThat(back[x]).isEqualTo(x, within(1e-5f));
        }
    }

    @Test
    void the_unit_counts_and_not_the_number() {
        double[] thousand = {1000, 1000, 2000};
        Grid micrometres = Grid.of(new int[] {8, 9, 10}, thousand, LengthUnit.MICROMETRE);
        assertThat(AT_1_MM.preparedGrid(micrometres).size()).containsExactly(8, 9, 20);
        assertThat(AT_1_MM.spacingWarnings(micrometres)).isEmpty();
    }

    @Test
    void an_image_without_physical_size_is_taken_as_it_is_and_warned_of() {
        Grid pages = Grid.ofPixels(8, 9, 10);
        assertThat(AT_1_MM.preparedGrid(pages)).isEqualTo(pages);
        assertThat(AT_1_MM.spacingWarnings(pages))
                .singleElement()
                .asString()
                .contains("no physical size", "1 x 1 x 1 mm");
        Preprocessing ofPictures = Preprocessing.of(3, new Normalisation.ZScore());
        assertThat(ofPictures.spacingWarnings(Grid.ofPixels(8, 9))).isEmpty();
        assertThat(ofPictures.spacingWarnings(Grid.of(8, 9))).isEmpty();
    }

    @Test
    void a_spacing_far_from_the_models_is_warned_of() {
        assertThat(AT_1_MM.spacingWarnings(of(2, 8, 9, 10))).isEmpty();
        assertThat(AT_1_MM.spacingWarnings(Grid.of(new int[] {8, 9, 10}, new double[] {1, 1, 5})))
                .containsExactly("the spacing of 1 x 1 x 5 mm is far from the model's 1 x 1 x 1 mm: the image is"
                        + " resampled, but the mask may be wrong");
        assertThat(AT_1_MM.spacingWarnings(of(0.3, 8, 9, 10))).hasSize(1);
        assertThat(AT_1_MM.withTargetSpacing(null).spacingWarnings(of(2, 8, 9, 10)))
                .containsExactly("the model doesn't record the spacing of its training images: the voxels of"
                        + " 2 x 2 x 2 mm are taken as they are");
    }

    /** Axes are compared after they are turned: here z of the file is x of the body. */
    @Test
    void the_spacing_belongs_to_the_bodys_axes() {
        Preprocessing thick = AT_1_MM.withTargetSpacing(new double[] {5, 1, 1});
        Grid sagittal = Grid.ofAffine(new int[] {9, 8, 4}, new double[][] {{0, 0, 5, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}});
        assertThat(thick.spacingWarnings(sagittal)).isEmpty();
        assertThat(thick.preparedGrid(sagittal).size()).containsExactly(4, 9, 8);
    }

    @Test
    void a_header_that_would_make_the_image_1000_times_larger_is_refused() {
        assertThatThrownBy(() -> AT_1_MM.preparedGrid(of(50, 35, 51, 35)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("1750 x 2550 x 1750 voxels of an image of 35 x 51 x 35 voxels of 50 x 50 x 50 mm")
                .hasMessageContaining("at most 62475000 voxels, 1000 times the image's")
                .hasMessageContaining("check the spacing in the image's header");
        assertThat(AT_1_MM.preparedGrid(of(10, 3, 3, 3)).voxels()).isEqualTo(27_000);
    }
}
