package org.attunet.torch;

import org.attunet.network.NetworkConfig.NormLayer;
import org.bytedeco.pytorch.Tensor;

/** [Conv3 + normalisation + ReLU] twice: the block of every level. */
final class ConvBlock {
    private final ConvNorm first;
    private final ConvNorm second;

    private ConvBlock(ConvNorm first, ConvNorm second) {
        this.first = first;
        this.second = second;
    }

    /** With the seed's names: {@code Conv1.conv.0}, {@code .1}, {@code .3}, {@code .4}. */
    static ConvBlock seed(TorchNetwork network, String name, int in, int out) {
        // One sequence: convolution, normalisation (if any), ReLU, and again.
        int step = network.config().normalisation() == NormLayer.NONE ? 2 : 3;
        String conv = name + ".conv.";
        return new ConvBlock(
                network.unit(conv + 0, conv + 1, in, out, 3),
                network.unit(conv + step, conv + (step + 1), out, out, 3));
    }

    /** With the paper's authors' names: {@code conv1.conv1.0}, {@code .1}, {@code conv1.conv2.0}, {@code .1}. */
    static ConvBlock authors(TorchNetwork network, String name, int in, int out) {
        return new ConvBlock(
                network.unit(name + ".conv1.0", name + ".conv1.1", in, out, 3),
                network.unit(name + ".conv2.0", name + ".conv2.1", out, out, 3));
    }

    /** (B, in, ...) to (B, out, ...). */
    Tensor forward(Tensor x, Mode mode) {
        return TorchNetwork.scoped(() -> second.relu(first.relu(x, mode), mode));
    }
}
