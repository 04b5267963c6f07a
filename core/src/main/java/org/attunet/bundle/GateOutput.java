package org.attunet.bundle;

import org.attunet.error.ConfigException;

/**
 * A further output of a bundle's ONNX model: the maps of one attention gate.
 *
 * @param name the output's name in the model, such as {@code attention_Att5}
 * @param maps the number of maps, 1 or 2
 * @param stride the number of the input's voxels that one of the map's spans along each axis, a power of 2
 */
public record GateOutput(String name, int maps, int stride) {
    /** Checks the ranges. */
    public GateOutput {
        if (name.isBlank()) {
            throw new ConfigException("gate", "blank", "the output's name");
        }
        if (maps < 1 || maps > 64) {
            throw new ConfigException("maps", maps, "a number from 1 to 64");
        }
        if (stride < 1 || stride > 65536 || Integer.bitCount(stride) != 1) {
            throw new ConfigException("stride", stride, "a power of 2");
        }
    }
}
