package org.attunet.torch;

import java.util.ArrayList;
import java.util.List;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.Upsampling;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention U-Net in 2D or 3D: a U-Net (Ronneberger et al., arXiv 1505.04597) whose decoder, at each level, upsamples,
 * lets an attention gate weigh the encoder's skip connection, concatenates and convolves. Without gates it is the plain
 * U-Net.
 *
 * <p>Levels are numbered as in the names of the weights: 1 is the finest. With n levels the encoder is
 * {@code Conv1 … Convn}, the decoder {@code Upn, Attn, Up_convn … Up2, Att2, Up_conv2}, the head {@code Conv}
 * ({@code Conv_1x1} where upsampling is nearest).
 */
public final class AttentionUNet extends TorchNetwork {
    private final List<ConvBlock> encoder = new ArrayList<>();
    private final List<Level> decoder = new ArrayList<>(); // coarsest first
    private final Conv1 head;

    /** What one decoder level is made of; gate and head only where the configuration asks for them. */
    private record Level(int number, UpSamplingBlock up, List<AttentionBlock> gate, ConvBlock conv, List<Conv1> head) {}

    AttentionUNet(NetworkConfig config, WeightStore weights) {
        super(config, weights);
        List<Integer> width = config.widths();
        int in = config.channels();
        for (int level = 1; level <= config.levels(); level++) {
            encoder.add(ConvBlock.seed(this, "Conv" + level, in, width.get(level - 1)));
            in = width.get(level - 1);
        }
        for (int level = config.levels(); level >= 2; level--) {
            decoder.add(level(level, width.get(level - 1), width.get(level - 2)));
        }
        head = conv1(config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv", width.get(0), config.outputs());
    }

    private Level level(int number, int coarse, int fine) {
        boolean gated = config().gates() == Gates.ADDITIVE;
        boolean supervised = config().deepSupervision() && number > 2;
        var up = new UpSamplingBlock(this, "Up" + number, coarse, fine);
        int inner = Math.max(1, fine / 2);
        return new Level(
                number,
                up,
                gated ? List.of(new AttentionBlock(this, "Att" + number, fine, fine, inner)) : List.of(),
                ConvBlock.seed(this, "Up_conv" + number, 2 * fine, fine),
                supervised ? List.of(conv1("Head" + (number - 1), fine, config().outputs())) : List.of());
    }

    @Override
    public Forward forward(Tensor x, Mode mode) {
        List<Tensor> skips = new ArrayList<>();
        for (ConvBlock block : encoder) {
            Tensor input = skips.isEmpty() ? x : TorchLayers.maxPool(skips.get(skips.size() - 1));
            skips.add(block.forward(input, mode)); // level k: (B, widths[k-1], size / 2^(k-1))
        }

        List<Tensor> heads = new ArrayList<>();
        List<Forward.Attention> attention = new ArrayList<>();
        Tensor d = skips.get(skips.size() - 1);
        for (Level level : decoder) {
            Tensor up = level.up.forward(d, mode); // (B, fine, 2 x size)
            Tensor skip = skips.get(level.number - 2); // (B, fine, 2 x size)
            for (AttentionBlock gate : level.gate) {
                Tensor psi = gate.coefficients(up, skip, mode); // (B, 1, 2 x size)
                attention.add(new Forward.Attention("Att" + level.number, psi));
                skip = skip.mul(psi);
            }
            d = level.conv.forward(TorchLayers.concat(skip, up), mode); // (B, fine, 2 x size)
            for (Conv1 coarseHead : level.head) {
                heads.add(0, coarseHead.forward(d));
            }
        }
        return new Forward(head.forward(d), heads, attention); // logits: (B, outputs, size)
    }
}
