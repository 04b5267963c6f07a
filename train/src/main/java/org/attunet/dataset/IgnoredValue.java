package org.attunet.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.objects.ObjectMap;
import org.jspecify.annotations.Nullable;

/** The value of masks' voxels without a judgement: which it is, and what is doubtful about it. */
final class IgnoredValue {
    /** A data set with less is hardly annotated at all, or another value was meant. */
    private static final double LEAST_JUDGED = 0.001;

    /** Below it true surfaces often lie in voxels without a judgement. */
    private static final double FULLY_MEASURED = 0.5;

    private static final int USUAL = 255;
    private static final int MOST_BESIDE_USUAL = 30;

    private IgnoredValue() {}

    /**
     * The value that is given, else the one that a description of the data declares.
     *
     * @param given {@link LabelMap#NONE} if none is
     * @throws AttunetException if it is 0 or out of range, that of a label, or another one is declared
     */
    static int of(int given, @Nullable DatasetJson json) {
        if (given == Mask.UNDECLARED) {
            return given;
        }
        int declared = json == null ? LabelMap.NONE : json.ignored();
        if (given == LabelMap.NONE) {
            return declared;
        }
        ConfigException.check(
                given >= 1 && given <= 65535,
                "--ignore",
                given,
                "a value of the masks from 1 to 65535; 0 is the background");
        LabelSet labels = json == null ? null : json.labels();
        if (labels != null && labels.parts().classOf(given) > 0) {
            throw new AttunetException(
                    Objects.requireNonNull(json).file(),
                    "the value " + given + ", which --ignore names, is declared as the label '"
                            + labels.parts().asMap().get(given) + "'",
                    "a value that is no structure",
                    "correct --ignore, or remove the label");
        }
        if (declared != LabelMap.NONE && declared != given) {
            throw new AttunetException(
                    Objects.requireNonNull(json).file(),
                    "it declares 'ignore' with the value " + declared + ", but --ignore is " + given,
                    "one value for voxels without a judgement",
                    "leave out --ignore, or correct the file");
        }
        return given;
    }

    /** Sentences about masks of a data set in which nothing, or hardly anything, is judged, or all although a value is ignored. */
    static List<String> notes(List<MaskValues> masks, int ignored) {
        if (ignored == LabelMap.NONE) {
            return List.of();
        }
        List<String> blank = masks.stream()
                .filter(mask -> mask.size() == 0)
                .map(mask -> Objects.toString(mask.file().getFileName()))
                .toList();
        return notes(
                masks.stream().mapToLong(MaskValues::size).sum(),
                masks.stream().mapToLong(MaskValues::ignored).sum(),
                blank,
                masks.size(),
                ignored);
    }

    /**
     * The same from counts.
     *
     * @param judged voxels of all masks
     * @param unjudged the others
     * @param blank the names of masks without a judged voxel
     * @param masks how many there are
     */
    static List<String> notes(long judged, long unjudged, List<String> blank, int masks, int ignored) {
        double share = judged / (double) (judged + unjudged);
        List<String> notes = new ArrayList<>();
        if (unjudged == 0 && ignored == Mask.UNDECLARED) {
            notes.add("no mask holds a value that isn't a label");
        } else if (unjudged == 0) {
            notes.add("no mask holds the value " + ignored + ", which stands for voxels without a judgement");
        } else {
            notes.add(percent(share) + " of the masks' voxels are judged; the others hold "
                    + (ignored == Mask.UNDECLARED ? "undeclared values" : ignored) + " and count nowhere"
                    + (share < FULLY_MEASURED ? "; surface distances can be too large" : "")
                    + (share < LEAST_JUDGED ? ". That is little to learn and measure from: annotate more" : ""));
        }
        if (!blank.isEmpty()) {
            notes.add(blank.size() + " of " + masks + " masks judge no voxel, so nothing is learnt or measured"
                    + " there: " + CaseMatcher.some(blank));
        }
        return notes;
    }

    /** A value for voxels without a judgement that no label has. */
    static int open(LabelSet labels) {
        int open = USUAL;
        for (int other = 65535; labels.classOf(open) > 0; other--) {
            open = other;
        }
        return open;
    }

    /** The same mask with another value for voxels without a judgement, which it doesn't hold, if a label has theirs. */
    static LabelMap apart(LabelMap mask, LabelSet labels) {
        if (mask.ignored() == LabelMap.NONE || labels.classOf(mask.ignored()) <= 0) {
            return mask;
        }
        Set<Integer> held = mask.values();
        int open = IntStream.iterate(65534, value -> value - 1)
                .filter(value -> labels.classOf(value) < 0 && !held.contains(value))
                .findFirst()
                .orElseThrow();
        short[] voxels = new short[mask.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (mask.isJudged(i) ? mask.label(i) : open);
        }
        return new LabelMap(mask.grid(), voxels, open);
    }

    /** A mask whose voxels with a value that isn't a label have no judgement. */
    static LabelMap openUndeclared(LabelMap mask, LabelSet labels) {
        int open = open(labels);
        short[] voxels = new short[mask.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (labels.classOf(mask.label(i)) >= 0 ? mask.label(i) : open);
        }
        return new LabelMap(mask.grid(), voxels, open);
    }

    /** Which values that aren't labels are ignored, and in how many masks each; empty if there are none. */
    static List<String> undeclaredNotes(List<MaskValues> masks, LabelSet labels) {
        Map<Integer, Integer> masksWith = new TreeMap<>();
        for (MaskValues mask : masks) {
            for (int value : mask.values()) {
                if (labels.classOf(value) < 0) {
                    masksWith.merge(value, 1, Integer::sum);
                }
            }
        }
        List<String> found = new ArrayList<>();
        masksWith.forEach((value, count) -> found.add(value + " in " + count));
        return found.isEmpty()
                ? List.of()
                : List.of("values that aren't declared are ignored, of " + masks.size() + " masks: "
                        + CaseMatcher.some(found));
    }

    /**
     * Whether the object 255 of a label image follows much smaller numbers, as where PASCAL VOC's objects have rims that
     * nobody judged.
     */
    static boolean looksUnjudged(ObjectMap objects) {
        int next = 0;
        boolean white = false;
        for (int number : objects.numbers()) {
            if (number > USUAL) {
                return false;
            }
            white |= number == USUAL;
            next = number < USUAL ? Math.max(next, number) : next;
        }
        return white && next > 0 && next < MOST_BESIDE_USUAL;
    }

    /**
     * A note if some label images have such an object.
     *
     * @param images their number
     */
    static List<String> unjudgedObjects(int images) {
        return images == 0
                ? List.of()
                : List.of("in " + images + (images == 1 ? " image" : " images") + " the object 255 follows much smaller"
                        + " numbers; there it usually marks pixels without a judgement, but here it is taken as an object: give"
                        + " --ignore 255 if it isn't one");
    }

    /** A note if 255 follows small numbers, as in the masks of PASCAL VOC and Cityscapes, where it isn't a structure. */
    static List<String> suspicion(LabelSet labels) {
        List<Integer> values = labels.values();
        int last = values.size() - 1;
        boolean doubtful = last >= 1 && values.get(last) == USUAL && values.get(last - 1) < MOST_BESIDE_USUAL;
        return doubtful
                ? List.of("the masks hold 255 beside the labels " + values.subList(0, last) + "; there it usually marks"
                        + " voxels without a judgement, but here it is taken as a structure: give --ignore 255, or"
                        + " declare 255 under labels in dataset.json if it is a structure")
                : List.of();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.1 ? "%.2g%%" : "%.0f%%", 100 * share);
    }
}
