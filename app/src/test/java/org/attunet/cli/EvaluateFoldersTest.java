package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two squares of 4 x 4 that overlap in 2 x 4 pixels: Dice 0.5, IoU 1/3. */
class EvaluateFoldersTest {
    @TempDir
    Path folder;

    private Path truth;
    private Path prediction;

    private void square(Path file, int left, int label) throws Exception {
        short[] voxels = new short[16 * 16];
        for (int y = 4; y < 8; y++) {
            for (int x = left; x < left + 4; x++) {
                voxels[x + 16 * y] = (short) label;
            }
        }
        Files.createDirectories(file.getParent());
        Images.write(new LabelMap(Grid.of(16, 16), voxels), file);
    }

    private void folders() throws Exception {
        truth = Files.createDirectories(folder.resolve("truth"));
        prediction = Files.createDirectories(folder.resolve("prediction"));
        square(truth.resolve("a.png"), 4, 1);
        square(prediction.resolve("a.png"), 6, 1);
    }

    private Program evaluate(Object... more) {
        Object[] args = new Object[more.length + 6];
        Object[] first = {"evaluate", "--truth", truth, "--prediction", prediction, "--json"};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return Program.run(args);
    }

    @Test
    void half_of_two_squares_in_common_is_a_dice_of_a_half() throws Exception {
        folders();
        Program program = evaluate("--tolerance", "2", "-o", folder.resolve("out"));
        assertThat(program.code()).as(program.err()).isZero();
        JsonNode label = program.json().path("cases").get(0).path("labels").path("1");
        assertThat(label.path("dice").asDouble()).isCloseTo(0.5, within(1e-9));
        assertThat(label.path("iou").asDouble()).isCloseTo(1.0 / 3, within(1e-9));
        assertThat(label.path("hd_px").asDouble()).isCloseTo(2, within(1e-9));
        assertThat(label.path("nsd").asDouble()).isCloseTo(1, within(1e-9));
        assertThat(program.json().path("summary").path("mean_dice").asDouble()).isCloseTo(0.5, within(1e-9));
        assertThat(folder.resolve("out/cases.csv")).content().contains("a,1,ok,0.5");
        assertThat(folder.resolve("out/results.json")).exists();
    }

    /** Twelve bars; two of them are found as one, and one isn't found. */
    @Test
    void numbered_objects_are_compared_one_by_one() throws Exception {
        truth = Files.createDirectories(folder.resolve("truth"));
        prediction = Files.createDirectories(folder.resolve("prediction"));
        short[] bars = new short[36 * 4];
        short[] found = new short[36 * 4];
        for (int i = 0; i < bars.length; i++) {
            int bar = i % 36 / 3 + 1;
            bars[i] = (short) (i % 3 == 2 ? 0 : bar);
            found[i] = (short) (bar == 12 || i % 3 == 2 ? 0 : bar <= 2 ? 40 : 40 - bar);
        }
        Images.write(new LabelMap(Grid.of(36, 4), bars), truth.resolve("a.tif"));
        Images.write(new LabelMap(Grid.of(36, 4), found), prediction.resolve("a.png"));
        Program program = evaluate("-o", folder.resolve("out"));
        assertThat(program.code()).as(program.err()).isZero();
        JsonNode objects = program.json().path("objects");
        assertThat(objects.path("true").asInt()).isEqualTo(12);
        assertThat(objects.path("found").asInt()).isEqualTo(10);
        // 9 pairs; the joined one has an IoU of a half with each of its two, of which one is its partner
        assertThat(objects.path("all_objects").path("ap50").asDouble()).isCloseTo(10 / 12.0, within(1e-9));
        assertThat(objects.path("merges").asInt()).isEqualTo(1);
        assertThat(folder.resolve("out/objects.csv")).content().contains("\na,12,10,0,1,");
        assertThat(evaluate("--tolerance", "2").err())
                .contains("its label images number objects, and --tolerance is given");

        short[] two = new short[36 * 4];
        System.arraycopy(bars, 0, two, 0, 5);
        Images.write(new LabelMap(Grid.of(36, 4), two), truth.resolve("a.tif"));
        assertThat(evaluate("--objects").json().path("objects").path("true").asInt())
                .isEqualTo(2);
    }

    /** Two squares, numbered 1 and 2, which without the model's word are labels. */
    @Test
    void a_model_of_objects_takes_few_numbers_for_objects() throws Exception {
        for (String name : List.of("a", "b")) {
            short[] two = new short[32 * 32];
            float[] grey = new float[32 * 32];
            for (int i = 0; i < two.length; i++) {
                int x = i % 32;
                int y = i / 32;
                boolean inside = y >= 8 && y < 20 && x % 16 >= 3 && x % 16 < 13;
                two[i] = (short) (inside ? 1 + x / 16 : 0);
                grey[i] = inside ? 150 : 15;
            }
            Images.write(
                    new LabelMap(Grid.of(32, 32), two),
                    folder.resolve("data/masks").resolve(name + ".png"));
            Images.write(
                    Image.of(Grid.of(32, 32), grey),
                    folder.resolve("data/images").resolve(name + ".png"));
        }
        Program program =
                Program.run("evaluate", Path.of("../models/nuclei-objects.zip"), folder.resolve("data"), "--json");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("objects").path("true").asInt()).isEqualTo(4);
    }

    @Test
    void lesions_are_counted_for_the_labels_that_are_named() throws Exception {
        folders();
        square(truth.resolve("b.png"), 4, 1); // without a prediction
        square(truth.resolve("c.png"), 2, 1);
        square(prediction.resolve("c.png"), 8, 1);
        Program program = evaluate("--lesions", "1", "-o", folder.resolve("out"));
        assertThat(program.code()).as(program.err()).isEqualTo(1);
        JsonNode label = program.json().path("lesions").path("labels").path("1");
        assertThat(label.path("true").asInt()).isEqualTo(3);
        assertThat(label.path("found").asInt()).isEqualTo(1);
        assertThat(label.path("false_positives").asInt()).isEqualTo(1);
        assertThat(folder.resolve("out/lesions.csv"))
                .content()
                .contains("a,1,1,1,1,0,1.0,1.0,1.0", "b,1,1,0,0,0,0.0,,");
        JsonNode file =
                new ObjectMapper().readTree(folder.resolve("out/results.json").toFile());
        assertThat(file.path("lesions")).isEqualTo(program.json().path("lesions"));
        // 8 of 24 pixels are in both squares of a
        JsonNode strict = evaluate("--lesions", "all", "--lesion-iou", "0.34").json();
        assertThat(strict.path("lesions").path("labels").path("1").path("found").asInt())
                .isZero();
        assertThat(evaluate("--lesions", "tumour").err()).contains("--lesions", "tumour", "1 label 1");
        assertThat(evaluate("--lesion-iou", "0.5").err()).contains("--lesion-iou needs --lesions");
        assertThat(evaluate("--lesions", "all", "--lesion-iou", "1").err()).contains("from 0 to below 1");
        assertThat(evaluate().json().has("lesions")).isFalse();
    }

    @Test
    void true_pixels_of_a_value_to_ignore_count_nowhere() throws Exception {
        folders();
        LabelMap drawn = Images.readLabels(truth.resolve("a.png"));
        short[] open = drawn.voxels().clone();
        for (int i = 0; i < open.length; i++) {
            open[i] = i % 16 < 5 || i % 16 > 8 ? 255 : open[i]; // but columns 5 to 8
        }
        Images.write(new LabelMap(drawn.grid(), open), truth.resolve("a.png"));
        Program program = evaluate("--ignore", "255");
        assertThat(program.code()).as(program.err()).isZero();
        JsonNode label = program.json().path("cases").get(0).path("labels").path("1");
        // Columns 5, 6 and 7 are true, 6 to 8 are predicted: 8 pixels in common, 4 on either side.
        assertThat(label.path("tp").asInt()).isEqualTo(8);
        assertThat(label.path("fp").asInt()).isEqualTo(4);
        assertThat(label.path("fn").asInt()).isEqualTo(4);
        assertThat(program.json().path("summary").path("labels").size()).isLessThan(2);

        Files.writeString(truth.resolve("dataset.json"), "{\"labels\": {\"a\": 1, \"ignore\": 255}}");
        assertThat(evaluate().json().path("cases")).isEqualTo(program.json().path("cases"));
        Images.write(new LabelMap(drawn.grid(), open), prediction.resolve("a.png"));
        Program cheated = evaluate();
        assertThat(cheated.err()).contains("it counts as predicted empty", "holds the label 255");
    }

    @Test
    void numbered_masks_of_different_images_are_not_joined() throws Exception {
        folders();
        for (Path masks : List.of(truth, prediction)) {
            Files.delete(masks.resolve("a.png"));
            square(masks.resolve("brain_seg_001.png"), 4, 1);
            square(masks.resolve("brain_seg_002.png"), masks.equals(truth) ? 4 : 6, 1);
        }
        JsonNode cases = evaluate().json().path("cases");
        assertThat(cases).hasSize(2);
        assertThat(cases.path(0).path("labels").path("1").path("dice").asDouble())
                .isEqualTo(1);
        assertThat(cases.path(1).path("labels").path("1").path("dice").asDouble())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void masks_match_by_stem_whatever_their_format() throws Exception {
        folders();
        Files.delete(prediction.resolve("a.png"));
        square(prediction.resolve("a.nii.gz"), 6, 1);
        assertThat(evaluate().json().path("summary").path("mean_dice").asDouble())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void a_missing_prediction_is_named_counts_as_failed_and_makes_the_exit_code_1() throws Exception {
        folders();
        square(truth.resolve("b.png"), 4, 1);
        Program program = evaluate();
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("b.png", "no prediction of this name");
        assertThat(program.json().path("summary").path("failed").asInt()).isEqualTo(1);
        assertThat(program.json().path("summary").path("mean_dice").asDouble()).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void an_unreadable_prediction_is_named_and_counts_as_failed() throws Exception {
        folders();
        square(truth.resolve("b.png"), 4, 1);
        Files.writeString(prediction.resolve("b.png"), "no picture");
        Program program = evaluate();
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("b.png").doesNotContain("\tat ");
        assertThat(program.json().path("summary").path("failed").asInt()).isEqualTo(1);
    }

    @Test
    void a_mask_of_another_size_is_named_and_counts_as_failed() throws Exception {
        folders();
        Images.write(new LabelMap(Grid.of(8, 8), new short[64]), prediction.resolve("a.png"));
        Program program = evaluate();
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("a.png", "8", "16");
    }

    @Test
    void a_prediction_without_a_true_mask_is_reported_and_left_out() throws Exception {
        folders();
        square(prediction.resolve("c.png"), 4, 1);
        Program program = evaluate();
        assertThat(program.code()).isZero();
        assertThat(program.err()).contains("left out", "c");
        assertThat(program.json().path("cases")).hasSize(1);
    }

    @Test
    void one_structure_written_as_255_and_as_1_is_the_same_structure() throws Exception {
        folders();
        square(truth.resolve("a.png"), 4, 255);
        Program program = evaluate();
        assertThat(program.err()).contains("label 1 is taken for the truth's 255");
        assertThat(program.json()
                        .path("cases")
                        .get(0)
                        .path("labels")
                        .path("255")
                        .path("dice")
                        .asDouble())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void predictions_match_by_the_rules_of_training_and_none_at_all_stops() throws Exception {
        folders();
        Files.move(truth.resolve("a.png"), truth.resolve("a_mask.png"));
        assertThat(evaluate().json().path("summary").path("mean_dice").asDouble())
                .isCloseTo(0.5, within(1e-9));
        Files.move(prediction.resolve("a.png"), prediction.resolve("b.png"));
        Program program = evaluate();
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("none of its masks (b.png) has the name of a true mask (a_mask.png)");
    }

    @Test
    void a_label_that_dataset_json_does_not_declare_is_named() throws Exception {
        folders();
        Files.writeString(folder.resolve("dataset.json"), "{\"labels\": {\"background\": 0, \"liver\": 1}}");
        square(prediction.resolve("a.png"), 6, 3);
        Program program = evaluate();
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("a.png", "3");
    }

    @Test
    void a_folder_that_is_not_there_is_one_sentence() throws Exception {
        folders();
        Program program = Program.run("evaluate", "--truth", folder.resolve("none"), "--prediction", prediction);
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("none", "it doesn't exist").doesNotContain("\tat ");
        assertThat(program.err().lines()).hasSize(1);
    }

    @Test
    void a_model_and_folders_at_once_are_wrong_usage() {
        assertThat(Program.run("evaluate", "run", "data", "--truth", folder).code())
                .isEqualTo(2);
        assertThat(Program.run("evaluate", "run").code()).isEqualTo(2);
        assertThat(Program.run("evaluate").code()).isEqualTo(2);
        assertThat(Program.run("evaluate", "--truth", folder).code()).isEqualTo(2);
    }
}
