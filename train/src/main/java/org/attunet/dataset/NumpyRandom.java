package org.attunet.dataset;

/**
 * NumPy's {@code RandomState}: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with NumPy's seeding by one
 * number and its {@code shuffle}, bit for bit, so that splits of other programs can be reproduced. Not thread-safe.
 */
final class NumpyRandom {
    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    /** The generator of {@code RandomState(seed)}, for a seed of 32 bits. */
    NumpyRandom(int seed) {
        state[0] = seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** The next 32 bits. */
    int next32() {
        if (next == N) {
            twist();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
            state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
        next = 0;
    }

    /** A number from 0 to {@code most}, by rejection under the smallest mask that covers it. */
    private int upTo(int most) {
        int mask = most == 0 ? 0 : -1 >>> Integer.numberOfLeadingZeros(most);
        int value;
        do {
            value = next32() & mask;
        } while (value > most);
        return value;
    }

    /** Shuffles as {@code RandomState.shuffle} does, from the end. */
    void shuffle(int[] values) {
        for (int i = values.length - 1; i >= 1; i--) {
            int j = upTo(i);
            int kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }
}
