package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterpolationTest {
    @Test
    void doubling_gives_the_numbers_of_the_pytorch_documentation() {
        // torch.nn.Upsample(scale_factor=2, mode='bilinear') of [[1, 2], [3, 4]]
        float[] doubled = Interpolation.linear(new float[] {1, 2, 3, 4}, new int[] {2, 2}, new int[] {4, 4});
        assertThat(doubled)
                .containsExactly(
                        1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4);
    }

    @Test
    void equal_sizes_leave_the_values_alone() {
        float[] values = {3, 1, 4, 1, 5, 9};
        assertThat(Interpolation.linear(values, new int[] {3, 1, 2}, new int[] {3, 1, 2}))
                .isSameAs(values);
    }

    @Test
    void a_map_of_one_voxel_fills_the_grid() {
        assertThat(Interpolation.linear(new float[] {0.25f}, new int[] {1, 1, 1}, new int[] {3, 2, 4}))
                .hasSize(24)
                .containsOnly(0.25f);
    }

    @Test
    void a_linear_ramp_stays_linear_between_the_outermost_centres_on_each_axis() {
        int[] from = {4, 3, 5};
        int[] to = {16, 12, 20};
        float[] ramp = new float[60];
        for (int i = 0; i < 60; i++) {
            ramp[i] = (i % 4 + 0.5f) + 10 * (i / 4 % 3 + 0.5f) + 100 * (i / 12 + 0.5f);
        }
        float[] fine = Interpolation.linear(ramp, from, to);
        for (int z = 2; z < 18; z++) {
            for (int y = 2; y < 10; y++) {
                for (int x = 2; x < 14; x++) {
                    float expected = (x + 0.5f) / 4 + 10 * (y + 0.5f) / 4 + 100 * (z + 0.5f) / 4;
                    assertThat(fine[x + 16 * (y + 12 * z)])
                            .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-3f));
                }
            }
        }
    }
}
