package org.attunet.bundle;

import org.attunet.error.ConfigException;

/**
 * How a model's logits become a mask.
 *
 * @param tiling how large images are cut into tiles
 * @param temperature the divisor of the logits before sigmoid or softmax, above 0; 1 if the model isn't calibrated
 * @param keepLargest which predictions are reduced to their largest connected component
 */
public record InferenceSettings(Tiling tiling, double temperature, KeepLargest keepLargest) {
    /** Blended tiles, no calibration, all components kept. */
    public static final InferenceSettings DEFAULT = new InferenceSettings(Tiling.gaussian(), 1, KeepLargest.NONE);

    /**
     * Checks the components.
     *
     * @param tiling how large images are cut into tiles
     * @param temperature the divisor of the logits before sigmoid or softmax, above 0; 1 if the model isn't calibrated
     * @param keepLargest which predictions are reduced to their largest connected component
     */
    public InferenceSettings {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new ConfigException("temperature", temperature, "a number above 0");
        }
    }
}
