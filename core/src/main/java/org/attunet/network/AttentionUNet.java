package org.attunet.network;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.jspecify.annotations.Nullable;

/**
 * Attention U-Net in 2D or 3D: a U-Net (Ronneberger et al., arXiv 1505.04597) whose decoder, at each level, upsamples,
 * lets an attention gate weigh the encoder's skip connection, concatenates and convolves. Without gates it is the plain
 * U-Net.
 *
 * <p>Layers have the names of the widely copied {@code AttU_Net}; level 1 is the finest. With n levels the encoder is
 * {@code Conv1 … Convn}, the decoder {@code Upn, Attn, Up_convn … Up2, Att2, Up_conv2}, the head {@code Conv}
 * ({@code Conv_1x1} if upsampling is nearest). Shapes in comments leave the batch out.
 */
final class AttentionUNet extends Network {

    /** Two 3 x 3 convolutions, each followed by normalisation and ReLU. */
    private final class ConvBlock implements Block {
        private final ConvNorm first;
        private final ConvNorm second;

        ConvBlock(String name, int in, int out) {
            // One sequence: convolution, normalisation (if any), ReLU, and again.
            int step = config().normalisation() == NormLayer.NONE ? 2 : 3;
            first = convNorm(name + ".conv", 0, in, out, 3);
            second = convNorm(name + ".conv", step, out, out, 3);
        }

        @Override
        public <T> T forward(Operations<T> op, T x) {
            return op.block(() -> {
                T y = op.relu(op.convNorm(first, x)); //     (in, H, W) to (out, H, W)
                return op.relu(op.convNorm(second, y)); //   (out, H, W)
            });
        }
    }

    /** Doubles the resolution by a transposed convolution. */
    private final class UpSamplingBlock implements Block {
        private final Conv up;

        UpSamplingBlock(String name, int in, int out) {
            up = doubling(name + ".up", in, out);
        }

        @Override
        public <T> T forward(Operations<T> op, T x) {
            return op.block(() -> op.convTranspose(up, x)); // (in, H, W) to (out, 2H, 2W)
        }
    }

    /** Doubles the resolution by repeating voxels, then a 3 x 3 convolution, normalisation and ReLU. */
    private final class NearestUpSamplingBlock implements Block {
        private final ConvNorm conv;

        NearestUpSamplingBlock(String name, int in, int out) {
            conv = convNorm(name + ".up", 1, in, out, 3);
        }

        @Override
        public <T> T forward(Operations<T> op, T x) {
            return op.block(() -> op.relu(op.convNorm(conv, op.upsampleNearest(x)))); // (in, H, W) to (out, 2H, 2W)
        }
    }

    /**
     * The additive attention gate: weighs each voxel of the skip connection x by a coefficient computed from x and the
     * decoder's signal g at the same resolution,
     *
     * <pre>psi = sigmoid(BN(conv1(ReLU(BN(conv1(g)) + BN(conv1(x))))))</pre>
     *
     * <p>with one coefficient for all channels of a voxel (Oktay et al., arXiv 1804.03999, equations 1 and 2, but g has
     * been upsampled already).
     */
    private final class AttentionBlock implements Gate {
        private final String name;
        private final ConvNorm wG;
        private final ConvNorm wX;
        private final ConvNorm wPsi;

        AttentionBlock(String name, int gating, int skip, int inner) {
            this.name = name;
            wG = convNorm(name + ".W_g", 0, gating, inner, 1);
            wX = convNorm(name + ".W_x", 0, skip, inner, 1);
            wPsi = convNorm(name + ".psi", 0, inner, 1, 1);
        }

        @Override
        public <T> T forward(Operations<T> op, T g, T x) {
            return op.block(() -> {
                T g1 = op.convNorm(wG, g); //                                    (inner, H, W)
                T x1 = op.convNorm(wX, x); //                                    (inner, H, W)
                T psi = op.relu(op.add(g1, x1)); //                              (inner, H, W)
                psi = op.attention(name, op.sigmoid(op.convNorm(wPsi, psi))); // (1, H, W)
                return op.mul(x, psi); //                                        (skip, H, W)
            });
        }
    }

    /** What one decoder level consists of. */
    private final class Level {
        final int number;
        final Block up;
        final Gate gate;
        final ConvBlock conv;
        final @Nullable Conv head;

        Level(int number, int coarse, int fine) {
            this.number = number;
            up = config().upsampling() == Upsampling.TRANSPOSED
                    ? new UpSamplingBlock("Up" + number, coarse, fine)
                    : new NearestUpSamplingBlock("Up" + number, coarse, fine);
            gate = config().gates() == Gates.ADDITIVE
                    ? new AttentionBlock("Att" + number, fine, fine, Math.max(1, fine / 2))
                    : Gate.OPEN;
            conv = new ConvBlock("Up_conv" + number, 2 * fine, fine);
            boolean supervised = config().deepSupervision() && number > 2;
            head = supervised ? conv1("Head" + (number - 1), fine, config().outputs()) : null;
        }
    }

    private final List<ConvBlock> encoder = new ArrayList<>();
    private final List<Level> decoder = new ArrayList<>(); // coarsest first
    private final Conv head;

    AttentionUNet(NetworkConfig config) {
        super(config);
        List<Integer> width = config.widths();
        int in = config.channels();
        for (int level = 1; level <= config.levels(); level++) {
            encoder.add(new ConvBlock("Conv" + level, in, width.get(level - 1)));
            in = width.get(level - 1);
        }
        for (int level = config.levels(); level >= 2; level--) {
            decoder.add(new Level(level, width.get(level - 1), width.get(level - 2)));
        }
        head = conv1(config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv", width.get(0), config.outputs());
    }

    @Override
    public <T> T forward(Operations<T> op, T x) {
        // Encoder
        List<T> e = new ArrayList<>(); // e[k] is the map of level k + 1
        for (ConvBlock conv : encoder) {
            T input = e.isEmpty() ? x : op.maxPool(e.get(e.size() - 1));
            e.add(conv.forward(op, input)); //               (widths[k], H / 2^k, W / 2^k)
        }
        // Decoder
        T d = e.get(e.size() - 1);
        for (Level level : decoder) {
            T up = level.up.forward(op, d); //               (fine, 2H, 2W)
            T skip = level.gate.forward(op, up, e.get(level.number - 2)); // (fine, 2H, 2W)
            d = level.conv.forward(op, op.concat(List.of(skip, up))); // (2 fine, 2H, 2W) to (fine, 2H, 2W)
            if (level.head != null) {
                Conv coarse = level.head;
                T map = d;
                op.supervise(() -> op.conv(coarse, map));
            }
        }
        return op.conv(head, d); //                          (outputs, H, W)
    }

    /** Checks that the parts are those of this family. */
    static void check(Upsampling upsampling, Gates gates) {
        if (gates == Gates.GRID_SINGLE || gates == Gates.GRID_MULTI || upsampling == Upsampling.LINEAR) {
            throw new ConfigException(
                    "family",
                    NetworkConfig.Family.ATTENTION_UNET,
                    "additive gates or none, transposed or nearest upsampling");
        }
    }
}
