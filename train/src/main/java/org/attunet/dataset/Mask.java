package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.attunet.annotation.AnnotatedObjects;
import org.attunet.annotation.ObjectSource;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.attunet.io.StoredMask;
import org.attunet.objects.EnergyLevels;
import org.jspecify.annotations.Nullable;

/**
 * The mask of an image as it lies on disk: the one way in which true masks and predicted ones are read, for training and
 * every evaluation.
 *
 * @param files one, or several that are joined: a voxel has the label that any of them gives it, and none if one of them
 *     leaves it without a judgement
 * @param ignored the value of voxels without a judgement; {@link LabelMap#NONE} if all are judged, {@link #UNDECLARED} if
 *     each that isn't a label is one
 * @param objects where objects of the image are told apart; null for a mask of structures
 * @param labels of files with a label each, which may overlap, the name of each file's label; else empty
 */
public record Mask(List<Path> files, int ignored, @Nullable ObjectSource objects, List<String> labels) {
    /** In place of a value without a judgement: each value that isn't a label is one. */
    public static final int UNDECLARED = -2;

    /** What networks learn of objects. */
    private static final EnergyLevels TARGET = EnergyLevels.standard();

    /** The labels that masks of objects are read with: one for each of the levels. */
    static final LabelSet OBJECT_LABELS = TARGET.labels();

    private static final int UNJUDGED = 255; // in the levels of objects

    /** Copies the lists. */
    public Mask {
        files = List.copyOf(files);
        labels = List.copyOf(labels);
    }

    /**
     * Files with a label each, which may overlap.
     *
     * @param labels the name of each file's label
     */
    static Mask overlapping(List<Path> files, List<String> labels) {
        return new Mask(files, LabelMap.NONE, null, labels);
    }

    /** A mask of structures, whose voxels are all judged. */
    public Mask(List<Path> files) {
        this(files, LabelMap.NONE, null, List.of());
    }

    /** The same with a value of voxels without a judgement. */
    public Mask ignoring(int value) {
        return new Mask(files, value, objects, labels);
    }

    /** Objects, of which a network learns how deep in them a voxel lies. */
    public static Mask of(ObjectSource objects) {
        return new Mask(objects.files(), LabelMap.NONE, objects, List.of());
    }

    /** Whether objects are told apart. */
    public boolean hasObjects() {
        return objects != null;
    }

    /**
     * Reads the objects on the grid of an image.
     *
     * @param image the image's file
     * @param grid the image's grid
     * @throws AttunetException if a file is damaged or belongs to an image of another size or place
     * @throws IllegalStateException if this is a mask of structures
     */
    public AnnotatedObjects readObjects(Path image, Grid grid) {
        if (objects == null) {
            throw new IllegalStateException("a mask of structures: " + files);
        }
        AnnotatedObjects read = objects.read(image, grid);
        return ignored == LabelMap.NONE ? read : read.without(ignored);
    }

    /** A mask of one file. */
    public static Mask of(Path file) {
        return new Mask(List.of(file));
    }

    /** A sentence that names the images whose mask is joined from several files; empty if there is none. */
    public static Optional<String> joinedNote(Map<String, Mask> masks) {
        List<String> joined = masks.entrySet().stream()
                .filter(one -> one.getValue().files().size() > 1
                        && !one.getValue().hasObjects()
                        && one.getValue().labels().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        return joined.isEmpty()
                ? Optional.empty()
                : Optional.of(joined.size() + (joined.size() == 1 ? " image has" : " images have")
                        + " several mask files, which are joined: " + CaseMatcher.some(joined));
    }

    /** The first file. */
    public Path firstFile() {
        return files.get(0);
    }

    /**
     * Reads the labels on the grid of an image.
     *
     * @param image the image's file, or that of a mask to compare with
     * @param grid the image's grid
     * @param labels the labels that may occur
     * @throws AttunetException if a file is unreadable, lies elsewhere or holds an undeclared label
     */
    public LabelMap read(Path image, Grid grid, LabelSet labels) {
        return read(image, grid, labels, note -> {});
    }

    /**
     * The same with notes.
     *
     * @param notes receives a sentence for each way in which files are not read as they are stored
     */
    public LabelMap read(Path image, Grid grid, LabelSet labels, Consumer<String> notes) {
        if (objects != null) {
            AnnotatedObjects read = readObjects(image, grid);
            read.notes().forEach(notes);
            LabelMap levels = labels.equals(OBJECT_LABELS) ? TARGET.of(read.objects()) : union(image, read, labels);
            int open = labels.classOf(UNJUDGED) > 0 ? UNJUDGED - 1 : UNJUDGED; // white may be the structure
            read.unjudged().stream().forEach(voxel -> levels.voxels()[voxel] = (short) open);
            return new LabelMap(grid, levels.voxels(), read.unjudged().isEmpty() ? LabelMap.NONE : open);
        }
        if (!this.labels.isEmpty()) {
            return overlapping(image, grid, labels, notes);
        }
        List<MaskValues> read = new ArrayList<>();
        LabelMap joined = joined(image, grid, labels, read, notes);
        LabelSurvey.readings(read, labels.parts()).forEach(notes);
        return joined;
    }

    /** The objects as a structure, for a model that knows them as one. */
    private LabelMap union(Path image, AnnotatedObjects read, LabelSet labels) {
        if (labels.size() != 1 || labels.hasRegions()) {
            throw new AttunetException(
                    image,
                    "its objects are of one kind",
                    "the labels " + labels,
                    "give masks of these labels, or a model of objects");
        }
        int[] numbers = read.objects().numbers();
        short[] voxels = new short[numbers.length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (numbers[i] > 0 ? labels.valueOf(1) : 0);
        }
        return new LabelMap(read.objects().grid(), voxels);
    }

    /** The value that stands for all labels whose files have a voxel, whatever their order in the data set. */
    private LabelMap overlapping(Path image, Grid grid, LabelSet known, Consumer<String> notes) {
        short[] members = new short[grid.voxels()];
        boolean[] unjudged = new boolean[members.length];
        for (int k = 0; k < files.size(); k++) {
            int bit = 1 << place(files.get(k), labels.get(k), known);
            LabelSet one = LabelSet.of(Map.of(1, labels.get(k)));
            List<MaskValues> read = new ArrayList<>();
            LabelMap own = read(files.get(k), image, grid, one, read, notes);
            LabelSurvey.readings(read, one).forEach(notes);
            for (int i = 0; i < members.length; i++) {
                unjudged[i] |= !own.isJudged(i);
                members[i] |= (short) (own.isJudged(i) && own.label(i) == 1 ? bit : 0);
            }
        }
        int open = ignored == LabelMap.NONE ? LabelMap.NONE : IgnoredValue.open(known.parts());
        int[] valueOf = valueOfMembers(known);
        short[] voxels = new short[members.length];
        for (int i = 0; i < voxels.length; i++) {
            int value = unjudged[i] ? open : valueOf[Short.toUnsignedInt(members[i])];
            if (value < 0) {
                throw together(Short.toUnsignedInt(members[i]), known);
            }
            voxels[i] = (short) value;
        }
        return new LabelMap(grid, voxels, open);
    }

    private static int place(Path file, String label, LabelSet known) {
        int place = known.names().indexOf(label);
        for (int k = 0; k < known.size() && place < 0; k++) {
            place = known.names().get(k).equalsIgnoreCase(label) ? k : -1;
        }
        if (place < 0 || place >= LabelSet.MOST_REGIONS) {
            throw new AttunetException(
                    file,
                    "a mask of the label '" + label + "'",
                    "one of the labels " + known,
                    "name it after the label that it shows, or remove the masks of this label");
        }
        return place;
    }

    /** The value for each combination of the first labels, by their bits; -1 where there is none. */
    private static int[] valueOfMembers(LabelSet known) {
        int[] valueOf = new int[1 << Math.min(known.size(), LabelSet.MOST_REGIONS)];
        short[] ofRegions = known.hasRegions() ? known.valueOfRegions() : new short[0];
        int[] membership = known.hasRegions() ? known.membership() : new int[0];
        for (int bits = 1; bits < valueOf.length; bits++) {
            if (known.hasRegions()) {
                int value = Short.toUnsignedInt(ofRegions[bits]);
                valueOf[bits] = membership[value] == bits ? value : -1;
            } else {
                valueOf[bits] =
                        Integer.bitCount(bits) == 1 ? known.valueOf(1 + Integer.numberOfTrailingZeros(bits)) : -1;
            }
        }
        return valueOf;
    }

    private AttunetException together(int bits, LabelSet known) {
        List<String> names = new ArrayList<>();
        for (int k = 0; k < known.size(); k++) {
            if ((bits >> k & 1) == 1) {
                names.add(known.names().get(k));
            }
        }
        return new AttunetException(
                firstFile(),
                "it and the other masks of this image have voxels that are in " + String.join(" and ", names)
                        + " together",
                "labels as they overlap in " + known,
                "correct the masks, or train a model on such labels");
    }

    private LabelMap joined(Path image, Grid grid, LabelSet labels, List<MaskValues> read, Consumer<String> notes) {
        LabelMap joined = read(firstFile(), image, grid, labels, read, notes);
        if (files.size() == 1) {
            return joined;
        }
        short[] voxels = joined.voxels().clone();
        for (Path file : files.subList(1, files.size())) {
            LabelMap more = read(file, image, grid, labels, read, notes);
            for (int i = 0; i < voxels.length; i++) {
                int own = Short.toUnsignedInt(voxels[i]);
                int other = more.label(i);
                if (own == joined.ignored() || !more.isJudged(i)) {
                    voxels[i] = (short) joined.ignored();
                    continue;
                }
                if (other != 0 && own != 0 && other != own) {
                    throw new AttunetException(
                            file,
                            "it and " + firstFile().getFileName() + " are masks of one image, with different labels for"
                                    + " the same voxel",
                            "one label for each voxel",
                            "merge them into one label map");
                }
                voxels[i] |= (short) other;
            }
        }
        return joined.with(grid, voxels);
    }

    private LabelMap read(
            Path file, Path image, Grid grid, LabelSet labels, List<MaskValues> read, Consumer<String> notes) {
        StoredMask stored = Images.readMask(file, image, labels);
        stored.notes().forEach(notes);
        LabelSet parts = labels.parts();
        boolean undeclared = ignored == UNDECLARED;
        LabelMap map = undeclared
                ? IgnoredValue.openUndeclared(stored.labels(), parts)
                : IgnoredValue.apart(
                        new LabelMap(stored.labels().grid(), stored.labels().voxels(), ignored), parts);
        MaskValues all = MaskValues.of(file, stored, ignored);
        MaskValues values = undeclared ? all.declared(parts) : all;
        read.add(values);
        if (Images.isSeries(file)) { // on the image's grid already
            return MaskReading.of(values, parts).apply(map, values, parts);
        }
        return Placement.ofMask(file, image).apply(MaskReading.of(values, parts).apply(map, values, parts), grid);
    }
}
