package org.attunet.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * What a model found in a series.
 *
 * @param labels the mask
 * @param labelSet what the labels mean
 * @param model the name of the model; empty if a person drew the mask
 * @param codes the labels' codes by their names, as a model's description has them; may be empty
 * @param probabilities a channel for each class, background first unless the model has one output; null if they aren't wanted
 * @param maps further maps from 0 to 1 by the names of their files, such as {@code attention_up4}
 * @param kinds what to write beside the mask, or in what form
 */
public record SeriesResult(
        LabelMap labels,
        LabelSet labelSet,
        String model,
        ObjectNode codes,
        @Nullable Image probabilities,
        Map<String, Image> maps,
        Set<Kind> kinds) {
    /** A form of results in DICOM. */
    public enum Kind {
        /** A segmentation with bits for each structure: the default. */
        SEG,
        /** A segmentation that is one label map, which few programs read yet. */
        LABELMAP,
        /** Contours as radiotherapy plans them. */
        RTSTRUCT,
        /** A structured report with the volume of each structure. */
        SR,
        /** Pictures of the slices with outlines, which every viewer shows. */
        SC,
        /** A NIfTI file; alone, instead of a segmentation. */
        NIFTI
    }

    private static final Set<Kind> OF_REGIONS = EnumSet.of(Kind.SEG, Kind.SC, Kind.NIFTI);

    /**
     * Copies the collections.
     *
     * @param labels the mask
     * @param labelSet what the labels mean
     * @param model the name of the model; empty if a person drew the mask
     * @param codes the labels' codes by their names, as a model's description has them; may be empty
     * @param probabilities a channel for each class, background first unless the model has one output; null if they aren't
     *     wanted
     * @param maps further maps from 0 to 1 by the names of their files, such as {@code attention_up4}
     * @param kinds what to write beside the mask, or in what form
     */
    public SeriesResult {
        maps = Map.copyOf(maps);
        kinds = Set.copyOf(kinds);
    }

    /**
     * Refuses forms that can't hold labels that overlap.
     *
     * @param subject the file or image that the failure names
     * @param labels the model's
     * @param kinds the forms that are asked for
     * @throws AttunetException if labels overlap and a form gives each voxel one of them
     */
    public static void requireForms(String subject, LabelSet labels, Set<Kind> kinds) {
        if (labels.hasRegions() && !OF_REGIONS.containsAll(kinds)) {
            throw new AttunetException(
                    subject,
                    "other forms than seg and sc of labels that overlap: " + labels,
                    "a segmentation, whose segments may overlap",
                    "ask for seg, or for nifti");
        }
    }
}
