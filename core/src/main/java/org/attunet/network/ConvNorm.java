package org.attunet.network;

import org.attunet.network.NetworkConfig.NormLayer;

/**
 * A convolution and the normalisation layer after it.
 *
 * @param name what the names of the normalisation's weights begin with
 * @param kind the normalisation; {@link NormLayer#NONE} leaves it out
 */
public record ConvNorm(Conv conv, String name, NormLayer kind) {
    /** The constant that PyTorch adds to variances. */
    public static final double EPSILON = 1e-5;
}
