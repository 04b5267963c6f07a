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
 * @param values of files with a label each, which may overlap, the value of each file's label; else empty
 */
public record Mask(List<Path> files, int ignored, @Nullable ObjectSource objects, List<Integer> values) {
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
        values = List.copyOf(values);
    }

    /**
     * Files with a label each, which may overlap: a voxel has the sum of the values of all labels that it is in.
     *
     * @param values of the files' labels, {@linkplain LabelSet#overlapping powers of two}
     */
    static Mask overlapping(List<Path> files, List<Integer> values) {
        return new Mask(files, LabelMap.NONE, null, values);
    }

    /** A mask of structures, whose voxels are all judged. */
    public Mask(List<Path> files) {
        this(files, LabelMap.NONE, null, List.of());
    }

    /** The same with a value of voxels without a judgement. */
    public Mask ignoring(int value) {
        return new Mask(files, value, objects, values);
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
                        && one.getValue().values().isEmpty())
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
            LabelMap levels = labels.equals(OBJECT_LABELS) ? TARGET.of(read.objects()) : union(read, labels);
            read.unjudged().stream().forEach(voxel -> levels.voxels()[voxel] = (short) UNJUDGED);
            return new LabelMap(grid, levels.voxels(), read.unjudged().isEmpty() ? LabelMap.NONE : UNJUDGED);
        }
        if (!values.isEmpty()) {
            return overlapping(image, grid, labels, notes);
        }
        List<MaskValues> read = new ArrayList<>();
        LabelMap joined = joined(image, grid, labels, read, notes);
        LabelSurvey.readings(read, labels.parts()).forEach(notes);
        return joined;
    }

    /** The objects as a structure, for a model that knows them as one. */
    private LabelMap union(AnnotatedObjects read, LabelSet labels) {
        if (labels.size() != 1 || labels.hasRegions()) {
            throw new AttunetException(
                    firstFile(),
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

    /** The sum of the values of the labels whose files have a voxel. */
    private LabelMap overlapping(Path image, Grid grid, LabelSet labels, Consumer<String> notes) {
        short[] voxels = new short[grid.voxels()];
        boolean[] unjudged = new boolean[voxels.length];
        for (int k = 0; k < files.size(); k++) {
            String name = labels.nameOf(Math.max(1, labels.classOf(values.get(k))));
            LabelSet one = LabelSet.of(Map.of(1, name));
            List<MaskValues> read = new ArrayList<>();
            LabelMap own = read(files.get(k), image, grid, one, read, notes);
            LabelSurvey.readings(read, one).forEach(notes);
            for (int i = 0; i < voxels.length; i++) {
                unjudged[i] |= !own.isJudged(i);
                voxels[i] |= own.label(i) == 1 ? values.get(k).shortValue() : 0;
            }
        }
        for (int i = 0; i < voxels.length && ignored != LabelMap.NONE; i++) {
            voxels[i] = unjudged[i] ? (short) ignored : voxels[i];
        }
        return new LabelMap(grid, voxels, ignored);
    }

    private LabelMap joined(Path image, Grid grid, LabelSet labels, List<MaskValues> read, Consumer<String> notes) {
        LabelMap joined = read(firstFile(), image, grid, labels, read, notes);
        if (files.size() == 1) {
            return joined;
        }
        short[] voxels = joined.voxels().clone();
        for (Path file : files.subList(1, files.size())) {
            short[] more = read(file, image, grid, labels, read, notes).voxels();
            for (int i = 0; i < voxels.length; i++) {
                int own = Short.toUnsignedInt(voxels[i]);
                int other = Short.toUnsignedInt(more[i]);
                if (own == joined.ignored() || other == joined.ignored()) {
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
                voxels[i] |= more[i];
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
                : new LabelMap(stored.labels().grid(), stored.labels().voxels(), ignored);
        MaskValues all = MaskValues.of(file, stored, ignored);
        MaskValues values = undeclared ? all.declared(parts) : all;
        read.add(values);
        if (Images.isSeries(file)) { // on the image's grid already
            return MaskReading.of(values, parts).apply(map, values, parts);
        }
        return Placement.ofMask(file, image).apply(MaskReading.of(values, parts).apply(map, values, parts), grid);
    }
}
