package org.attunet.io;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.io.PictureFile.Picture;

/**
 * A decoded picture as a mask: labels are the numbers of a colour palette, or grey values.
 *
 * @param file for failures
 * @param width of an upright row, for failures
 */
record MaskPicture(Path file, Picture picture, int width) {
    private static final int SHOWN_COLOURS = 3;
    private static final int MOST_COLOURS = 255;

    /** The label of each pixel. */
    float[] values() {
        Palette palette = picture.palette();
        return palette != null && palette.isGrey() ? palette.component(picture.samples()[0], 0) : common();
    }

    /** The colours of the numbers that occur in a colour palette. */
    Map<Integer, String> colours() {
        Palette palette = picture.palette();
        if (palette == null || palette.isGrey()) {
            return Map.of();
        }
        Set<Integer> used = new TreeSet<>();
        for (float number : picture.samples()[0]) {
            used.add((int) number);
        }
        Map<Integer, String> colours = new TreeMap<>();
        used.forEach(number -> colours.put(
                number, text(palette.rgb()[0][number], palette.rgb()[1][number], palette.rgb()[2][number])));
        String black = text(0, 0, 0);
        if (!black.equals(colours.getOrDefault(0, black)) && colours.containsValue(black)) {
            throw new AttunetException(
                    file,
                    "the palette's colour 0, the background of a mask, is " + colours.get(0)
                            + ", while black has another number",
                    "a palette whose colour 0 is the background",
                    "save the labels as grey values, with 0 for the background");
        }
        return colours;
    }

    /** The common value of each pixel's channels. */
    private float[] common() {
        float[][] samples = picture.samples();
        for (int i = 0; i < samples[0].length; i++) {
            for (float[] channel : samples) {
                if (Float.compare(channel[i], samples[0][i]) != 0) { // NaN isn't a colour
                    throw coloured(i);
                }
            }
        }
        return samples[0];
    }

    private AttunetException coloured(int first) {
        Set<List<Float>> colours = new LinkedHashSet<>();
        float[][] samples = picture.samples();
        for (int i = first; i < samples[0].length && colours.size() <= MOST_COLOURS; i++) {
            int at = i;
            List<Float> colour = IntStream.range(0, samples.length)
                    .mapToObj(c -> samples[c][at])
                    .toList();
            if (colour.stream().distinct().count() > 1) {
                colours.add(colour);
            }
        }
        String shown =
                colours.stream().limit(SHOWN_COLOURS).map(MaskPicture::text).collect(Collectors.joining(", "));
        int more = colours.size() - SHOWN_COLOURS;
        String others = colours.size() > MOST_COLOURS ? "more than " + MOST_COLOURS + " in all" : more + " more";
        return new AttunetException(
                file,
                "the mask has colours, the first at (" + first % width + ", " + first / width + "): " + shown
                        + (more > 0 ? " and " + others : ""),
                "one number per pixel: grey values or a palette",
                "save the labels as grey values, 0 for the background and one value for each colour");
    }

    private static String text(List<Float> colour) {
        return colour.stream()
                .map(value -> String.valueOf(Math.round(value)))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String text(int red, int green, int blue) {
        return "(" + red + ", " + green + ", " + blue + ")";
    }
}
