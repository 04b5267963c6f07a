package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

class ResizeTest {
    private static final Preprocessing QUARTER =
            Preprocessing.of(1, new Normalisation.Identity()).withResize(0.25);
    private static final LabelSet ONE = LabelSet.of(Map.of(7, "lesion"));

    @Test
    void a_picture_is_reduced_and_its_mask_is_at_full_size() {
        Grid grid = Grid.ofPixels(601, 399);
        short[] disc = new short[grid.voxels()];
        for (int i = 0; i < disc.length; i++) {
            disc[i] = (short) (Math.hypot(i % 601 - 250, i / 601 - 180) < 90 ? 7 : 0);
        }
        Prepared prepared = QUARTER.prepare(Image.of(grid, new float[grid.voxels()]));
        assertThat(prepared.image().grid().size()).containsExactly(150, 100);

        LabelMap small = QUARTER.prepareLabels(new LabelMap(grid, disc));
        assertThat(small.grid()).isEqualTo(prepared.image().grid());
        float[] probabilities = new float[small.voxels().length];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = small.label(i) == 7 ? 1 : 0;
        }
        LabelRestoration restoration = prepared.labelRestoration(ONE, 1);
        restoration.accept(small.grid().size(1), new float[][] {probabilities});
        LabelMap restored = restoration.labels();
        assertThat(restored.grid()).isSameAs(grid);
        int both = 0;
        int sum = 0;
        for (int i = 0; i < disc.length; i++) {
            both += disc[i] == 7 && restored.label(i) == 7 ? 1 : 0;
            sum += (disc[i] == 7 ? 1 : 0) + (restored.label(i) == 7 ? 1 : 0);
        }
        assertThat(2.0 * both / sum).isGreaterThan(0.98);
    }

    @Test
    void the_factor_counts_on_top_of_a_target_spacing() {
        Preprocessing spaced = QUARTER.withTargetSpacing(new double[] {2, 2}).withResize(0.5);
        Grid sized = Grid.of(new int[] {100, 80}, new double[] {1, 1});
        assertThat(spaced.preparedGrid(sized).size()).containsExactly(25, 20);
        assertThat(spaced.resizedSpacing()).containsExactly(4, 4);
        assertThat(spaced.preparedGrid(Grid.ofPixels(100, 80)).size()).containsExactly(50, 40);
    }

    @Test
    void tiny_pictures_keep_a_pixel_and_wrong_factors_are_refused() {
        assertThat(QUARTER.preparedGrid(Grid.ofPixels(1, 3)).size()).containsExactly(1, 1);
        for (double factor : new double[] {0, -1, 0.001, 9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> QUARTER.withResize(factor))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("resize");
        }
        assertThatThrownBy(() -> QUARTER.withResize(8).preparedGrid(Grid.ofPixels(40_000, 40_000)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("320000 x 320000");
    }
}
