package org.attunet.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.attunet.dataset.Fingerprint.Pieces;
import org.attunet.plan.Schedule.Shape;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Pieces ONE = new Pieces(1, 30);

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
        double[] one = {1, 1, 1};
        int[] hippocampus = {35, 51, 36};
        assertThat(PatchPlanner.patch(hippocampus, 8, one, new Pieces(1, 100))).containsExactly(40, 56, 40);
        assertThat(PatchPlanner.patch(hippocampus, 8, one, new Pieces(1, 38))).containsExactly(24, 32, 24);
        assertThat(PatchPlanner.patch(hippocampus, 8, one, new Pieces(0, 0))).containsExactly(40, 56, 40);
        assertThat(PatchPlanner.patch(hippocampus, 8, one, new Pieces(1, 50))).containsExactly(32, 40, 32);
        assertThat(PatchPlanner.patch(new int[] {520, 100}, 16, new double[] {1, 1}, ONE))
                .containsExactly(256, 112);
        int[] cut = PatchPlanner.patch(new int[] {512, 512, 100}, 8, new double[] {1, 1, 1}, ONE);
        assertThat((long) cut[0] * cut[1] * cut[2]).isLessThanOrEqualTo(112 * 1024);
        for (int size : cut) {
            assertThat(size % 8).isZero();
        }
    }

    @Test
    void pictures_of_many_objects_get_patches_of_a_few_lengths_of_one() {
        int[] size = {320, 100};
        double[] half = {0.5, 0.5};
        assertThat(PatchPlanner.patch(size, 16, half, new Pieces(7, 20))).containsExactly(256, 112);
        assertThat(PatchPlanner.patch(size, 16, half, new Pieces(8, 20))).containsExactly(160, 112);
        assertThat(PatchPlanner.patch(size, 16, half, new Pieces(90, 5))).containsExactly(96, 96);
        assertThat(PatchPlanner.patch(size, 16, half, new Pieces(9, 500))).containsExactly(256, 112);
    }
}
