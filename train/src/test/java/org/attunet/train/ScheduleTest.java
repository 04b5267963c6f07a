package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.attunet.train.Schedule.Shape;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void the_rate_rises_linearly_then_falls_to_0_along_its_shape() {
        var cosine = new Schedule(Shape.COSINE, 0.1);
        assertThat(cosine.factor(0.05)).isCloseTo(0.5, within(1e-12));
        assertThat(cosine.factor(0.1)).isCloseTo(1, within(1e-12));
        assertThat(cosine.factor(0.55)).isCloseTo(0.5, within(1e-12));
        assertThat(cosine.factor(1)).isCloseTo(0, within(1e-12));
        var polynomial = new Schedule(Shape.POLYNOMIAL, 0);
        assertThat(polynomial.factor(0.5)).isCloseTo(Math.pow(0.5, 0.9), within(1e-12));
        assertThat(new Schedule(Shape.CONSTANT, 0).factor(0.99)).isEqualTo(1);
        assertThat(cosine.factor(0)).as("the first step counts").isPositive();
    }

    @Test
    void the_patch_is_the_size_rounded_up_and_cut_along_the_longest_axis() {
        assertThat(Fit.patch(new int[] {35, 51, 36}, 8, new double[] {1, 1, 1})).containsExactly(40, 56, 40);
        assertThat(Fit.patch(new int[] {520, 100}, 16, new double[] {1, 1})).containsExactly(256, 112);
        int[] cut = Fit.patch(new int[] {512, 512, 100}, 8, new double[] {1, 1, 1});
        assertThat((long) cut[0] * cut[1] * cut[2]).isLessThanOrEqualTo(112 * 1024);
        for (int size : cut) {
            assertThat(size % 8).isZero();
        }
    }
}
