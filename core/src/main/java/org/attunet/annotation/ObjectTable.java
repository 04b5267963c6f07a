package org.attunet.annotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMeasures;

/**
 * Objects as a table of comma-separated values, a row for each. Columns with lengths, areas and volumes have the unit of the
 * image's file in their name ({@code area_px2}, {@code volume_mm3}); bounding boxes are in voxels from 0, their ends excluded,
 * as scikit-image has them.
 */
final class ObjectTable {
    private ObjectTable() {}

    static String of(Grid grid, List<ObjectMeasures> measures, Map<Integer, String> classes) {
        List<String> lines = new ArrayList<>();
        int channels = measures.isEmpty() ? 0 : measures.get(0).intensity().size();
        boolean confident = measures.stream().anyMatch(one -> one.confidence() != null);
        lines.add(header(grid, channels, confident, !classes.isEmpty()));
        for (ObjectMeasures one : measures) {
            List<String> row = new ArrayList<>();
            row.add(String.valueOf(one.number()));
            if (!classes.isEmpty()) {
                row.add(quoted(classes.getOrDefault(one.number(), "")));
            }
            row.add(String.valueOf(one.voxels()));
            row.add(number(one.size()));
            one.centroid().forEach(value -> row.add(number(value)));
            one.place().low().forEach(value -> row.add(String.valueOf(value)));
            one.place().high().forEach(value -> row.add(String.valueOf(value)));
            row.add(number(one.boundary()));
            row.add(number(one.equivalentDiameter()));
            row.add(number(one.roundness()));
            one.intensity().forEach(value -> row.add(number(value)));
            if (confident) {
                Double confidence = one.confidence();
                row.add(confidence == null ? "" : number(confidence));
            }
            lines.add(String.join(",", row));
        }
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static String header(Grid grid, int channels, boolean confident, boolean classified) {
        boolean volume = grid.dimension() == 3;
        String unit = grid.unit().symbol().replace('µ', 'u');
        List<String> names = new ArrayList<>(List.of("object"));
        if (classified) {
            names.add("class");
        }
        names.add(volume ? "voxels" : "pixels");
        names.add(volume ? "volume_" + unit + "3" : "area_" + unit + "2");
        List<String> axes = volume ? List.of("x", "y", "z") : List.of("x", "y");
        axes.forEach(axis -> names.add("centroid_" + axis + "_" + unit));
        axes.forEach(axis -> names.add("box_" + axis + "_from"));
        axes.forEach(axis -> names.add("box_" + axis + "_to"));
        names.add(volume ? "surface_" + unit + "2" : "outline_" + unit);
        names.add("equivalent_diameter_" + unit);
        names.add(volume ? "sphericity" : "circularity");
        for (int channel = 1; channel <= channels; channel++) {
            names.add(channels == 1 ? "mean_intensity" : "mean_intensity_" + channel);
        }
        if (confident) {
            names.add("confidence");
        }
        return String.join(",", names);
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.6g", value);
        return text.contains(".") && !text.contains("e") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** A text of another program as one cell, which no spreadsheet takes for a formula. */
    private static String quoted(String text) {
        String safe = text.matches("[=+\\-@].*") ? "'" + text : text;
        return safe.matches("[\\w *+\\-.]*") ? safe : "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
