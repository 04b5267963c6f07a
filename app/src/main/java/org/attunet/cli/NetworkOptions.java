package org.attunet.cli;

import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.ConfigException;
import org.attunet.image.LengthUnit;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkVariant;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.train.PretrainedWeights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code train} that change the planned network and its preprocessing. */
final class NetworkOptions {
    @Option(names = "--network", description = "${COMPLETION-CANDIDATES} (default: attention-unet).")
    private @Nullable NetworkVariant network;

    @Option(names = "--widths", split = ",", description = "Channels of each level, finest first: 16,32,64,128,256.")
    private @Nullable List<Integer> widths;

    @Option(names = "--norm", description = "Layer after each convolution: batch, instance or none.")
    private NetworkConfig.@Nullable NormLayer norm;

    @Option(names = "--upsampling", description = "transposed or nearest.")
    private NetworkConfig.@Nullable Upsampling upsampling;

    @Option(
            names = "--deep-supervision",
            negatable = true,
            description = "Heads on coarser decoder levels too (default: in 3D).")
    private @Nullable Boolean deepSupervision;

    @Option(
            names = "--spacing",
            converter = OptionConverters.SpacingConverter.class,
            paramLabel = "XxY[xZ]",
            description = "Resample to this spacing in mm.")
    private OptionConverters.@Nullable Spacing spacing;

    @Mixin
    private SizeOptions sizes;

    @Option(
            names = "--normalisation",
            converter = OptionConverters.NormalisationConverter.class,
            paramLabel = "HOW",
            description = OptionConverters.NORMALISATIONS + ".")
    private @Nullable Normalisation normalisation;

    /** The wanted factor for the images' size; null to have it planned. */
    @Nullable
    Double resize() {
        return sizes.resize();
    }

    /** Refuses values out of range. */
    void check() {
        sizes.check();
        OptionRange.check(
                "--widths",
                widths,
                all -> all.stream().allMatch(width -> width >= 1 && width <= 4096),
                "whole numbers from 1 to 4096, one for each level");
    }

    /** Returns the planned model, or the pretrained one if there is one, changed by these options. */
    ModelDescription model(ModelDescription planned, @Nullable PretrainedWeights pretrained) {
        NetworkConfig config = network(planned.network(), pretrained);
        Preprocessing preprocessing = planned.preprocessing();
        if (spacing != null) {
            if (preprocessing.targetSpacing() == null) {
                throw new ConfigException(
                        "--spacing", LengthUnit.text(spacing.axes()), "images that all have a physical size");
            }
            preprocessing = preprocessing.withTargetSpacing(spacing.axes());
        }
        if (normalisation != null) {
            preprocessing = preprocessing.withNormalisation(normalisation);
        }
        ModelDescription model =
                ModelDescription.of(planned.name(), config, preprocessing, planned.labels(), planned.patch());
        return sizes.model(model);
    }

    private NetworkConfig network(NetworkConfig planned, @Nullable PretrainedWeights pretrained) {
        NetworkConfig config;
        if (pretrained == null) {
            config = network == null ? planned : network.of(planned);
        } else {
            config = pretrained.shape(planned);
            config = network == null ? config : network.from(config, planned);
        }
        config = widths == null ? config : config.withWidths(widths);
        config = norm == null ? config : config.withNormalisation(norm);
        config = upsampling == null ? config : config.withUpsampling(upsampling);
        return deepSupervision == null ? config : config.withDeepSupervision(deepSupervision);
    }
}
