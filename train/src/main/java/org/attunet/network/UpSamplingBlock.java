package org.attunet.network;

import java.util.Objects;
import org.attunet.bundle.NetworkConfig.Upsampling;
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

    UpSamplingBlock(Network network, String name, int in, int out) {
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
            return Network.scoped(() -> after.relu(Layers.nearestTwice(x), mode));
        }
        Tensor kernel = Objects.requireNonNull(weight);
        Tensor offset = Objects.requireNonNull(bias);
        return Network.scoped(() -> Layers.convTranspose(x, kernel, offset));
    }
}
