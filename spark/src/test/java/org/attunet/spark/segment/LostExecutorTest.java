package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** Executors that are lost, that lack what they need, and tasks that run twice. */
class LostExecutorTest {
    private static final int CASES = 60;

    @TempDir
    static Path shared;

    static Path model;
    static Path scans;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        model = TestModels.pictures(shared.resolve("model.zip"), 1);
        scans = Files.createDirectory(shared.resolve("scans"));
        for (int k = 0; k < CASES; k++) {
            TestScans.picture(scans.resolve("s" + k + ".png"), k, 200, 200);
        }
    }

    @AfterAll
    static void end() {
        TestSpark.stop();
        assertThat(TestSpark.executors()).isEmpty();
    }

    @AfterEach
    void settle() throws InterruptedException {
        TestSpark.settle(); // before the folder goes
    }

    @Test
    void a_killed_executor_costs_no_case_and_none_is_done_twice() throws Exception {
        SparkSession spark = TestSpark.cluster(Map.of());
        List<String> lost = Collections.synchronizedList(new ArrayList<>());
        Set<String> counts = ConcurrentHashMap.newKeySet();
        spark.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (!end.taskInfo().successful()) {
                    lost.add(end.reason().toString());
                }
                CollectionConverters.asJava(end.taskInfo().accumulables())
                        .forEach(count -> counts.add(count.name().getOrElse(() -> "")));
            }
        });
        Path output = folder.resolve("out");
        Path records = output.resolve("records");
        var job = new SegmentJob(spark, List.of(model.toString()), SegmentSettings.defaults());
        ExecutorService driver = Executors.newSingleThreadExecutor();
        try {
            List<Long> told = Collections.synchronizedList(new ArrayList<>());
            Future<SegmentSummary> running =
                    driver.submit(() -> job.run(scans.toString(), output.toString(), (done, total) -> told.add(done)));
            while (done(records).size() < 10 && !running.isDone()) {
                Thread.sleep(2);
            }
            TestSpark.executors().get(0).destroyForcibly();
            Map<String, Object> before = done(records);
            assertThat(running.isDone()).as("the kill came in the midst").isFalse();

            SegmentSummary summary = running.get();
            assertThat(lost).as("a task was lost with its executor").isNotEmpty();
            assertThat(summary.done()).isEqualTo(CASES);
            assertThat(table(spark, summary)).hasSize(CASES).containsOnlyKeys(names());
            assertThat(done(records)).hasSize(CASES).containsAllEntriesOf(before); // the very same files
            assertThat(counts)
                    .contains("cases done", "bytes of scans", "seconds of segmentation"); // Spark's page has them
            assertThat(before).hasSizeBetween(10, CASES - 1);
            assertThat(told).isSorted().allMatch(done -> done <= CASES);
        } finally {
            driver.shutdownNow();
        }
        assertThat(TestScans.files(output))
                .filteredOn(file ->
                        file.toString().endsWith(".part") || file.toString().contains("_temporary"))
                .isEmpty();
    }

    @Test
    void a_bundle_that_executors_have_another_of_ends_the_job_with_a_sentence() throws Exception {
        SparkSession spark = TestSpark.cluster(Map.of());
        Path place = Files.copy(model, folder.resolve("model.zip"));
        var job = new SegmentJob(spark, List.of("local:" + place), SegmentSettings.defaults());
        Files.delete(place); // as if it lay with the driver only
        assertThatThrownBy(() -> job.run(scans.toString(), folder.resolve("out").toString(), (done, total) -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageMatching(place + ": there is no such file on the machine \\S+; expected a model's bundle."
                        + " Remedy: check the path and its permissions.");
        TestModels.pictures(place, 2);
        assertThatThrownBy(() -> job.run(scans.toString(), folder.resolve("out").toString(), (done, total) -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("local:" + place + ": this machine has a bundle with SHA-256 ");
    }

    @Test
    void two_attempts_at_the_same_scans_as_speculation_starts_them_leave_one_mask_and_record_each() throws Exception {
        SparkSession spark = TestSpark.local();
        var storage = new Storage(spark.sparkContext().hadoopConfiguration());
        var recipe = new ModelSpec(List.of(ModelFiles.read(storage, model.toString())), SegmentSettings.defaults());
        Path output = folder.resolve("out");
        List<ScanFiles> all = new Scans(spark, storage, 1).find(scans + "/s1*.png");
        Callable<List<CaseRow>> attempt = () -> {
            try (var work = new ScanWorker(
                    storage,
                    new JobOutput("file:" + output),
                    recipe.sha256(),
                    "job",
                    null,
                    false,
                    () -> SharedModel.acquire(recipe.sha256(), () -> recipe.open(storage)))) {
                return all.stream().map(work).toList();
            }
        };
        ExecutorService attempts = Executors.newFixedThreadPool(2);
        try {
            for (Future<List<CaseRow>> rows : attempts.invokeAll(List.of(attempt, attempt))) {
                assertThat(rows.get()).hasSize(11).allMatch(row -> row.status() == CaseRow.Status.DONE);
            }
        } finally {
            attempts.shutdownNow();
        }
        assertThat(output.resolve("masks").toFile().list()).hasSize(11).noneMatch(name -> name.startsWith("."));
        assertThat(output.resolve("records").toFile().list()).hasSize(11).noneMatch(name -> name.startsWith("."));
    }

    private static String[] names() {
        String[] names = new String[CASES];
        for (int k = 0; k < CASES; k++) {
            names[k] = "s" + k;
        }
        return names;
    }

    private static Map<String, Row> table(SparkSession spark, SegmentSummary summary) {
        Map<String, Row> rows = new HashMap<>();
        for (Row row : spark.read().parquet(summary.table()).collectAsList()) {
            assertThat(rows.put(row.getAs("case"), row))
                    .as("a second row of a case")
                    .isNull();
        }
        return rows;
    }

    /** The records by name with what tells a file from one that took its place: its inode. */
    private static Map<String, Object> done(Path records) throws IOException {
        Map<String, Object> done = new HashMap<>();
        if (Files.isDirectory(records)) {
            try (Stream<Path> files = Files.list(records)) {
                for (Path file : files.filter(
                                path -> !path.getFileName().toString().startsWith("."))
                        .toList()) {
                    done.put(file.getFileName().toString(), Files.getAttribute(file, "unix:ino"));
                }
            }
        }
        return done;
    }
}
