package org.attunet.metrics;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many objects of one or several images are right if an IoU is asked for. Measures without a denominator are null:
 * of images that have neither true nor predicted objects, nothing can be said.
 *
 * @param truePositives pairs of a true and a predicted object, one to one, with the IoU
 * @param falsePositives the other predicted objects
 * @param falseNegatives the other true objects
 * @param iouSum the sum of the IoUs of the pairs
 * @serial exclude
 */
public record MatchCounts(int truePositives, int falsePositives, int falseNegatives, double iouSum)
        implements Serializable {
    /**
     * {@return the counts of all images together}
     *
     * @param images the counts of each, at one IoU
     */
    public static MatchCounts sum(List<MatchCounts> images) {
        int tp = 0;
        int fp = 0;
        int fn = 0;
        double ious = 0;
        for (MatchCounts image : images) {
            tp = Math.addExact(tp, image.truePositives);
            fp = Math.addExact(fp, image.falsePositives);
            fn = Math.addExact(fn, image.falseNegatives);
            ious += image.iouSum;
        }
        return new MatchCounts(tp, fp, fn, ious);
    }

    /**
     * {@return TP / (TP + FP + FN), from 0 to 1, the average precision (AP) of the Data Science Bowl 2018 and StarDist's
     * accuracy; null if there are no objects}
     */
    public @Nullable Double averagePrecision() {
        return ratio(truePositives, truePositives + (double) falsePositives + falseNegatives);
    }

    /** {@return TP / (TP + FP), from 0 to 1; null if nothing was predicted} */
    public @Nullable Double precision() {
        return ratio(truePositives, truePositives + (double) falsePositives);
    }

    /** {@return TP / (TP + FN), from 0 to 1; null if there are no true objects} */
    public @Nullable Double recall() {
        return ratio(truePositives, truePositives + (double) falseNegatives);
    }

    /**
     * {@return 2 TP / (2 TP + FP + FN), from 0 to 1: the F1 score, and the recognition quality (RQ) of the panoptic quality;
     * null if there are no objects}
     */
    public @Nullable Double f1() {
        return ratio(truePositives, truePositives + (falsePositives + (double) falseNegatives) / 2);
    }

    /** {@return the mean IoU of the pairs, from 0 to 1: the segmentation quality (SQ); null without pairs} */
    public @Nullable Double segmentationQuality() {
        return ratio(iouSum, truePositives);
    }

    /**
     * {@return the panoptic quality, PQ = SQ * RQ, from 0 to 1; null if there are no objects} A. Kirillov et al., "Panoptic
     * Segmentation", CVPR 2019, equation 1, for one class and an IoU of 0.5.
     */
    public @Nullable Double panopticQuality() {
        return ratio(iouSum, truePositives + (falsePositives + (double) falseNegatives) / 2);
    }

    private static @Nullable Double ratio(double part, double whole) {
        return whole > 0 ? (Double) (part / whole) : null;
    }
}
