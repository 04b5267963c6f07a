package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.io.StackDescription.Axis;
import org.attunet.io.StackDescription.Values;

/**
 * The text by which Python's tifffile describes an array: JSON with its shape and, if given, its axes. Source: tifffile,
 * "Shaped series".
 */
final class ShapedDescription {
    private ShapedDescription() {}

    /** Whether a page's description is such a text. */
    static boolean isIn(String text) {
        return text.startsWith("{") && text.contains("\"shape\": [");
    }

    /**
     * Reads the description.
     *
     * @throws AttunetException if it names an axis that isn't supported, or several leading axes without a name
     */
    static StackDescription read(Path file, String text, TiffSamples samples) {
        JsonNode json;
        try {
            json = Json.OWN.readTree(text);
        } catch (JsonProcessingException e) {
            throw StackDescription.contradiction(file, "its description is no JSON");
        }
        List<Integer> shape = new ArrayList<>();
        json.path("shape").forEach(size -> shape.add(size.asInt()));
        // Axes of a page: y and x, and samples before or after them.
        int last = shape.size() - (endsInPage(shape, samples, false) ? 2 : 3);
        if (last < 0) {
            throw StackDescription.contradiction(file, "it describes an array of " + shape);
        }
        if (last >= 1
                && samples.samples() > 1
                && endsInPage(shape, samples, false)
                && shape.get(last - 1) == samples.samples()) {
            last--; // plane by plane
        }
        String axes = json.path("axes").asText("");
        List<Axis> kinds = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int k = last - 1; k >= 0; k--) {
            if (shape.get(k) != 1) {
                kinds.add(axis(file, k < axes.length() && axes.length() == shape.size() ? axes.charAt(k) : ' '));
                sizes.add(shape.get(k));
            }
        }
        if (axes.isEmpty() && sizes.size() > 1) {
            throw new AttunetException(
                    file,
                    "it holds an array of the shape " + shape + " without names of its axes",
                    "slices, or axes with names",
                    "write it with metadata={\"axes\": \"ZCYX\"} or as its axes are");
        }
        int[] all = sizes.stream().mapToInt(Integer::intValue).toArray();
        return StackDescription.of(file, kinds.toArray(Axis[]::new), all, Values.PLAIN);
    }

    private static boolean endsInPage(List<Integer> shape, TiffSamples samples, boolean withSamples) {
        int end = shape.size() - (withSamples ? 1 : 0);
        return end >= 2 && shape.get(end - 1) == samples.width() && shape.get(end - 2) == samples.height();
    }

    private static Axis axis(Path file, char name) {
        return switch (name) {
            case 'Z', 'I', 'Q', ' ' -> Axis.SLICE;
            case 'C', 'S' -> Axis.CHANNEL;
            case 'T' -> Axis.TIME;
            default -> throw StackDescription.contradiction(file, "it has an axis of the kind " + name);
        };
    }
}
