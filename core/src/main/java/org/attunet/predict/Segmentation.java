package org.attunet.predict;

import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Structure;
import org.attunet.picture.Pictures;
import org.jspecify.annotations.Nullable;

/**
 * The segmentation of one image, on the image's own grid. Printed, it is a short table of the structures, with confidence
 * and warnings.  <p>The votes on a voxel, which the uncertainty is computed from, are the predictions whose weighted mean
 * its probabilities are: of each model, each mirror image and each blended tile, and of the neighbouring voxels that take
 * part in interpolation if the network works on another grid.
 *
 * @param labels one label value per voxel from the model's label set; the removal of small components does not affect the
 *     other parts
 * @param labelSet the values and names of the labels that the model knows
 * @param reliability confidence and warnings
 * @param probabilities one channel for each output of the network (the label alone, or the background and each label in the
 *     order of the label set), from 0 to 1; null if not requested
 * @param attention the map of each gate, from 0 (skip connection shut) to 1 (open), one channel for each of the gate's
 *     maps, in the network's order; empty if not requested or the network has no gates
 * @param entropy the entropy of each voxel's probabilities over the logarithm of the number of classes, from 0 (one class
 *     is certain) to 1 (all classes are equally probable); null if not requested
 * @param mutualInformation the part of the entropy that is disagreement among the votes: the entropy of their mean minus
 *     the mean of their entropies, in the same unit; 0 if all agree. Null if not requested or there is one vote only
 */
public record Segmentation(
        LabelMap labels,
        LabelSet labelSet,
        Reliability reliability,
        @Nullable Image probabilities,
        Map<String, Image> attention,
        @Nullable Image entropy,
        @Nullable Image mutualInformation) {
    /**
     * Copies the map of gates.
     *
     * @param labels one label value per voxel from the model's label set; the removal of small components does not affect the
     *     other parts
     * @param labelSet the values and names of the labels that the model knows
     * @param reliability confidence and warnings
     * @param probabilities one channel for each output of the network (the label alone, or the background and each label in the
     *     order of the label set), from 0 to 1; null if not requested
     * @param attention the map of each gate, from 0 (skip connection shut) to 1 (open), one channel for each of the gate's
     *     maps, in the network's order; empty if not requested or the network has no gates
     * @param entropy the entropy of each voxel's probabilities over the logarithm of the number of classes, from 0 (one class
     *     is certain) to 1 (all classes are equally probable); null if not requested
     * @param mutualInformation the part of the entropy that is disagreement among the votes: the entropy of their mean minus
     *     the mean of their entropies, in the same unit; 0 if all agree. Null if not requested or there is one vote only
     */
    public Segmentation {
        attention = Collections.unmodifiableMap(new LinkedHashMap<>(attention));
    }

    /**
     * {@return the estimated quality of the labels from 0 to 1; absent for an empty mask} See {@link
     * Reliability#confidence}.
     */
    public OptionalDouble confidence() {
        return reliability.confidence();
    }

    /** {@return what the user should know before using the mask, a sentence each; usually none} */
    public List<String> warnings() {
        return reliability.warnings();
    }

    /**
     * {@return the model's labels in the mask, those without voxels included: voxels, volume or area, and components}
     * Computed at each call, in one pass over the mask.
     */
    public List<Structure> structures() {
        return Structure.of(labels, labelSet);
    }

    /**
     * {@return the mask of a 2D image in the labels' colours ({@link Pictures#mask}); of a volume, take slices of {@link
     * #labels}}
     *
     * @throws org.attunet.error.AttunetException if the image is a volume
     */
    public BufferedImage picture() {
        return Pictures.mask(labels);
    }

    /**
     * {@return a 2D image with the labels in colours over it ({@link Pictures#overlay}); of a volume, take slices of both}
     *
     * @param image the image that was segmented
     * @throws org.attunet.error.AttunetException if the image is a volume or of another size
     */
    public BufferedImage overlay(Image image) {
        return Pictures.overlay(image, labels);
    }

    /**
     * {@return a copy with further warnings after the others}
     *
     * @param more the sentences to add
     */
    public Segmentation withWarnings(List<String> more) {
        return new Segmentation(
                labels, labelSet, reliability.withWarnings(more), probabilities, attention, entropy, mutualInformation);
    }

    /** The grid, a row for each structure, confidence and warnings. */
    @Override
    public String toString() {
        List<Structure> structures = structures();
        int width = structures.stream()
                .mapToInt(structure -> label(structure).length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(width, 5) + "s  %12s  %14s  %10s%n";
        boolean volume = labels.grid().dimension() == 3;
        StringBuilder text = new StringBuilder(labels.grid().toString()).append(System.lineSeparator());
        text.append(String.format(
                Locale.ROOT, row, "label", volume ? "voxels" : "pixels", volume ? "volume" : "area", "components"));
        for (Structure one : structures) {
            text.append(String.format(Locale.ROOT, row, label(one), one.voxels(), one.volumeText(), one.components()));
        }
        text.append(
                confidence().isPresent()
                        ? String.format(
                                Locale.ROOT, "confidence %.2f", confidence().getAsDouble())
                        : Reliability.EMPTY_MASK);
        warnings()
                .forEach(warning ->
                        text.append(System.lineSeparator()).append("warning: ").append(warning));
        return text.toString();
    }

    private static String label(Structure structure) {
        return structure.value() + " " + structure.name();
    }

    /** A copy without the probabilities. */
    Segmentation withoutProbabilities() {
        return new Segmentation(labels, labelSet, reliability, null, attention, entropy, mutualInformation);
    }

    /** A copy with other labels on the same grid. */
    Segmentation withLabels(LabelMap other) {
        return new Segmentation(other, labelSet, reliability, probabilities, attention, entropy, mutualInformation);
    }
}
