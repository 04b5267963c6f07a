package org.attunet.network;

/** A part of a network that has weights. */
public sealed interface Layer permits Conv, ConvNorm {
    /** {@return the layer's convolution} */
    Conv conv();
}
