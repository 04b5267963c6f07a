package org.attunet.preprocess;

import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Orientation;
import org.attunet.image.VoxelLoop;

/**
 * The most probable label of each voxel of the original grid, from probabilities that come plane by plane. Probabilities
 * are interpolated linearly before the classes are compared, which keeps outlines smooth; the first class wins a tie. Holds
 * at most two planes of probabilities.
 *
 * <p>Not thread-safe.
 */
public final class LabelRestoration {
    private final Orientation orientation;
    private final PlaneResampling resampling;
    private final boolean regions;
    private final short[] values; // of each class, or of each set of regions, in mask files
    private final short[] voxels;

    LabelRestoration(Resampling back, Orientation orientation, LabelSet labels, int outputs) {
        boolean fits = labels.hasRegions()
                ? outputs == labels.size()
                : outputs == labels.classes() || (outputs == 1 && labels.size() == 1);
        if (!fits) {
            throw new AttunetException(
                    "probabilities",
                    "they are of " + outputs + (outputs == 1 ? " class" : " classes"),
                    "those of the labels " + labels,
                    "use the labels that the model was trained with");
        }
        this.orientation = orientation;
        resampling = new PlaneResampling(back, outputs);
        this.regions = labels.hasRegions();
        values = regions ? labels.valueOfRegions() : values(labels);
        voxels = new short[orientation.from().voxels()];
    }

    private static short[] values(LabelSet labels) {
        short[] values = new short[labels.classes()];
        for (int k = 1; k < values.length; k++) {
            values[k] = (short) labels.valueOf(k);
        }
        return values;
    }

    /**
     * Takes the next planes of the network's grid (slices of a volume, rows of a picture).
     *
     * @param count the number of planes
     * @param probabilities one array per output, which begins with the planes' voxels; not kept
     */
    public void accept(int count, float[][] probabilities) {
        resampling.accept(count, probabilities, (plane, classes) -> put(plane, classes));
    }

    /**
     * Takes a plane that {@link PlaneResampling} has resampled.
     *
     * @param plane its number
     * @param probabilities one array per output
     */
    public void put(int plane, float[][] probabilities) {
        put(plane, decided(probabilities));
    }

    /**
     * {@return what is decided of each voxel: the most probable class, or the regions above 0.5 by their bits}
     *
     * @param probabilities one array per output
     */
    public short[] decided(float[][] probabilities) {
        return regions ? regionsAbove(probabilities) : mostProbable(probabilities);
    }

    /**
     * The same for a plane that is {@linkplain #decided decided}.
     *
     * @param plane its number
     * @param decided of each voxel
     */
    public void put(int plane, short[] decided) {
        short[] labels = new short[decided.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = values[Short.toUnsignedInt(decided[i])];
        }
        orientation.putBack(plane, labels, voxels);
    }

    private static short[] regionsAbove(float[][] probabilities) {
        short[] members = new short[probabilities[0].length];
        for (int k = 0; k < probabilities.length; k++) {
            float[] p = probabilities[k];
            for (int i = 0; i < members.length; i++) {
                members[i] |= (short) (p[i] > 0.5f ? 1 << k : 0);
            }
        }
        return members;
    }

    /**
     * {@return the most probable class of each voxel, 0 for the background}
     *
     * @param probabilities one array per class, the first of which wins a tie; or a single one for class 1 against the
     *     background, which is set above 0.5
     */
    public static short[] mostProbable(float[][] probabilities) {
        int length = probabilities[0].length;
        short[] winner = new short[length];
        if (probabilities.length == 1) {
            for (int i = 0; i < length; i++) {
                winner[i] = (short) (probabilities[0][i] > 0.5f ? 1 : 0);
            }
            return winner;
        }
        VoxelLoop.parallel(length, probabilities.length, (from, to) -> mostProbable(probabilities, from, to, winner));
        return winner;
    }

    private static void mostProbable(float[][] probabilities, int from, int to, short[] winner) {
        float[] best = Arrays.copyOfRange(probabilities[0], from, to);
        for (int k = 1; k < probabilities.length; k++) {
            float[] probability = probabilities[k];
            for (int i = from; i < to; i++) {
                if (probability[i] > best[i - from]) {
                    best[i - from] = probability[i];
                    winner[i] = (short) k;
                }
            }
        }
    }

    /** {@return the labels on the original grid; complete after the last plane} */
    public LabelMap labels() {
        return new LabelMap(orientation.from(), voxels);
    }
}
