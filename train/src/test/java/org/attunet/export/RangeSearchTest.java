package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.attunet.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeSearchTest {
    @Test
    void min_max_keeps_the_exact_extremes_and_zero() {
        var values = new Histogram();
        for (float value : new float[] {0.25f, 3.5f, 1e-30f, 17.125f}) {
            values.add(value);
        }
        assertThat(new RangeSearch.MinMax().of(values)).isEqualTo(new ValueRange(0, 17.125));
    }

    @Test
    void a_percentile_of_uniform_numbers_is_where_it_must_be() {
        var values = new Histogram();
        for (int k = 0; k < 100_000; k++) {
            values.add((k + 0.5f) / 50_000 - 1);
        }
        ValueRange range = new RangeSearch.Percentile(0.98).of(values);
        assertThat(range.low()).isCloseTo(-0.98, within(0.001));
        assertThat(range.high()).isCloseTo(0.98, within(0.001));
        assertThat(new RangeSearch.Percentile(1).of(values).high()).isCloseTo(0.99999, within(0.001));
    }

    @Test
    void zeros_count_for_a_percentile_and_lie_in_the_middle() {
        var values = new Histogram();
        for (int k = 1; k <= 1000; k++) {
            values.add(0);
            values.add(k);
        }
        // The largest 1% of 2000 numbers are 981 to 1000; 0.98 leaves 1% on either side.
        ValueRange range = new RangeSearch.Percentile(0.98).of(values);
        assertThat(range.low()).isZero();
        assertThat(range.high()).isCloseTo(980, within(1.0));
    }

    /** Banner, Nahshan and Soudry (arXiv 1810.05723), table of optimal clipping: 8 bits, normal 3.92, Laplace 9.89. */
    @Test
    void the_range_of_least_squared_error_is_the_published_one_for_normal_numbers() {
        var values = new Histogram();
        var random = new Random(3);
        for (int k = 0; k < 2_000_000; k++) {
            values.add((float) random.nextGaussian());
        }
        ValueRange range = new RangeSearch.SquaredError().of(values);
        assertThat(range.high()).isCloseTo(3.92, within(0.15));
        assertThat(range.low()).isCloseTo(-3.92, within(0.15));
    }

    @Test
    void no_other_range_has_a_smaller_squared_error_after_rounding() {
        var random = new Random(5);
        float[] numbers = new float[50_000];
        var values = new Histogram();
        for (int k = 0; k < numbers.length; k++) {
            double size = -Math.log(1 - random.nextDouble());
            numbers[k] = (float) (k % 1000 == 0 ? 3 * size : size);
            values.add(numbers[k]);
        }
        ValueRange best = new RangeSearch.SquaredError().of(values);
        double least = error(numbers, best);
        for (double factor = 0.6; factor < 1.7; factor += 0.1) {
            assertThat(error(numbers, new ValueRange(0, best.high() * factor))).isGreaterThan(least * 0.98);
        }
        assertThat(least).isLessThan(error(numbers, values.extremes()));
    }

    private static double error(float[] numbers, ValueRange range) {
        QuantisationParameters scale = QuantisationParameters.of(range);
        double sum = 0;
        for (float number : numbers) {
            double difference = scale.real(scale.stored(number)) - number;
            sum += difference * difference;
        }
        return sum;
    }

    @Test
    void the_order_of_values_does_not_matter() {
        var random = new Random(9);
        float[] numbers = new float[10_000];
        for (int k = 0; k < numbers.length; k++) {
            numbers[k] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6)));
        }
        var forward = new Histogram();
        var backward = new Histogram();
        for (int k = 0; k < numbers.length; k++) {
            forward.add(numbers[k]);
            backward.add(numbers[numbers.length - 1 - k]);
        }
        assertThat(new RangeSearch.SquaredError().of(forward)).isEqualTo(new RangeSearch.SquaredError().of(backward));
        var percentile = new RangeSearch.Percentile(0.99);
        assertThat(percentile.of(forward)).isEqualTo(percentile.of(backward));
    }

    @Test
    void a_value_that_is_no_number_is_refused() {
        var values = new Histogram();
        assertThatThrownBy(() -> values.add(Float.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> values.add(Float.POSITIVE_INFINITY)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0, -1, 1.01, Double.NaN})
    void a_percentile_out_of_range_is_refused(double share) {
        assertThatThrownBy(() -> new RangeSearch.Percentile(share)).isInstanceOf(ConfigException.class);
    }

    @Test
    void what_lies_in_the_range_comes_back_within_half_a_step_and_zero_exactly() {
        var random = new Random(2);
        for (int k = 0; k < 1000; k++) {
            var range = new ValueRange(-random.nextDouble() * 10, random.nextDouble() * 10);
            QuantisationParameters scale = QuantisationParameters.of(range);
            assertThat(scale.real(scale.stored(0))).isZero();
            for (int i = 0; i < 20; i++) {
                // The exact zero moves the ends by half a step at most.
                double low = range.low() + scale.step() / 2.0;
                double high = range.high() - scale.step() / 2.0;
                double value = low + random.nextDouble() * (high - low);
                double error = Math.abs(scale.real(scale.stored(value)) - value);
                assertThat(error).isLessThanOrEqualTo(scale.step() * 0.5001);
            }
        }
    }

    @Test
    void positive_numbers_alone_use_all_the_steps_with_zero_stored_as_zero() {
        QuantisationParameters scale = QuantisationParameters.of(new ValueRange(0, 51));
        assertThat(scale.zero()).isZero();
        assertThat(scale.step()).isEqualTo(0.2f);
        assertThat(scale.stored(51)).isEqualTo(255);
        assertThat(scale.stored(1000)).isEqualTo(255);
        assertThat(scale.stored(-1)).isZero();
    }

    @Test
    void weights_have_a_step_for_each_map_and_biases_the_product_of_steps() {
        float[] weight = {0.5f, -1, 0.25f, 64, 32, -16, 0, 0, 0};
        float[] bias = {1, -2, 0.5f};
        var seven = QuantisedWeights.of(weight, bias, 3, 0.5f, 7);
        assertThat(seven.values()).containsExactly(32, -64, 16, 64, 32, -16, 0, 0, 0);
        assertThat(seven.steps()[0]).isEqualTo(1f / 64);
        assertThat(seven.steps()[1]).isEqualTo(1f);
        assertThat(seven.biases()[0]).isEqualTo(128);
        assertThat(seven.biases()[1]).isEqualTo(-4);
        // No weights at all: the bias alone sets the step.
        assertThat(seven.biases()[2] * seven.biasSteps(0.5f)[2]).isCloseTo(0.5f, within(1e-6f));
        var eight = QuantisedWeights.of(weight, bias, 3, 0.5f, 8);
        assertThat(eight.values()[1]).isEqualTo((byte) -127);
    }
}
