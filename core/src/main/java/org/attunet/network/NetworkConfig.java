package org.attunet.network;

import java.util.List;
import org.attunet.error.ConfigException;

/**
 * Everything that fixes the shape of a network that attunet builds: two models with equal configurations have the same parameters.
 *
 * @param family which of the two published architectures
 * @param dimension 2 or 3
 * @param channels channels of the input, 1 or more
 * @param outputs channels of the logits: 1 stands for one label through a sigmoid, more for a softmax over that many
 *     classes of which 0 is the background
 * @param widths channels at each level, finest first; its length is the depth
 * @param upsampling how a decoder level doubles the resolution
 * @param normalisation the layer after each convolution
 * @param gates the attention gates on the skip connections
 * @param deepSupervision whether decoder levels have heads of their own
 */
public record NetworkConfig(
        Family family,
        int dimension,
        int channels,
        int outputs,
        List<Integer> widths,
        Upsampling upsampling,
        NormLayer normalisation,
        Gates gates,
        boolean deepSupervision)
        implements NetworkShape {

    /** The published architectures; each is one file of this package. */
    public enum Family {
        /** The U-Net with additive gates after each upsampling (the widely used {@code AttU_Net}), or without gates. */
        ATTENTION_UNET {
            @Override
            Network define(NetworkConfig config) {
                return new AttentionUNet(config);
            }

            @Override
            void check(List<Integer> widths, Upsampling upsampling, NormLayer normalisation, Gates gates) {
                AttentionUNet.check(upsampling, gates);
            }
        },
        /** The paper's own network with grid attention gates, arXiv 1804.03999; in 2D with 2D kernels. */
        GRID_ATTENTION_UNET {
            @Override
            Network define(NetworkConfig config) {
                return new GridAttentionUNet(config);
            }

            @Override
            void check(List<Integer> widths, Upsampling upsampling, NormLayer normalisation, Gates gates) {
                GridAttentionUNet.check(widths, upsampling, normalisation, gates);
            }
        };

        abstract Network define(NetworkConfig config);

        /** Throws a {@link ConfigException} if the parts don't belong to the family. */
        abstract void check(List<Integer> widths, Upsampling upsampling, NormLayer normalisation, Gates gates);
    }

    /** How a decoder level doubles the resolution. */
    public enum Upsampling {
        /** Transposed convolution, kernel 2, stride 2. */
        TRANSPOSED,
        /** Nearest neighbour, then Conv3 + normalisation + ReLU. */
        NEAREST,
        /** Linear interpolation without weights. */
        LINEAR
    }

    /** The layer after each convolution. */
    public enum NormLayer {
        /** Batch normalisation. */
        BATCH,
        /** Instance normalisation. */
        INSTANCE,
        /** No normalisation. */
        NONE
    }

    /** The attention gates on the skip connections. */
    public enum Gates {
        /** None: the plain U-Net. */
        NONE,
        /** psi = sigmoid(BN(conv1(ReLU(BN(conv1(g)) + BN(conv1(x)))))). */
        ADDITIVE,
        /** One grid attention gate for each gated level (the paper). */
        GRID_SINGLE,
        /** Two grid attention gates side by side for each gated level (the authors' multi-gate variant). */
        GRID_MULTI
    }

    /**
     * Checks the ranges and that the parts belong to the family.
     *
     * @param family which of the two published architectures
     * @param dimension 2 or 3
     * @param channels channels of the input, 1 or more
     * @param outputs channels of the logits: 1 stands for one label through a sigmoid, more for a softmax over that many
     *     classes of which 0 is the background
     * @param widths channels at each level, finest first; its length is the depth
     * @param upsampling how a decoder level doubles the resolution
     * @param normalisation the layer after each convolution
     * @param gates the attention gates on the skip connections
     * @param deepSupervision whether decoder levels have heads of their own
     */
    public NetworkConfig {
        widths = List.copyOf(widths);
        if (dimension != 2 && dimension != 3) {
            throw new ConfigException("dimension", dimension, "2 or 3");
        }
        if (channels < 1 || channels > 4096) {
            throw new ConfigException("channels", channels, "a number from 1 to 4096");
        }
        if (outputs < 1 || outputs > 4096) {
            throw new ConfigException("outputs", outputs, "a number from 1 to 4096");
        }
        if (widths.size() < 2 || widths.size() > 8) {
            throw new ConfigException("widths", widths, "2 to 8 levels");
        }
        for (int width : widths) {
            if (width < 1 || width > 65536) {
                throw new ConfigException("widths", widths, "widths from 1 to 65536");
            }
        }
        family.check(widths, upsampling, normalisation, gates);
    }

    /**
     * {@return the seed's network: 5 levels of width 64 to 1024, batch normalisation, additive gates}
     *
     * @param dimension 2 or 3
     * @param channels the number of channels
     * @param outputs the number of outputs, 1 for one label
     */
    public static NetworkConfig attUNet(int dimension, int channels, int outputs) {
        return new NetworkConfig(
                Family.ATTENTION_UNET,
                dimension,
                channels,
                outputs,
                List.of(64, 128, 256, 512, 1024),
                Upsampling.TRANSPOSED,
                NormLayer.BATCH,
                Gates.ADDITIVE,
                false);
    }

    /**
     * {@return the paper's 3D network with widths 16 to 256 and deep supervision; gates single, multi or none}
     *
     * @param channels the number of channels
     * @param outputs the number of outputs, 1 for one label
     * @param gates how the attention gates combine their channels
     */
    public static NetworkConfig paper(int channels, int outputs, Gates gates) {
        return paper(3, channels, outputs, gates);
    }

    /**
     * {@return the same network in 2 or 3 dimensions}
     *
     * @param dimension 2 or 3
     * @param channels the number of channels
     * @param outputs the number of outputs, 1 for one label
     * @param gates how the attention gates combine their channels
     */
    public static NetworkConfig paper(int dimension, int channels, int outputs, Gates gates) {
        return new NetworkConfig(
                Family.GRID_ATTENTION_UNET,
                dimension,
                channels,
                outputs,
                List.of(16, 32, 64, 128, 256),
                Upsampling.LINEAR,
                NormLayer.BATCH,
                gates,
                true);
    }

    /** {@return the number of resolutions} */
    public int levels() {
        return widths.size();
    }

    /** The number that each spatial size of the input must be a multiple of: 2^(levels - 1). */
    @Override
    public int multiple() {
        return 1 << (levels() - 1);
    }

    /** False: our networks give logits. */
    @Override
    public boolean probabilities() {
        return false;
    }

    /** Whether instance normalisation makes the logits depend on the whole block. */
    @Override
    public boolean patchOnly() {
        return normalisation == NormLayer.INSTANCE;
    }

    /**
     * {@return a copy with other widths}
     *
     * @param other channels of each level
     */
    public NetworkConfig withWidths(List<Integer> other) {
        return new NetworkConfig(
                family, dimension, channels, outputs, other, upsampling, normalisation, gates, deepSupervision);
    }

    /**
     * {@return a copy with another upsampling}
     *
     * @param other replaces the own
     */
    public NetworkConfig withUpsampling(Upsampling other) {
        return new NetworkConfig(
                family, dimension, channels, outputs, widths, other, normalisation, gates, deepSupervision);
    }

    /**
     * {@return a copy with another normalisation layer}
     *
     * @param other replaces the own
     */
    public NetworkConfig withNormalisation(NormLayer other) {
        return new NetworkConfig(
                family, dimension, channels, outputs, widths, upsampling, other, gates, deepSupervision);
    }

    /**
     * {@return a copy with other gates}
     *
     * @param other replaces the own
     */
    public NetworkConfig withGates(Gates other) {
        return new NetworkConfig(
                family, dimension, channels, outputs, widths, upsampling, normalisation, other, deepSupervision);
    }

    /**
     * {@return a copy with or without the decoder levels' own heads}
     *
     * @param other replaces the own
     */
    public NetworkConfig withDeepSupervision(boolean other) {
        return new NetworkConfig(family, dimension, channels, outputs, widths, upsampling, normalisation, gates, other);
    }
}
