package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.StoredMask;
import org.jspecify.annotations.Nullable;

/**
 * What all masks of a set hold together.
 *
 * @param labels the declared ones, else those found: a single value is called {@code foreground}, several {@code label V}
 * @param notes sentences about masks that were not read as they are stored, and about labels that hardly any mask has
 */
public record LabelSurvey(LabelSet labels, List<String> notes) {
    private static final int MOST_LABELS = 254; // and the background, and what isn't judged, in a byte
    private static final int LEAST_OBJECTS = 6;

    /** Copies the list. */
    public LabelSurvey {
        notes = List.copyOf(notes);
    }

    /**
     * Looks at all masks of a set, each on its own.
     *
     * @param subject the set's folder, for failures
     * @param masks one for each file, at least one
     * @param declared the declared labels; null if there are none
     * @throws AttunetException if a mask isn't a label map, holds an undeclared label, or all masks are empty or constant
     */
    static LabelSurvey of(Path subject, List<MaskValues> masks, @Nullable LabelSet declared) {
        requireContent(subject, masks);
        LabelSet labels = declared == null ? found(masks) : declared;
        requireOnePalette(masks);
        if (declared == null) {
            requireOneNaming(masks);
        }
        List<String> notes = new ArrayList<>(readings(masks, labels.parts()));
        notes.addAll(doubts(masks, labels.parts()));
        for (String region : labels.hidden()) {
            notes.add("regions_class_order writes later regions over all of '" + region
                    + "', so label maps don't show it;"
                    + " its own mask and the measures do. Put it after the regions that it lies in");
        }
        if (declared == null) {
            notes.addAll(IgnoredValue.suspicion(labels));
        }
        if (declared == null && labels.size() > 1 && masks.stream().allMatch(mask -> mask.values().length < 2)) {
            notes.add(
                    "each mask holds one of the labels " + labels.values() + " at most, which are trained as different"
                            + " structures; if they are one, write one value for it");
        }
        return new LabelSurvey(labels, notes);
    }

    /**
     * Looks at masks with a file for each label.
     *
     * @param labels that may overlap
     * @throws AttunetException if a mask holds more than one value, or all masks are empty or constant
     */
    static LabelSurvey ofOverlapping(Path subject, List<MaskValues> masks, LabelSet labels) {
        requireContent(subject, masks);
        List<String> notes = new ArrayList<>(readings(masks, LabelSet.of(Map.of(1, "label"))));
        notes.add("each label has files of its own, so labels may overlap: " + String.join(", ", labels.names()));
        return new LabelSurvey(labels, notes);
    }

    /**
     * Looks at the masks of an evaluation; unreadable ones are left to the comparison, which reports them.
     *
     * @return null if none can be read or all are empty
     * @throws AttunetException as for the masks of a training
     */
    public static @Nullable LabelSurvey ofMasks(Path folder, Iterable<Mask> masks, @Nullable LabelSet declared) {
        List<MaskValues> read = new ArrayList<>();
        boolean undeclared = false;
        for (Mask mask : masks) {
            for (Path file : mask.files()) {
                try {
                    read.add(MaskValues.read(file, mask.ignored()));
                    undeclared |= mask.ignored() == Mask.UNDECLARED;
                } catch (AttunetException e) {
                    // reported by the comparison, which reads the file again
                }
            }
        }
        if (read.stream().allMatch(MaskValues::isEmpty)) {
            return null;
        }
        LabelSet labels = declared == null ? found(read) : declared;
        requireOnePalette(read);
        List<String> notes = new ArrayList<>();
        if (declared == null) {
            notes.addAll(readings(read, labels));
            notes.addAll(IgnoredValue.suspicion(labels));
        } else if (undeclared) {
            notes.addAll(IgnoredValue.undeclaredNotes(read, labels.parts()));
        }
        return new LabelSurvey(labels, notes);
    }

    /** Refuses masks that can't teach anything; a single constant one is only noted, as that of a trial is. */
    private static void requireContent(Path subject, List<MaskValues> masks) {
        String all = masks.size() == 1 ? "the only mask is " : "all " + masks.size() + " masks are ";
        String remedy =
                "check how the masks were exported; if the structures are in the alpha channel, save them as grey"
                        + " values";
        if (masks.stream().allMatch(MaskValues::isEmpty)) {
            throw new AttunetException(subject, all + "empty", "values above 0 where a structure is", remedy);
        }
        if (masks.size() > 1 && masks.stream().allMatch(mask -> mask.isEmpty() || mask.isConstant())) {
            boolean sparse = masks.stream().anyMatch(mask -> mask.ignored() > 0);
            throw new AttunetException(
                    subject,
                    all + "of one value " + (sparse ? "wherever they are judged" : "everywhere"),
                    "0 where no structure is",
                    sparse ? "judge some background too" : remedy);
        }
    }

    /** The labels that masks without a declaration hold. */
    static LabelSet found(List<MaskValues> masks) {
        TreeSet<Integer> all = masks.stream()
                .flatMapToInt(mask -> IntStream.of(mask.values()))
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
        if (all.size() > 1) {
            boolean one = masks.stream().allMatch(mask -> mask.isOnOff() || MaskReading.isTwoLevels(mask));
            if (one) {
                return LabelSet.of(Map.of(all.last() > 255 ? 65535 : 255, "foreground"));
            }
            masks.forEach(LabelSurvey::requireLabelMap);
            requireNoObjectNumbers(masks);
            requireFew(masks, all.size());
        }
        Map<Integer, String> names = new TreeMap<>();
        Map<Integer, String> own = new TreeMap<>();
        masks.forEach(mask -> own.putAll(mask.source().names()));
        boolean named = own.keySet().containsAll(all)
                && own.values().stream().distinct().count() == own.size();
        all.forEach(
                value -> names.put(value, named ? own.get(value) : all.size() == 1 ? "foreground" : "label " + value));
        return LabelSet.of(names);
    }

    private static void requireLabelMap(MaskValues mask) {
        String softness = MaskReading.softness(mask);
        if (softness != null) {
            throw MaskReading.soft(mask, softness);
        }
    }

    /** Refuses masks that number their objects: each holds 1, 2, … without a gap, up to another number in each. */
    private static void requireNoObjectNumbers(List<MaskValues> masks) {
        List<MaskValues> filled = masks.stream().filter(mask -> !mask.isEmpty()).toList();
        MaskValues most = filled.stream()
                .max((one, other) -> Integer.compare(one.largest(), other.largest()))
                .orElseThrow();
        long numbered = filled.stream()
                .filter(mask -> mask.largest() == mask.values().length)
                .count();
        long ends = filled.stream().mapToInt(MaskValues::largest).distinct().count();
        boolean single = filled.size() == 1 && most.values().length > MOST_LABELS;
        if (most.largest() >= LEAST_OBJECTS && numbered >= 0.9 * filled.size() && (ends >= 3 || single)) {
            throw new AttunetException(
                    most.file(),
                    "the masks seem to number their objects: this one holds 1 to " + most.largest()
                            + ", and others end elsewhere",
                    "one value for each kind of structure",
                    "write all objects of one kind with one value, such as 255; if these are kinds of structures,"
                            + " declare them under labels in dataset.json");
        }
    }

    private static void requireFew(List<MaskValues> masks, int count) {
        if (count > MOST_LABELS) {
            MaskValues most = masks.stream()
                    .max((one, other) -> Integer.compare(one.values().length, other.values().length))
                    .orElseThrow();
            throw new AttunetException(
                    most.file(),
                    "the masks hold " + count + " different values, this one " + most.values().length,
                    "at most " + MOST_LABELS + " labels",
                    "store masks without lossy compression or smoothing, one whole number for each kind of structure");
        }
    }

    /** Notes about masks that are not read as they are stored. */
    static List<String> readings(List<MaskValues> masks, LabelSet labels) {
        Map<MaskReading, List<MaskValues>> by = new EnumMap<>(MaskReading.class);
        masks.forEach(mask -> by.computeIfAbsent(MaskReading.of(mask, labels), reading -> new ArrayList<>())
                .add(mask));
        List<String> notes = new ArrayList<>();
        List<MaskValues> renamed = by.get(MaskReading.ON_OFF);
        if (renamed != null) {
            notes.add("the one structure is written as " + valuesOf(renamed) + " instead of " + labels.valueOf(1)
                    + " in " + renamed.size() + " of " + masks.size() + " masks, and read as the same: "
                    + some(renamed));
        }
        List<MaskValues> levels = by.get(MaskReading.TWO_LEVELS);
        if (levels != null) {
            notes.add("the values crowd around 0 and white, as lossy compression or smoothing leaves them, in "
                    + levels.size()
                    + " of " + masks.size() + " masks; values above half of white are read as the structure: "
                    + some(levels));
        }
        List<MaskValues> alpha =
                masks.stream().filter(mask -> mask.source().alpha()).toList();
        if (!alpha.isEmpty()) {
            notes.add("the colour is the same everywhere in " + alpha.size() + " of " + masks.size()
                    + " masks, whose alpha channel is read as the mask: " + some(alpha));
        }
        return notes;
    }

    /** Refuses palettes that give one number different colours in different masks. */
    private static void requireOnePalette(List<MaskValues> masks) {
        Disagreement found = disagreement(masks, StoredMask.Source::palette, String::equals);
        if (found != null) {
            throw new AttunetException(
                    found.mask.file(),
                    "its palette shows the label " + found.label + " as " + found.own + ", that of "
                            + found.before.file().getFileName() + " as " + found.other,
                    "one palette for all masks",
                    "save the labels as grey values, 0 for the background and one value for each structure");
        }
    }

    /** Refuses masks that number their structures differently. */
    private static void requireOneNaming(List<MaskValues> masks) {
        Disagreement found = disagreement(masks, StoredMask.Source::names, String::equalsIgnoreCase);
        if (found != null) {
            throw new AttunetException(
                    found.mask.file(),
                    "it calls the label " + found.label + " \"" + found.own + "\", "
                            + found.before.file().getFileName() + " \"" + found.other + "\"",
                    "one name for a label in all masks",
                    "declare the labels by these names in dataset.json; they are then matched by name");
        }
    }

    /** What a mask says of a label, and an earlier one that says something else. */
    private record Disagreement(MaskValues mask, int label, String own, MaskValues before, String other) {}

    /** The first mask that says something else of a label than an earlier one; null if there is none. */
    private static @Nullable Disagreement disagreement(
            List<MaskValues> masks,
            Function<StoredMask.Source, Map<Integer, String>> said,
            BiPredicate<String, String> equal) {
        Map<Integer, MaskValues> first = new TreeMap<>();
        for (MaskValues mask : masks) {
            for (Map.Entry<Integer, String> own : said.apply(mask.source()).entrySet()) {
                MaskValues before = first.computeIfAbsent(own.getKey(), key -> mask);
                String other = String.valueOf(said.apply(before.source()).get(own.getKey()));
                if (!equal.test(own.getValue(), other)) {
                    return new Disagreement(mask, own.getKey(), own.getValue(), before, other);
                }
            }
        }
        return null;
    }

    private static String valuesOf(List<MaskValues> masks) {
        return masks.stream()
                .map(MaskValues::largest)
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(" or "));
    }

    /** Notes about labels and masks that a training would learn nothing, or the wrong thing, from. */
    private static List<String> doubts(List<MaskValues> masks, LabelSet labels) {
        List<String> notes = new ArrayList<>();
        for (int k = 1; labels.size() > 1 && k < labels.classes(); k++) {
            int value = labels.valueOf(k);
            List<MaskValues> having = masks.stream()
                    .filter(mask -> IntStream.of(mask.values()).anyMatch(one -> one == value))
                    .toList();
            String label = "the label " + value + " (" + labels.nameOf(k) + ")";
            if (having.isEmpty()) {
                notes.add(label + " is declared, but no mask has it; it can't be learnt or measured");
            } else if (having.size() == 1 && masks.size() > 2) {
                notes.add(label + " is in one mask only, so it is either not learnt or not measured: " + some(having));
            }
        }
        List<MaskValues> filled = masks.stream().filter(mask -> !mask.isEmpty()).toList();
        if (filled.size() == 1 && masks.size() > 2) {
            notes.add("all masks but one are empty: " + some(filled) + " alone has a structure");
        }
        List<MaskValues> constant = masks.stream()
                .filter(mask -> mask.isConstant() && mask.ignored() == 0)
                .toList();
        if (!constant.isEmpty()) {
            notes.add("one label fills the whole of " + constant.size() + " of " + masks.size() + " masks: "
                    + some(constant));
        }
        long inverted = filled.stream()
                .filter(mask -> mask.corners() && mask.voxelsBetween(1, 65536) > mask.size() / 2)
                .count();
        if (labels.size() == 1 && inverted > constant.size() && inverted >= 0.8 * filled.size()) {
            notes.add("the structure fills the corners and more than half of " + inverted + " of " + filled.size()
                    + " masks; they may be inverted, with the background as the label");
        }
        return notes;
    }

    private static String some(List<MaskValues> masks) {
        return CaseMatcher.some(masks.stream()
                .map(mask -> Objects.toString(mask.file().getFileName()))
                .toList());
    }
}
