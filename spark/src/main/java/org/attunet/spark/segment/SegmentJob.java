package org.attunet.spark.segment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.ParquetTable;
import org.attunet.spark.job.SerializedValue;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.Storage;

/**
 * Segments many scans on Spark: masks and one table.
 *
 * <p>Each executor's process opens the model once and its tasks share it. A scan that fails is a row with an error. What is
 * done, by the content of its files and of the model, is not done again, be it in the same job after an executor was lost
 * or in another one. Masks are those of {@code attunet predict}, to the byte.
 *
 * <pre>{@code
 * SegmentSummary summary = new SegmentJob(spark, List.of("model.zip"), SegmentSettings.defaults())
 *         .run("hdfs://host/scans", "hdfs://host/results", (done, total) -> {});
 * }</pre>
 */
public final class SegmentJob {
    private final SparkSession spark;
    private final Storage storage;
    private final ModelSpec recipe;
    private final String recipeName;
    private final int channels;

    /**
     * Reads the models, which fails here rather than on executors.
     *
     * @param models addresses of bundles; several vote as an ensemble
     */
    public SegmentJob(SparkSession spark, List<String> models, SegmentSettings settings) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
        recipe = ModelSpec.read(storage, models, settings);
        recipeName = recipe.name();
        SharedModel opened = SharedModel.acquire(recipeName, () -> recipe.open(storage));
        channels = opened.segmenter().model().preprocessing().channels();
        opened.release();
    }

    /** Who follows a job. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Called from a thread of Spark's, now and then.
         *
         * @param done cases that are done, skipped or have failed
         * @param total all cases
         */
        void at(long done, long total);
    }

    /**
     * Segments.
     *
     * @param input a folder, an image, a pattern or a manifest, as {@link Scans} has it
     * @param output a folder, made where it's missing
     * @throws AttunetException where there is nothing to segment, the model can't be opened on an executor, or the output
     *     can't be written
     */
    public SegmentSummary run(String input, String output, Progress progress) {
        spark.sparkContext().setJobDescription("attunet: scans of " + input);
        try {
            List<ScanFiles> scans = new Scans(spark, storage, channels).find(input);
            var folder = new OutputFolder(storage.qualified(output));
            requireApart(scans, folder);
            return segment(scans, folder, progress);
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("segmentation of " + input, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    /** Masks are named after scans: in the masks' folder they would replace them. */
    private void requireApart(List<ScanFiles> scans, OutputFolder folder) {
        Set<String> folders = new HashSet<>();
        scans.forEach(scan -> scan.files().forEach(file -> folders.add(Storage.parent(file))));
        for (String place : folders) {
            if (!place.isEmpty() && storage.isWithin(place, folder.masks())) {
                throw new AttunetException(
                        place,
                        "scans lie where the masks are to go",
                        "scans outside of the output's masks/",
                        "choose another output folder");
            }
        }
    }

    private SegmentSummary segment(List<ScanFiles> scans, OutputFolder folder, Progress progress) {
        long began = System.nanoTime();
        String job = UUID.randomUUID().toString();
        var context = spark.sparkContext();
        var metrics = new JobMetrics(context);
        storage.makeFolder(folder.masks());
        storage.write(folder.lastJob(), job.getBytes(StandardCharsets.US_ASCII));
        try (var watched = JobProgress.watch(
                context, metrics::countsCases, done -> progress.at(Math.min(done, scans.size()), scans.size()))) {
            // A few hundred bytes for each case, so that the driver holds those of millions.
            List<byte[]> rows = work(scans, folder, job, metrics).collect();
            requireLast(job, folder);
            write(rows, folder);
            return SegmentSummary.of(unpacked(rows), folder, (System.nanoTime() - began) / 1e9);
        }
    }

    private JavaRDD<byte[]> work(List<ScanFiles> scans, OutputFolder folder, String job, JobMetrics metrics) {
        List<byte[]> shares = new ArrayList<>();
        for (List<ScanFiles> share : Partitions.of(scans, TaskSlots.of(spark.sparkContext()))) {
            shares.add(SerializedValue.of(share).bytes());
        }
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Broadcast<byte[]> sent = context.broadcast(SerializedValue.of(recipe).bytes());
        var task = new SegmentTask(storage, sent, recipeName, folder, job, metrics);
        return context.parallelize(shares, shares.size()).mapPartitions(task);
    }

    private void write(List<byte[]> rows, OutputFolder folder) {
        try (var table = new ParquetTable(storage, folder.table(), CaseRow.SCHEMA)) {
            for (CaseRow row : unpacked(rows)) {
                table.add(row::fill);
            }
            table.finish();
        }
    }

    /** Rows of one share at a time. */
    private static Iterable<CaseRow> unpacked(List<byte[]> rows) {
        return () -> rows.stream()
                .flatMap(share -> new SerializedValue<List<CaseRow>>(share).value().stream())
                .iterator();
    }

    /** Where another job has begun on the same output, its table is to stand; what masks this one made stay and count. */
    private void requireLast(String job, OutputFolder folder) {
        byte[] last = storage.read(folder.lastJob(), job.length());
        if (last != null && !new String(last, StandardCharsets.US_ASCII).equals(job)) {
            throw new AttunetException(
                    folder.uri(),
                    "another job has begun on this output",
                    "one job at a time for one output",
                    "wait for the other; then run this one again, which does what is left");
        }
    }
}
