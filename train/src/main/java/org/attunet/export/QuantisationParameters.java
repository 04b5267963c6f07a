package org.attunet.export;

/**
 * How real numbers lie in unsigned 8 bits: {@code real = step * (stored - zero)}, ONNX's QuantizeLinear.
 *
 * @param step distance of neighbouring numbers, above 0
 * @param zero the stored value of 0, from 0 to 255
 */
record QuantisationParameters(float step, int zero) {
    private static final int LARGEST = 255;
    private static final double SMALLEST_STEP = 1e-12;

    /**
     * The finest that covers a range as far as an exact zero allows: the range moves by half a step at most.
     *
     * @param range a range of width 0 gets a step of no consequence
     */
    static QuantisationParameters of(ValueRange range) {
        double step = Math.max((range.high() - range.low()) / LARGEST, SMALLEST_STEP);
        int zero = (int) Math.min(LARGEST, Math.max(0, Math.rint(-range.low() / step)));
        return new QuantisationParameters((float) step, zero);
    }

    /** The stored value, rounded half to even and saturated. */
    int stored(double real) {
        return (int) Math.min(LARGEST, Math.max(0, Math.rint(real / step) + zero));
    }

    /** The real number of a stored value. */
    double real(int stored) {
        return step * (double) (stored - zero);
    }
}
