package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

class LabelSetTest {
    /** As nnU-Net's kidney tumour data set declares them. */
    private static final LabelSet NESTED = LabelSet.regions(List.of(
            new LabelSet.Region(1, "kidney and masses", Set.of(1, 2, 3)),
            new LabelSet.Region(3, "masses", Set.of(2, 3)),
            new LabelSet.Region(2, "tumour", Set.of(2))));

    private static LabelMap map(int... values) {
        short[] voxels = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            voxels[i] = (short) values[i];
        }
        return new LabelMap(Grid.ofPixels(values.length, 1), voxels);
    }

    @Test
    void a_label_map_of_nested_regions_holds_the_last_in_the_class_order() {
        // bits: 1 the whole, 2 masses, 4 tumour; nnU-Net writes each region above those before it
        assertThat(NESTED.valueOfRegions()).containsExactly(0, 1, 3, 3, 2, 2, 2, 2);
        assertThat(NESTED.overlapsFreely()).isFalse();
        assertThat(NESTED.inClassOrder(map(0, 1, 2, 3)).voxels()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void masks_of_regions_are_exact_whatever_the_class_order_shows() {
        // the whole is written over its core, and 4 is a value of the first and third alone
        LabelSet set = LabelSet.regions(List.of(
                new LabelSet.Region(2, "core", Set.of(2, 3)),
                new LabelSet.Region(1, "whole", Set.of(1, 2, 3, 4)),
                new LabelSet.Region(3, "cyst", Set.of(3, 4))));
        assertThat(set.valueOfRegions()).containsExactly(0, 2, 1, 2, 3, 3, 4, 3);
        LabelMap found = map(0, 1, 2, 3, 4);
        assertThat(set.maskOf(found, 2).voxels()).containsExactly(0, 0, 1, 1, 0);
        assertThat(set.inClassOrder(found).voxels()).containsExactly(0, 1, 1, 3, 3);
        assertThat(set.overlapsFreely()).isFalse();
        assertThat(set.hidden()).containsExactly("core");
        assertThat(NESTED.hidden()).isEmpty();
    }

    @Test
    void membership_and_masks_follow_what_regions_cover() {
        int[] membership = NESTED.membership();
        assertThat(List.of(membership[0], membership[1], membership[2], membership[3], membership[4]))
                .containsExactly(0, 1, 7, 3, -1);
        assertThat(NESTED.maskOf(map(0, 1, 2, 3), 3).voxels()).containsExactly(0, 0, 1, 1);
        assertThat(NESTED.maskOf(map(0, 1, 2, 3), 1).voxels()).containsExactly(0, 1, 1, 1);
    }

    @Test
    void labels_that_overlap_freely_have_a_value_for_each_combination() {
        LabelSet set = LabelSet.overlapping(List.of("liver", "vessel", "lesion"));
        assertThat(set.values()).containsExactly(1, 2, 4);
        assertThat(set.overlapsFreely()).isTrue();
        assertThat(set.valueOfRegions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(set.inClassOrder(map(0, 1, 3, 5, 7, 6)).voxels()).containsExactly(0, 1, 2, 4, 4, 4);
        assertThat(set.parts().size()).isEqualTo(7);
        assertThatThrownBy(() -> LabelSet.overlapping(Collections.nCopies(8, "x")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("at most 7");
    }

    @Test
    void labels_that_exclude_each_other_are_their_own_parts() {
        LabelSet set = LabelSet.of(Map.of(5, "b", 1, "a"));
        assertThat(set.hasRegions()).isFalse();
        assertThat(set.parts()).isSameAs(set);
        assertThat(set.maskOf(map(5, 1, 0), 5).voxels()).containsExactly(1, 0, 0);
        assertThat(set).isNotEqualTo(NESTED).hasToString("1 a, 5 b");
    }

    @Test
    void structures_of_regions_count_all_that_they_cover() {
        assertThat(Structure.of(map(0, 1, 2, 3, 0, 2), NESTED))
                .extracting(Structure::voxels, Structure::components)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(4L, 2),
                        org.assertj.core.groups.Tuple.tuple(3L, 2),
                        org.assertj.core.groups.Tuple.tuple(2L, 2));
    }
}
