package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizesTest {
    @Test
    void sizes_round_up_to_the_multiple() {
        assertThat(Sizes.roundUp(1, 16)).isEqualTo(16);
        assertThat(Sizes.roundUp(16, 16)).isEqualTo(16);
        assertThat(Sizes.roundUp(17, 16)).isEqualTo(32);
        assertThat(Sizes.roundUp(new int[] {0, 33}, 8)).containsExactly(8, 40);
    }

    @Test
    void tensors_have_the_axes_in_reverse_order() {
        assertThat(Sizes.shape(new int[] {40, 56, 30}, 2, 1)).containsExactly(2, 1, 30, 56, 40);
        assertThat(Sizes.shape(new int[] {40, 56}, 2)).containsExactly(2, 56, 40);
        assertThat(Sizes.ofShape(new long[] {2, 1, 30, 56, 40})).containsExactly(40, 56, 30);
        assertThat(Sizes.ofShape(new int[] {2, 1, 56, 40})).containsExactly(40, 56);
    }

    @Test
    void text_has_x_first() {
        assertThat(Sizes.text(40, 56, 30)).isEqualTo("40 x 56 x 30");
        assertThat(Grid.of(new int[] {40, 56}, new double[] {0.5, 1})).hasToString("40 x 56 pixels of 0.5 x 1 mm");
    }
}
