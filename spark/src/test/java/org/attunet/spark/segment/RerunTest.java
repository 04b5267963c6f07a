package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.job.TaskFailure;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job does again on the output of another one: what has changed, and nothing else. */
class RerunTest {
    @TempDir
    static Path shared;

    static Path model;
    static Path other;

    @TempDir
    Path folder;

    Path scans;
    Path output;

    @BeforeAll
    static void write_models() {
        model = TestModels.pictures(shared.resolve("model.zip"), 1);
        other = TestModels.pictures(shared.resolve("other.zip"), 2);
    }

    @BeforeEach
    void segment_once() throws IOException {
        scans = Files.createDirectory(folder.resolve("scans"));
        output = folder.resolve("output");
        for (int k = 0; k < 5; k++) {
            TestScans.picture(scans.resolve("s" + k + ".png"), k, 24, 24);
        }
        assertThat(run(model, SegmentSettings.defaults()).done()).isEqualTo(5);
    }

    private SegmentSummary run(Path bundle, SegmentSettings settings) {
        var job = new SegmentJob(TestSpark.local(), List.of(bundle.toString()), settings);
        return job.run(scans.toString(), output.toString(), (done, total) -> {});
    }

    /** Runs the job again and tells which cases it did; the others must be as they were. */
    private List<String> again() {
        SegmentSummary summary = run(model, SegmentSettings.defaults());
        assertThat(summary.failed()).as(summary.toString()).isZero();
        List<String> done = statuses().entrySet().stream()
                .filter(one -> one.getValue().equals("done"))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        assertThat(summary.done()).isEqualTo(done.size());
        return done;
    }

    @AfterEach
    void settle() throws InterruptedException {
        TestSpark.settle(); // before the folder goes
    }

    @Test
    void warnings_of_masks_done_before_are_reported_and_records_from_before_there_were_any_are_done_again()
            throws IOException {
        Path empty = output.resolve("records/s0.json");
        Files.writeString(
                empty,
                Files.readString(empty)
                        .replaceFirst("\"confidence\" : [^,]*", "\"confidence\" : null")
                        .replaceFirst("\"warnings\" : \\[[^]]*]", "\"warnings\" : [ \"empty mask\" ]"));
        Path old = output.resolve("records/s1.json");
        Files.writeString(old, Files.readString(old).replaceFirst("\"warnings\" : \\[[^]]*],", ""));
        SegmentSummary summary = run(model, SegmentSettings.defaults());
        assertThat(summary.done()).isEqualTo(1);
        assertThat(statuses()).containsEntry("s0", "skipped").containsEntry("s1", "done");
        assertThat(summary.warnings()).contains("s0: empty mask");
        Row row = TestSpark.local()
                .read()
                .parquet(Storage.literal("file:" + output + "/cases.parquet"))
                .filter("case = 's0'")
                .first();
        assertThat(row.<Double>getAs("confidence")).isNull();
        assertThat(row.getList(row.fieldIndex("warnings"))).hasSize(1);
    }

    private Map<String, String> statuses() {
        Map<String, String> statuses = new HashMap<>();
        String table = Storage.literal("file:" + output + "/cases.parquet");
        for (Row row : TestSpark.local().read().parquet(table).collectAsList()) {
            assertThat(statuses.put(row.getAs("case"), row.getAs("status"))).isNull();
        }
        return statuses;
    }

    @Test
    void nothing_is_done_again_where_nothing_changed() {
        Map<String, String> masks = TestScans.contents(output.resolve("masks"));
        assertThat(again()).isEmpty();
        assertThat(statuses()).hasSize(5).containsValue("skipped");
        assertThat(TestScans.contents(output.resolve("masks"))).isEqualTo(masks);
    }

    @Test
    void what_changed_is_done_again_and_nothing_else() throws IOException {
        TestScans.picture(scans.resolve("s0.png"), 77, 24, 24);
        assertThat(again()).as("a changed scan").containsExactly("s0");

        Files.delete(output.resolve("masks/s1.png"));
        Path truncated = output.resolve("masks/s2.png");
        Files.write(truncated, new byte[10]);
        assertThat(again()).as("a deleted and a truncated mask").containsExactly("s1", "s2");

        Files.writeString(output.resolve("records/s3.json"), "{\"input_sha256\": \"");
        String record = Files.readString(output.resolve("records/s4.json"));
        Files.writeString(
                output.resolve("records/s4.json"),
                record.replaceFirst("\"volume_ml\" : \\{\\s*}", "\"volume_ml\" : {\"organ\" : null}"));
        assertThat(again()).as("damaged records").containsExactly("s3", "s4");

        TestScans.picture(scans.resolve("s5.png"), 5, 24, 24);
        Files.delete(scans.resolve("s0.png"));
        assertThat(again()).as("a further scan, and one that went").containsExactly("s5");
        assertThat(statuses()).hasSize(5).doesNotContainKey("s0");
        assertThat(output.resolve("masks/s0.png")).exists();
    }

    @Test
    void another_model_or_option_does_all_again_and_what_was_of_the_first_is_no_longer_taken_for_it() {
        Map<String, String> first = TestScans.contents(output.resolve("masks"));
        assertThat(run(other, SegmentSettings.defaults()).done()).isEqualTo(5);
        assertThat(TestScans.contents(output.resolve("masks"))).isNotEqualTo(first);
        var options = SegmenterOptions.defaults().withUncertainty(true);
        var settings = new SegmentSettings(options, Precision.FP32, null, 0, null, false);
        assertThat(run(other, settings).done()).isEqualTo(5);
        assertThat(output.resolve("masks/s0_entropy.png")).exists();
        assertThat(again()).hasSize(5);
        assertThat(TestScans.contents(output.resolve("masks"))).containsAllEntriesOf(first);
    }

    @Test
    void a_task_killed_between_mask_and_record_leaves_no_record_that_vouches_for_the_mask() throws IOException {
        Map<String, String> first = TestScans.contents(output.resolve("masks"));
        Path record = output.resolve("records/s0.json");
        var work = new ScanWorker(
                new Storage(TestSpark.local().sparkContext().hadoopConfiguration()),
                new JobOutput("file:" + output),
                "another recipe",
                "another job",
                null,
                false,
                () -> {
                    assertThat(record)
                            .as("the old record, before a new mask can stand")
                            .doesNotExist();
                    throw new TaskFailure(new AttunetException("model.zip", "it is gone", "a model", "bring it"));
                });
        String uri = "file:" + scans.resolve("s0.png");
        assertThatThrownBy(() -> work.apply(new ScanFiles("s0", List.of(uri), 0)))
                .hasMessageContaining("it is gone");
        assertThat(again()).containsExactly("s0");
        assertThat(TestScans.contents(output.resolve("masks"))).isEqualTo(first);
    }

    @Test
    void the_old_table_stays_until_the_new_one_is_whole() throws IOException {
        Map<String, String> table = TestScans.contents(output.resolve("cases.parquet"));
        Path masks = output.resolve("masks");
        Files.move(masks, folder.resolve("masks"));
        Files.writeString(masks, "a file in the folder's place");
        assertThatThrownBy(() -> run(other, SegmentSettings.defaults()))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(masks.toString());
        assertThat(TestScans.contents(output.resolve("cases.parquet"))).isEqualTo(table);
        Files.delete(masks);
        Files.move(folder.resolve("masks"), masks, StandardCopyOption.REPLACE_EXISTING);
        assertThat(again()).isEmpty();
    }

    @Test
    void a_job_on_whose_output_another_begins_says_so_and_the_other_is_whole() {
        var begun = new boolean[1];
        SegmentJob job = new SegmentJob(TestSpark.local(), List.of(other.toString()), SegmentSettings.defaults());
        assertThatThrownBy(() -> job.run(scans.toString(), output.toString(), (done, total) -> {
                    if (!begun[0]) { // at the first task's end, while the rows of others are still to be written
                        begun[0] = true;
                        run(model, SegmentSettings.defaults());
                    }
                }))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("another job has begun on this output");
        assertThat(statuses()).hasSize(5);
    }
}
