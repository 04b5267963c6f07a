package org.attunet.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.attunet.error.ConfigException;
import org.junit.jupiter.api.Test;

/** Against scipy.stats.wilcoxon 1.17.1; two-sided, zero_method="wilcox". */
class PairedTestTest {
    @Test
    void ten_differences_give_scipys_exact_p() {
        PairedTest test =
                PairedTest.of(new double[] {0.012, -0.003, 0.021, 0.008, -0.001, 0.017, 0.005, 0.030, -0.009, 0.014});
        assertThat(test.statistic()).isEqualTo(8);
        assertThat(test.pValue()).isCloseTo(0.048828125, within(1e-15));
        assertThat(test.median()).isCloseTo(0.010, within(1e-15));
        assertThat(test.low()).isLessThan(test.median());
        assertThat(test.high()).isGreaterThan(test.median());
    }

    @Test
    void with_ties_and_zeros_the_p_is_that_of_scipys_exhaustive_permutations() {
        PairedTest test = PairedTest.of(new double[] {1, 1, -1, 2, 2, 3, -2, 4, 5, 5, 0, 0});
        assertThat(test.n()).isEqualTo(12);
        assertThat(test.zeros()).isEqualTo(2);
        assertThat(test.statistic()).isEqualTo(7);
        assertThat(test.pValue()).isCloseTo(0.041015625, within(1e-15));
        assertThat(test.median()).isEqualTo(1.5);
    }

    @Test
    void forty_eight_differences_give_scipys_exact_p() {
        PairedTest test = PairedTest.of(IntStream.range(0, 48)
                .mapToDouble(i -> ((i * 37) % 101 - 40.25) / 1000)
                .toArray());
        assertThat(test.statistic()).isEqualTo(413);
        assertThat(test.pValue()).isCloseTo(0.07330569826862643, within(1e-12));
    }

    @Test
    void four_hundred_differences_give_scipys_normal_approximation() {
        PairedTest plain = PairedTest.of(IntStream.range(0, 400)
                .mapToDouble(i -> ((i * 37) % 1009 - 450.25) / 1000)
                .toArray());
        assertThat(plain.statistic()).isEqualTo(33434);
        assertThat(plain.pValue()).isCloseTo(0.003963386213799542, within(1e-11));
        PairedTest ties = PairedTest.of(IntStream.range(0, 400)
                .mapToDouble(i -> Math.floorDiv((i * 37) % 101 - 40, 3))
                .toArray());
        assertThat(ties.statistic()).isEqualTo(25295);
        assertThat(ties.pValue()).isCloseTo(1.813020552782629e-08, within(1e-16));
    }

    @Test
    void the_smallest_p_of_six_cases_is_two_of_sixty_four() {
        assertThat(PairedTest.of(new double[] {1, 2, 3, 4, 5, 6}).pValue()).isEqualTo(0.03125);
        assertThat(PairedTest.of(new double[] {0.5}).pValue()).isEqualTo(1);
    }

    @Test
    void where_nothing_differs_there_is_no_p() {
        PairedTest test = PairedTest.of(new double[3]);
        assertThat(test.pValue()).isNull();
        assertThat(test.median()).isZero();
        assertThatThrownBy(() -> PairedTest.of(new double[0])).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> PairedTest.of(new double[] {Double.NaN})).isInstanceOf(ConfigException.class);
    }
}
