package org.attunet.network;

/**
 * What must be known of a network to feed it blocks of voxels and to read its outputs, whoever built it.
 *
 * <p>{@link NetworkConfig} is a network that attunet builds, {@link ForeignNetwork} a third party's ONNX model.
 */
public sealed interface NetworkShape permits NetworkConfig, ForeignNetwork {
    /** {@return 2 or 3} */
    int dimension();

    /** {@return channels of the input, 1 or more} */
    int channels();

    /** {@return channels of the output: 1 for one label, more for as many classes of which 0 is the background} */
    int outputs();

    /**
     * Each spatial size of the input must be divisible by this.
     *
     * @return the divisor
     */
    int multiple();

    /** {@return whether the network's outputs are probabilities already; else they are logits} */
    boolean probabilities();

    /**
     * {@return whether blocks must have the size of the model's patch, because the network takes no other or because its
     * outputs depend on the whole block}
     */
    boolean patchOnly();
}
