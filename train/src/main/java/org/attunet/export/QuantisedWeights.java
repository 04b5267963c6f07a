package org.attunet.export;

/**
 * A convolution's weights in 8 bits, symmetric around 0, with a step for each output map.
 *
 * @param values (out, in, k...)
 * @param steps one for each output map, above 0
 * @param biases in steps of the map's times the input's, or none
 */
@SuppressWarnings("ArrayRecordComponent")
record QuantisedWeights(byte[] values, float[] steps, int[] biases) {
    private static final int LARGEST_BIAS = 1 << 30;
    private static final float SMALLEST_STEP = 1e-20f;

    /**
     * Rounds weights.
     *
     * @param bias one for each output map, or none
     * @param maps the number of output maps
     * @param inputStep the step of what the convolution reads
     * @param bits 7 (at most 64 in size) or 8 (at most 127)
     */
    static QuantisedWeights of(float[] weight, float[] bias, int maps, float inputStep, int bits) {
        int largest = bits == 7 ? 64 : 127;
        int each = weight.length / maps;
        byte[] values = new byte[weight.length];
        float[] steps = new float[maps];
        int[] biases = new int[bias.length];
        for (int map = 0; map < maps; map++) {
            float size = 0;
            for (int i = map * each; i < (map + 1) * each; i++) {
                size = Math.max(size, Math.abs(weight[i]));
            }
            float step = Math.max(size / largest, SMALLEST_STEP);
            if (bias.length > 0) {
                // A map of next to no weight and a bias would need more than 32 bits for the bias.
                step = Math.max(step, Math.abs(bias[map]) / inputStep / LARGEST_BIAS);
                biases[map] = (int) Math.rint(bias[map] / ((double) inputStep * step));
            }
            steps[map] = step;
            for (int i = map * each; i < (map + 1) * each; i++) {
                values[i] = (byte) Math.max(-largest, Math.min(largest, Math.rint(weight[i] / step)));
            }
        }
        return new QuantisedWeights(values, steps, biases);
    }

    /** The step of each bias. */
    float[] biasSteps(float inputStep) {
        float[] product = new float[steps.length];
        for (int map = 0; map < product.length; map++) {
            product[map] = inputStep * steps[map];
        }
        return product;
    }
}
