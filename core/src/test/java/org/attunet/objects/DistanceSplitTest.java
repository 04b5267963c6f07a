package org.attunet.objects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistanceSplitTest {
    /** By scikit-image 0.19.3: the components of {@code h_maxima(heights, h)}, heights as in {@link WatershedTest} with m = 60000. */
    @ParameterizedTest
    @CsvSource({
        "80, 60, 1, 20000, 1837",
        "80, 60, 1, 35000, 261",
        "80, 60, 1, 50000, 15",
        "30, 20, 12, 20000, 1309",
        "30, 20, 12, 35000, 110"
    })
    void maxima_equal_those_of_scikit_image(int x, int y, int z, int rise, int count) {
        Grid grid = z == 1 ? Grid.of(x, y) : Grid.of(x, y, z);
        short[] heights = new short[grid.voxels()];
        for (int i = 0; i < heights.length; i++) {
            heights[i] = (short) (1 + ((i * 2654435761L & 0xFFFFFFFFL) >> 16) % 60000);
        }
        int[] basins = Basins.of(new LabelMap(grid, heights), peak -> rise);
        assertThat(Arrays.stream(basins).distinct().count()).isEqualTo(count);
    }

    private static LabelMap disks(Grid grid, int... xyRadius) {
        short[] mask = new short[grid.voxels()];
        for (int i = 0; i < mask.length; i++) {
            for (int k = 0; k < xyRadius.length; k += 3) {
                double x = (i % grid.size(0) - xyRadius[k]) * grid.spacing(0);
                double y = (i / grid.size(0) - xyRadius[k + 1]) * grid.spacing(1);
                mask[i] |= (short) (x * x + y * y <= xyRadius[k + 2] * xyRadius[k + 2] ? 3 : 0);
            }
        }
        return new LabelMap(grid, mask);
    }

    @Test
    void touching_disks_are_cut_at_their_waist_and_single_ones_stay_whole() {
        LabelMap mask = disks(Grid.ofPixels(80, 40), 15, 20, 10, 31, 20, 10, 60, 20, 12);
        ObjectMap objects = DistanceSplit.STANDARD.split(mask, label -> label == 3);
        assertThat(objects.largest()).isEqualTo(3);
        int row = 20 * 80;
        assertThat(objects.numbers()[row + 21]).isEqualTo(objects.numbers()[row + 15]);
        assertThat(objects.numbers()[row + 25]).isEqualTo(objects.numbers()[row + 31]);
        assertThat(DistanceSplit.STANDARD.split(mask, label -> label == 2).largest())
                .isZero();
        assertThat(new DistanceSplit(0, 1, 1).split(mask, label -> label == 3).largest())
                .isEqualTo(2);
    }

    @Test
    void distances_are_measured_in_the_spacing_of_the_grid() {
        LabelMap mask = disks(Grid.of(new int[] {80, 20}, new double[] {1, 2}), 15, 10, 10, 31, 10, 10, 60, 10, 12);
        assertThat(DistanceSplit.STANDARD.split(mask, label -> label == 3).largest())
                .isEqualTo(3);
    }

    @Test
    void the_edge_of_the_image_cuts_nothing_and_a_full_image_is_one_object() {
        short[] full = new short[20 * 20];
        Arrays.fill(full, (short) 1);
        assertThat(DistanceSplit.STANDARD
                        .split(new LabelMap(Grid.of(20, 20), full), label -> label == 1)
                        .largest())
                .isEqualTo(1);
    }
}
