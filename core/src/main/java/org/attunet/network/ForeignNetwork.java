package org.attunet.network;

import org.attunet.error.ConfigException;

/**
 * A network of which only the outside is known, as a bundle of the BioImage Model Zoo describes it.
 *
 * @param dimension 2 or 3
 * @param channels channels of the input, 1 or more
 * @param outputs channels of the output: 1 for one label, more for as many classes of which 0 is the background
 * @param multiple the number that each spatial size of the input must be a multiple of
 * @param probabilities whether the outputs are probabilities already
 * @param patchOnly whether the network takes blocks of one size only
 * @param input the name of the model's input
 * @param output the name of the model's output
 */
public record ForeignNetwork(
        int dimension,
        int channels,
        int outputs,
        int multiple,
        boolean probabilities,
        boolean patchOnly,
        String input,
        String output)
        implements NetworkShape {
    /**
     * Checks the ranges.
     *
     * @param dimension 2 or 3
     * @param channels channels of the input, 1 or more
     * @param outputs channels of the output: 1 for one label, more for as many classes of which 0 is the background
     * @param multiple the number that each spatial size of the input must be a multiple of
     * @param probabilities whether the outputs are probabilities already
     * @param patchOnly whether the network takes blocks of one size only
     * @param input the name of the model's input
     * @param output the name of the model's output
     */
    public ForeignNetwork {
        if (dimension != 2 && dimension != 3) {
            throw new ConfigException("dimension", dimension, "2 or 3");
        }
        if (channels < 1 || channels > 4096) {
            throw new ConfigException("channels", channels, "a number from 1 to 4096");
        }
        if (outputs < 1 || outputs > 4096) {
            throw new ConfigException("outputs", outputs, "a number from 1 to 4096");
        }
        if (multiple < 1 || multiple > 65536) {
            throw new ConfigException("multiple", multiple, "a number from 1 to 65536");
        }
    }
}
