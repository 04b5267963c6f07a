package org.attunet.preprocess;

import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * The most probable label of each voxel of the original grid, from probabilities that come in plane by plane. Each class's
 * probability is brought there by linear interpolation before the classes are compared, which keeps outlines smooth; of
 * equal ones the first class wins. Of the probabilities no more than two planes are held.
 *
 * <p>Not thread-safe.
 */
public final class LabelRestoration {
    private final Orientation orientation;
    private final PlaneResampling resampling;
    private final short[] values; // of each class in mask files
    private final short[] voxels;

    LabelRestoration(Resampling back, Orientation orientation, LabelSet labels, int outputs) {
        if (outputs != 1 && outputs != labels.classes()) {
            throw new AttunetException(
                    "probabilities",
                    outputs + " classes",
                    "1 or " + labels.classes() + " for the labels " + labels,
                    "use the labels that the model was trained with");
        }
        this.orientation = orientation;
        resampling = new PlaneResampling(back, outputs);
        values = new short[Math.max(2, outputs)];
        for (int k = 1; k < values.length; k++) {
            values[k] = (short) labels.valueOf(k);
        }
        voxels = new short[orientation.from().voxels()];
    }

    /**
     * Takes the next planes of the network's grid (slices of a volume, rows of a picture).
     *
     * @param count how many
     * @param probabilities one array for each class, or the only one, which begins with the planes' voxels; not kept
     */
    public void accept(int count, float[][] probabilities) {
        resampling.accept(
                count, probabilities, (plane, classes) -> orientation.putBack(plane, winners(classes), voxels));
    }

    private short[] winners(float[][] classes) {
        int length = classes[0].length;
        short[] winner = new short[length];
        if (classes.length == 1) {
            for (int i = 0; i < length; i++) {
                winner[i] = classes[0][i] > 0.5f ? values[1] : 0;
            }
            return winner;
        }
        float[] best = classes[0].clone();
        for (int k = 1; k < classes.length; k++) {
            float[] probability = classes[k];
            for (int i = 0; i < length; i++) {
                if (probability[i] > best[i]) {
                    best[i] = probability[i];
                    winner[i] = values[k];
                }
            }
        }
        return winner;
    }

    /** The labels on the original grid, complete when all planes have come. */
    public LabelMap labels() {
        return new LabelMap(orientation.from(), voxels);
    }
}
