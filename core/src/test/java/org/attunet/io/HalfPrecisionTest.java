package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPrecisionTest {
    @ParameterizedTest
    @CsvSource({
        "0x0001, 5.9604644775390625e-08", // smallest subnormal, IEEE 754
        "0x03ff, 6.097555160522461e-05", // largest subnormal
        "0x0400, 6.103515625e-05", // smallest normal
        "0x3555, 0.333251953125",
        "0x7bff, 65504",
        "0xfc00, -Infinity",
        "0x8000, -0.0",
        "0x8001, -5.9604644775390625e-08"
    })
    void half_precision_is_widened_exactly(String bits, float value) {
        assertThat(HalfPrecision.decode(Integer.decode(bits).shortValue())).isEqualTo(value);
    }

    @Test
    void every_half_stays_itself() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfPrecision.decode((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfPrecision.encode(value) & 0xffff).isEqualTo(bits);
            }
        }
    }
}
