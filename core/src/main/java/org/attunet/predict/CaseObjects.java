package org.attunet.predict;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.objects.ObjectMeasures;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one image in a few numbers.
 *
 * @param counts how many objects there are of each label, by the label's name, in the order of the labels
 * @param size the area (2D) or volume (3D) of all objects together, in {@code unit}
 * @param unit of the size, such as {@code µm²}, {@code mm³} or {@code px²}
 * @param diameter the mean equivalent diameter in the unit of length; null without objects
 * @param confidence the mean of the objects' confidences, 0 to 1; null without objects
 * @param table the file with a row for each object
 */
public record CaseObjects(
        Map<String, Integer> counts,
        double size,
        String unit,
        @Nullable Double diameter,
        @Nullable Double confidence,
        Path table) {
    /**
     * Copies the counts.
     *
     * @param counts how many objects there are of each label, by the label's name, in the order of the labels
     * @param size the area (2D) or volume (3D) of all objects together, in {@code unit}
     * @param unit of the size, such as {@code µm²}, {@code mm³} or {@code px²}
     * @param diameter the mean equivalent diameter in the unit of length; null without objects
     * @param confidence the mean of the objects' confidences, 0 to 1; null without objects
     * @param table the file with a row for each object
     */
    public CaseObjects {
        counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }

    static CaseObjects of(ObjectSegmentation found, List<ObjectMeasures> measures, Path table) {
        var counts = new LinkedHashMap<String, Integer>();
        found.segmentation().labelSet().names().forEach(name -> counts.put(name, 0));
        new TreeMap<>(found.classes()).values().forEach(name -> counts.merge(name, 1, Integer::sum));
        var grid = found.segmentation().labels().grid();
        return new CaseObjects(
                counts,
                measures.stream().mapToDouble(ObjectMeasures::size).sum(),
                grid.unit().symbol() + (grid.dimension() == 3 ? "³" : "²"),
                mean(measures.stream()
                        .mapToDouble(ObjectMeasures::equivalentDiameter)
                        .toArray()),
                mean(found.objects().confidence()),
                table);
    }

    private static @Nullable Double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return values.length == 0 ? null : (Double) (sum / values.length);
    }

    /** {@return how many objects there are} */
    public int count() {
        return counts.values().stream().mapToInt(count -> count).sum();
    }

    /** {@return the mean area or volume of an object in {@link #unit}; null without objects} */
    public @Nullable Double meanSize() {
        return count() == 0 ? null : (Double) (size / count());
    }

    /** {@return the unit of lengths, such as {@code µm}} */
    public String lengthUnit() {
        return unit.substring(0, unit.length() - 1);
    }
}
