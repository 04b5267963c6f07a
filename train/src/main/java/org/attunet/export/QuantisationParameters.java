package org.attunet.export;

/**
 * The affine map of unsigned 8-bit values to real ones, as in ONNX's QuantizeLinear: {@code real = scale * (stored -
 * zeroPoint)}.
 *
 * @param scale above 0
 * @param zeroPoint the stored value of 0, from 0 to 255
 */
record QuantisationParameters(float scale, int zeroPoint) {
    private static final int LARGEST = 255;
    private static final double SMALLEST_SCALE = 1e-12;

    /**
     * The finest map that covers a range and represents 0 exactly, which moves the range by half a step at most. A range of
     * width 0 gets the smallest scale.
     */
    static QuantisationParameters of(ValueRange range) {
        double scale = Math.max((range.high() - range.low()) / LARGEST, SMALLEST_SCALE);
        int zeroPoint = (int) Math.min(LARGEST, Math.max(0, Math.rint(-range.low() / scale)));
        return new QuantisationParameters((float) scale, zeroPoint);
    }
}
