package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;

/** Steps of normalisation against NumPy. */
class IntensityStepTest {
    private static final float[] VALUES = {3, 7, 7, 12, 50, -4, 0, 9};

    private static float[] applied(IntensityStep... steps) {
        return new Normalisation.Steps(List.of(steps))
                .apply(Image.of(Grid.of(4, 2), VALUES))
                .channel(0);
    }

    private static void assertClose(float[] found, double... expected) {
        assertThat(found).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).as("value %d", i).isCloseTo(expected[i], within(2e-6));
        }
    }

    @Test
    void standardising_is_numpys_mean_and_std() {
        assertClose(
                applied(new IntensityStep.Standardise(1e-6)),
                -0.4784257,
                -0.2232653,
                -0.2232653,
                0.0956851,
                2.5197085,
                -0.9249563,
                -0.6697959,
                -0.0956851);
    }

    @Test
    void a_range_of_percentiles_is_numpys() {
        assertClose(
                applied(new IntensityStep.Range(5, 90, 1e-6), new IntensityStep.Clip(0, 1)),
                0.2153846,
                0.3692308,
                0.3692308,
                0.5615384,
                1.0,
                0.0,
                0.1,
                0.4461538);
    }

    @Test
    void a_clip_to_percentiles_comes_before_the_statistics() {
        assertClose(
                applied(new IntensityStep.ClipPercentiles(10, 80), new IntensityStep.Standardise(1e-6)),
                -0.6390095,
                0.2738612,
                0.2738612,
                1.1410884,
                1.1410884,
                -1.5975238,
                -1.3236625,
                0.7302966);
    }

    @Test
    void a_clip_after_a_negative_gain_cuts_the_right_side() {
        assertClose(
                applied(
                        new IntensityStep.Linear(-2, 3),
                        new IntensityStep.Clip(-20, 5),
                        new IntensityStep.Linear(0.5, 0)),
                -1.5,
                -5.5,
                -5.5,
                -10.0,
                -10.0,
                2.5,
                1.5,
                -7.5);
    }

    @Test
    void a_constant_channel_becomes_zero_and_stays_a_number() {
        var image = Image.of(Grid.of(2, 2), new float[] {5, 5, 5, 5});
        for (IntensityStep step : List.of(
                new IntensityStep.Standardise(0),
                new IntensityStep.Standardise(1e-6),
                new IntensityStep.Range(1, 99, 0),
                new IntensityStep.Range(1, 99, 1e-6))) {
            assertThat(new Normalisation.Steps(List.of(step)).apply(image).channel(0))
                    .containsOnly(0);
        }
    }

    @Test
    void steps_out_of_range_are_refused() {
        assertThatThrownBy(() -> new IntensityStep.Clip(2, 1)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new IntensityStep.Linear(0, 1)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new IntensityStep.Range(60, 50, 0)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new IntensityStep.ClipPercentiles(-1, 50)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new IntensityStep.Standardise(Double.NaN)).isInstanceOf(ConfigException.class);
    }
}
