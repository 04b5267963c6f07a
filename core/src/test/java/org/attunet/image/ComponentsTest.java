package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.attunet.image.NoiseLabels.noise;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Against scipy.ndimage.label and find_objects; sizes are tested with the largest component. */
class ComponentsTest {
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
    void components_of_all_labels_are_counted_in_one_pass() {
        LabelMap volume = noise(Grid.of(12, 10, 8), 15);
        assertThat(Components.counts(volume)[1]).isEqualTo(74);
        for (LabelMap map : new LabelMap[] {volume, noise(Grid.of(60, 50), 33), noise(Grid.of(17, 19, 23), 45)}) {
            for (int label = 1; label <= 2; label++) {
                int wanted = label;
                assertThat(Components.counts(map)[label])
                        .isEqualTo(Components.of(map, value -> value == wanted).lengths().length);
            }
        }
    }

    @Test
    void without_wanted_labels_there_is_no_component() {
        Components none = Components.of(noise(Grid.of(5, 4), 25), value -> value == 9);
        assertThat(none.largest()).isEqualTo(-1);
        assertThat(none.lengths()).isEmpty();
        assertThat(none.at(3)).isEqualTo(-1);
    }
}
