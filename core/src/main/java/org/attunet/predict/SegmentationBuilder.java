package org.attunet.predict;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.preprocess.LabelRestoration;
import org.attunet.preprocess.MapRestoration;
import org.attunet.preprocess.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * Builds a segmentation on the image's own grid from the planes of mean probabilities.
 *
 * <p>Not thread-safe.
 */
final class SegmentationBuilder {
    private final Prepared prepared;
    private final LabelSet set;
    private final int outputs;
    private final LabelRestoration labels;
    private final Confidence confidence;
    private final @Nullable MapRestoration probabilities;
    private final @Nullable MapRestoration entropy;
    private final @Nullable MapRestoration mutualInformation;
    private final Map<String, MapRestoration> attention = new LinkedHashMap<>();

    /**
     * @param prepared restores maps to the image's grid
     * @param disagreement whether the planes have the mean entropy of the votes after the probabilities
     */
    SegmentationBuilder(Prepared prepared, LabelSet set, int outputs, SegmenterOptions options, boolean disagreement) {
        this.prepared = prepared;
        this.set = set;
        this.outputs = outputs;
        labels = prepared.labelRestoration(set, outputs);
        confidence = new Confidence(outputs, set.hasRegions());
        probabilities = options.probabilities() ? prepared.mapRestoration(outputs) : null;
        entropy = options.uncertainty() ? prepared.mapRestoration(1) : null;
        mutualInformation = disagreement ? prepared.mapRestoration(1) : null;
    }

    /** Adds one plane of the mean probabilities. */
    void add(int plane, float[][] values) {
        float[][] p = values.length == outputs ? values : Arrays.copyOf(values, outputs);
        short[] decided = labels.decided(p);
        labels.put(plane, decided);
        confidence.add(p, decided);
        if (probabilities != null) {
            probabilities.put(plane, p);
        }
        if (entropy != null) {
            float[] ofMean = Entropy.of(p, outputs == 1 || set.hasRegions());
            entropy.put(plane, new float[][] {ofMean});
            if (mutualInformation != null) {
                mutualInformation.put(plane, new float[][] {difference(ofMean, values[outputs])});
            }
        }
    }

    /** Adds one plane of the mean of a gate's maps. */
    void addAttention(String gate, int plane, float[][] maps) {
        attention
                .computeIfAbsent(gate, name -> prepared.mapRestoration(maps.length))
                .put(plane, maps);
    }

    /** The entropy of the mean minus the mean of the entropies; never negative except for rounding. */
    private static float[] difference(float[] ofMean, float[] meanOf) {
        float[] difference = new float[ofMean.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = Math.max(0, ofMean[i] - meanOf[i]);
        }
        return difference;
    }

    /** The confidence in all planes so far. */
    Confidence confidence() {
        return confidence;
    }

    /** The segmentation, after all planes were added. */
    Segmentation result(Reliability reliability) {
        Map<String, Image> gates = new LinkedHashMap<>();
        attention.forEach((gate, maps) -> gates.put(gate, maps.image()));
        return new Segmentation(
                labels.labels(),
                set,
                reliability,
                image(probabilities),
                gates,
                image(entropy),
                image(mutualInformation));
    }

    private static @Nullable Image image(@Nullable MapRestoration maps) {
        return maps == null ? null : maps.image();
    }
}
