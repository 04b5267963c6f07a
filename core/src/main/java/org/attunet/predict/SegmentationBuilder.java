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
 * What follows from the votes on an image: collected while the planes of their mean come in, on the image's own grid.
 *
 * <p>Not thread-safe.
 */
final class SegmentationBuilder {
    private final Prepared way;
    private final int outputs;
    private final LabelRestoration labels;
    private final Confidence confidence;
    private final @Nullable MapRestoration probabilities;
    private final @Nullable MapRestoration entropy;
    private final @Nullable MapRestoration mutualInformation;
    private final Map<String, MapRestoration> attention = new LinkedHashMap<>();

    /**
     * @param way the way back to the image's grid
     * @param disagreement whether behind the probabilities stands the mean of the votes' entropies
     */
    SegmentationBuilder(Prepared way, LabelSet set, int outputs, SegmenterOptions options, boolean disagreement) {
        this.way = way;
        this.outputs = outputs;
        labels = way.labelRestoration(set, outputs);
        confidence = new Confidence(outputs);
        probabilities = options.probabilities() ? way.mapRestoration(outputs) : null;
        entropy = options.uncertainty() ? way.mapRestoration(1) : null;
        mutualInformation = disagreement ? way.mapRestoration(1) : null;
    }

    /** Takes one plane of the mean. */
    void add(int plane, float[][] values) {
        float[][] p = values.length == outputs ? values : Arrays.copyOf(values, outputs);
        short[] classes = LabelRestoration.mostProbable(p);
        labels.put(plane, classes);
        confidence.add(p, classes);
        if (probabilities != null) {
            probabilities.put(plane, p);
        }
        if (entropy != null) {
            float[] ofMean = Entropy.of(p);
            entropy.put(plane, new float[][] {ofMean});
            if (mutualInformation != null) {
                mutualInformation.put(plane, new float[][] {difference(ofMean, values[outputs])});
            }
        }
    }

    /** Takes one plane of the mean of a gate's maps. */
    void addAttention(String gate, int plane, float[][] maps) {
        attention.computeIfAbsent(gate, name -> way.mapRestoration(maps.length)).put(plane, maps);
    }

    /** By how much the entropy of the mean exceeds the mean of the entropies, which it does but for rounding. */
    private static float[] difference(float[] ofMean, float[] meanOf) {
        float[] difference = new float[ofMean.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = Math.max(0, ofMean[i] - meanOf[i]);
        }
        return difference;
    }

    /** All of it, complete when all planes have come. */
    Segmentation result() {
        Map<String, Image> gates = new LinkedHashMap<>();
        attention.forEach((gate, maps) -> gates.put(gate, maps.image()));
        return new Segmentation(
                labels.labels(),
                confidence.value(),
                image(probabilities),
                gates,
                image(entropy),
                image(mutualInformation));
    }

    private static @Nullable Image image(@Nullable MapRestoration maps) {
        return maps == null ? null : maps.image();
    }
}
