package org.attunet.spark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TestCase;
import org.attunet.export.OnnxExport;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.jspecify.annotations.Nullable;

/** Bundles of tiny networks with random weights. */
public final class TestModels {
    private TestModels() {}

    /** A model of grey pictures. */
    public static Path pictures(Path target, int seed) {
        return write(target, 2, 1, seed, null);
    }

    /** A model of grey pictures whose pixels had a side of 1 µm. */
    public static Path micrographs(Path target, int seed) {
        return write(target, 2, 1, seed, new double[] {1e-3, 1e-3});
    }

    /** A model of volumes. */
    public static Path volumes(Path target, int channels, int seed) {
        return write(target, 3, channels, seed, null);
    }

    private static Path write(Path target, int dimension, int channels, int seed, double @Nullable [] spacing) {
        NetworkConfig network = NetworkConfig.attUNet(dimension, channels, 3).withWidths(List.of(4, 8));
        int[] size = new int[dimension];
        Arrays.fill(size, 16);
        var model = ModelDescription.of(
                "tiny",
                network,
                Preprocessing.of(channels, new Normalisation.ZScore()).withTargetSpacing(spacing),
                LabelSet.of(Map.of(1, "organ", 2, "lesion")),
                size);
        float[] input = OnnxExport.testInput(network, size);
        try (TorchNetwork weights = TorchNetwork.create(network, seed)) {
            float[] logits = new float[3 * input.length / channels];
            var test = TestCase.of(model, input, logits, size, 1);
            BundleWriter.write(BundleContent.of(model, OnnxExport.of(weights), test), target);
        }
        return target;
    }
}
