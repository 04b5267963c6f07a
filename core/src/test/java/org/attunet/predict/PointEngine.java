package org.attunet.predict;

import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;

/** An engine whose only logit at each voxel is {@code slope * value + shift}, so that every probability is known. */
record PointEngine(NetworkConfig network, float slope, float shift) implements Engine {
    /** The only label of {@link #model}. */
    static final LabelSet NUCLEI = LabelSet.of(java.util.Map.of(255, "nucleus"));

    /** A model for such an engine that takes intensities as they are. */
    static ModelDescription model(int... patch) {
        return ModelDescription.of(
                "points",
                FunctionEngine.network(patch.length, 1, 1),
                Preprocessing.of(1, new Normalisation.Identity()),
                NUCLEI,
                patch);
    }

    /** A segmenter of that model with temperature 1. */
    static Segmenter segmenter(ModelDescription model, float slope, float shift) {
        return Segmenter.of(new PointEngine(model.network(), slope, shift), model, SegmenterOptions.defaults());
    }

    @Override
    public Output run(float[] input, int batch, int[] size, boolean attention) {
        float[] logits = new float[input.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = slope * input[i] + shift;
        }
        return new Output(logits, List.of());
    }

    @Override
    public void close() {}
}
