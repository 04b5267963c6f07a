package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.InferenceSettings;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.bundle.Tiling;
import org.attunet.export.OnnxExport;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.network.NetworkConfig;
import org.attunet.phantom.PhantomFiles;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Bundles where a model is asked for: alone, as an ensemble, and in a process without libtorch. */
class BundleCommandsTest {
    @TempDir
    static Path folder;

    static Path data;
    static Path image;
    static Path zip;
    static Path unpacked;

    @BeforeAll
    static void write() {
        data = folder.resolve("data");
        PhantomFiles.write(data, 1, 4, 64);
        image = data.resolve("images").resolve("phantom_001.nii.gz");
        zip = folder.resolve("a.zip");
        unpacked = folder.resolve("b");
        LabelSet labels = LabelSet.of(Map.of(1, "pancreas"));
        bundle(zip, 1, labels);
        bundle(unpacked, 2, labels);
        bundle(folder.resolve("other.zip"), 3, LabelSet.of(Map.of(1, "spleen")));
    }

    private static void bundle(Path target, int seed, LabelSet labels) {
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        var model = ModelDescription.of(
                target.getFileName().toString(),
                network,
                Preprocessing.of(1, new Normalisation.ZScore()),
                labels,
                64,
                64);
        int[] size = {32, 32};
        float[] input = OnnxExport.testInput(network, size);
        byte[] onnx;
        try (TorchNetwork weights = TorchNetwork.create(network, seed)) {
            onnx = OnnxExport.of(weights);
        }
        float[] normalised =
                TestCase.of(model, input, new float[32 * 32], size, 1).networkInput(model);
        try (var engine = OnnxEngine.open(onnx, "network", network, OnnxOptions.defaults())) {
            float[] logits = engine.run(normalised, 1, size, false).logits();
            BundleContent content = BundleContent.of(model, onnx, TestCase.of(model, input, logits, size, 1.5));
            BundleWriter.write(
                    content.withSettings(new InferenceSettings(Tiling.gaussian(), 1.5, KeepLargest.NONE)), target);
        }
    }

    @Test
    void two_bundles_vote_and_leave_their_uncertainty_beside_the_mask() {
        Path out = folder.resolve("out");
        Program program = Program.run("predict", zip, image, "-o", out, "--model", unpacked, "--uncertainty", "--json");
        assertThat(program.code()).as(program.err()).isZero();
        JsonNode prediction = program.json().path("predictions").path(0);
        assertThat(prediction.path("confidence").asDouble()).isBetween(0.0, 1.0);
        assertThat(prediction.path("files")).hasSize(3);
        float[] entropy = Images.read(out.resolve("phantom_001_entropy.nii.gz")).channel(0);
        float[] disagreement = Images.read(out.resolve("phantom_001_mutual_information.nii.gz"))
                .channel(0);
        double sum = 0;
        for (int i = 0; i < entropy.length; i++) {
            assertThat(disagreement[i]).isBetween(0f, entropy[i]);
            sum += disagreement[i];
        }
        assertThat(sum).isPositive();
        assertThat(Program.run("predict", zip, image, "-o", out).out()).containsPattern("confidence [01]\\.\\d{3}");
    }

    @Test
    void models_that_cannot_vote_together_and_models_that_are_missing_are_refused_and_nothing_is_written() {
        Path out = folder.resolve("nothing");
        Program labels = Program.run("predict", zip, image, "-o", out, "--model", folder.resolve("other.zip"));
        assertThat(labels.code()).isEqualTo(1);
        assertThat(labels.err()).contains("model 2 (other.zip)", "model 1 (a.zip)", "spleen");
        Program int8 = Program.run("predict", zip, image, "-o", out, "--int8");
        assertThat(int8.code()).isEqualTo(1);
        assertThat(int8.err()).contains("--int8");
        Program missing = Program.run("predict", folder.resolve("none.zip"), image, "-o", out);
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("none.zip");
        assertThat(out).doesNotExist();
    }

    @Test
    void a_bundle_written_anew_is_the_same_model_and_notices_an_image_unlike_its_training_cases() throws Exception {
        Path six = folder.resolve("six");
        PhantomFiles.write(six, 2, 6, 64);
        Path renewed = folder.resolve("renewed.zip");
        Program export = Program.run("export", zip, "--data", six, "-o", renewed);
        assertThat(export.code()).as(export.err()).isZero();
        assertThat(export.err()).contains("doesn't tell which cases");
        Bundle before = Bundle.open(zip);
        Bundle after = Bundle.open(renewed);
        assertThat(after.onnx(Precision.FP32)).isEqualTo(before.onnx(Precision.FP32));
        assertThat(after.settings()).isEqualTo(before.settings());
        assertThat(after.test().orElseThrow().output().values())
                .isEqualTo(before.test().orElseThrow().output().values());
        assertThat(after.profile().orElseThrow().cases()).isEqualTo(6);
        assertThat(Program.run("info", renewed).out()).contains("training cases measured cases 6");
        assertThat(Program.run("info", zip).out()).contains("not noticed");

        Path noise = folder.resolve("noise.nii.gz");
        var random = new Random(1);
        float[] values = new float[64 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        Images.write(Image.of(Images.readGrid(image), values), noise);
        Program predict = Program.run("predict", renewed, noise, "-o", folder.resolve("noisy"), "--json");
        JsonNode prediction = predict.json().path("predictions").path(0);
        assertThat(prediction.path("novelty").asDouble()).isGreaterThan(1);
        assertThat(prediction.path("unlike_training_data").asBoolean()).isTrue();
        assertThat(predict.err()).contains("warning: noise: unlike the training data in ");
        Program unknown = Program.run("predict", zip, noise, "-o", folder.resolve("noisy"), "--json");
        assertThat(unknown.json().at("/predictions/0/unlike_training_data").isNull())
                .isTrue();
    }

    @Test
    void evaluate_measures_all_cases_by_a_bundle_and_says_so() {
        Program program = Program.run("evaluate", zip, data, "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("cases")).hasSize(4);
        assertThat(program.err()).contains("a bundle doesn't record which cases it was trained on", "4 of 4 cases");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "what a process maps is read from /proc")
    void a_bundle_predicts_without_any_library_of_libtorch() throws Exception {
        Path mask = folder.resolve("mask.nii.gz");
        List<String> command = Stream.concat(
                        ProgramProcess.command().stream()
                                .map(word ->
                                        word.equals(Main.class.getName()) ? PredictThenMaps.class.getName() : word),
                        Stream.of("predict", zip.toString(), image.toString(), "-o", mask.toString()))
                .toList();
        try (ProgramProcess process = ProgramProcess.start(folder, command)) {
            Program program = process.end();
            assertThat(program.code()).as(program.err()).isZero();
            assertThat(Files.size(mask)).isPositive();
            assertThat(program.out().lines().filter(line -> line.startsWith("mapped ")))
                    .anyMatch(file -> file.contains("libonnxruntime"))
                    .noneMatch(file -> file.contains("torch")
                            || file.contains("libc10")
                            || file.contains("openblas")
                            || file.contains("jniTorch")
                            || file.contains("javacpp"));
        }
    }
}
