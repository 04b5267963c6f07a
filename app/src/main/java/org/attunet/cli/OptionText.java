package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.attunet.dataset.Split;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How settings are written on the command line and told to the user. */
final class OptionText {
    /** What {@link NormalisationWord} takes. */
    static final String NORMALISATIONS =
            "zscore, percentile[:LOW,HIGH], window:LOW,HIGH, ct (window:-160,240), unit:LOW,HIGH, minmax, none";

    private OptionText() {}

    /** Numbers of voxels, x first. */
    record Size(int[] axes) {}

    /** Millimetres, x first. */
    record Millimetres(double[] axes) {}

    /** Such as {@code 256x256} or {@code 48x56x40}. */
    static final class SizeWord implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            try {
                int[] sizes = Arrays.stream(text.split("x", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                if (sizes.length == 2 || sizes.length == 3) {
                    return new Size(sizes);
                }
            } catch (NumberFormatException told) {
                // Told below with the other wrong shapes.
            }
            throw new TypeConversionException("'" + text + "' is no size such as 256x256 or 48x56x40");
        }
    }

    /** Such as {@code 1x1x2.5}. */
    static final class SpacingWord implements ITypeConverter<Millimetres> {
        @Override
        public Millimetres convert(String text) {
            try {
                double[] spacing = Arrays.stream(text.split("x", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                if (spacing.length == 2 || spacing.length == 3) {
                    return new Millimetres(spacing);
                }
            } catch (NumberFormatException told) {
                // Told below with the other wrong shapes.
            }
            throw new TypeConversionException("'" + text + "' is no spacing such as 0.8x0.8 or 1x1x2.5");
        }
    }

    /** A normalisation by its word, numbers behind a colon. */
    static final class NormalisationWord implements ITypeConverter<Normalisation> {
        @Override
        public Normalisation convert(String text) {
            int colon = text.indexOf(':');
            String word = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
            double[] n = colon < 0 ? new double[0] : numbers(text, text.substring(colon + 1));
            return switch (word + "/" + n.length) {
                case "zscore/0" -> new Normalisation.ZScore();
                case "percentile/0" -> new Normalisation.PercentileClip(0.5, 99.5);
                case "percentile/2" -> new Normalisation.PercentileClip(n[0], n[1]);
                case "window/2" -> new Normalisation.Window(n[0], n[1]);
                case "ct/0" -> new Normalisation.Window(-160, 240);
                case "unit/2" -> new Normalisation.UnitRange(n[0], n[1]);
                case "minmax/0" -> new Normalisation.MinMax();
                case "none/0" -> new Normalisation.Identity();
                default -> throw unknown(text);
            };
        }

        private static double[] numbers(String text, String list) {
            try {
                return Arrays.stream(list.split(",", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
            } catch (NumberFormatException e) {
                throw unknown(text);
            }
        }

        private static TypeConversionException unknown(String text) {
            return new TypeConversionException("'" + text + "' is none of " + NORMALISATIONS);
        }
    }

    /** A network in words, such as {@code Attention U-Net, 2D, 3 channels, 1 output, widths 64 to 1024}. */
    static String of(NetworkConfig network) {
        boolean paper = network.family() == NetworkConfig.Family.GRID_ATTENTION_UNET;
        String family = network.gates() == NetworkConfig.Gates.NONE
                ? (paper ? "the paper's U-Net" : "U-Net")
                : (paper ? "the paper's grid Attention U-Net" : "Attention U-Net");
        return family + ", " + network.dimension() + "D, " + counted(network.channels(), "channel") + ", "
                + counted(network.outputs(), "output") + ", widths "
                + network.widths().stream().map(String::valueOf).collect(Collectors.joining(" "))
                + ", gates " + word(network.gates()) + ", upsampling " + word(network.upsampling())
                + ", normalisation " + word(network.normalisation())
                + (network.deepSupervision() ? ", deep supervision" : "");
    }

    /** The same for programs. */
    static ObjectNode json(NetworkConfig network) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("family", word(network.family()));
        json.put("dimension", network.dimension());
        json.put("channels", network.channels());
        json.put("outputs", network.outputs());
        network.widths().forEach(json.putArray("widths")::add);
        json.put("upsampling", word(network.upsampling()));
        json.put("normalisation", word(network.normalisation()));
        json.put("gates", word(network.gates()));
        json.put("deep_supervision", network.deepSupervision());
        return json;
    }

    /** {@code 150 to train, 16 to validate, 42 held out}. */
    static String of(Split split) {
        return split.train().size() + " to train, " + split.validation().size() + " to validate, "
                + split.test().size() + " held out";
    }

    /** {@code 1 case}, {@code 2 cases}. */
    static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** A constant as it is written on the command line: {@code GRID_MULTI} as {@code grid-multi}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
