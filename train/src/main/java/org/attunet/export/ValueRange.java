package org.attunet.export;

/**
 * The real numbers that 8 bits have to cover; 0 always among them, since padding and ReLU make zeros that must stay exact.
 *
 * @param low 0 or below
 * @param high 0 or above
 */
public record ValueRange(double low, double high) {
    /** Widens to 0. */
    public ValueRange {
        if (!Double.isFinite(low) || !Double.isFinite(high)) {
            throw new IllegalArgumentException("range " + low + " to " + high);
        }
        low = Math.min(0, low);
        high = Math.max(0, high);
    }

    /** The smallest range that holds both. */
    public ValueRange with(ValueRange other) {
        return new ValueRange(Math.min(low, other.low), Math.max(high, other.high));
    }

    /** What both have in common. */
    public ValueRange within(ValueRange other) {
        return new ValueRange(Math.max(low, other.low), Math.min(high, other.high));
    }
}
