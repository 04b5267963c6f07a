package org.attunet.patches;

import java.util.Arrays;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * A case ready to be cut into patches, on the network's grid. Immutable; arrays are not copied.
 *
 * @param image normalised intensities
 * @param classes the class of each voxel as an unsigned byte, in the grid's order; {@link LabelSet#IGNORED} where the truth
 *     isn't known
 * @param centres for each class above 0 that is present: voxel indices spread evenly over its voxels
 * @param judged voxel indices spread evenly over the judged voxels; null if all are judged
 * @param deviations each channel's standard deviation over the whole case, the unit of noise and brightness
 */
@SuppressWarnings("ArrayRecordComponent")
record PreparedCase(
        String id, Image image, byte[] classes, int[][] centres, int @Nullable [] judged, float[] deviations) {
    /** Candidates for patch centres that are kept for each class, and for all together. */
    private static final int MOST_CENTRES = 1 << 14;

    /**
     * A case as {@code Preprocessing} prepared it.
     *
     * @param id the case's id
     * @param image normalised, on the network's grid
     * @param mask on the same grid
     * @param labels at most 254; a value in the mask that is none of them counts as background
     */
    static PreparedCase of(String id, Image image, LabelMap mask, LabelSet labels) {
        byte[] classOfValue = new byte[65536];
        for (int value : labels.values()) {
            classOfValue[value] = (byte) labels.classOf(value);
        }
        if (mask.ignored() != LabelMap.NONE) {
            classOfValue[mask.ignored()] = (byte) LabelSet.IGNORED;
        }
        byte[] classes = new byte[mask.voxels().length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = classOfValue[mask.label(i)];
        }
        float[] deviations = new float[image.channels().length];
        for (int c = 0; c < deviations.length; c++) {
            deviations[c] = deviation(image.channel(c));
        }
        return new PreparedCase(
                id, image, classes, centres(classes, labels.classes()), judged(classes, mask.judged()), deviations);
    }

    /** The network's grid. */
    Grid grid() {
        return image.grid();
    }

    /** Whether any voxel has a class above 0. */
    boolean hasForeground() {
        return centres.length > 0;
    }

    /** Whether the truth of any voxel is known. */
    boolean hasJudged() {
        return judged == null || judged.length > 0;
    }

    /** The memory that the case takes, approximately. */
    long bytes() {
        long bytes = classes.length * (1L + 4L * image.channels().length);
        for (int[] c : centres) {
            bytes += 4L * c.length;
        }
        bytes += judged == null ? 0 : 4L * judged.length;
        return bytes;
    }

    private static int[][] centres(byte[] classes, int classCount) {
        int[] counts = new int[LabelSet.IGNORED + 1];
        for (byte c : classes) {
            counts[c & 0xFF]++;
        }
        int[][] centres = new int[classCount][];
        int[] seen = new int[classCount];
        for (int k = 1; k < classCount; k++) {
            centres[k] = new int[Math.min(counts[k], MOST_CENTRES)];
        }
        for (int i = 0; i < classes.length; i++) {
            int k = classes[i] & 0xFF;
            if (k > 0 && k != LabelSet.IGNORED) {
                // the j-th of n kept from N is the first whose rank reaches j N / n
                long slot = (long) seen[k]++ * centres[k].length / counts[k];
                centres[k][(int) slot] = i;
            }
        }
        return Arrays.stream(centres).filter(c -> c != null && c.length > 0).toArray(int[][]::new);
    }

    private static int @Nullable [] judged(byte[] classes, int count) {
        if (count == classes.length) {
            return null;
        }
        int[] judged = new int[Math.min(count, MOST_CENTRES)];
        long seen = 0;
        for (int i = 0; i < classes.length; i++) {
            if ((classes[i] & 0xFF) != LabelSet.IGNORED) {
                judged[(int) (seen++ * judged.length / count)] = i; // as for the centres
            }
        }
        return judged;
    }

    private static float deviation(float[] values) {
        double mean = 0;
        for (float v : values) {
            mean += v;
        }
        mean /= values.length;
        double sum = 0;
        for (float v : values) {
            sum += (v - mean) * (v - mean);
        }
        return (float) Math.sqrt(sum / values.length);
    }
}
