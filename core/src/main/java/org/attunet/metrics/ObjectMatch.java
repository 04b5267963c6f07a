package org.attunet.metrics;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.objects.ObjectMap;

/**
 * The predicted objects of one image matched with the true ones, one to one. IoU is the number of voxels in both objects over
 * those in either.
 *
 * <p>At an IoU of 0.5 or more the most pairs that any assignment gives are found without search. An object has one partner
 * with more than 0.5, since that one covers more than half of it. Two partners with exactly 0.5 are both halves of it and
 * touch nothing else, so either will do. Hence StarDist's optimal assignment gives the same counts.
 *
 * <p>A split is a true object that overlaps two or more predicted ones with an IoU above 0.1 each, a merge a predicted object
 * that overlaps two or more true ones so: J. Caicedo et al., "Evaluation of Deep Learning Strategies for Nucleus Segmentation
 * in Fluorescence Images", Cytometry A 95 (2019), as its program counts.
 *
 * @param truth the number of true objects
 * @param predicted the number of predicted objects
 * @param ious the IoUs of the pairs with 0.5 or more, descending
 * @param splits true objects predicted as several
 * @param merges predicted objects that are several true ones
 * @serial exclude
 */
public record ObjectMatch(int truth, int predicted, List<Double> ious, int splits, int merges) implements Serializable {
    /** The least IoU of a pair. */
    public static final double LEAST_IOU = 0.5;

    /** The IoUs over which average precision is averaged: 0.5, 0.55, … 0.95. */
    public static final List<Double> IOUS = List.of(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95);

    private static final double PARTIAL_IOU = 0.1; // of splits and merges

    /**
     * Copies the list.
     *
     * @param truth the number of true objects
     * @param predicted the number of predicted objects
     * @param ious the IoUs of the pairs with 0.5 or more, descending
     * @param splits true objects predicted as several
     * @param merges predicted objects that are several true ones
     */
    public ObjectMatch {
        ious = List.copyOf(ious);
    }

    /**
     * Matches the objects of one image.
     *
     * @param caseName the image's name in errors
     * @param truth the true objects
     * @param prediction the predicted objects, on the same grid
     * @return the match
     * @throws AttunetException if the sizes differ
     */
    public static ObjectMatch of(String caseName, ObjectMap truth, ObjectMap prediction) {
        ObjectOverlaps overlaps = ObjectOverlaps.of(caseName, truth, prediction);
        boolean[] trueTaken = new boolean[overlaps.truth()];
        boolean[] predictedTaken = new boolean[overlaps.predicted()];
        List<Double> ious = new ArrayList<>();
        for (ObjectOverlaps.Pair pair : overlaps.pairs()) {
            double iou = overlaps.iou(pair);
            if (iou >= LEAST_IOU && !trueTaken[pair.truth()] && !predictedTaken[pair.predicted()]) {
                trueTaken[pair.truth()] = true;
                predictedTaken[pair.predicted()] = true;
                ious.add(iou);
            }
        }
        ious.sort(Comparator.reverseOrder());
        return new ObjectMatch(
                overlaps.truth(),
                overlaps.predicted(),
                ious,
                several(overlaps.partners(true, PARTIAL_IOU)),
                several(overlaps.partners(false, PARTIAL_IOU)));
    }

    private static int several(int[] partners) {
        return (int) Arrays.stream(partners).filter(count -> count > 1).count();
    }

    /**
     * {@return the counts if pairs must have at least an IoU, as StarDist counts}
     *
     * @param iou from 0.5 to 1
     */
    public MatchCounts at(double iou) {
        ConfigException.check(iou >= LEAST_IOU && iou <= 1, "IoU", iou, "a number from 0.5 to 1");
        return counts(ious.stream().filter(of -> of >= iou).toList());
    }

    /**
     * {@return the counts if pairs must have more than an IoU, as the Data Science Bowl 2018 and Kirillov's panoptic quality
     * count}
     *
     * @param iou from 0.5 to 1
     */
    public MatchCounts above(double iou) {
        ConfigException.check(iou >= LEAST_IOU && iou <= 1, "IoU", iou, "a number from 0.5 to 1");
        return counts(ious.stream().filter(of -> of > iou).toList());
    }

    private MatchCounts counts(List<Double> pairs) {
        double sum = pairs.stream().mapToDouble(Double::doubleValue).sum();
        return new MatchCounts(pairs.size(), predicted - pairs.size(), truth - pairs.size(), sum);
    }

    /** {@return how many more objects were predicted than there are; negative if there are more} */
    public int countError() {
        return predicted - truth;
    }

    /** {@return whether there are neither true nor predicted objects, so that nothing can be measured} */
    public boolean undefined() {
        return truth == 0 && predicted == 0;
    }
}
