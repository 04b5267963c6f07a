package org.attunet.torch;

import java.util.List;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The paper's own network (Oktay et al., arXiv 1804.03999): a U-Net with grid attention gates on levels 4, 3 and 2 and
 * deep supervision, in the names of the authors' code. The paper's is 3D; in 2D every kernel loses its depth and nothing
 * else changes.
 *
 * <p>The gate on level 4 takes its signal from the centre, the one on level 3 from the decoder's level 4, the one on
 * level 2 from the decoder's level 3; level 1 is not gated. Each decoder level has a head, and the logits are a kernel-1
 * convolution of all four.
 */
public final class GridAttentionUNet extends TorchNetwork {
    private final ConvBlock conv1;
    private final ConvBlock conv2;
    private final ConvBlock conv3;
    private final ConvBlock conv4;
    private final ConvBlock centre;
    private final @Nullable ConvNorm gating;
    private final @Nullable GridAttentionGate gate2;
    private final @Nullable GridAttentionGate gate3;
    private final @Nullable GridAttentionGate gate4;
    private final ConvBlock up4;
    private final ConvBlock up3;
    private final ConvBlock up2;
    private final ConvBlock up1;
    private final Conv1 head4;
    private final Conv1 head3;
    private final Conv1 head2;
    private final Conv1 head1;
    private final Conv1 last;

    GridAttentionUNet(NetworkConfig config, WeightStore weights) {
        super(config, weights);
        List<Integer> w = config.widths();
        int k = config.outputs();
        conv1 = ConvBlock.authors(this, "conv1", config.channels(), w.get(0));
        conv2 = ConvBlock.authors(this, "conv2", w.get(0), w.get(1));
        conv3 = ConvBlock.authors(this, "conv3", w.get(1), w.get(2));
        conv4 = ConvBlock.authors(this, "conv4", w.get(2), w.get(3));
        centre = ConvBlock.authors(this, "center", w.get(3), w.get(4));
        boolean gated = config.gates() != Gates.NONE;
        int gates = config.gates() == Gates.GRID_MULTI ? 2 : 1;
        gating = gated ? unit("gating.conv1.0", "gating.conv1.1", w.get(4), w.get(4), 1) : null;
        gate2 = gated ? new GridAttentionGate(this, "attentionblock2", w.get(1), w.get(2), gates) : null;
        gate3 = gated ? new GridAttentionGate(this, "attentionblock3", w.get(2), w.get(3), gates) : null;
        gate4 = gated ? new GridAttentionGate(this, "attentionblock4", w.get(3), w.get(4), gates) : null;
        up4 = ConvBlock.authors(this, "up_concat4.conv", w.get(3) + w.get(4), w.get(3));
        up3 = ConvBlock.authors(this, "up_concat3.conv", w.get(2) + w.get(3), w.get(2));
        up2 = ConvBlock.authors(this, "up_concat2.conv", w.get(1) + w.get(2), w.get(1));
        up1 = ConvBlock.authors(this, "up_concat1.conv", w.get(0) + w.get(1), w.get(0));
        head4 = conv1("dsv4.dsv.0", w.get(3), k);
        head3 = conv1("dsv3.dsv.0", w.get(2), k);
        head2 = conv1("dsv2.dsv.0", w.get(1), k);
        head1 = conv1("dsv1", w.get(0), k);
        last = conv1("final", 4 * k, k);
    }

    @Override
    public Forward forward(Tensor x, Mode mode) {
        Tensor e1 = conv1.forward(x, mode); //                              (B,  16, [D,] H, W) at the paper's widths
        Tensor e2 = conv2.forward(TorchLayers.maxPool(e1), mode); //             (B,  32, D/2, ...)
        Tensor e3 = conv3.forward(TorchLayers.maxPool(e2), mode); //             (B,  64, D/4, ...)
        Tensor e4 = conv4.forward(TorchLayers.maxPool(e3), mode); //             (B, 128, D/8, ...)
        Tensor c = centre.forward(TorchLayers.maxPool(e4), mode); //             (B, 256, D/16, ...)

        var attention = new java.util.ArrayList<Forward.Attention>();
        Tensor g = gating == null ? c : gating.relu(c, mode); //            (B, 256, D/16, ...)
        Tensor d4 = up(up4, gated(gate4, "attentionblock4", e4, g, mode, attention), c, mode); //  (B, 128, D/8, ...)
        Tensor d3 = up(up3, gated(gate3, "attentionblock3", e3, d4, mode, attention), d4, mode); // (B, 64, D/4, ...)
        Tensor d2 = up(up2, gated(gate2, "attentionblock2", e2, d3, mode, attention), d3, mode); // (B, 32, D/2, ...)
        Tensor d1 = up(up1, e1, d2, mode); //                               (B,  16, D, H, W)

        Tensor h4 = head4.forward(d4); //                                   (B, K, H/8, ...)
        Tensor h3 = head3.forward(d3); //                                   (B, K, H/4, ...)
        Tensor h2 = head2.forward(d2); //                                   (B, K, H/2, ...)
        Tensor h1 = head1.forward(d1); //                                   (B, K, D, H, W)
        long[] size = TorchLayers.size(x);
        Tensor all = TorchLayers.concat(
                h1, TorchLayers.linear(h2, size), TorchLayers.linear(h3, size), TorchLayers.linear(h4, size));
        return new Forward(last.forward(all), List.of(h2, h3, h4), attention); // logits: (B, K, D, H, W)
    }

    private static Tensor gated(
            @Nullable GridAttentionGate gate,
            String name,
            Tensor skip,
            Tensor signal,
            Mode mode,
            List<Forward.Attention> attention) {
        if (gate == null) {
            return skip;
        }
        GridAttentionGate.Gated gated = gate.forward(skip, signal, mode);
        attention.add(new Forward.Attention(name, gated.coefficients()));
        return gated.skip();
    }

    private static Tensor up(ConvBlock block, Tensor skip, Tensor coarse, Mode mode) {
        return block.forward(TorchLayers.concat(skip, TorchLayers.linear(coarse, TorchLayers.size(skip))), mode);
    }
}
