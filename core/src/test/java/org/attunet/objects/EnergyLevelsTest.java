package org.attunet.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnergyLevelsTest {
    private static ObjectMap cells(Grid grid) {
        int[] numbers = new int[grid.voxels()];
        for (int i = 0; i < numbers.length; i++) {
            int x = i % grid.size(0);
            int y = i / grid.size(0) % grid.size(1);
            int z = i / grid.size(0) / grid.size(1);
            int cell = (x + y / 5) / 9 + 8 * (y / 7) + 100 * (z / 5) + 1;
            boolean hole = (x * x + 3 * y * y + 5 * z * z) % 6 == 0 && x / 9 % 2 == 0;
            numbers[i] = hole || cell % 4 == 1 ? 0 : cell;
        }
        return new ObjectMap(grid, numbers);
    }

    private static long weighted(LabelMap map) {
        long sum = 0;
        for (int i = 0; i < map.voxels().length; i++) {
            sum += (long) map.label(i) * (i % 1009 + 1);
        }
        return sum;
    }

    /** Computed object by object with scipy 1.10's {@code distance_transform_edt}; sums of value * (index mod 1009 + 1). */
    @ParameterizedTest
    @CsvSource({"60, 40, 1, 1, 1, 1, 1147398", "60, 40, 1, 1, 1.5, 1, 1262580", "30, 20, 12, 1, 1, 2.5, 3479602"})
    void levels_equal_those_of_scipys_distances(int x, int y, int z, double sx, double sy, double sz, long energy) {
        Grid grid = z == 1
                ? Grid.of(new int[] {x, y}, new double[] {3 * sx, 3 * sy}) // multiples of the least spacing count
                : Grid.of(new int[] {x, y, z}, new double[] {sx, sy, sz});
        assertThat(weighted(EnergyLevels.standard().of(cells(grid)))).isEqualTo(energy);
    }

    @Test
    void every_object_has_a_voxel_on_the_deepest_level() {
        ObjectMap objects = Ellipses.random(Grid.of(90, 70, 1), 900, 1, 6, new Random(5));
        ObjectNumbers all = ObjectNumbers.of(objects);
        LabelMap levels = EnergyLevels.standard().of(objects);
        var deep = new TreeSet<Integer>();
        for (int i = 0; i < levels.voxels().length; i++) {
            int number = objects.numbers()[i];
            assertThat(levels.label(i) > 0).isEqualTo(number > 0);
            if (levels.label(i) == EnergyLevels.standard().values() - 1) {
                deep.add(number);
            }
        }
        assertThat(deep).hasSize(all.count());
    }

    @Test
    void an_object_that_fills_the_image_is_deepest_throughout_and_an_empty_map_is_background() {
        int[] full = new int[30];
        Arrays.fill(full, Integer.MAX_VALUE);
        ObjectMap filled = new ObjectMap(Grid.of(6, 5), full);
        assertThat(EnergyLevels.standard().of(filled).values()).containsExactly(3);
        ObjectMap empty = new ObjectMap(Grid.of(6, 5), new int[30]);
        assertThat(EnergyLevels.standard().of(empty).values()).isEmpty();
    }

    @Test
    void levels_that_do_not_lie_within_each_other_are_refused() {
        var outer = new EnergyLevels.Step(0.5, 2, 8);
        assertThatThrownBy(() -> new EnergyLevels(List.of(outer, new EnergyLevels.Step(0.4, 2, 8))))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new EnergyLevels(List.of())).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new EnergyLevels.Step(1, 0, 1)).isInstanceOf(ConfigException.class);
    }

    @Test
    void numbers_follow_the_order_of_first_voxels_and_small_objects_go() {
        ObjectMap map =
                new ObjectMap(Grid.of(4, 2), new int[] {0, Integer.MAX_VALUE, 5, 5, 9, 0, 9, Integer.MAX_VALUE});
        assertThat(map.inReadingOrder().numbers()).containsExactly(0, 1, 2, 2, 3, 0, 3, 1);
        assertThat(map.inReadingOrder(3).numbers()).containsOnly(0);
        assertThatThrownBy(() -> new ObjectMap(Grid.of(2, 1), new int[] {0, -1}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
