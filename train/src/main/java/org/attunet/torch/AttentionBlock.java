package org.attunet.torch;

import org.bytedeco.pytorch.Tensor;

/**
 * The additive attention gate: weighs each voxel of the skip connection x by a coefficient that is computed from x and
 * the decoder's signal g at the same resolution,
 *
 * <pre>psi = sigmoid(BN(conv1(ReLU(BN(conv1(g)) + BN(conv1(x))))))</pre>
 *
 * <p>with one coefficient for all channels of a voxel (Oktay et al., arXiv 1804.03999, equations 1 and 2, without the
 * coarser grid: here g has already been upsampled).
 */
final class AttentionBlock {
    private final ConvNorm ofGating; // the seed's W_g
    private final ConvNorm ofSkip; // the seed's W_x
    private final ConvNorm psi;

    AttentionBlock(TorchNetwork network, String name, int gating, int skip, int inner) {
        ofGating = network.unit(name + ".W_g.0", name + ".W_g.1", gating, inner, 1);
        ofSkip = network.unit(name + ".W_x.0", name + ".W_x.1", skip, inner, 1);
        psi = network.unit(name + ".psi.0", name + ".psi.1", inner, 1, 1);
    }

    /** The coefficients: g (B, gating, ...) and x (B, skip, ...) to (B, 1, ...) in 0..1. */
    Tensor coefficients(Tensor g, Tensor x, Mode mode) {
        return TorchNetwork.scoped(() -> {
            Tensor sum = ofGating.forward(g, mode).add_(ofSkip.forward(x, mode)).relu_(); // (B, inner, ...)
            return psi.forward(sum, mode).sigmoid();
        });
    }
}
