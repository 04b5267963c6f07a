package org.attunet.patches;

import java.util.SplittableRandom;

/** Independent random streams, each named by a seed and numbers: whoever asks again gets the same stream. */
final class Seeds {
    private Seeds() {}

    /** The stream of a purpose and a number under a seed. */
    static SplittableRandom stream(long seed, long purpose, long number) {
        return new SplittableRandom(mix(mix(mix(seed) + purpose) + number));
    }

    /** Stafford's variant 13 of the 64-bit finaliser: neighbouring inputs give unrelated outputs. */
    private static long mix(long z) {
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
