package org.attunet.image;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;

/**
 * The structures that a mask may contain: their values in mask files and their names. The background has value 0 and is not
 * listed. A network's class k (1, 2, …) is the k-th label in the order of the values; class 0 is the background.
 *
 * <p>Immutable.
 */
public final class LabelSet {
    /** The class index of a voxel whose truth isn't known: it is no network's class, since 254 labels are the most. */
    public static final int IGNORED = 255;

    private final List<Integer> values;
    private final List<String> names;

    private LabelSet(Map<Integer, String> nameOfValue) {
        var sorted = new TreeMap<>(nameOfValue);
        if (sorted.isEmpty()) {
            throw new AttunetException("labels", "no label", "one label or more", "declare the labels in dataset.json");
        }
        for (int value : sorted.keySet()) {
            if (value < 1 || value > 65535) {
                throw new AttunetException(
                        "labels", "label value " + value, "values from 1 to 65535", "renumber the labels");
            }
        }
        values = List.copyOf(sorted.keySet());
        names = List.copyOf(sorted.values());
    }

    /**
     * {@return labels by their value in mask files, 1 to 65535; without the background}
     *
     * @param nameOfValue each label's name by its value
     */
    public static LabelSet of(Map<Integer, String> nameOfValue) {
        return new LabelSet(nameOfValue);
    }

    /** {@return the number of labels, without the background} */
    public int size() {
        return values.size();
    }

    /** {@return the number of classes, with the background} */
    public int classes() {
        return values.size() + 1;
    }

    /** {@return the values in mask files, ascending} */
    public List<Integer> values() {
        return values;
    }

    /** {@return the names, in the order of the values} */
    public List<String> names() {
        return names;
    }

    /**
     * {@return the value in mask files of a class; 0 for class 0}
     *
     * @param classIndex the class, 0 for the background
     */
    public int valueOf(int classIndex) {
        return classIndex == 0 ? 0 : values.get(classIndex - 1);
    }

    /**
     * {@return the name of a class; "background" for class 0}
     *
     * @param classIndex the class, 0 for the background
     */
    public String nameOf(int classIndex) {
        return classIndex == 0 ? "background" : names.get(classIndex - 1);
    }

    /**
     * {@return the class of a value in a mask file, 0 for the background, or -1 if the value is not declared}
     *
     * @param value the value in a mask file
     */
    public int classOf(int value) {
        int position = Collections.binarySearch(values, value);
        return value == 0 ? 0 : position < 0 ? -1 : position + 1;
    }

    /** {@return value to name, ascending} */
    public Map<Integer, String> asMap() {
        var map = new TreeMap<Integer, String>();
        for (int k = 0; k < values.size(); k++) {
            map.put(values.get(k), names.get(k));
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSet s && asMap().equals(s.asMap());
    }

    @Override
    public int hashCode() {
        return asMap().hashCode();
    }

    /** Such as {@code 1 anterior, 2 posterior}. */
    @Override
    public String toString() {
        return asMap().entrySet().stream()
                .map(label -> label.getKey() + " " + label.getValue())
                .collect(Collectors.joining(", "));
    }
}
