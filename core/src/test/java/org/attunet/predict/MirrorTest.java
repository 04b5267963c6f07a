package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MirrorTest {
    @Test
    void each_axis_is_reversed_alone() {
        float[] values = {0, 1, 2, 3, 4, 5};
        assertThat(Mirror.flip(values, new int[] {3, 2}, 1)).containsExactly(2, 1, 0, 5, 4, 3);
        assertThat(Mirror.flip(values, new int[] {3, 2}, 2)).containsExactly(3, 4, 5, 0, 1, 2);
        assertThat(Mirror.flip(values, new int[] {3, 1, 2}, 4)).containsExactly(3, 4, 5, 0, 1, 2);
        assertThat(Mirror.flip(values, new int[] {1, 3, 1}, 2)).containsExactly(2, 1, 0, 5, 4, 3);
    }

    @Test
    void every_mirror_image_mirrored_again_is_the_array() {
        int[] size = {3, 4, 5};
        float[] values = new float[2 * 60];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        for (int axes = 0; axes < 8; axes++) {
            float[] once = Mirror.flip(values, size, axes);
            assertThat(Mirror.flip(once, size, axes)).containsExactly(values);
            assertThat(java.util.Arrays.equals(once, values)).isEqualTo(axes == 0);
        }
    }
}
