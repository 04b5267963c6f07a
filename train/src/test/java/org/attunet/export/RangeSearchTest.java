package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeSearchTest {
    @Test
    void extremes_are_exact_and_include_zero() {
        assertThat(histogram(0.25f, 3.5f, 1e-30f, 17.125f).extremes()).isEqualTo(new ValueRange(0, 17.125));
        assertThat(histogram().extremes()).isEqualTo(new ValueRange(0, 0));
    }

    /** Banner, Nahshan and Soudry (arXiv 1810.05723), table of optimal clipping: 8 bits, normal 3.92. */
    @Test
    void the_range_of_least_squared_error_is_the_published_one_for_normal_numbers() {
        var random = new Random(3);
        float[] numbers = new float[2_000_000];
        for (int k = 0; k < numbers.length; k++) {
            numbers[k] = (float) random.nextGaussian();
        }
        ValueRange range = RangeSearch.leastSquaredError(histogram(numbers));
        assertThat(range.high()).isCloseTo(3.92, within(0.15));
        assertThat(range.low()).isCloseTo(-3.92, within(0.15));
    }

    @Test
    void no_other_range_has_a_smaller_squared_error_after_rounding() {
        var random = new Random(5);
        float[] numbers = new float[50_000];
        for (int k = 0; k < numbers.length; k++) {
            double size = -Math.log(1 - random.nextDouble());
            numbers[k] = (float) (k % 1000 == 0 ? 3 * size : size);
        }
        Histogram values = histogram(numbers);
        ValueRange best = RangeSearch.leastSquaredError(values);
        double least = error(numbers, best);
        for (double factor = 0.6; factor < 1.7; factor += 0.1) {
            assertThat(error(numbers, new ValueRange(0, best.high() * factor))).isGreaterThan(least * 0.98);
        }
        assertThat(least).isLessThan(error(numbers, values.extremes()));
    }

    private static double error(float[] numbers, ValueRange range) {
        QuantisationParameters parameters = QuantisationParameters.of(range);
        double sum = 0;
        for (float number : numbers) {
            double difference = rounded(number, parameters) - number;
            sum += difference * difference;
        }
        return sum;
    }

    /** ONNX's QuantizeLinear, then DequantizeLinear. */
    private static double rounded(double real, QuantisationParameters p) {
        double stored = Math.min(255, Math.max(0, Math.rint(real / p.scale()) + p.zeroPoint()));
        return p.scale() * (stored - p.zeroPoint());
    }

    @Test
    void the_order_of_values_does_not_matter() {
        var random = new Random(9);
        float[] forward = new float[10_000];
        float[] backward = new float[forward.length];
        for (int k = 0; k < forward.length; k++) {
            forward[k] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6)));
            backward[forward.length - 1 - k] = forward[k];
        }
        assertThat(RangeSearch.leastSquaredError(histogram(forward)))
                .isEqualTo(RangeSearch.leastSquaredError(histogram(backward)));
    }

    @Test
    void infinities_and_nan_are_refused() {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> histogram(1, value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void values_in_the_range_come_back_within_half_a_step_and_zero_exactly() {
        var random = new Random(2);
        for (int k = 0; k < 1000; k++) {
            var range = new ValueRange(-random.nextDouble() * 10, random.nextDouble() * 10);
            QuantisationParameters parameters = QuantisationParameters.of(range);
            assertThat(rounded(0, parameters)).isZero();
            for (int i = 0; i < 20; i++) {
                // The exact zero moves the ends by half a step at most.
                double low = range.low() + parameters.scale() / 2.0;
                double high = range.high() - parameters.scale() / 2.0;
                double value = low + random.nextDouble() * (high - low);
                assertThat(rounded(value, parameters)).isCloseTo(value, within(parameters.scale() * 0.5001));
            }
        }
    }

    @Test
    void positive_numbers_use_all_the_steps_with_zero_stored_as_zero() {
        assertThat(QuantisationParameters.of(new ValueRange(0, 51))).isEqualTo(new QuantisationParameters(0.2f, 0));
    }

    @Test
    void weights_have_a_scale_for_each_map_and_biases_the_product_of_scales() {
        float[] weight = {0.5f, -1, 0.25f, 64, 32, -16, 0, 0, 0};
        float[] bias = {1, -2, 0.5f};
        var quantised = QuantisedWeights.of(weight, bias, 3, 0.5f);
        assertThat(quantised.values()).containsExactly(32, -64, 16, 64, 32, -16, 0, 0, 0);
        assertThat(quantised.scales()).startsWith(1f / 64, 1f);
        assertThat(quantised.biases()).startsWith(128, -4);
        // In a map without weights the bias alone determines the scale.
        assertThat(quantised.biases()[2] * quantised.biasScales()[2]).isCloseTo(0.5f, within(1e-6f));
    }

    private static Histogram histogram(float... values) {
        var histogram = new Histogram();
        for (float value : values) {
            histogram.add(FloatBuffer.wrap(new float[] {value}));
        }
        return histogram;
    }
}
