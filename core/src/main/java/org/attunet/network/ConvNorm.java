package org.attunet.network;

import org.attunet.network.NetworkConfig.NormLayer;

/**
 * A convolution and the normalisation layer after it.
 *
 * @param name what the names of the normalisation's weights begin with
 * @param kind the normalisation; {@link NormLayer#NONE} leaves it out
 */
public record ConvNorm(Conv conv, String name, NormLayer kind) implements Layer {
    /** What PyTorch adds to variances. */
    public static final double EPSILON = 1e-5;

    /** {@return the name of the factor of each channel} */
    public String scale() {
        return name + ".weight";
    }

    /** {@return the name of the summand of each channel} */
    public String shift() {
        return name + ".bias";
    }

    /** {@return the name of batch normalisation's running mean} */
    public String mean() {
        return name + ".running_mean";
    }

    /** {@return the name of batch normalisation's running variance} */
    public String variance() {
        return name + ".running_var";
    }

    /** {@return the name of batch normalisation's count of batches} */
    public String batches() {
        return name + ".num_batches_tracked";
    }
}
