package org.attunet.export;

/**
 * The range of real values that 8 bits cover; it includes 0, since zeros of padding and ReLU must stay exact.
 *
 * @param low 0 or below
 * @param high 0 or above
 */
record ValueRange(double low, double high) {
    /** Widens to 0. */
    ValueRange {
        if (!Double.isFinite(low) || !Double.isFinite(high)) {
            throw new IllegalArgumentException("range " + low + " to " + high);
        }
        low = Math.min(0, low);
        high = Math.max(0, high);
    }

    ValueRange union(ValueRange other) {
        return new ValueRange(Math.min(low, other.low), Math.max(high, other.high));
    }

    ValueRange intersection(ValueRange other) {
        return new ValueRange(Math.max(low, other.low), Math.min(high, other.high));
    }
}
