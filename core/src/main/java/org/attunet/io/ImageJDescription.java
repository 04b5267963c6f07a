package org.attunet.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.io.StackDescription.Axis;
import org.attunet.io.StackDescription.Values;

/**
 * The text by which ImageJ describes a stack: lines such as {@code channels=2}. ImageJ stores the channels of a slice one
 * after the other, then the slices, then the frames; ImageJ2 (SCIFIO) names the axes in their order. Source: ImageJ's
 * TiffDecoder and FileOpener; SCIFIO's TIFFFormat.
 */
final class ImageJDescription {
    private static final int STRAIGHT_LINE = 0;
    private static final int NO_FUNCTION = 20;
    private static final int RGB = 3;

    private final Path file;
    private final Map<String, String> lines = new HashMap<>();

    private ImageJDescription(Path file, String text) {
        this.file = file;
        for (String line : text.split("[\r\n]+")) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                lines.put(
                        line.substring(0, equals).trim(),
                        line.substring(equals + 1).trim());
            }
        }
    }

    /** Whether a page's description is such a text. */
    static boolean isIn(String text) {
        return text.startsWith("ImageJ=") || text.startsWith("SCIFIO=");
    }

    /**
     * Reads the description.
     *
     * @param pages of the file
     * @param samples how the first page stores its samples
     * @param page the first page, whose resolution is in pixels per unit of the description
     */
    static StackDescription read(Path file, String text, int pages, TiffSamples samples, TiffDirectory page)
            throws IOException {
        ImageJDescription description = new ImageJDescription(file, text);
        PixelSize size = PixelSize.of(
                1 / page.fraction(TiffTag.X_RESOLUTION),
                1 / page.fraction(TiffTag.Y_RESOLUTION),
                Math.abs(description.real("spacing", 1)),
                description.lines.getOrDefault("unit", ""));
        return description.planes(pages, samples.samples()).with(description.values(samples), size);
    }

    private StackDescription planes(int pages, int samples) {
        int images = number("images", pages);
        int channels = number("channels", 1);
        int slices = number("slices", 1);
        int frames = number("frames", 1);
        // ImageJ counts the samples of a page of 16-bit RGB as planes.
        if (samples == RGB && channels == RGB && (long) channels * slices * frames == (long) pages * RGB) {
            images = pages;
            channels = 1;
        }
        if (lines.containsKey("axes")) {
            return named(images);
        }
        if ((long) channels * slices * frames != images) {
            boolean undivided = channels == 1 && slices == 1 && frames == 1;
            if (!undivided) {
                String product = channels + " channels, " + slices + " slices and " + frames + " frames";
                throw StackDescription.contradiction(file, "it describes " + images + " images as " + product);
            }
            slices = images;
        }
        Axis[] axes = {Axis.CHANNEL, Axis.SLICE, Axis.TIME};
        return StackDescription.of(file, axes, new int[] {channels, slices, frames}, Values.PLAIN);
    }

    /** The planes by the axes that SCIFIO names, with their lengths. */
    private StackDescription named(int images) {
        String[] names = lines.getOrDefault("axes", "").split(",");
        String[] lengths = lines.getOrDefault("lengths", "").split(",");
        List<Axis> axes = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        long product = 1;
        for (int k = 0; k < Math.min(names.length, lengths.length); k++) {
            switch (names[k].trim()) {
                case "X", "Y" -> {
                    continue;
                }
                case "Channel" -> axes.add(Axis.CHANNEL);
                case "Z" -> axes.add(Axis.SLICE);
                case "Time" -> axes.add(Axis.TIME);
                default -> throw StackDescription.contradiction(file, "it has an axis of the kind " + names[k].trim());
            }
            sizes.add(parse("lengths", lengths[k]));
            product *= sizes.get(sizes.size() - 1);
        }
        if (product != images) {
            throw StackDescription.contradiction(
                    file, "it describes " + images + " images as axes of the lengths " + lines.get("lengths"));
        }
        int[] all = sizes.stream().mapToInt(Integer::intValue).toArray();
        return StackDescription.of(file, axes.toArray(Axis[]::new), all, Values.PLAIN);
    }

    /** ImageJ shows numbers through its calibration function if that has a unit, but not floating-point ones and colours. */
    private Values values(TiffSamples samples) {
        boolean whole =
                samples.number() != TiffSamples.NumberType.FLOAT && samples.bits() <= 16 && samples.samples() == 1;
        if (!whole || !lines.containsKey("vunit") || !lines.containsKey("cf")) {
            return Values.AS_STORED;
        }
        int function = number("cf", NO_FUNCTION);
        if (function != STRAIGHT_LINE) {
            throw new AttunetException(
                    file,
                    "its values have ImageJ's calibration function " + function,
                    "none or a straight line",
                    "set the function in ImageJ's Analyze > Calibrate to None, or convert the image to 32 bit, and save");
        }
        double offset = real("c0", 0);
        double factor = real("c1", 1);
        // ImageJ holds signed numbers shifted by 32768, and calibrates those.
        double shift = samples.number() == TiffSamples.NumberType.SIGNED && samples.bits() == 16 ? 32768 : 0;
        double least = "true".equals(lines.get("zeroclip")) ? 0 : Double.NEGATIVE_INFINITY;
        return new Values(true, offset + factor * shift, factor, least);
    }

    private int number(String name, int absent) {
        return lines.containsKey(name) ? parse(name, lines.get(name)) : absent;
    }

    private int parse(String name, String value) {
        double number = parseReal(name, value);
        if (number < 1 && !name.equals("cf")) {
            return 1; // as ImageJ does
        }
        if (number > 1 << 24 || number != Math.rint(number)) {
            throw StackDescription.contradiction(file, "it says " + name + "=" + value);
        }
        return (int) number;
    }

    private double real(String name, double absent) {
        return lines.containsKey(name) ? parseReal(name, lines.get(name)) : absent;
    }

    private double parseReal(String name, String value) {
        try {
            double number = Double.parseDouble(value.trim());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw StackDescription.contradiction(file, "it says " + name + "=" + value);
    }
}
