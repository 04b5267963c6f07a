package org.attunet.dicom.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.imageio.IIOException;
import org.attunet.dicom.data.PixelFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lossless JPEG gives the samples that were encoded, the last one too: codes of 1 to 16 bits, differences of 0 to 16. */
class LosslessJpegTest {
    private static final int COLUMNS = 23;
    private static final int ROWS = 17;

    private static PixelFormat format(int samples) {
        return new PixelFormat(ROWS, COLUMNS, 1, samples, 16, 16, 15, false, "MONOCHROME2", false, false);
    }

    private static int[] noise(int samples, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] values = new int[COLUMNS * ROWS * samples];
        Arrays.setAll(values, k -> random.nextInt(1 << random.nextInt(1, 17)));
        values[3 * samples] = (values[2 * samples] + 0x8000) & 0xFFFF; // the difference without bits of its own
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void samples_of_every_predictor_come_back(int predictor) throws IIOException {
        for (int samples : new int[] {1, 3}) {
            int[] values = noise(samples, predictor);
            byte[] stream = new Encoder(values, samples, predictor, 0).stream();
            assertThat(LosslessJpeg.values(stream, format(samples))).isEqualTo(values);
        }
    }

    @Test
    void restarts_begin_anew() throws IIOException {
        int[] values = noise(1, 8);
        byte[] stream = new Encoder(values, 1, 4, 5).stream();
        assertThat(LosslessJpeg.values(stream, format(1))).isEqualTo(values);
    }

    @Test
    void damaged_streams_are_refused() {
        byte[] stream = new Encoder(noise(1, 9), 1, 1, 0).stream();
        assertThatThrownBy(() -> LosslessJpeg.values(Arrays.copyOf(stream, stream.length / 2), format(1)))
                .isInstanceOf(IIOException.class)
                .hasMessageContaining("the data ends in row");
        assertThatThrownBy(() -> LosslessJpeg.values(stream, format(3)))
                .isInstanceOf(IIOException.class)
                .hasMessageContaining("1 samples a pixel instead of");
        SplittableRandom random = new SplittableRandom(10);
        for (int k = 0; k < 2000; k++) {
            byte[] damaged = stream.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                assertThat(LosslessJpeg.values(damaged, format(1))).hasSize(COLUMNS * ROWS);
            } catch (IIOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    /** Writes streams whose difference of n bits has a code of n + 1 bits, but for 16. */
    private static final class Encoder {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private long window;
        private int count;

        Encoder(int[] values, int samples, int predictor, int restartRows) {
            segment(0xD8);
            segment(0xC3, 0, 8 + 3 * samples, 16, 0, ROWS, 0, COLUMNS, samples);
            for (int c = 0; c < samples; c++) {
                bytes(c + 1, 0x11, 0);
            }
            segment(0xC4, 0, 2 + 17 + 17, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2);
            bytes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
            if (restartRows > 0) {
                segment(0xDD, 0, 4, 0, restartRows * COLUMNS);
            }
            segment(0xDA, 0, 6 + 2 * samples, samples);
            for (int c = 0; c < samples; c++) {
                bytes(c + 1, 0);
            }
            bytes(predictor, 0, 0);
            for (int place = 0; place < values.length; place++) {
                int row = place / samples / COLUMNS;
                boolean begins = restartRows > 0 && row % restartRows == 0;
                if (begins && row > 0 && place % (samples * COLUMNS) == 0) {
                    pad();
                    segment(0xD0 + (row / restartRows - 1) % 8);
                }
                put(values[place] - predicted(values, place, samples, predictor, row == 0 || begins));
            }
            pad();
            segment(0xD9);
        }

        byte[] stream() {
            return out.toByteArray();
        }

        private static int predicted(int[] values, int place, int samples, int predictor, boolean top) {
            int up = place - samples * COLUMNS;
            boolean left = place / samples % COLUMNS == 0;
            if (left) {
                return top ? 0x8000 : values[up];
            }
            int a = values[place - samples];
            if (top) {
                return a;
            }
            int b = values[up];
            int c = values[up - samples];
            return new int[] {0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1}[predictor];
        }

        private void put(int unbounded) {
            int difference = (short) unbounded;
            int size = difference == -0x8000 ? 16 : 32 - Integer.numberOfLeadingZeros(Math.abs(difference));
            int ones = Math.min(size, 15);
            bits(size == 16 ? 0xFFFF : ((1 << ones) - 1) << 1, size >= 15 ? 16 : size + 1);
            if (size > 0 && size < 16) {
                bits(difference < 0 ? difference + (1 << size) - 1 : difference, size);
            }
        }

        private void bits(int value, int length) {
            window = window << length | value;
            count += length;
            while (count >= 8) {
                count -= 8;
                int next = (int) (window >> count) & 0xFF;
                out.write(next);
                if (next == 0xFF) {
                    out.write(0);
                }
            }
        }

        private void pad() {
            if (count > 0) {
                bits((1 << (8 - count)) - 1, 8 - count);
            }
        }

        private void segment(int marker, int... content) {
            bytes(0xFF, marker);
            bytes(content);
        }

        private void bytes(int... content) {
            for (int one : content) {
                out.write(one);
            }
        }
    }
}
