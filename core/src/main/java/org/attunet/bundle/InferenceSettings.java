package org.attunet.bundle;

import org.attunet.error.ConfigException;
import org.attunet.objects.ObjectSettings;
import org.jspecify.annotations.Nullable;

/**
 * How a model's logits become a mask.
 *
 * @param tiling how large images are cut into tiles
 * @param temperature the divisor of the logits before sigmoid or softmax, above 0; 1 if the model isn't calibrated
 * @param keepLargest which predictions are reduced to their largest connected component
 * @param objects how objects are found in the outputs of a network that has learnt {@link
 *     org.attunet.objects.EnergyLevels}; null for a model of structures
 */
public record InferenceSettings(
        Tiling tiling,
        double temperature,
        KeepLargest keepLargest,
        @Nullable ObjectSettings objects) {
    /** Blended tiles, no calibration, all components kept. */
    public static final InferenceSettings DEFAULT = new InferenceSettings(Tiling.gaussian(), 1, KeepLargest.NONE);

    /**
     * Checks the components.
     *
     * @param tiling how large images are cut into tiles
     * @param temperature the divisor of the logits before sigmoid or softmax, above 0; 1 if the model isn't calibrated
     * @param keepLargest which predictions are reduced to their largest connected component
     * @param objects how objects are found; null for a model of structures
     */
    public InferenceSettings {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new ConfigException("temperature", temperature, "a number above 0");
        }
    }

    /**
     * The settings of a model of structures.
     *
     * @param tiling how large images are cut into tiles
     * @param temperature the divisor of the logits before sigmoid or softmax, above 0; 1 if the model isn't calibrated
     * @param keepLargest which predictions are reduced to their largest connected component
     */
    public InferenceSettings(Tiling tiling, double temperature, KeepLargest keepLargest) {
        this(tiling, temperature, keepLargest, null);
    }
}
