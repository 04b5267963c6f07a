package org.attunet.server.inference;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.server.work.ServedModel;

/**
 * A model whose only logit at each pixel is the intensity minus 2.5, with a gate of 0.25 everywhere, so that all its results
 * are known.
 */
public final class PointModel {
    private PointModel() {}

    /** The model, named {@code points}, in version 1, whose label 7 is "bright". */
    public static ServedModel served() {
        return served(() -> {});
    }

    /** The same model, which calls back before it computes. */
    public static ServedModel served(Runnable before) {
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        ModelDescription model = ModelDescription.of(
                "points",
                network,
                Preprocessing.of(1, new Normalisation.Identity()),
                LabelSet.of(Map.of(7, "bright")),
                8,
                8);
        var engine = new PointEngine(network, before);
        return ServedModel.of("points", Segmenter.of(engine, model, SegmenterOptions.defaults()), null);
    }

    /** The probability that it gives to an intensity. */
    static float probability(double intensity) {
        return (float) (1 / (1 + Math.exp(2.5 - intensity)));
    }

    private record PointEngine(NetworkConfig network, Runnable before) implements Engine {
        @Override
        public Output run(float[] input, int batch, int[] size, boolean attention) {
            before.run();
            float[] logits = new float[input.length];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = input[i] - 2.5f;
            }
            if (!attention) {
                return new Output(logits, List.of());
            }
            float[] open = new float[input.length / 4];
            Arrays.fill(open, 0.25f);
            int[] half = {size[0] / 2, size[1] / 2};
            return new Output(logits, List.of(new AttentionMap("Att2", 1, half, open)));
        }

        @Override
        public List<String> gates() {
            return List.of("Att2");
        }

        @Override
        public void close() {}
    }
}
