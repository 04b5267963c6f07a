package org.attunet.metrics;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.objects.ObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * Lesions of one or several masks, found or not. A lesion is a connected component of a label, through faces, edges and
 * corners: 26 neighbours in 3D, 8 in 2D.
 *
 * <p>A true lesion is found if a predicted one hits it, and a predicted one that hits no true lesion is a false positive. Two
 * lesions hit each other if they share a voxel, as the WMH challenge counts (H. Kuijf et al., "Standardized Assessment of
 * Automatic Segmentation of White Matter Hyperintensities", IEEE TMI 38 (2019)), or if their IoU is above a number. One lesion
 * may hit several, so what was found of the truth and what is right of the prediction are two numbers.
 *
 * <p>Where the truth isn't judged nothing counts: predicted lesions are those of the whole prediction, less these voxels, and
 * one without a judged voxel is none.
 *
 * @param truth the number of true lesions
 * @param predicted the number of predicted lesions
 * @param found the true lesions that were found
 * @param right the predicted lesions that hit a true one
 * @serial exclude
 */
public record LesionMatch(int truth, int predicted, int found, int right) implements Serializable {
    /**
     * Finds and matches the lesions of one case.
     *
     * @param caseName the case's name in errors
     * @param truth the true mask
     * @param prediction the predicted mask, on the same grid
     * @param wanted the label values of the lesions
     * @param aboveIou two lesions hit each other if their IoU is above this, from 0 (they share a voxel) to below 1
     * @return the match
     * @throws AttunetException if the sizes differ
     */
    public static LesionMatch of(
            String caseName, LabelMap truth, LabelMap prediction, IntPredicate wanted, double aboveIou) {
        ConfigException.check(aboveIou >= 0 && aboveIou < 1, "IoU of lesions", aboveIou, "a number from 0 to below 1");
        ObjectMap predicted = ObjectMap.ofComponents(prediction, wanted, true);
        ObjectMap judged = truth.ignored() == LabelMap.NONE || truth.voxels().length != predicted.numbers().length
                ? predicted // another size is refused below
                : inJudged(predicted, truth);
        ObjectOverlaps overlaps = ObjectOverlaps.of(
                caseName,
                ObjectMap.ofComponents(truth, value -> value != truth.ignored() && wanted.test(value), true),
                judged);
        return new LesionMatch(
                overlaps.truth(),
                overlaps.predicted(),
                hit(overlaps.partners(true, aboveIou)),
                hit(overlaps.partners(false, aboveIou)));
    }

    private static ObjectMap inJudged(ObjectMap predicted, LabelMap truth) {
        int[] numbers = predicted.numbers().clone();
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = truth.isJudged(i) ? numbers[i] : 0;
        }
        return new ObjectMap(predicted.grid(), numbers);
    }

    private static int hit(int[] partners) {
        return (int) Arrays.stream(partners).filter(count -> count > 0).count();
    }

    /**
     * {@return the lesions of all cases together}
     *
     * @param cases the match of each
     */
    public static LesionMatch sum(List<LesionMatch> cases) {
        return new LesionMatch(
                cases.stream().mapToInt(LesionMatch::truth).reduce(0, Math::addExact),
                cases.stream().mapToInt(LesionMatch::predicted).reduce(0, Math::addExact),
                cases.stream().mapToInt(LesionMatch::found).reduce(0, Math::addExact),
                cases.stream().mapToInt(LesionMatch::right).reduce(0, Math::addExact));
    }

    /** {@return the predicted lesions that hit no true one} */
    public int falsePositives() {
        return predicted - right;
    }

    /** {@return the share of the true lesions that were found, from 0 to 1: the sensitivity; null if there are none} */
    public @Nullable Double recall() {
        return truth > 0 ? (Double) ((double) found / truth) : null;
    }

    /** {@return the share of the predicted lesions that hit a true one, from 0 to 1; null if there are none} */
    public @Nullable Double precision() {
        return predicted > 0 ? (Double) ((double) right / predicted) : null;
    }

    /**
     * {@return the harmonic mean of precision and recall, from 0 to 1; 0 if only one mask has lesions, null if neither has}
     */
    public @Nullable Double f1() {
        Double recall = recall();
        Double precision = precision();
        if (recall == null && precision == null) {
            return null;
        }
        return recall == null || precision == null || recall + precision == 0
                ? 0
                : 2 * precision * recall / (precision + recall);
    }
}
