package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DistanceTransformTest {
    private static double nearest(boolean[] sites, int[] size, double[] spacing, int x, int y, int z) {
        double best = Double.POSITIVE_INFINITY;
        int i = 0;
        for (int c = 0; c < size[2]; c++) {
            for (int b = 0; b < size[1]; b++) {
                for (int a = 0; a < size[0]; a++, i++) {
                    if (sites[i]) {
                        double dx = (a - x) * spacing[0];
                        double dy = (b - y) * spacing[1];
                        double dz = (c - z) * spacing[2];
                        best = Math.min(best, dx * dx + dy * dy + dz * dz);
                    }
                }
            }
        }
        return best;
    }

    @Test
    void it_equals_the_search_through_all_sites_on_random_anisotropic_grids() {
        var random = new Random(11);
        for (int round = 0; round < 300; round++) {
            int[] size = {1 + random.nextInt(9), 1 + random.nextInt(9), round % 3 == 0 ? 1 : 1 + random.nextInt(7)};
            double[] spacing = {
                0.1 + 5 * random.nextDouble(), 0.1 + 5 * random.nextDouble(), 0.1 + 5 * random.nextDouble()
            };
            boolean[] sites = new boolean[size[0] * size[1] * size[2]];
            double density = Math.pow(random.nextDouble(), 3);
            for (int i = 0; i < sites.length; i++) {
                sites[i] = random.nextDouble() < density;
            }
            double[] squared = DistanceTransform.squared(sites, size, spacing);
            int i = 0;
            for (int z = 0; z < size[2]; z++) {
                for (int y = 0; y < size[1]; y++) {
                    for (int x = 0; x < size[0]; x++, i++) {
                        double expected = nearest(sites, size, spacing, x, y, z);
                        if (Double.isInfinite(expected)) {
                            assertThat(squared[i]).isInfinite();
                        } else {
                            assertThat(Math.abs(squared[i] - expected)).isLessThanOrEqualTo(1e-12 * (1 + expected));
                        }
                    }
                }
            }
        }
    }

    @Test
    void a_single_site_gives_a_sphere() {
        boolean[] sites = new boolean[5 * 4 * 3];
        sites[2 + 5 * (1 + 4)] = true;
        double[] squared = DistanceTransform.squared(sites, new int[] {5, 4, 3}, new double[] {0.5, 2, 3});
        assertThat(squared[4 + 5 * (3 + 4 * 2)]).isEqualTo(1 + 16 + 9);
        assertThat(squared[2 + 5 * (1 + 4)]).isZero();
    }

    @Test
    void without_sites_every_distance_is_infinite() {
        assertThat(DistanceTransform.squared(new boolean[24], new int[] {2, 3, 4}, new double[] {1, 1, 1}))
                .containsOnly(Double.POSITIVE_INFINITY);
    }
}
