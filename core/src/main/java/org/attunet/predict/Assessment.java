package org.attunet.predict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.attunet.bundle.TrainingProfile;
import org.attunet.image.LabelSet;
import org.attunet.preprocess.Prepared;

/** Assesses a finished mask: its confidence, and image and response against the training cases of each model. */
final class Assessment {
    /** A label that fewer training cases lack is expected in every mask. */
    private static final double RARELY = 0.05;

    private final List<EnsembleMember> members;
    private final List<Prepared> prepared;
    private final Confidence confidence;
    private final boolean objects;

    /**
     * @param prepared the image as each model gets it
     * @param objects whether the labels after the first are levels of depth within objects, which users don't see
     */
    Assessment(List<EnsembleMember> members, List<Prepared> prepared, Confidence confidence, boolean objects) {
        this.members = members;
        this.prepared = prepared;
        this.confidence = confidence;
        this.objects = objects;
    }

    Reliability reliability() {
        Map<String, Double> response = confidence.traits();
        Map<Prepared, Map<String, Double>> ofImages = new HashMap<>(); // models with one preprocessing share the image
        Novelty greatest = null;
        for (int k = 0; k < members.size(); k++) {
            TrainingProfile profile = members.get(k).profile();
            if (profile != null && profile.comparable()) {
                Novelty own = Novelty.of(profile, traits(ofImages, prepared.get(k), response));
                greatest = greatest == null || own.score() > greatest.score() ? own : greatest;
            }
        }
        List<String> warnings = missing();
        if (greatest != null && greatest.score() > Reliability.NOVELTY_LIMIT) {
            warnings.add(greatest.sentence());
        }
        return new Reliability(
                confidence.value(),
                greatest == null ? OptionalDouble.empty() : OptionalDouble.of(greatest.score()),
                traits(ofImages, prepared.get(0), response),
                warnings);
    }

    private static Map<String, Double> traits(
            Map<Prepared, Map<String, Double>> ofImages, Prepared image, Map<String, Double> response) {
        return ofImages.computeIfAbsent(image, one -> {
            Map<String, Double> all = new TreeMap<>(ImageTraits.of(one));
            all.putAll(response);
            return all;
        });
    }

    /** Warnings of a mask without any label, or without one that nearly all training cases have. */
    private List<String> missing() {
        TrainingProfile profile = members.stream()
                .map(EnsembleMember::profile)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        List<String> warnings = new ArrayList<>();
        if (confidence.value().isEmpty()) {
            String known = profile == null || profile.cases() == 0
                    ? ""
                    : ", as in " + profile.empty() + " of " + profile.cases() + " training cases";
            warnings.add(Reliability.EMPTY_MASK + ": no voxel has a label" + known);
        } else if (profile != null) {
            LabelSet labels = members.get(0).model().labels();
            for (int k : confidence.lacking()) {
                int cases = profile.labelled().getOrDefault(labels.valueOf(k), 0);
                if ((k == 1 || !objects) && cases > (1 - RARELY) * profile.cases()) {
                    warnings.add("the mask has no " + labels.nameOf(k) + ", which " + cases + " of " + profile.cases()
                            + " training cases have");
                }
            }
        }
        return warnings;
    }
}
