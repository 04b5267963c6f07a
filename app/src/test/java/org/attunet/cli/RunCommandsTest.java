package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.io.Images;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with small phantoms: train, evaluate, predict, export, import, and ask what things are. */
class RunCommandsTest {
    private static final String[] TINY = {
        "--steps", "4", "--widths", "4,8", "--patch", "64x64", "--batch", "2", "--workers", "1", "--threads", "1"
    };

    @TempDir
    static Path folder;

    static Path data;
    static Path run;
    static Program training;

    @BeforeAll
    static void train() {
        data = folder.resolve("data");
        run = folder.resolve("run");
        PhantomFiles.write(data, 1, 10, 64);
        training = trained(run, "--json");
    }

    private static Program trained(Path target, String... more) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", target));
        args.addAll(List.of(TINY));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    @Test
    void train_reports_what_it_came_to_and_leaves_a_run_with_a_report() {
        assertThat(training.code()).as(training.err()).isZero();
        JsonNode json = training.json();
        assertThat(json.path("steps").asInt()).isEqualTo(4);
        assertThat(json.path("finished").asBoolean()).isTrue();
        assertThat(json.path("mean_dice").isNumber()).isTrue();
        assertThat(json.path("cases")).hasSize(2);
        assertThat(training.err()).contains("10 cases: 7 to train, 1 to validate, 2 held out");
        for (String file : List.of(
                "model.json", "weights.pt", "split.json", "training.json", "history.csv", "last.ckpt", "report.html")) {
            assertThat(run.resolve(file)).exists();
        }
    }

    @Test
    void the_same_command_gives_the_same_weights() throws IOException {
        Path again = folder.resolve("again");
        assertThat(trained(again).code()).isZero();
        assertThat(again.resolve("weights.pt")).hasSameBinaryContentAs(run.resolve("weights.pt"));
    }

    @Test
    void a_run_is_not_overwritten() {
        Program program = trained(run);
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("holds a run already", "--resume");
    }

    @Test
    void resume_on_a_finished_run_changes_no_weight() throws IOException {
        byte[] before = Files.readAllBytes(run.resolve("weights.pt"));
        Program program = Program.run("train", data, "-o", run, "--resume", "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("steps").asInt()).isEqualTo(4);
        assertThat(run.resolve("weights.pt")).hasBinaryContent(before);
    }

    @Test
    void evaluate_takes_the_cases_that_training_never_saw() {
        Path out = folder.resolve("results");
        Program program = Program.run("evaluate", run, data, "-o", out, "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("cases")).hasSize(2);
        assertThat(program.err()).contains("2 of 10 cases");
        assertThat(out.resolve("report.html")).exists();
        assertThat(program.json().path("summary").path("mean_dice").asDouble())
                .isEqualTo(training.json().path("mean_dice").asDouble());
        assertThat(Program.run("evaluate", run, data, "--split", "all", "--json")
                        .json()
                        .path("cases"))
                .hasSize(10);
    }

    @Test
    void a_training_on_all_cases_holds_none_out_and_its_bundle_says_so() throws IOException {
        Path everything = folder.resolve("everything");
        Program program = trained(everything, "--all-cases");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.err())
                .contains("9 to train, 1 to validate, 0 held out", "a training that holds a fifth out");
        assertThat(program.out())
                .contains("over 1 case that chose the weights")
                .doesNotContain("held out from training");
        Program held = Program.run("evaluate", everything, data);
        assertThat(held.code()).isEqualTo(1);
        assertThat(held.err()).contains("belongs to the run's part 'test'");

        Path bundle = folder.resolve("everything-bundle");
        Program export = Program.run("export", everything, "-o", bundle, "--data", data);
        assertThat(export.code()).as(export.err()).isZero();
        assertThat(Files.readString(bundle.resolve("README.md")))
                .contains("validation cases, which chose the weights")
                .containsPattern("test .held out. \\| 0");

        Program folds = trained(folder.resolve("everything-folds"), "--all-cases", "--folds", "2");
        assertThat(folds.code()).isNotZero();
        assertThat(folds.err()).contains("--all-cases");
    }

    @Test
    void a_model_that_has_seen_no_mirror_images_is_asked_about_none() {
        Path straight = folder.resolve("straight");
        assertThat(trained(straight, "--no-augmentation").code()).isZero();
        assertThat(ModelDescription.read(straight.resolve("model.json")).mirroredAxes())
                .isZero();
        Program plain = Program.run("evaluate", straight, data, "--json");
        Program mirrored = Program.run("evaluate", straight, data, "--tta", "--json");
        assertThat(mirrored.err()).contains("no mirror images, so --tta changes nothing");
        assertThat(mirrored.json().path("cases")).isEqualTo(plain.json().path("cases"));
        assertThat(Program.run("evaluate", run, data, "--tta").err()).doesNotContain("no mirror images");
    }

    @Test
    void predict_does_the_others_when_one_image_is_unreadable() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        for (int k = 1; k <= 2; k++) {
            String name = "phantom_00" + k + ".nii.gz";
            Files.copy(data.resolve("images").resolve(name), images.resolve(name));
        }
        Files.writeString(images.resolve("broken.nii.gz"), "no image");
        Path out = folder.resolve("masks");
        Program program = Program.run("predict", run, images, "-o", out, "--attention", "--probabilities", "--json");
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err())
                .contains("broken.nii.gz", "1 of 3 images failed")
                .doesNotContain("\tat ");
        assertThat(program.json().path("failed").asInt()).isEqualTo(1);
        Path image = images.resolve("phantom_001.nii.gz");
        Path mask = out.resolve("phantom_001.nii.gz");
        assertThat(Images.readGrid(mask).sameAs(Images.readGrid(image), 1e-6)).isTrue();
        assertThat(out.resolve("phantom_001_attention_Att2.nii.gz")).exists();
        assertThat(out.resolve("phantom_001_probabilities.nii.gz")).exists();
    }

    @Test
    void predict_reports_with_v_how_an_image_is_computed_within_the_memory_given() {
        Path image = data.resolve("images/phantom_001.nii.gz");
        Path mask = folder.resolve("verbose.nii.gz");
        Program whole = Program.run("predict", run, image, "-o", mask, "-v");
        assertThat(whole.code()).as(whole.err()).isZero();
        assertThat(whole.err()).contains("phantom_001: the whole image as a block of 64 x 64, about ");
        Program tiles = Program.run("predict", run, image, "-o", mask, "-v", "--tiles", "exact", "--memory", "200k");
        assertThat(tiles.code()).as(tiles.err()).isZero();
        assertThat(tiles.err()).contains("exact tiles of", "with a halo of 8");
        assertThat(Program.run("predict", run, image, "-o", mask).err()).isEmpty();
        Program little = Program.run("predict", run, image, "-o", mask, "--tiles", "exact", "--memory", "1k");
        assertThat(little.code()).isEqualTo(1);
        assertThat(little.err()).contains("at least 1 MiB for exact tiles");
        Program wrong = Program.run("predict", run, image, "-o", mask, "--memory", "much");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("'much' is not a size such as 512m or 3g");
    }

    @Test
    void what_is_exported_is_imported_with_the_same_weights() {
        Path file = folder.resolve("weights.safetensors");
        assertThat(Program.run("export", run, "--weights", file).code()).isZero();
        Path copy = folder.resolve("copy");
        Program program = Program.run("import", file, "-o", copy, "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("network").path("widths").toString()).isEqualTo("[4,8]");
        assertThat(Program.run("info", copy, "--json").json().path("parameters"))
                .isEqualTo(Program.run("info", run, "--json").json().path("parameters"));
    }

    @Test
    void a_run_is_exported_as_a_bundle_that_predicts_the_same_masks() {
        Path bundle = folder.resolve("model.zip");
        Program program =
                Program.run("export", run, "-o", bundle, "--data", data, "--int8", "--threads", "1", "--json");
        assertThat(program.code()).as(program.err()).isZero();
        JsonNode json = program.json();
        assertThat(json.path("largest_difference").asDouble()).isLessThan(1e-4);
        assertThat(json.path("mean_dice").asDouble())
                .isCloseTo(training.json().path("mean_dice").asDouble(), within(1e-3));
        assertThat(json.path("calibration_dice").asDouble()
                        - json.path("calibration_int8_dice").asDouble())
                .isLessThanOrEqualTo(0.005);
        assertThat(Program.run("info", bundle, "--verify").code()).isZero();

        Path byRun = folder.resolve("by-run");
        Path byBundle = folder.resolve("by-bundle");
        assertThat(Program.run("predict", run, data.resolve("images"), "-o", byRun)
                        .code())
                .isZero();
        assertThat(Program.run("predict", bundle, data.resolve("images"), "-o", byBundle)
                        .code())
                .isZero();
        int voxels = 0;
        int differing = 0;
        for (int k = 1; k <= 10; k++) {
            String name = String.format("phantom_%03d.nii.gz", k);
            short[] a = Images.readLabels(byRun.resolve(name)).voxels();
            short[] b = Images.readLabels(byBundle.resolve(name)).voxels();
            for (int i = 0; i < a.length; i++) {
                differing += a[i] == b[i] ? 0 : 1;
            }
            voxels += a.length;
        }
        assertThat(differing).isLessThanOrEqualTo(voxels / 10_000);
    }

    @Test
    void a_bundle_says_of_itself_what_its_makers_say_and_shows_no_case_where_none_is_wanted() throws Exception {
        Path bundle = folder.resolve("named");
        Program program = Program.run(
                "export",
                run,
                "-o",
                bundle,
                "--data",
                data,
                "--half",
                "--name",
                "Pancreas of phantoms",
                "--description",
                "For tests.",
                "--author",
                "A. Maker",
                "--license",
                "CC0-1.0",
                "--no-cover");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(bundle.resolve("README.md"))
                .content()
                .startsWith("# Pancreas of phantoms")
                .contains("For tests.");
        assertThat(bundle.resolve("rdf.yaml"))
                .content()
                .contains("name: \"Pancreas of phantoms\"", "description: \"For tests.\"", "A. Maker", "CC0-1.0");
        assertThat(bundle.resolve("cover.png")).doesNotExist();
        assertThat(Program.run("info", bundle, "--verify").code()).isZero();
        Path shown = folder.resolve("shown");
        assertThat(Program.run("export", run, "-o", shown, "--data", data).code())
                .isZero();
        assertThat(shown.resolve("cover.png")).isNotEmptyFile();
    }

    @Test
    void an_export_without_target_or_calibration_is_wrong_usage() {
        assertThat(Program.run("export", run).code()).isEqualTo(2);
        assertThat(Program.run("export", run, "-o", folder.resolve("m.zip"), "--int8")
                        .code())
                .isEqualTo(2);
        Program taken = Program.run("export", run, "-o", data);
        assertThat(taken.code()).isEqualTo(1);
        assertThat(taken.err()).contains("data", "expected");
        assertThat(Program.run("export", run, "-o", folder.resolve("n.zip"), "--license", "none-such")
                        .err())
                .contains("none-such", "SPDX");
        assertThat(folder.resolve("n.zip")).doesNotExist();
    }

    @Test
    void info_distinguishes_images_data_sets_runs_and_weights() {
        JsonNode image = Program.run("info", data.resolve("images/phantom_001.nii.gz"), "--json")
                .json();
        assertThat(image.path("what").asText()).isEqualTo("image");
        assertThat(image.path("size").toString()).isEqualTo("[64,64]");
        JsonNode set = Program.run("info", data, "--json").json();
        assertThat(set.path("cases").asInt()).isEqualTo(10);
        assertThat(set.path("labels").path("1").asText()).isEqualTo("pancreas");
        JsonNode model = Program.run("info", run, "--json").json();
        assertThat(model.path("what").asText()).isEqualTo("run");
        assertThat(model.path("cases").path("test").asInt()).isEqualTo(2);
        JsonNode weights =
                Program.run("info", run.resolve("weights.pt"), "--json").json();
        assertThat(weights.path("parameters")).isEqualTo(model.path("parameters"));
    }

    @Test
    void bench_reports_the_median_of_its_runs() {
        JsonNode json = Program.run(
                        "bench",
                        "--what",
                        "train",
                        "--base",
                        "2",
                        "--size",
                        "32x32",
                        "--runs",
                        "1",
                        "--threads",
                        "1",
                        "--json")
                .json();
        assertThat(json.path("median_s").asDouble()).isPositive();
        assertThat(json.path("batch").asInt()).isEqualTo(2);
    }

    @Test
    void a_failure_without_v_is_one_sentence_and_with_v_has_its_stack_trace() {
        Program quiet = Program.run("info", folder.resolve("none.png"));
        assertThat(quiet.code()).isEqualTo(1);
        assertThat(quiet.err().lines()).hasSize(1);
        assertThat(quiet.err()).contains("none.png", "expected", "Remedy");
        Program loud = Program.run("info", folder.resolve("none.png"), "-v");
        assertThat(loud.err()).contains("\tat org.attunet.cli");
    }

    @Test
    void settings_out_of_range_are_reported_by_name() {
        assertThat(trained(folder.resolve("x1"), "--loss", "nonsense").err()).contains("loss", "nonsense");
        assertThat(trained(folder.resolve("x2"), "--lr", "-1").err()).contains("--lr", "-1");
        Program paper = trained(folder.resolve("x3"), "--network", "grid-attention");
        assertThat(paper.code()).isEqualTo(1);
        assertThat(paper.err()).contains("widths", "5 levels");
        assertThat(trained(folder.resolve("x4"), "--normalisation", "odd").code())
                .isEqualTo(2);
    }

    @Test
    void the_check_of_an_import_is_the_largest_difference_and_fails_above_a_ten_thousandth() {
        Path reference = Path.of("../train/src/test/resources/networks/seed_attunet");
        Path weights = reference.resolve("state_dict.pt");
        Path input = reference.resolve("input.npy");
        Program right = Program.run("import", weights, "--check", input, reference.resolve("logits.npy"), "--json");
        assertThat(right.code()).as(right.err()).isZero();
        assertThat(right.json().path("max_abs_diff").asDouble()).isCloseTo(0, within(1e-4));
        Path target = folder.resolve("wrong");
        Program wrong = Program.run(
                "import", weights, "-o", target, "--check", input, reference.resolve("logits_after_training.npy"));
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err()).contains("the logits differ by");
        assertThat(target).doesNotExist();
    }
}
