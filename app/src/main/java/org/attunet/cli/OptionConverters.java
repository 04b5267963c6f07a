package org.attunet.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.attunet.preprocess.Normalisation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parsers of option values: sizes, spacings and normalisations. */
final class OptionConverters {
    /** The values that {@link NormalisationConverter} takes. */
    static final String NORMALISATIONS =
            "zscore, percentile[:LOW,HIGH], window:LOW,HIGH, ct (window:-160,240), unit:LOW,HIGH, minmax, none";

    private OptionConverters() {}

    /** Numbers of voxels, x first. */
    record Size(int[] axes) {}

    /** Millimetres, x first. */
    record Spacing(double[] axes) {}

    /** Parses {@code 256x256} or {@code 48x56x40}. */
    static final class SizeConverter implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            double[] axes =
                    axes(text, Integer::valueOf, "is not a size such as 256x256 or 48x56x40, of voxels above 0");
            return new Size(DoubleStream.of(axes).mapToInt(axis -> (int) axis).toArray());
        }
    }

    /** Parses {@code 1x1x2.5}. */
    static final class SpacingConverter implements ITypeConverter<Spacing> {
        @Override
        public Spacing convert(String text) {
            return new Spacing(
                    axes(text, Double::valueOf, "is not a spacing such as 0.8x0.8 or 1x1x2.5, of millimetres above 0"));
        }
    }

    /** Parses a number of runs, blocks and the like. */
    static final class CountConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return count(text, 1_000_000);
        }
    }

    /** Parses a number of threads. */
    static final class ThreadsConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return count(text, 1024);
        }
    }

    private static int count(String text, int most) {
        try {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= most) {
                return count;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new TypeConversionException("'" + text + "' is not a number from 1 to " + most);
    }

    private static double[] axes(String text, Function<String, Number> parse, String problem) {
        String[] parts = text.split("x", -1);
        if (parts.length == 2 || parts.length == 3) {
            try {
                double[] axes = Stream.of(parts)
                        .map(parse)
                        .mapToDouble(Number::doubleValue)
                        .toArray();
                if (DoubleStream.of(axes).allMatch(axis -> axis > 0 && axis < Double.POSITIVE_INFINITY)) {
                    return axes;
                }
            } catch (NumberFormatException e) {
                // reported below
            }
        }
        throw new TypeConversionException("'" + text + "' " + problem);
    }

    /** Parses a normalisation: its name, then its numbers after a colon. */
    static final class NormalisationConverter implements ITypeConverter<Normalisation> {
        @Override
        public Normalisation convert(String text) {
            int colon = text.indexOf(':');
            String name = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
            double[] n = colon < 0 ? new double[0] : numbers(text, text.substring(colon + 1));
            return switch (name + "/" + n.length) {
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
}
