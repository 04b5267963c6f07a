package org.attunet.dataset;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.StoredMask;
import org.jspecify.annotations.Nullable;

/**
 * The values other than 0 in a mask's file, by which {@link MaskReading} recognises what it is. Voxels without a judgement
 * are as if they weren't there.
 *
 * @param file the mask's
 * @param values ascending, 1 to 65535
 * @param voxels of each value
 * @param flat of each value the voxels whose neighbours in the plane all have it: a structure has such voxels, noise and
 *     smoothed outlines have hardly any
 * @param size all judged voxels of the mask
 * @param ignored the voxels without a judgement
 * @param corners whether all corners of the mask have values other than 0
 * @param source where the file keeps the values
 */
record MaskValues(
        Path file,
        int[] values,
        long[] voxels,
        long[] flat,
        long size,
        long ignored,
        boolean corners,
        StoredMask.Source source) {
    private static final int LABEL_VALUES = 65536;

    /** The values that programs write for the one structure of a mask: 1, and white of 8 and of 16 bit. */
    static final List<Integer> ON = List.of(1, 255, 65535);

    static MaskValues read(Path file, int ignored) {
        return of(file, Images.readMask(file), ignored);
    }

    /**
     * The values of an image's mask, in DICOM by the labels that its structures are named after.
     *
     * @param ignored the value of voxels without a judgement, or -1
     * @param notes receives how it isn't read as it is stored
     */
    static MaskValues read(Path file, Path image, @Nullable LabelSet labels, int ignored, Consumer<String> notes) {
        StoredMask stored = Images.readMask(file, image, labels);
        stored.notes().forEach(note -> notes.accept(file.getFileName() + ": " + note));
        return of(file, stored, ignored);
    }

    static MaskValues of(Path file, StoredMask stored, int ignored) {
        LabelMap map = stored.labels();
        long[] voxels = new long[LABEL_VALUES];
        long[] flat = new long[LABEL_VALUES];
        long unjudged = 0;
        Grid grid = map.grid();
        short[] all = map.voxels();
        int width = grid.size(0);
        int height = grid.size(1);
        for (int i = 0; i < all.length; i++) {
            int value = map.label(i);
            unjudged += value == ignored ? 1 : 0;
            if (value != 0 && value != ignored) {
                voxels[value]++;
                int x = i % width;
                int y = i / width % height;
                boolean inside = (x == 0 || isLike(all[i - 1], value, ignored))
                        && (x == width - 1 || isLike(all[i + 1], value, ignored))
                        && (y == 0 || isLike(all[i - width], value, ignored))
                        && (y == height - 1 || isLike(all[i + width], value, ignored));
                flat[value] += inside ? 1 : 0;
            }
        }
        int[] values =
                IntStream.range(1, LABEL_VALUES).filter(v -> voxels[v] > 0).toArray();
        return new MaskValues(
                file,
                values,
                Arrays.stream(values).mapToLong(v -> voxels[v]).toArray(),
                Arrays.stream(values).mapToLong(v -> flat[v]).toArray(),
                all.length - unjudged,
                unjudged,
                corners(map, ignored),
                stored.source());
    }

    private static boolean isLike(short neighbour, int value, int ignored) {
        int other = Short.toUnsignedInt(neighbour);
        return other == value || other == ignored;
    }

    private static boolean corners(LabelMap map, int ignored) {
        Grid grid = map.grid();
        for (int corner = 0; corner < 8; corner++) {
            int at = 0;
            int stride = 1;
            for (int axis = 0; axis < 3; axis++) {
                at += (corner >> axis & 1) * (grid.size(axis) - 1) * stride;
                stride *= grid.size(axis);
            }
            if (map.voxels()[at] == 0 || map.label(at) == ignored) {
                return false;
            }
        }
        return true;
    }

    /**
     * The same, where voxels with a value that isn't a label have no judgement.
     *
     * @throws AttunetException if the mask isn't a label map
     */
    MaskValues declared(LabelSet labels) {
        int[] known = IntStream.range(0, values.length)
                .filter(k -> labels.classOf(values[k]) > 0)
                .toArray();
        if (known.length == values.length) {
            return this;
        }
        String softness = MaskReading.softness(this);
        if (softness != null) {
            throw MaskReading.soft(this, softness);
        }
        long open = Arrays.stream(voxels).sum()
                - IntStream.of(known).mapToLong(k -> voxels[k]).sum();
        return new MaskValues(
                file,
                IntStream.of(known).map(k -> values[k]).toArray(),
                IntStream.of(known).mapToLong(k -> voxels[k]).toArray(),
                IntStream.of(known).mapToLong(k -> flat[k]).toArray(),
                size - open,
                ignored + open,
                corners,
                source);
    }

    boolean isEmpty() {
        return values.length == 0;
    }

    /** The largest value, 0 if the mask is empty. */
    int largest() {
        return isEmpty() ? 0 : values[values.length - 1];
    }

    /** Whether all judged voxels have one value other than 0. */
    boolean isConstant() {
        return values.length == 1 && voxels[0] == size;
    }

    /** Whether the mask is empty or holds 1, 255 or 65535 alone. */
    boolean isOnOff() {
        return isEmpty() || (values.length == 1 && ON.contains(values[0]));
    }

    /** Whether the file's format changes values. */
    boolean isLossy() {
        return Images.suffix(file).startsWith(".jp");
    }

    /** Whether a value belongs to noise or outlines, not to a structure. */
    boolean isScattered(int index) {
        return flat[index] <= voxels[index] / 20;
    }

    /** The voxels of values from a first one to below a last one. */
    long voxelsBetween(int first, int last) {
        long sum = 0;
        for (int k = 0; k < values.length; k++) {
            sum += values[k] >= first && values[k] < last ? voxels[k] : 0;
        }
        return sum;
    }
}
