package org.attunet.torch;

import java.util.Objects;
import org.attunet.network.NetworkConfig.Upsampling;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Doubles the resolution and changes the channels: a transposed convolution (the seed), or nearest neighbour followed by
 * Conv3 + normalisation + ReLU (the widely used {@code AttU_Net}).
 */
final class UpSamplingBlock {
    private final @Nullable Tensor weight; // (in, out, 2...)
    private final @Nullable Tensor bias; // (out)
    private final @Nullable ConvNorm conv;

    UpSamplingBlock(TorchNetwork network, String name, int in, int out) {
        if (network.config().upsampling() == Upsampling.TRANSPOSED) {
            long[] shape = ConvNorm.convShape(in, out, network.config().dimension(), 2);
            weight = network.weights.convWeight(name + ".up.weight", shape);
            bias = network.weights.convBias(name + ".up.bias", out, shape);
            conv = null;
        } else {
            weight = null;
            bias = null;
            conv = network.unit(name + ".up.1", name + ".up.2", in, out, 3);
        }
    }

    /** (B, in, [D,] H, W) to (B, out, [2D,] 2H, 2W). */
    Tensor forward(Tensor x, Mode mode) {
        ConvNorm after = conv;
        if (after != null) {
            return TorchNetwork.scoped(() -> after.relu(TorchLayers.nearestTwice(x), mode));
        }
        Tensor kernel = Objects.requireNonNull(weight);
        Tensor offset = Objects.requireNonNull(bias);
        return TorchNetwork.scoped(() -> TorchLayers.convTranspose(x, kernel, offset));
    }
}
