package org.attunet.bundle;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Family;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;

/** Contents of bundles for tests; what stands for a model is a graph of a few operators, of no use. */
final class Samples {
    static final byte[] ONNX = graph("conv.weight");
    static final byte[] INT8 = graph("conv.weight.int8");

    private static final Instant CREATED = Instant.parse("2026-03-04T05:06:07.89Z");

    private Samples() {}

    private static byte[] graph(String weight) {
        OnnxGraph graph = new OnnxGraph();
        graph.inputs.add(value("input"));
        graph.nodes.add(OnnxGraph.Node.of("Mul", "conv", List.of("input", weight), "conv"));
        graph.nodes.add(OnnxGraph.Node.of("Sigmoid", "gate", List.of("conv"), "attention_Att2"));
        graph.nodes.add(OnnxGraph.Node.of("Mul", "gated", List.of("conv", "attention_Att2"), "logits"));
        graph.constants.add(OnnxTensor.single(2.0).named(weight));
        graph.outputs.add(value("logits"));
        graph.outputs.add(value("attention_Att2"));
        return graph.toBytes();
    }

    private static OnnxGraph.Named value(String name) {
        return new OnnxGraph.Named(name, 1, new ProtoMessage());
    }

    static BundleContent photograph() {
        return content(2, 3, LabelSet.of(Map.of(1, "nucleus")), 1, new Normalisation.UnitRange(0, 255), null);
    }

    static BundleContent volume(Normalisation normalisation) {
        LabelSet labels = LabelSet.of(Map.of(1, "Anterior part", 2, "posterior"));
        return content(3, 1, labels, 3, normalisation, new double[] {1, 1, 2.5});
    }

    private static BundleContent content(
            int dimension, int channels, LabelSet labels, int outputs, Normalisation normalisation, double[] spacing) {
        var network = new NetworkConfig(
                Family.ATTENTION_UNET,
                dimension,
                channels,
                outputs,
                List.of(4, 8, 16),
                Upsampling.TRANSPOSED,
                NormLayer.BATCH,
                Gates.ADDITIVE,
                false);
        int[] patch = dimension == 2 ? new int[] {30, 40} : new int[] {32, 24, 16};
        var preprocessing = new Preprocessing(channels, dimension == 3, spacing, normalisation);
        var model = ModelDescription.of("a/b: tést", network, preprocessing, labels, patch);
        int[] size = dimension == 2 ? new int[] {32, 48} : new int[] {32, 24, 16};
        return withPublication(
                BundleContent.of(model, ONNX, test(model, size)),
                new Publication(Publication.defaultDescription(labels), List.of(), null, "1.0.0", CREATED, null));
    }

    private static BundleContent withPublication(BundleContent content, Publication publication) {
        return new BundleContent(
                content.model(),
                content.weights(),
                content.test(),
                content.settings(),
                content.profile(),
                content.card(),
                publication);
    }

    static TestCase test(ModelDescription model, int... size) {
        int voxels = 1;
        for (int n : size) {
            voxels *= n;
        }
        return TestCase.of(
                model,
                noise(voxels * model.shape().channels(), 255),
                noise(voxels * model.shape().outputs(), 4),
                size,
                1);
    }

    static float[] noise(int count, double range) {
        var random = new SplittableRandom(7);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() * range);
        }
        return values;
    }

    /** All that a bundle can hold. */
    static BundleContent full() {
        ModelCard card = ModelCard.of(
                new ModelCard.Data("Task04 | Hippocampus", "ab12", 200, 30, 30, "By the hash of the image."),
                List.of(
                        new ModelCard.Score(Precision.FP32, "test", "posterior", "Dice", 0.861, 0.851, 0.87, 30),
                        new ModelCard.Score(Precision.INT8, "test", "posterior", "Dice", 0.86, 0.85, 0.869, 30)),
                new ModelCard.Calibration(1.5, 0.06, 0.02));
        BundleContent plain = volume(new Normalisation.ZScore());
        return new BundleContent(
                plain.model(),
                new BundleContent.Weights(
                        ONNX,
                        new BundleContent.Quantised(INT8, plain.test().output()),
                        "weights".getBytes(StandardCharsets.UTF_8)),
                plain.test(),
                new InferenceSettings(Tiling.exact(20, 20, 20), 1.5, KeepLargest.NONE),
                new TrainingProfile(
                        200, 1, Map.of(1, 199, 2, 198), Map.of("size x", new TrainingProfile.Range(3.5, 4.1))),
                card,
                new Publication(
                        plain.publication().description(),
                        List.of(
                                new Author("Josiah Carberry", "Brown University", "0000-0002-1825-0097", "jcarberry"),
                                Author.of("N. N.")),
                        "CC-BY-4.0",
                        "1.0.0",
                        CREATED,
                        new byte[] {(byte) 0x89, 'P', 'N', 'G'}));
    }
}
