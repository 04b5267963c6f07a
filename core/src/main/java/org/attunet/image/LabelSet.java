package org.attunet.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;

/**
 * The structures that a mask may contain: their values in mask files and their names. The background has value 0 and is not
 * listed.
 *
 * <p>Usually labels exclude each other: a voxel's value is its label, and a network's class k (1, 2, …) is the k-th label in
 * the order of the values; class 0 is the background.
 *
 * <p>Labels may also overlap or nest: each is a {@linkplain #regions region} of several values, such as a whole tumour of
 * core and oedema. A network then has one output for each, in their order, and a voxel may be in several. {@linkplain
 * #overlapping Labels that overlap freely} have a value for each combination of them.
 *
 * <p>Immutable.
 */
public final class LabelSet {
    /** The class index of a voxel whose truth isn't known: it is no network's class, since 254 labels are the most. */
    public static final int IGNORED = 255;

    /** Labels of one set that may overlap: a network of them has this many outputs at most. */
    public static final int MOST_REGIONS = 16;

    /** Labels that may overlap freely, for each combination of which there is a value. */
    public static final int MOST_OVERLAPPING = 7;

    private static final int VALUES = 1 << 16;

    private final List<Integer> values;
    private final List<String> names;
    private final List<SortedSet<Integer>> covers; // of each label; empty if labels exclude each other
    private final SortedMap<Integer, Integer> members; // of each value that regions cover, the bits of these
    private final int[] exact; // the least value of each combination of regions; 0 if there is none

    /**
     * A label that covers several values of a mask.
     *
     * @param value what the label writes into a label map, 1 to 65535
     * @param name the label's name
     * @param covers the values in mask files that belong to it
     */
    public record Region(int value, String name, Set<Integer> covers) {
        /**
         * Copies the values.
         *
         * @param value what the label writes into a label map, 1 to 65535
         * @param name the label's name
         * @param covers the values in mask files that belong to it
         */
        public Region {
            covers = Collections.unmodifiableSortedSet(new TreeSet<>(covers));
        }
    }

    private LabelSet(List<Integer> values, List<String> names, List<SortedSet<Integer>> covers) {
        this.values = List.copyOf(values);
        this.names = List.copyOf(names);
        this.covers = List.copyOf(covers);
        if (this.values.isEmpty()) {
            throw new AttunetException("labels", "no label", "one label or more", "declare the labels in dataset.json");
        }
        this.values.forEach(LabelSet::check);
        this.covers.forEach(all -> all.forEach(LabelSet::check));
        members = new TreeMap<>();
        for (int k = 0; k < this.covers.size(); k++) {
            int bit = 1 << k;
            this.covers.get(k).forEach(value -> members.merge(value, bit, (before, own) -> before | own));
        }
        exact = exact(members, this.covers.size());
    }

    private static int[] exact(SortedMap<Integer, Integer> members, int regions) {
        int[] valueOf = new int[1 << regions];
        members.forEach((value, bits) -> valueOf[bits] = valueOf[bits] == 0 ? value : valueOf[bits]);
        return valueOf;
    }

    private static void check(int value) {
        if (value < 1 || value >= VALUES) {
            throw new AttunetException(
                    "labels", "label value " + value, "values from 1 to 65535", "renumber the labels");
        }
    }

    /**
     * {@return labels that exclude each other, by their value in mask files, 1 to 65535; without the background}
     *
     * @param nameOfValue each label's name by its value
     */
    public static LabelSet of(Map<Integer, String> nameOfValue) {
        var sorted = new TreeMap<>(nameOfValue);
        return new LabelSet(List.copyOf(sorted.keySet()), List.copyOf(sorted.values()), List.of());
    }

    /**
     * {@return labels that may overlap or nest} Where several are predicted for which together there is no value, the last of
     * them counts.
     *
     * @param regions in the order in which they are written
     * @throws AttunetException if two write the same value, one covers nothing or not what it writes, or there are more than
     *     {@value #MOST_REGIONS}
     */
    public static LabelSet regions(List<Region> regions) {
        var seen = new LinkedHashSet<Integer>();
        for (Region region : regions) {
            String subject = "region " + region.name();
            if (!region.covers().contains(region.value())) {
                throw new AttunetException(
                        subject,
                        "it writes the value " + region.value() + " and covers " + region.covers(),
                        "a value that it covers",
                        "correct regions_class_order");
            }
            if (!seen.add(region.value())) {
                throw new AttunetException(
                        subject,
                        "it writes the value " + region.value() + ", as another region does",
                        "a value for each region",
                        "correct regions_class_order");
            }
        }
        if (regions.size() > MOST_REGIONS) {
            throw new AttunetException(
                    "regions", regions.size() + " of them", "at most " + MOST_REGIONS, "train them in several models");
        }
        return new LabelSet(
                regions.stream().map(Region::value).toList(),
                regions.stream().map(Region::name).toList(),
                regions.stream()
                        .<SortedSet<Integer>>map(region -> new TreeSet<>(region.covers()))
                        .toList());
    }

    /**
     * {@return labels that overlap freely: the k-th (from 0) writes the value 2^k, and the sum of some of these values stands
     * for voxels in all of them}
     *
     * @param names of the labels, at most {@value #MOST_OVERLAPPING}
     */
    public static LabelSet overlapping(List<String> names) {
        if (names.size() > MOST_OVERLAPPING) {
            throw new AttunetException(
                    "labels",
                    names.size() + " labels that overlap",
                    "at most " + MOST_OVERLAPPING,
                    "train them in several models, or merge those that never overlap into one label map");
        }
        List<Region> regions = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            int bit = 1 << k;
            Set<Integer> covers = IntStream.range(1, 1 << names.size())
                    .filter(value -> (value & bit) != 0)
                    .boxed()
                    .collect(Collectors.toSet());
            regions.add(new Region(bit, names.get(k), covers));
        }
        return regions(regions);
    }

    /** {@return the number of labels, without the background} */
    public int size() {
        return values.size();
    }

    /** {@return the number of labels and the background} */
    public int classes() {
        return values.size() + 1;
    }

    /** {@return the values that the labels write; ascending if they exclude each other, else in the order of writing} */
    public List<Integer> values() {
        return values;
    }

    /** {@return the names, in the order of the values} */
    public List<String> names() {
        return names;
    }

    /** {@return whether a voxel may have several labels} */
    public boolean hasRegions() {
        return !covers.isEmpty();
    }

    /** {@return the labels that may overlap, in the order of writing; empty if labels exclude each other} */
    public List<Region> regions() {
        return IntStream.range(0, covers.size())
                .mapToObj(k -> new Region(values.get(k), names.get(k), covers.get(k)))
                .toList();
    }

    /**
     * {@return the values that occur in masks as labels that exclude each other: this set itself, or the values that
     * regions cover, each named after the regions that it is in}
     */
    public LabelSet parts() {
        if (!hasRegions()) {
            return this;
        }
        var parts = new TreeMap<Integer, String>();
        for (int k = 0; k < covers.size(); k++) {
            for (int value : covers.get(k)) {
                parts.merge(value, names.get(k), (before, name) -> before + " and " + name);
            }
        }
        return of(parts);
    }

    /**
     * {@return for each value of a mask the labels that a voxel with it is in: bit k for the k-th label from 0; 0 for the
     * background, -1 for values that are not declared}
     *
     * @throws IllegalStateException if labels exclude each other
     */
    public int[] membership() {
        if (!hasRegions()) {
            throw new IllegalStateException("labels without regions: " + this);
        }
        int[] membership = new int[VALUES];
        Arrays.fill(membership, 1, VALUES, -1);
        members.forEach((value, bits) -> membership[value] = bits);
        return membership;
    }

    /**
     * {@return the values of a mask that belong to a label: one truth value for each value from 0 to 65535}
     *
     * @param label the value that the label writes
     */
    public boolean[] covered(int label) {
        boolean[] covered = new boolean[VALUES];
        int k = values.indexOf(label);
        if (k >= 0 && hasRegions()) {
            covers.get(k).forEach(value -> covered[value] = true);
        } else {
            covered[label] = true;
        }
        return covered;
    }

    /**
     * {@return the value for voxels of some of the regions, by the regions' bits: that of their combination if there is one,
     * else the value that the last region writes}
     */
    public short[] valueOfRegions() {
        short[] value = new short[1 << size()];
        for (int bits = 1; bits < value.length; bits++) {
            value[bits] = (short) (exact[bits] == 0 ? last(bits) : exact[bits]);
        }
        return value;
    }

    /**
     * {@return the value of a voxel that a region loses: that of its other regions, or 0 if no value stands for these alone,
     * as for a core without its tumour}
     *
     * @param value what the voxel has, a value that regions cover
     * @param label the value that the region writes
     */
    public int without(int value, int label) {
        return exact[members.getOrDefault(value, 0) & ~(1 << values.indexOf(label))];
    }

    /** {@return the names of regions that a label map in class order doesn't show, as later ones are written over all of them} */
    public List<String> hidden() {
        return IntStream.range(0, covers.size())
                .filter(k -> covers.get(k).stream().allMatch(value -> members.getOrDefault(value, 0) >> k > 1))
                .mapToObj(names::get)
                .toList();
    }

    /** The value that the last of some regions writes. */
    private int last(int bits) {
        return values.get(31 - Integer.numberOfLeadingZeros(bits));
    }

    /** {@return whether there is a value for each combination of regions, so that a label map holds them all} */
    public boolean overlapsFreely() {
        return hasRegions() && IntStream.range(1, exact.length).allMatch(bits -> exact[bits] != 0);
    }

    /**
     * {@return a mask as it is written into one file: the value of the last of the regions that a voxel is in}
     *
     * @param mask with values that regions cover
     */
    public LabelMap inClassOrder(LabelMap mask) {
        if (!hasRegions()) {
            return mask;
        }
        short[] written = new short[VALUES];
        members.forEach((value, bits) -> written[value] = (short) last(bits));
        short[] voxels = new short[mask.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            int label = mask.label(i);
            voxels[i] = written[label] == 0 ? (short) label : written[label];
        }
        return new LabelMap(mask.grid(), voxels);
    }

    /**
     * {@return the mask of one label, 1 in it and 0 elsewhere}
     *
     * @param mask with the values of this set
     * @param label the value that the label writes
     */
    public LabelMap maskOf(LabelMap mask, int label) {
        boolean[] covered = covered(label);
        short[] voxels = new short[mask.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (covered[mask.label(i)] ? 1 : 0);
        }
        return new LabelMap(mask.grid(), voxels);
    }

    /**
     * {@return the value that the k-th label writes; 0 for the background}
     *
     * @param classIndex the label from 1, 0 for the background
     */
    public int valueOf(int classIndex) {
        return classIndex == 0 ? 0 : values.get(classIndex - 1);
    }

    /**
     * {@return the name of the k-th label; "background" for 0}
     *
     * @param classIndex the label from 1, 0 for the background
     */
    public String nameOf(int classIndex) {
        return classIndex == 0 ? "background" : names.get(classIndex - 1);
    }

    /**
     * {@return the place from 1 of the label that writes a value, 0 for the background, or -1 if none does}
     *
     * @param value the value in a mask file
     */
    public int classOf(int value) {
        int position = hasRegions() ? values.indexOf(value) : Collections.binarySearch(values, value);
        return value == 0 ? 0 : position < 0 ? -1 : position + 1;
    }

    /** {@return value to name, in the order of the values} */
    public Map<Integer, String> asMap() {
        var map = new LinkedHashMap<Integer, String>();
        for (int k = 0; k < values.size(); k++) {
            map.put(values.get(k), names.get(k));
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSet s
                && values.equals(s.values)
                && names.equals(s.names)
                && covers.equals(s.covers);
    }

    @Override
    public int hashCode() {
        return Arrays.asList(values, names, covers).hashCode();
    }

    /** Such as {@code 1 anterior, 2 posterior}, or {@code 1 whole tumour (1, 2, 3), 2 tumour core (2, 3)}. */
    @Override
    public String toString() {
        return IntStream.range(0, size())
                .mapToObj(k -> values.get(k) + " " + names.get(k)
                        + (hasRegions() && !overlapsFreely()
                                ? covers.get(k)
                                        .toString()
                                        .replace('[', '(')
                                        .replace(']', ')')
                                        .replaceFirst("^", " ")
                                : ""))
                .collect(Collectors.joining(", "));
    }
}
