package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Against scipy.ndimage.label and find_objects; sizes are tested with the largest component. */
class ComponentsTest {
    /** Labels 1 and 2, each on so many voxels of a hundred, from a linear congruential generator. */
    private static LabelMap noise(Grid grid, int share) {
        short[] voxels = new short[grid.voxels()];
        int state = 7;
        for (int i = 0; i < voxels.length; i++) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            int drawn = (state >> 16) % 100;
            voxels[i] = (short) (drawn < share ? 1 : drawn < 2 * share ? 2 : 0);
        }
        return new LabelMap(grid, voxels);
    }

    @Test
    void lengths_of_components_in_a_picture_are_scipys() {
        LabelMap map = noise(Grid.of(new int[] {20, 15}, new double[] {1, 2}), 25);
        double[] lengths = Components.of(map, value -> value > 0).lengths();
        assertThat(lengths).hasSize(29).startsWith(2, 2, 30, 4, 6, 4, 4, 2, 6, 8, 4, 2);
        assertThat(Arrays.stream(lengths).sum()).isEqualTo(134);
    }

    @Test
    void lengths_of_components_in_a_volume_are_scipys() {
        LabelMap map = noise(Grid.of(new int[] {12, 10, 8}, new double[] {1, 1.5, 3}), 15);
        double[] lengths = Components.of(map, value -> value == 1).lengths();
        assertThat(lengths).hasSize(74).startsWith(3, 6, 3, 3, 3, 3, 3, 6, 3, 6, 3, 6);
        assertThat(Arrays.stream(lengths).sum()).isEqualTo(270);
        assertThat(Arrays.stream(lengths).max()).hasValue(12);
    }

    @Test
    void where_nothing_is_wanted_there_is_no_component() {
        Components none = Components.of(noise(Grid.of(5, 4), 25), value -> value == 9);
        assertThat(none.largest()).isEqualTo(-1);
        assertThat(none.lengths()).isEmpty();
        assertThat(none.at(3)).isEqualTo(-1);
    }
}
