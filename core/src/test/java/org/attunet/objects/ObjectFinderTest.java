package org.attunet.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;

class ObjectFinderTest {
    private static FoundObjects find(LabelMap target, ObjectSettings settings) {
        float[] foreground = new float[target.voxels().length];
        float[] energy = new float[foreground.length];
        for (int i = 0; i < energy.length; i++) {
            foreground[i] = target.label(i) > 0 ? 1 : 0;
            energy[i] = target.label(i);
        }
        return ObjectFinder.find(target.grid(), foreground, energy, settings);
    }

    /** The least IoU of a true object with the object that is found at its deepest voxel. */
    private static double worst(ObjectMap truth, ObjectMap found) {
        int n = truth.largest();
        assertThat(found.largest()).isEqualTo(n);
        int[][] both = new int[n + 1][n + 1];
        int[] t = new int[n + 1];
        int[] f = new int[n + 1];
        for (int i = 0; i < truth.numbers().length; i++) {
            both[truth.numbers()[i]][found.numbers()[i]]++;
            t[truth.numbers()[i]]++;
            f[found.numbers()[i]]++;
        }
        double worst = 1;
        for (int a = 1; a <= n; a++) {
            double best = 0;
            for (int b = 1; b <= n; b++) {
                best = Math.max(best, both[a][b] / (double) (t[a] + f[b] - both[a][b]));
            }
            worst = Math.min(worst, best);
        }
        return worst;
    }

    @Test
    void the_true_energy_gives_the_objects_back_in_2d_and_3d() {
        var settings = new ObjectSettings(0.5, 3, 1, false);
        ObjectMap plane = Ellipses.random(Grid.of(300, 200), 60, 8, 16, new Random(1));
        ObjectMap found = find(EnergyLevels.standard().of(plane), settings).map();
        assertThat(worst(plane, found)).isGreaterThan(0.75);
        ObjectMap volume = Ellipses.random(Grid.of(60, 50, 40), 40, 5, 9, new Random(2));
        found = find(EnergyLevels.standard().of(volume), settings).map();
        assertThat(worst(volume, found)).isGreaterThan(0.75);
    }

    @Test
    void differences_of_a_millionth_change_nothing() {
        var settings = new ObjectSettings(0.5, 3, 1, true);
        LabelMap target = EnergyLevels.standard().of(Ellipses.random(Grid.of(120, 90), 40, 3, 9, new Random(3)));
        var random = new Random(8);
        float[] foreground = new float[target.voxels().length];
        float[] energy = new float[foreground.length];
        for (int i = 0; i < energy.length; i++) {
            foreground[i] = target.label(i) > 0 ? 1 : 0;
            energy[i] = target.label(i) + (random.nextFloat() - 0.5f) * 2e-6f;
        }
        int[] numbers = ObjectFinder.find(target.grid(), foreground, energy, settings)
                .map()
                .numbers();
        assertThat(numbers).isEqualTo(find(target, settings).map().numbers());
    }

    @Test
    void foreground_without_a_seed_is_an_object_if_asked_for_and_small_objects_go() {
        Grid row = Grid.ofPixels(12, 1);
        float[] foreground = {0.8f, 1, 0.6f, 0.9f, 0, 0.5f, 0.7f, 0, Float.NaN, 1, 0, 0};
        float[] energy = {1, 3, 2, 3, 9, 1, 2, 0, 9, 3, 0, 0};
        FoundObjects all = ObjectFinder.find(row, foreground, energy, new ObjectSettings(0.5, 3, 1, true));
        assertThat(all.map().numbers()).containsExactly(1, 1, 1, 2, 0, 3, 3, 0, 0, 4, 0, 0);
        assertThat(all.confidence()[0]).isCloseTo(0.8, within(1e-6));
        assertThat(all.confidence()[2]).isCloseTo(0.6, within(1e-6));
        FoundObjects seeded = ObjectFinder.find(row, foreground, energy, new ObjectSettings(0.5, 3, 1, false));
        assertThat(seeded.map().numbers()).containsExactly(1, 1, 1, 2, 0, 0, 0, 0, 0, 3, 0, 0);
        FoundObjects large = ObjectFinder.find(row, foreground, energy, new ObjectSettings(0.5, 3, 2, true));
        assertThat(large.map().numbers()).containsExactly(1, 1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0);
        assertThat(large.count()).isEqualTo(2);
    }

    @Test
    void thresholds_outside_their_range_are_refused() {
        assertThatThrownBy(() -> new ObjectSettings(0, 1, 1, true)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new ObjectSettings(0.5, Double.NaN, 1, true)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new ObjectSettings(0.5, 1, 0, true)).isInstanceOf(ConfigException.class);
    }
}
