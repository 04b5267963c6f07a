package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.export.OnnxExport;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.tensor.Natives;
import org.attunet.torch.TorchNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of ours in a bundle as somebody else would write it: it must do what it does as ours. */
class ForeignModelTest {
    private static final OnnxOptions ONE_THREAD = OnnxOptions.defaults().withThreads(1);
    private static final int[] SIZE = {32, 16};

    @TempDir
    private Path folder;

    private ModelDescription ours;
    private byte[] onnx;

    @BeforeEach
    void write() throws IOException {
        Natives.threads(1);
        NetworkConfig network =
                NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(4, 8, 16)).withGates(NetworkConfig.Gates.NONE);
        var preprocessing = Preprocessing.of(1, new Normalisation.Window(0, 200));
        ours = ModelDescription.of("cells", network, preprocessing, LabelSet.of(Map.of(1, "cell")), SIZE);
        try (TorchNetwork torch = TorchNetwork.create(network, 5)) {
            onnx = OnnxExport.of(torch);
        }
        TestCase test;
        try (Engine engine = OnnxEngine.open(onnx, "model", network, ONE_THREAD)) {
            float[] input = TestCase.networkInput(ours, intensities(), SIZE);
            test = TestCase.of(
                    ours, intensities(), engine.run(input, 1, SIZE, false).logits(), SIZE, 1);
        }
        Files.write(folder.resolve("net.onnx"), onnx);
        Files.write(folder.resolve("in.npy"), test.input().toBytes());
        Files.write(folder.resolve("out.npy"), test.output().toBytes());
        Files.writeString(folder.resolve("rdf.yaml"), """
            format_version: 0.5.4
            type: model
            name: cells
            inputs:
            - id: image
              axes:
              - {type: batch}
              - {type: channel, channel_names: [grey]}
              - {type: space, id: y, size: {min: 4, step: 4}}
              - {type: space, id: x, size: {min: 4, step: 4}}
              test_tensor: {source: in.npy}
              preprocessing:
              - {id: scale_linear, kwargs: {gain: 0.005}}
              - {id: clip, kwargs: {min: 0, max: 1}}
            outputs:
            - id: classes
              axes:
              - {type: batch}
              - {type: channel, channel_names: [background, cell]}
              - {type: space, id: y, size: {tensor_id: image, axis_id: y}}
              - {type: space, id: x, size: {tensor_id: image, axis_id: x}}
              test_tensor: {source: out.npy}
              postprocessing:
              - {id: softmax, kwargs: {axis: channel}}
            weights:
              onnx: {source: net.onnx, opset_version: 17}
            """);
    }

    private static float[] intensities() {
        float[] values = new float[SIZE[0] * SIZE[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = 37 * i % 251;
        }
        return values;
    }

    @Test
    void its_test_runs_again_with_the_same_probabilities() {
        Program program = Program.run("info", folder, "--verify", "--json");

        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().at("/test_difference/fp32/largest").asDouble())
                .isBetween(0.0, 1e-6);
        assertThat(program.json().at("/network_in_words").asText()).isEqualTo("2D, 1 channels to 2 logits");
    }

    @Test
    void its_masks_are_those_of_the_same_network_as_ours() {
        Image image = Image.of(Grid.of(SIZE), intensities());
        ModelDescription theirs = Bundle.open(folder).model();
        byte[] model = Bundle.open(folder).onnx(Precision.FP32);

        assertThat(segmented(theirs, model, image)).isEqualTo(segmented(ours, onnx, image));
    }

    private static short[] segmented(ModelDescription model, byte[] onnx, Image image) {
        Engine engine = OnnxEngine.open(onnx, "model", model.shape(), ONE_THREAD);
        try (Segmenter segmenter = Segmenter.of(engine, model, SegmenterOptions.defaults())) {
            return segmenter.segment(image).labels().voxels();
        }
    }
}
