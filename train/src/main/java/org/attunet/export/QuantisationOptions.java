package org.attunet.export;

import org.attunet.error.ConfigException;

/**
 * How a network is quantised to 8 bits.
 *
 * @param rule for the ranges of activations
 * @param weightBits 7 or 8. With 8, CPUs that have AVX2 or AVX-512 but not VNNI saturate sums of two products in 16 bits
 *     (255 x 127 x 2 is above 32767) and compute something else than others; 7 (at most 64 in size) is exact everywhere
 * @param maxLoss of the score that is borne, 0 or more; layers go back to float until it is kept
 * @param threads of ONNX Runtime in calibration, 1 or more
 */
public record QuantisationOptions(RangeSearch rule, int weightBits, double maxLoss, int threads) {
    /** Checks the ranges. */
    public QuantisationOptions {
        if (weightBits != 7 && weightBits != 8) {
            throw new ConfigException("weightBits", weightBits, "7 or 8");
        }
        if (!(maxLoss >= 0)) {
            throw new ConfigException("maxLoss", maxLoss, "a number of 0 or more");
        }
        if (threads < 1 || threads > 1024) {
            throw new ConfigException("threads", threads, "a number from 1 to 1024");
        }
    }

    /** Least squared error, 7 bits, a loss of 0.005, all cores. */
    public static QuantisationOptions defaults() {
        return new QuantisationOptions(
                new RangeSearch.SquaredError(), 7, 0.005, Runtime.getRuntime().availableProcessors());
    }

    /** A copy with another rule for ranges. */
    public QuantisationOptions withRule(RangeSearch other) {
        return new QuantisationOptions(other, weightBits, maxLoss, threads);
    }

    /** A copy with weights of another width. */
    public QuantisationOptions withWeightBits(int other) {
        return new QuantisationOptions(rule, other, maxLoss, threads);
    }

    /** A copy that bears another loss. */
    public QuantisationOptions withMaxLoss(double other) {
        return new QuantisationOptions(rule, weightBits, other, threads);
    }

    /** A copy with another number of threads. */
    public QuantisationOptions withThreads(int other) {
        return new QuantisationOptions(rule, weightBits, maxLoss, other);
    }
}
