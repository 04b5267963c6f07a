package org.attunet.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.attunet.bundle.Precision;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.segment.SegmentSettings;
import org.attunet.train.Evaluation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateJobTest {
    private static final int CASES = 7;

    @TempDir
    static Path folder;

    static Path data;
    static Path model;
    static Path predictions; // by the model itself
    static Evaluation expected;

    /** The truth is another model's word, so that the measures are neither 0 nor 1. */
    @BeforeAll
    static void cases() {
        data = folder.resolve("data");
        model = TestModels.pictures(folder.resolve("model.zip"), 1);
        predictions = folder.resolve("predictions");
        try (Segmenter one = Segmenter.open(model);
                Segmenter other = Segmenter.open(TestModels.pictures(folder.resolve("other.zip"), 2))) {
            for (int k = 0; k < CASES; k++) {
                Path file = TestScans.picture(data.resolve("images/case" + k + ".png"), k, 32, 24);
                Image image = Images.read(file);
                Images.write(other.segment(image).labels(), data.resolve("masks/case" + k + "_mask.png"));
                Images.write(one.segment(image).labels(), predictions.resolve("case" + k + ".png"));
            }
            List<Case> all = DataSets.open(data).cases();
            expected = Evaluation.of(one, all, Tolerance.DEFAULT, ProgressListener.NONE);
        }
        assertThat(expected.summary().meanDice()).isBetween(0.01, 0.99);
    }

    private static EvaluateJob.Result run(Object cases, @Nullable Path given, Path output) {
        return new EvaluateJob(TestSpark.local(), List.of(model.toString()), SegmentSettings.defaults())
                .run(
                        cases.toString(),
                        given == null ? null : given.toString(),
                        output.toString(),
                        LabelMap.NONE,
                        Tolerance.DEFAULT,
                        (done, total) -> {});
    }

    private static String told(EvaluateJob.Result result) {
        return ResultsTable.toJson(result.results(), result.summary()).toString();
    }

    /** Without what only the model knows. */
    private static String measures(String json) {
        return json.replaceAll("\"(confidence|novelty)\":[^,]+,", "");
    }

    private static String toldByEvaluate() {
        return ResultsTable.toJson(expected.results(), expected.summary()).toString();
    }

    @Test
    void measures_and_summary_are_those_of_an_evaluation_in_one_process() {
        assertThat(told(run(data, null, folder.resolve("out")))).isEqualTo(toldByEvaluate());
    }

    @Test
    void a_model_of_objects_is_refused_since_their_numbers_are_no_labels() {
        String objects = Path.of("../models/nuclei-objects.zip").toString();
        assertThatThrownBy(() -> new EvaluateJob(TestSpark.local(), List.of(objects), SegmentSettings.defaults()))
                .hasMessageContaining("a model that tells objects apart; expected a model of labels");
    }

    @Test
    void voxels_without_a_judgement_count_as_little_as_in_one_process() throws IOException {
        Path sparse = folder.resolve("sparse");
        Files.createDirectories(sparse.resolve("masks"));
        Files.createDirectories(sparse.resolve("images"));
        for (Case one : DataSets.open(data).cases()) {
            Path image = one.firstFile();
            Files.copy(image, sparse.resolve("images").resolve(image.getFileName()));
            LabelMap mask = Images.readLabels(one.mask().firstFile());
            short[] voxels = mask.voxels().clone();
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = i / mask.grid().size(0) % 2 == 0 ? 77 : voxels[i];
            }
            Images.write(mask.with(mask.grid(), voxels), sparse.resolve("masks/" + image.getFileName()));
        }
        EvaluateJob.Result result = new EvaluateJob(
                        TestSpark.local(), List.of(model.toString()), SegmentSettings.defaults())
                .run(
                        sparse.toString(),
                        null,
                        folder.resolve("sparse-out").toString(),
                        77,
                        Tolerance.DEFAULT,
                        (done, total) -> {});
        assertThat(result.errors()).isEmpty();
        List<Case> cases = DataSets.open(DataFolders.of(sparse), null, 77, ProgressListener.NONE)
                .cases();
        try (Segmenter segmenter = Segmenter.open(model)) {
            Evaluation here = Evaluation.of(segmenter, cases, Tolerance.DEFAULT, ProgressListener.NONE);
            assertThat(told(result))
                    .isEqualTo(
                            ResultsTable.toJson(here.results(), here.summary()).toString())
                    .isNotEqualTo(toldByEvaluate());
        }
    }

    @Test
    void pictures_without_a_size_of_their_own_get_the_given_one() {
        var settings = new SegmentSettings(
                SegmenterOptions.defaults(), Precision.FP32, null, 0, PixelSize.of("0.5x0.5mm"), false);
        CaseResult sized = new EvaluateJob(TestSpark.local(), List.of(model.toString()), settings)
                .run(
                        data.toString(),
                        null,
                        folder.resolve("sized").toString(),
                        LabelMap.NONE,
                        Tolerance.DEFAULT,
                        (done, total) -> {})
                .results()
                .get(0);
        LabelMetrics pixels = expected.results().get(0).labels().get(1);
        LabelMetrics measures = sized.labels().get(1);
        assertThat(measures.value(Metric.HD)).isCloseTo(0.5 * pixels.value(Metric.HD_PX), within(1e-9));
        assertThat(measures.physical()).isTrue();
    }

    @Test
    void masks_that_are_there_are_measured_in_place_of_new_ones() {
        assertThat(measures(told(run(data, predictions, folder.resolve("given")))))
                .isEqualTo(measures(toldByEvaluate()));
    }

    @Test
    void a_manifest_of_paths_and_masks_stands_for_the_same_cases() throws IOException {
        List<String> lines = new ArrayList<>(List.of("mask,path,case"));
        for (int k = 0; k < CASES; k++) {
            lines.add("data/masks/case" + k + "_mask.png,data/images/case" + k + ".png,case" + k);
        }
        lines.add(",data/images/case0.png,bad");
        Path manifest = Files.write(folder.resolve("cases.csv"), lines);
        EvaluateJob.Result result = run(manifest, null, folder.resolve("manifest"));
        assertThat(told(result)).isEqualTo(toldByEvaluate());
        assertThat(result.errors()).singleElement().asString().startsWith("row 8 of the manifest: path ''");
    }

    @Test
    void the_table_has_a_row_for_each_case_and_label_with_its_measures() {
        EvaluateJob.Result result = run(data, null, folder.resolve("table"));
        List<Row> rows = TestSpark.local()
                .read()
                .parquet(result.table())
                .orderBy("case", "label")
                .select("case", "label", "label_name", "status", "dice", "hd95_mm", "tp", "error")
                .collectAsList();
        assertThat(rows).hasSize(CASES * 2);
        var first = expected.results().get(0).labels().get(1);
        assertThat(rows.get(0).getString(0)).isEqualTo("case0");
        assertThat(rows.get(0).getInt(1)).isEqualTo(1);
        assertThat(rows.get(0).getString(2)).isEqualTo("organ");
        assertThat(rows.get(0).<Double>getAs("dice")).isEqualTo(first.value(Metric.DICE));
        assertThat(rows.get(0).<Double>getAs("hd95_mm")).isEqualTo(first.value(Metric.HD95));
        assertThat(rows.get(0).<Long>getAs("tp")).isEqualTo(first.truePositives());
        assertThat(rows.get(0).isNullAt(7)).isTrue();
    }

    @Test
    void what_cannot_be_measured_is_named_and_a_missing_prediction_counts_as_empty() throws IOException {
        Path some = folder.resolve("some");
        Files.createDirectories(some.resolve("images"));
        Files.createDirectories(some.resolve("masks"));
        for (int k = 0; k < 3; k++) {
            Files.copy(data.resolve("images/case" + k + ".png"), some.resolve("images/case" + k + ".png"));
            Files.copy(data.resolve("masks/case" + k + "_mask.png"), some.resolve("masks/case" + k + ".png"));
        }
        Files.writeString(some.resolve("images/case1.png"), "no picture");
        Path masks = Files.createDirectories(folder.resolve("one-mask"));
        Files.copy(predictions.resolve("case2.png"), masks.resolve("case2.png"));
        EvaluateJob.Result result = run(some, masks, folder.resolve("problems"));
        assertThat(result.results()).extracting(one -> one.name()).containsExactly("case0", "case2");
        assertThat(result.errors()).hasSize(2);
        assertThat(result.errors().get(0)).contains("one-mask/case0").contains("it counts as predicted empty");
        assertThat(result.errors().get(1)).contains("images/case1.png");
        LabelMap truth = Images.readLabels(some.resolve("masks/case0.png"));
        long organ = 0;
        for (short voxel : truth.voxels()) {
            organ += voxel == 1 ? 1 : 0;
        }
        assertThat(result.results().get(0).labels().get(1).falseNegatives()).isEqualTo(organ);
        List<Row> failed = TestSpark.local()
                .read()
                .parquet(result.table())
                .where("status = 'error'")
                .select("case", "error")
                .collectAsList();
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0).getString(0)).isEqualTo("case1");
    }

    /** Numbered masks are joined, and white stands for the one label, as attunet evaluate has it. */
    @Test
    void masks_in_several_files_are_joined_and_noted_as_in_one_process() throws IOException {
        Path parts = folder.resolve("parts");
        for (int k = 0; k < 2; k++) {
            Path image = parts.resolve("images/case" + k + ".png");
            Files.createDirectories(image.getParent());
            Files.copy(data.resolve("images/case" + k + ".png"), image);
            LabelMap truth = Images.readLabels(data.resolve("masks/case" + k + "_mask.png"));
            LabelMap found = Images.readLabels(predictions.resolve("case" + k + ".png"));
            writeHalves(truth, parts.resolve("masks/case" + k));
            writeHalves(found, parts.resolve("found/case" + k));
        }
        EvaluateJob.Result result = run(parts, null, folder.resolve("parts-out"));
        List<CaseResult> same = expected.results().subList(0, 2);
        assertThat(told(result))
                .isEqualTo(ResultsTable.toJson(same, Summary.of(same)).toString());
        assertThat(result.errors()).isEmpty();
        assertThat(result.notes())
                .singleElement()
                .asString()
                .contains("masks of 2 of 2 cases", "several mask files, which are joined: case0");
        EvaluateJob.Result given = run(parts, parts.resolve("found"), folder.resolve("parts-given"));
        assertThat(measures(told(given))).isEqualTo(measures(told(result)));
        List<Row> rows = TestSpark.local()
                .read()
                .parquet(result.table())
                .where("label = 1")
                .select("notes")
                .collectAsList();
        assertThat(rows).hasSize(2).allMatch(row -> row.getList(0).size() == 1);
    }

    /** The left and the right half of a mask in files of their own, CASE_mask.png and CASE_mask_1.png. */
    private static void writeHalves(LabelMap mask, Path stem) {
        int width = mask.grid().size(0);
        for (int half = 0; half < 2; half++) {
            short[] voxels = mask.voxels().clone();
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = i % width < width / 2 == (half == 0) ? voxels[i] : 0;
            }
            String name = stem.getFileName() + (half == 0 ? "_mask.png" : "_mask_1.png");
            Images.write(new LabelMap(mask.grid(), voxels), stem.resolveSibling(name));
        }
    }

    @Test
    void a_folder_of_another_layout_and_a_manifest_without_masks_are_refused() throws IOException {
        assertThatThrownBy(() -> run(predictions, null, folder.resolve("x")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("neither images/ with masks/");
        Path manifest = Files.writeString(folder.resolve("bare.csv"), "path\na.png\n");
        assertThatThrownBy(() -> run(manifest, null, folder.resolve("x")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it has the columns [path]; expected a column path and one mask");
    }
}
