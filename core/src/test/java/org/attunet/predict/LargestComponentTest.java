package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.attunet.image.NoiseLabels.noise;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.attunet.bundle.KeepLargest;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

/** Against scipy.ndimage.label with its default structure (faces), the largest by numpy.bincount and argmax. */
class LargestComponentTest {
    private static int[] where(LabelMap map, int label) {
        return IntStream.range(0, map.voxels().length)
                .filter(i -> label == 0 ? map.label(i) != 0 : map.label(i) == label)
                .toArray();
    }

    private static void check(LabelMap map, KeepLargest what, int label, int size, int sumOfIndices) {
        int[] kept = where(LargestComponent.keep(map, what), label);
        assertThat(kept).hasSize(size);
        assertThat(IntStream.of(kept).sum()).isEqualTo(sumOfIndices);
    }

    @Test
    void the_largest_component_of_a_picture_is_scipys() {
        LabelMap map = noise(Grid.of(20, 15), 25);
        check(map, new KeepLargest(true, List.of()), 0, 59, 9938);
        check(map, new KeepLargest(false, List.of(1)), 1, 6, 1408);
        check(map, new KeepLargest(false, List.of(2)), 2, 6, 1528);
        assertThat(where(LargestComponent.keep(map, new KeepLargest(false, List.of(1))), 2))
                .isEqualTo(where(map, 2));
    }

    @Test
    void the_largest_component_of_a_volume_is_scipys() {
        LabelMap map = noise(Grid.of(12, 10, 8), 15);
        check(map, new KeepLargest(true, List.of()), 0, 48, 30815);
        check(map, new KeepLargest(false, List.of(1)), 1, 15, 7516);
        check(map, new KeepLargest(false, List.of(2)), 2, 10, 4906);
    }

    @Test
    void the_union_is_cut_before_its_labels_are() {
        LabelMap picture = LargestComponent.keep(noise(Grid.of(20, 15), 25), new KeepLargest(true, List.of(1)));
        assertThat(where(picture, 1)).hasSize(3);
        assertThat(where(picture, 2)).hasSize(31);
        LabelMap volume = LargestComponent.keep(noise(Grid.of(12, 10, 8), 15), new KeepLargest(true, List.of(1)));
        assertThat(where(volume, 1)).hasSize(6);
        assertThat(where(volume, 2)).hasSize(23);
    }

    @Test
    void nothing_changes_where_nothing_is_asked_for_or_there_is_nothing() {
        LabelMap map = noise(Grid.of(5, 4), 30);
        assertThat(LargestComponent.keep(map, KeepLargest.NONE)).isSameAs(map);
        LabelMap empty = new LabelMap(Grid.of(5, 4), new short[20]);
        assertThat(LargestComponent.keep(empty, new KeepLargest(true, List.of(1)))
                        .voxels())
                .containsOnly((short) 0);
    }

    @Test
    void a_region_is_a_component_of_all_the_values_that_it_covers() {
        LabelSet nested = LabelSet.regions(
                List.of(new LabelSet.Region(1, "whole", Set.of(1, 2)), new LabelSet.Region(2, "core", Set.of(2))));
        LabelMap row = new LabelMap(Grid.of(12, 1), new short[] {1, 2, 2, 1, 0, 2, 1, 0, 0, 1, 0, 0});
        assertThat(LargestComponent.keep(row, nested, new KeepLargest(false, List.of(1)))
                        .voxels())
                .containsExactly(1, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(LargestComponent.keep(row, nested, new KeepLargest(false, List.of(2)))
                        .voxels())
                .containsExactly(1, 2, 2, 1, 0, 1, 1, 0, 0, 1, 0, 0);
    }

    @Test
    void a_voxel_that_leaves_one_of_its_overlapping_labels_stays_in_the_other() {
        LabelSet free = LabelSet.overlapping(List.of("a", "b"));
        LabelMap row = new LabelMap(Grid.of(9, 1), new short[] {1, 3, 1, 0, 2, 3, 2, 0, 1});
        assertThat(LargestComponent.keep(row, free, new KeepLargest(false, List.of(1)))
                        .voxels())
                .containsExactly(1, 3, 1, 0, 2, 2, 2, 0, 0);
    }
}
