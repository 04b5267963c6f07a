package org.attunet.patches;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.attunet.image.Grid;
import org.junit.jupiter.api.Test;

class IntensityAugmentationTest {
    private static IntensityAugmentation on(int... size) {
        return new IntensityAugmentation(Augmentation.none(), size);
    }

    private static float[] noise(int n) {
        var random = new SplittableRandom(4);
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    private static double mean(float[] v) {
        double sum = 0;
        for (float x : v) {
            sum += x;
        }
        return sum / v.length;
    }

    private static double deviation(float[] v) {
        double mean = mean(v);
        double sum = 0;
        for (float x : v) {
            sum += (x - mean) * (x - mean);
        }
        return Math.sqrt(sum / v.length);
    }

    @Test
    void a_hill_of_light_is_a_product_of_gaussians_and_as_high_as_asked() {
        // height 2, deviation of the case 3; numpy: 6 * exp(-0.5 * (((x - 1) / 2) ** 2 + ((y - 2) / 1.5) ** 2))
        var hill = new IntensityAugmentation.Hill(2, new float[][] {gaussian(4, 1, 2), gaussian(3, 2, 1.5), {1}});
        float[] v = new float[12];
        hill.add(v, 0, new int[] {4, 3, 1}, 3);
        float[] expected = {
            2.17684f, 2.46667f, 2.17684f, 1.49612f, 4.23989f, 4.80442f, 4.23989f, 2.91403f, 5.29498f, 6f, 5.29498f,
            3.63918f
        };
        assertThat(v).containsExactly(expected, Offset.offset(1e-4f));
        var random = new SplittableRandom(2);
        for (int k = 0; k < 50; k++) {
            float[] drawn = new float[20 * 16];
            IntensityAugmentation.Hill.draw(new int[] {20, 16, 1}, -1.5, random)
                    .add(drawn, 0, new int[] {20, 16, 1}, 2);
            float deepest = 0;
            for (float x : drawn) {
                assertThat(x).isBetween(-3f, 0f);
                deepest = Math.min(deepest, x);
            }
            assertThat(deepest).isLessThan(-2.9f); // the top lies within the patch
        }
    }

    private static float[] gaussian(int n, double top, double deviation) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) Math.exp(-0.5 * Math.pow((i - top) / deviation, 2));
        }
        return v;
    }

    @Test
    void blur_equals_scipys_gaussian_filter() {
        // scipy.ndimage.gaussian_filter(v, 0.8, mode='nearest', radius=3)
        float[] v = {0, 1, 4, 2, -3, 5, 0, 0, 7, 1, 2, 3, 5, -1, 0, 2, 8, 1, 1, 1, 2, 0, 0, 4};
        float[] expected = {
            0.35009f, 1.47804f, 2.83161f, 1.67907f, 0.81618f, 3.01037f, 0.98244f, 1.38296f,
            2.67857f, 2.30555f, 2.23399f, 2.8052f, 2.05322f, 1.10481f, 1.48836f, 2.18065f,
            3.09762f, 2.75055f, 1.57242f, 1.12293f, 1.13789f, 1.12924f, 1.90352f, 2.90596f
        };
        on(6, 4, 1).blur(v, 0, 0.8);
        assertThat(v).containsExactly(expected, Offset.offset(1e-4f));
    }

    @Test
    void blur_leaves_a_constant_as_it_is_and_spreads_a_point_alike_along_three_axes() {
        float[] constant = new float[5 * 6 * 7];
        Arrays.fill(constant, 3);
        on(5, 6, 7).blur(constant, 0, 1);
        for (float x : constant) {
            assertThat(x).isCloseTo(3, Offset.offset(1e-5f));
        }
        float[] point = new float[9 * 9 * 9];
        point[4 + 9 * (4 + 9 * 4)] = 1;
        on(9, 9, 9).blur(point, 0, 0.7);
        assertThat(point[5 + 9 * (4 + 9 * 4)]).isCloseTo(point[4 + 9 * (5 + 9 * 4)], Offset.offset(1e-7f));
        assertThat(point[5 + 9 * (4 + 9 * 4)]).isCloseTo(point[4 + 9 * (4 + 9 * 5)], Offset.offset(1e-7f));
    }

    @Test
    void gamma_keeps_mean_and_deviation_and_the_order_of_intensities() {
        for (boolean inverted : new boolean[] {false, true}) {
            float[] before = noise(4000);
            float[] after = before.clone();
            on(20, 20, 10).gamma(after, 0, 1.5, inverted);
            assertThat(mean(after)).isCloseTo(mean(before), Offset.offset(1e-4));
            assertThat(deviation(after)).isCloseTo(deviation(before), Offset.offset(1e-4));
            for (int i = 1; i < before.length; i++) {
                if (Math.abs(before[i] - before[i - 1]) > 1e-3) {
                    assertThat(after[i] > after[i - 1]).isEqualTo(before[i] > before[i - 1]);
                }
            }
            assertThat(after).isNotEqualTo(before);
        }
    }

    @Test
    void contrast_scales_the_distance_from_the_mean_and_stays_within_the_range() {
        float[] v = {0, 2, 4, 6};
        on(4, 1, 1).contrast(v, 0, 0.5f);
        assertThat(v).containsExactly(1.5f, 2.5f, 3.5f, 4.5f);
        on(4, 1, 1).contrast(v, 0, 100);
        assertThat(v).containsExactly(1.5f, 1.5f, 4.5f, 4.5f);
    }

    @Test
    void low_resolution_of_a_ramp_is_the_ramp_away_from_the_border() {
        int n = 32;
        float[] v = new float[n * n];
        for (int i = 0; i < v.length; i++) {
            v[i] = i % n + 2 * (i / n);
        }
        float[] expected = v.clone();
        on(n, n, 1).lowResolution(v, 0, 0.5);
        for (int y = 2; y < n - 2; y++) {
            for (int x = 2; x < n - 2; x++) {
                assertThat(v[x + n * y]).isCloseTo(expected[x + n * y], Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void full_resolution_changes_nothing() {
        float[] v = noise(7 * 8 * 9);
        float[] before = v.clone();
        on(7, 8, 9).lowResolution(v, 0, 1);
        assertThat(v).containsExactly(before, Offset.offset(1e-5f));
    }

    @Test
    void noise_has_the_chosen_share_of_the_cases_deviation() {
        PreparedCase source = SyntheticCases.noise("a", Grid.of(64, 64), 1, 0, 1);
        float[] v = new float[64 * 64];
        var chance = new RandomRange(1, 0.2, 0.2);
        new IntensityAugmentation(
                        AugmentationDraft.of(Augmentation.none(), a -> a.noise = chance), new int[] {64, 64, 1})
                .alter(v, 0, source, new SplittableRandom(1));
        assertThat(deviation(v)).isCloseTo(0.2 * source.deviations()[0], Offset.offset(0.01));
    }

    @Test
    void flat_patches_stay_finite() {
        PreparedCase source = SyntheticCases.noise("a", Grid.of(8, 8), 1, 0, 1);
        var always = new RandomRange(1, 0.7, 0.9);
        var all = new Augmentation(
                1, 3, 1, always, always, always, always, always, always, always, always, always, always);
        float[] v = new float[64];
        new IntensityAugmentation(AugmentationDraft.of(all, a -> a.noise = RandomRange.NEVER), new int[] {8, 8, 1})
                .alter(v, 0, source, new SplittableRandom(1));
        for (float x : v) {
            assertThat(Float.isFinite(x)).isTrue();
        }
    }
}
