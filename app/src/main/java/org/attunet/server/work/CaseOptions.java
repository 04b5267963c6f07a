package org.attunet.server.work;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.Set;
import org.attunet.io.PixelSize;
import org.attunet.io.SeriesResult;
import org.attunet.predict.Segmentation;
import org.attunet.predict.SegmenterOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a client requests beside the mask, and what it knows of its images. Its JSON form, with the same names, is part of a job's file.
 *
 * @param probabilities the probabilities of each class
 * @param attention the maps of the attention gates
 * @param uncertainty the entropy of each voxel and, if several predictions vote, their disagreement
 * @param mirror test-time augmentation over the mirrorings of training
 * @param layers all maps of the model as the NIfTI files of {@link ViewerLayers}, whatever else is requested
 * @param pixelSize of images whose files have none; null if unknown
 * @param forms in which the results of DICOM images are written
 * @param objects the files about objects; empty if objects aren't looked for; null for the model's own: the label image if it
 *     is a model of objects, else none
 */
public record CaseOptions(
        boolean probabilities,
        boolean attention,
        boolean uncertainty,
        boolean mirror,
        boolean layers,

        @JsonProperty("pixel_size") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        PixelSize pixelSize,

        Set<SeriesResult.Kind> forms,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Set<ObjectForm> objects) {
    private static final Set<SeriesResult.Kind> USUAL = Set.of(SeriesResult.Kind.SEG);

    /** Copies the forms; null stands for the usual one. */
    public CaseOptions {
        forms = forms == null ? USUAL : Set.copyOf(forms);
        objects = objects == null ? null : Set.copyOf(objects);
    }

    /** The mask alone, with or without test-time augmentation; of a DICOM image in this form. */
    public static CaseOptions mask(boolean mirror, SeriesResult.Kind form) {
        return new CaseOptions(false, false, false, mirror, false, null, Set.of(form), Set.of());
    }

    /** Whether the result is more than a mask. */
    public boolean moreThanMask() {
        return probabilities || attention || uncertainty || layers;
    }

    /** Returns the files about objects to be written; empty if objects aren't looked for. */
    Set<ObjectForm> objectsOf(ServedModel model) {
        Set<ObjectForm> chosen = objects;
        if (chosen != null) {
            return chosen;
        }
        return model.findsObjects() ? Set.of(ObjectForm.LABELS) : Set.of();
    }

    SegmenterOptions over(SegmenterOptions base, ServedModel model) {
        return base.withProbabilities(
                        probabilities || layers || !objectsOf(model).isEmpty())
                .withAttention(attention || layers)
                .withUncertainty(uncertainty || layers)
                .withMirror(mirror);
    }

    /** Returns a result without the maps that only the layers need. */
    Segmentation requested(Segmentation all) {
        return new Segmentation(
                all.labels(),
                all.labelSet(),
                all.reliability(),
                probabilities ? all.probabilities() : null,
                attention ? all.attention() : Map.of(),
                uncertainty ? all.entropy() : null,
                uncertainty ? all.mutualInformation() : null);
    }
}
