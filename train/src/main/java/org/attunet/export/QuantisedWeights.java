package org.attunet.export;

/**
 * A convolution's weights in 7 bits and sign, symmetric around 0, with a scale for each output map.
 *
 * <p>7 bits rather than 8, because CPUs that have AVX2 or AVX-512 but not VNNI saturate sums of two products in 16 bits
 * (255 x 127 x 2 is above 32767) and compute other results than other CPUs; weights of at most {@value #LARGEST} are exact
 * everywhere.
 *
 * @param values (out, in, k...)
 * @param scales one for each output map, above 0
 * @param biases one for each output map, in units of {@code biasScales}, or none
 * @param biasScales the map's scale times the input's
 */
@SuppressWarnings("ArrayRecordComponent")
record QuantisedWeights(byte[] values, float[] scales, int[] biases, float[] biasScales) {
    /** The largest absolute weight. */
    static final int LARGEST = 64;

    private static final int LARGEST_BIAS = 1 << 30;
    private static final float SMALLEST_SCALE = 1e-20f;

    /**
     * Quantises weights.
     *
     * @param bias one for each output map, or none
     * @param maps the number of output maps
     * @param inputScale of the tensor that the convolution reads
     */
    static QuantisedWeights of(float[] weight, float[] bias, int maps, float inputScale) {
        int perMap = weight.length / maps;
        byte[] values = new byte[weight.length];
        float[] scales = new float[maps];
        int[] biases = new int[bias.length];
        float[] biasScales = new float[maps];
        for (int map = 0; map < maps; map++) {
            float largest = 0;
            for (int i = map * perMap; i < (map + 1) * perMap; i++) {
                largest = Math.max(largest, Math.abs(weight[i]));
            }
            float scale = Math.max(largest / LARGEST, SMALLEST_SCALE);
            if (bias.length > 0) {
                // In a map of tiny weights the bias would otherwise exceed 32 bits.
                scale = Math.max(scale, Math.abs(bias[map]) / inputScale / LARGEST_BIAS);
                biases[map] = (int) Math.rint(bias[map] / ((double) inputScale * scale));
            }
            scales[map] = scale;
            biasScales[map] = inputScale * scale;
            for (int i = map * perMap; i < (map + 1) * perMap; i++) {
                values[i] = (byte) Math.max(-LARGEST, Math.min(LARGEST, Math.rint(weight[i] / scale)));
            }
        }
        return new QuantisedWeights(values, scales, biases, biasScales);
    }
}
