package org.attunet.annotation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.error.Interruption;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMap;

/**
 * Objects that are given one by one and may overlap, drawn into one map. A voxel of several objects belongs to the smallest
 * of them, the first in a tie: so none that lies within another is lost, and the order in a file changes nothing. A voxel
 * without judgement that is part of an object is judged.
 *
 * <p>Memory is that of the map and of the shapes, not of their areas: each shape is listed twice.
 */
final class ObjectDrawing {
    /** How often the objects may cover the image: a file of a few bytes could claim any number of huge ones. */
    private static final long MOST_LAYERS = 100;

    private final Path file;
    private final Grid grid;
    private final List<Shape> shapes = new ArrayList<>();
    private final List<Shape> ignored = new ArrayList<>();
    private final Map<Integer, String> classes = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private long voxels;

    /**
     * Starts with an empty map.
     *
     * @param file for failures
     */
    ObjectDrawing(Path file, Grid grid) {
        this.file = file;
        this.grid = grid;
    }

    /**
     * Adds an object, which has the next number, from 1.
     *
     * @param kind its class; empty for none
     */
    void add(Shape shape, String kind) {
        shapes.add(shape);
        if (!kind.isEmpty()) {
            classes.put(shapes.size(), kind);
        }
    }

    /** Adds voxels that nobody judged. */
    void ignore(Shape shape) {
        ignored.add(shape);
    }

    /** Adds a sentence about what isn't drawn. */
    void note(String sentence) {
        notes.add(sentence);
    }

    /** Draws the objects from the largest to the smallest. */
    AnnotatedObjects finish() {
        int[] sizes = shapes.stream().mapToInt(this::size).toArray();
        int[] map = new int[grid.voxels()];
        int[] left = sizes.clone(); // the voxels that an object keeps
        BitSet shared = new BitSet();
        IntStream.range(0, sizes.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(k -> -sizes[k]).thenComparing(k -> -k))
                .forEach(k -> shapes.get(k).draw((from, to) -> {
                    for (int i = from; i < to; i++) {
                        if (map[i] > 0) {
                            shared.set(i);
                            left[map[i] - 1]--;
                        }
                        map[i] = k + 1;
                    }
                }));
        noteLosses(sizes, left, shared.cardinality());
        BitSet unjudged = new BitSet();
        for (Shape shape : ignored) {
            size(shape);
            shape.draw(unjudged::set);
        }
        for (int i = unjudged.nextSetBit(0); i >= 0; i = unjudged.nextSetBit(i + 1)) {
            unjudged.clear(i, map[i] > 0 ? i + 1 : i);
        }
        return new AnnotatedObjects(new ObjectMap(grid, map), unjudged, classes, notes);
    }

    private int size(Shape shape) {
        Interruption.check();
        long[] size = new long[1];
        shape.draw((from, to) -> size[0] += to - from);
        voxels += size[0];
        if (voxels > MOST_LAYERS * grid.voxels()) {
            throw new TooLargeException(
                    file,
                    "its objects cover the image more than " + MOST_LAYERS + " times",
                    "objects that hardly overlap",
                    "check that the file belongs to the image");
        }
        return (int) size[0];
    }

    private void noteLosses(int[] sizes, int[] left, int shared) {
        String unit = grid.dimension() == 3 ? "voxel" : "pixel";
        long empty = IntStream.of(sizes).filter(size -> size == 0).count();
        long hidden = IntStream.range(0, sizes.length)
                .filter(k -> sizes[k] > 0 && left[k] == 0)
                .count();
        for (int k = 0; k < sizes.length; k++) {
            if (left[k] == 0) {
                classes.remove(k + 1);
            }
        }
        if (shared > 0) {
            notes.add(counted(shared, unit) + (shared == 1 ? " is" : " are")
                    + " part of several objects, and given to the smallest of them");
        }
        if (hidden > 0) {
            notes.add(counted(hidden, "object") + (hidden == 1 ? " lies" : " lie")
                    + " wholly under others that aren't larger, and left out");
        }
        if (empty > 0) {
            notes.add(counted(empty, "object") + (empty == 1 ? " holds" : " hold") + " no " + unit
                    + " of the image, and left out");
        }
    }

    /** Such as {@code 1 object} or {@code 3 objects}. */
    static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
