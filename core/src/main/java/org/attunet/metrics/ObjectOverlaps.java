package org.attunet.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectNumbers;

/**
 * Which true objects overlap which predicted ones, and by how many voxels: one entry for each pair that shares a voxel, so
 * thousands of objects need no matrix.
 */
final class ObjectOverlaps {
    private final int[] truth; // voxels of each object, by its place
    private final int[] predicted;
    private final Pair[] pairs;

    /** Two objects by their places and the voxels that they share. */
    record Pair(int truth, int predicted, int shared) {}

    private ObjectOverlaps(int[] truth, int[] predicted, Pair[] pairs) {
        this.truth = truth;
        this.predicted = predicted;
        this.pairs = pairs;
    }

    /**
     * Counts over two maps of one size.
     *
     * @throws AttunetException if the sizes differ
     */
    static ObjectOverlaps of(String caseName, ObjectMap truth, ObjectMap prediction) {
        if (!Arrays.equals(truth.grid().size(), prediction.grid().size())) {
            throw new AttunetException(
                    caseName,
                    "the predicted objects have " + prediction.grid(),
                    "the truth's grid, " + truth.grid(),
                    "predict on the image that the truth was drawn on, or resample the prediction to it");
        }
        ObjectNumbers trueNumbers = ObjectNumbers.of(truth);
        ObjectNumbers predictedNumbers = ObjectNumbers.of(prediction);
        int[] t = truth.numbers();
        int[] p = prediction.numbers();
        Map<Long, int[]> shared = new HashMap<>();
        int[] count = {};
        for (int i = 0; i < t.length; i++) {
            Interruption.check(i);
            if (t[i] != 0 && p[i] != 0) {
                if (i == 0 || t[i] != t[i - 1] || p[i] != p[i - 1]) {
                    long pair = ((long) trueNumbers.place(t[i]) << 32) | predictedNumbers.place(p[i]);
                    count = shared.computeIfAbsent(pair, k -> new int[1]);
                }
                count[0]++;
            }
        }
        return new ObjectOverlaps(
                trueNumbers.voxels(truth),
                predictedNumbers.voxels(prediction),
                shared.entrySet().stream()
                        .map(e -> new Pair((int) (e.getKey() >> 32), e.getKey().intValue(), e.getValue()[0]))
                        .toArray(Pair[]::new));
    }

    int truth() {
        return truth.length;
    }

    int predicted() {
        return predicted.length;
    }

    /** The pairs, in no order that matters. */
    Pair[] pairs() {
        return pairs;
    }

    /** The voxels in both objects over the voxels in either, above 0 to 1. */
    double iou(Pair pair) {
        return (double) pair.shared / ((long) truth[pair.truth] + predicted[pair.predicted] - pair.shared);
    }

    /** How many pairs with more than an IoU each true or predicted object has, by its place. */
    int[] partners(boolean ofTruth, double above) {
        int[] partners = new int[ofTruth ? truth.length : predicted.length];
        for (Pair pair : pairs) {
            if (iou(pair) > above) {
                partners[ofTruth ? pair.truth : pair.predicted]++;
            }
        }
        return partners;
    }
}
