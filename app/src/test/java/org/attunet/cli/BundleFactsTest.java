package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.InferenceSettings;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.bundle.Tiling;
import org.attunet.error.AttunetException;
import org.attunet.export.OnnxExport;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.tensor.Natives;
import org.attunet.torch.TorchNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ExitCode;

/** {@code attunet info} of a bundle with a real network. */
class BundleFactsTest {
    private static final int[] SIZE = {32, 16};

    @TempDir
    private static Path once;

    @TempDir
    private Path folder;

    private static final InferenceSettings CALIBRATED = new InferenceSettings(Tiling.gaussian(), 2, KeepLargest.NONE);

    private static BundleContent content;

    @BeforeAll
    static void export() {
        Natives.threads(1);
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(4, 8, 16));
        ModelDescription model = ModelDescription.of(
                "cells",
                network,
                Preprocessing.of(1, new Normalisation.Window(0, 200)),
                LabelSet.of(Map.of(1, "cell")),
                32,
                16);
        byte[] onnx;
        try (TorchNetwork torch = TorchNetwork.create(network, 5)) {
            onnx = OnnxExport.of(torch);
        }
        float[] intensities = new float[SIZE[0] * SIZE[1]];
        for (int i = 0; i < intensities.length; i++) {
            intensities[i] = 37 * i % 211;
        }
        float[] logits;
        try (var engine =
                OnnxEngine.open(onnx, "model", network, OnnxOptions.defaults().withThreads(1))) {
            logits = engine.run(TestCase.networkInput(model, intensities, SIZE), 1, SIZE, false)
                    .logits();
        }
        ModelCard card = ModelCard.of(
                new ModelCard.Data("cells", "12ab", 8, 1, 1, "At random."),
                List.of(new ModelCard.Score(Precision.FP32, "test", "cell", "Dice", 0.9, 0.8, 0.95, 10)),
                null);
        TestCase test = TestCase.of(model, intensities, logits, SIZE, 2);
        content = new BundleContent(
                model,
                new BundleContent.Weights(onnx, new BundleContent.Quantised(onnx, test.output()), null),
                test,
                CALIBRATED,
                null,
                card,
                BundleContent.of(model, onnx, test).publication());
        BundleWriter.write(content, once.resolve("model.zip"));
    }

    @Test
    void the_facts_of_the_card_are_reported_in_text_and_json() {
        String text = Program.run("info", once.resolve("model.zip")).out();
        JsonNode json = json("info", once.resolve("model.zip"), "--json");

        assertThat(text).contains("model", "cells", "1 cell", "temperature", "Dice of cell (test, fp32)", "Research.");
        assertThat(json.at("/temperature").asDouble()).isEqualTo(2);
        assertThat(json.at("/network/channels").asInt()).isEqualTo(1);
        assertThat(json.at("/scores/Dice of cell (test, fp32)/low").asDouble()).isEqualTo(0.8);
        assertThat(json.at("/cases/train").asInt()).isEqualTo(8);
        assertThat(json.has("hashes_right")).isFalse();
    }

    @Test
    void verification_hashes_every_file_and_reruns_the_test() {
        JsonNode json = json("info", once.resolve("model.zip"), "--verify", "--json");

        assertThat(json.at("/hashes_right")).hasSize(6);
        assertThat(json.at("/test_difference/fp32/largest").asDouble()).isBetween(0.0, 1e-6);
        assertThat(json.at("/test_difference/int8/mean").asDouble()).isBetween(0.0, 1e-6);
    }

    @Test
    void a_bundle_as_a_folder_and_its_rdf_are_told_too() {
        Path place = folder.resolve("model");
        BundleWriter.write(content, place);

        assertThat(json("info", place, "--json").at("/what").asText()).isEqualTo("model");
        assertThat(json("info", place.resolve("rdf.yaml"), "--json").at("/name").asText())
                .isEqualTo("cells");
    }

    @Test
    void a_damaged_model_is_a_sentence_and_exit_1() throws IOException {
        Path place = folder.resolve("model");
        BundleWriter.write(content, place);
        byte[] onnx = Files.readAllBytes(place.resolve("model.onnx"));
        onnx[onnx.length / 2] ^= 1;
        Files.write(place.resolve("model.onnx"), onnx);

        assertThat(failed("info", place, "--verify").err())
                .contains("model.onnx", "SHA-256")
                .doesNotContain("Exception");
    }

    @Test
    void a_model_that_gives_other_values_than_its_test_is_reported() {
        Path place = folder.resolve("other.zip");
        float[] other = content.test().output().values().clone();
        other[3] += 0.01f;
        var test = new TestCase(
                content.test().input(),
                new org.attunet.io.Npy(content.test().output().shape(), other));
        BundleWriter.write(
                BundleContent.of(content.model(), content.weights().onnx(), test)
                        .withSettings(CALIBRATED),
                place);

        assertThat(failed("info", place, "--verify").err()).contains("model.onnx", "differ by up to 0.0100");
    }

    @Test
    void what_is_no_model_makes_no_bundle() {
        BundleContent text =
                BundleContent.of(content.model(), "no model".getBytes(StandardCharsets.UTF_8), content.test());

        assertThatThrownBy(() -> BundleWriter.write(text, folder.resolve("text.zip")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("not an ONNX file");
    }

    @Test
    void verification_of_what_is_no_bundle_is_refused() throws IOException {
        Path picture = Files.writeString(folder.resolve("a.png"), "no picture");

        assertThat(failed("info", picture, "--verify").err()).contains("it is not a bundle");
    }

    private static JsonNode json(Object... arguments) {
        Program program = Program.run(arguments);
        assertThat(program.code()).as(program.err()).isZero();
        return program.json();
    }

    private static Program failed(Object... arguments) {
        Program program = Program.run(arguments);
        assertThat(program.code()).as(program.err()).isEqualTo(ExitCode.SOFTWARE);
        return program;
    }
}
