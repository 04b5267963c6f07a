package org.attunet.network;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;

/**
 * The paper's own network (Oktay et al., arXiv 1804.03999): a U-Net with grid attention gates on levels 4, 3 and 2 and
 * deep supervision, in the names of the authors' code. The paper's is 3D; in 2D every kernel loses its depth and nothing
 * else changes.
 *
 * <p>The gate on level 4 takes its signal from the centre, the one on level 3 from the decoder's level 4, the one on
 * level 2 from the decoder's level 3; level 1 is not gated. Each decoder level has a head, and the logits are a kernel-1
 * convolution of all four. Shapes in comments leave the batch out and take the paper's widths; K is the outputs.
 */
final class GridAttentionUNet extends Network {

    /** Two 3 x 3 convolutions, each followed by BN and ReLU, in two sequences. */
    private final class ConvBlock implements Block {
        private final ConvNorm first;
        private final ConvNorm second;

        ConvBlock(String name, int in, int out) {
            first = convNorm(name + ".conv1", 0, in, out, 3);
            second = convNorm(name + ".conv2", 0, out, out, 3);
        }

        @Override
        public <T> T forward(Operations<T> op, T x) {
            return op.block(() -> op.relu(op.convNorm(second, op.relu(op.convNorm(first, x)))));
        }
    }

    /** Conv1 + BN + ReLU: the gating signal of the coarsest gate. */
    private final class GatingSignal implements Block {
        private final ConvNorm conv;

        GatingSignal(String name, int channels) {
            conv = convNorm(name, 0, channels, channels, 1);
        }

        @Override
        public <T> T forward(Operations<T> op, T x) {
            return op.relu(op.convNorm(conv, x));
        }
    }

    /**
     * The paper's grid attention gate (section 3): the skip connection x is brought to half its resolution by theta, the
     * gating signal g from a coarser level is resized to it, and the coefficients
     *
     * <pre>psi = sigmoid(conv1(ReLU(theta(x) + phi(g))))</pre>
     *
     * <p>are interpolated to x's grid and multiplied with it. One gate or two side by side, whose results are joined and
     * combined by Conv1 + BN + ReLU.
     */
    private final class GridAttentionBlock implements Gate {
        private final String name;
        private final List<Single> gates = new ArrayList<>();
        private final ConvNorm combine;

        /** One gate; its inner channels are the skip connection's. */
        private record Single(ConvNorm w, Conv theta, Conv phi, Conv psi) {}

        GridAttentionBlock(String name, int skip, int gating) {
            this.name = name;
            int count = config().gates() == Gates.GRID_MULTI ? 2 : 1;
            for (int k = 1; k <= count; k++) {
                String gate = name + ".gate_block_" + k;
                gates.add(new Single(
                        convNorm(gate + ".W", 0, skip, skip, 1),
                        halving(gate + ".theta", skip, skip),
                        conv1(gate + ".phi", gating, skip),
                        conv1(gate + ".psi", skip, 1)));
            }
            combine = convNorm(name + ".combine_gates", 0, count * skip, skip, 1);
        }

        @Override
        public <T> T forward(Operations<T> op, T g, T x) {
            List<T> coefficients = new ArrayList<>();
            List<T> gated = new ArrayList<>();
            for (Single gate : gates) {
                T psi = op.block(() -> coefficients(op, gate, x, g)); //  (1, D, H, W)
                coefficients.add(psi);
                gated.add(op.convNorm(gate.w, op.mul(x, psi))); //        (skip, D, H, W)
            }
            op.attention(name, joined(op, coefficients));
            return op.relu(op.convNorm(combine, joined(op, gated)));
        }

        private <T> T coefficients(Operations<T> op, Single gate, T x, T g) {
            T half = op.conv(gate.theta, x); //                           (skip, D/2, H/2, W/2)
            T signal = op.resize(op.conv(gate.phi, g), half); //          (skip, D/2, H/2, W/2)
            T psi = op.conv(gate.psi, op.relu(op.add(half, signal))); //  (1, D/2, H/2, W/2)
            return op.resize(op.sigmoid(psi), x); //                      (1, D, H, W)
        }

        private <T> T joined(Operations<T> op, List<T> maps) {
            return maps.size() == 1 ? maps.get(0) : op.concat(maps);
        }
    }

    private final ConvBlock conv1;
    private final ConvBlock conv2;
    private final ConvBlock conv3;
    private final ConvBlock conv4;
    private final ConvBlock centre;
    private final Block gating;
    private final Gate gate2;
    private final Gate gate3;
    private final Gate gate4;
    private final ConvBlock up4;
    private final ConvBlock up3;
    private final ConvBlock up2;
    private final ConvBlock up1;
    private final Conv dsv4;
    private final Conv dsv3;
    private final Conv dsv2;
    private final Conv dsv1;
    private final Conv last;

    GridAttentionUNet(NetworkConfig config) {
        super(config);
        List<Integer> w = config.widths();
        int k = config.outputs();
        conv1 = new ConvBlock("conv1", config.channels(), w.get(0));
        conv2 = new ConvBlock("conv2", w.get(0), w.get(1));
        conv3 = new ConvBlock("conv3", w.get(1), w.get(2));
        conv4 = new ConvBlock("conv4", w.get(2), w.get(3));
        centre = new ConvBlock("center", w.get(3), w.get(4));
        boolean gated = config.gates() != Gates.NONE;
        gating = gated ? new GatingSignal("gating.conv1", w.get(4)) : Block.IDENTITY;
        gate2 = gated ? new GridAttentionBlock("attentionblock2", w.get(1), w.get(2)) : Gate.OPEN;
        gate3 = gated ? new GridAttentionBlock("attentionblock3", w.get(2), w.get(3)) : Gate.OPEN;
        gate4 = gated ? new GridAttentionBlock("attentionblock4", w.get(3), w.get(4)) : Gate.OPEN;
        up4 = new ConvBlock("up_concat4.conv", w.get(3) + w.get(4), w.get(3));
        up3 = new ConvBlock("up_concat3.conv", w.get(2) + w.get(3), w.get(2));
        up2 = new ConvBlock("up_concat2.conv", w.get(1) + w.get(2), w.get(1));
        up1 = new ConvBlock("up_concat1.conv", w.get(0) + w.get(1), w.get(0));
        dsv4 = conv1("dsv4.dsv.0", w.get(3), k);
        dsv3 = conv1("dsv3.dsv.0", w.get(2), k);
        dsv2 = conv1("dsv2.dsv.0", w.get(1), k);
        dsv1 = conv1("dsv1", w.get(0), k);
        last = conv1("final", 4 * k, k);
    }

    @Override
    public <T> T forward(Operations<T> op, T x) {
        // Encoder
        T e1 = conv1.forward(op, x); //                       (16, D, H, W)
        T e2 = conv2.forward(op, op.maxPool(e1)); //          (32, D/2, H/2, W/2)
        T e3 = conv3.forward(op, op.maxPool(e2)); //          (64, D/4, ...)
        T e4 = conv4.forward(op, op.maxPool(e3)); //          (128, D/8, ...)
        T c = centre.forward(op, op.maxPool(e4)); //          (256, D/16, ...)
        // Decoder
        T g = gating.forward(op, c); //                       (256, D/16, ...)
        T d4 = up(op, up4, gate4.forward(op, g, e4), c); //   (128, D/8, ...)
        T d3 = up(op, up3, gate3.forward(op, d4, e3), d4); // (64, D/4, ...)
        T d2 = up(op, up2, gate2.forward(op, d3, e2), d3); // (32, D/2, ...)
        T d1 = up(op, up1, e1, d2); //                        (16, D, H, W)
        // A head at each level
        T h4 = op.conv(dsv4, d4); //                          (K, D/8, ...)
        T h3 = op.conv(dsv3, d3); //                          (K, D/4, ...)
        T h2 = op.conv(dsv2, d2); //                          (K, D/2, ...)
        T h1 = op.conv(dsv1, d1); //                          (K, D, H, W)
        if (config().deepSupervision()) {
            List.of(h4, h3, h2).forEach(logits -> op.supervise(() -> logits));
        }
        T all = op.concat(List.of(h1, op.resize(h2, x), op.resize(h3, x), op.resize(h4, x))); // (4K, D, H, W)
        return op.conv(last, all); //                         (K, D, H, W)
    }

    private static <T> T up(Operations<T> op, ConvBlock conv, T skip, T coarse) {
        return conv.forward(op, op.concat(List.of(skip, op.resize(coarse, skip))));
    }

    /** Checks that the parts are those of this family. */
    static void check(List<Integer> widths, Upsampling upsampling, NormLayer normalisation, Gates gates) {
        if (widths.size() != 5) {
            throw new ConfigException("widths", widths, "5 levels for the paper's network");
        }
        if (gates == Gates.ADDITIVE || upsampling != Upsampling.LINEAR || normalisation != NormLayer.BATCH) {
            throw new ConfigException(
                    "family",
                    NetworkConfig.Family.GRID_ATTENTION_UNET,
                    "grid gates or none, linear upsampling and batch normalisation");
        }
    }
}
