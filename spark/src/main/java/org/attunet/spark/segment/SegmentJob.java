package org.attunet.spark.segment;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.CaseTask;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.ParquetTable;
import org.attunet.spark.job.Partitions;
import org.attunet.spark.job.Progress;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.Storage;

/**
 * Segments many scans on Spark: masks and one table.
 *
 * <p>Each executor's process opens the model once, and its tasks share it. A scan that fails is a row with an error. Whatever
 * is done, judged by the content of its files and of the model, is not done again, neither in the same job after the loss of
 * an executor nor in another job. Masks equal those of {@code attunet predict}, byte for byte.
 *
 * <pre>{@code
 * SegmentSummary summary = new SegmentJob(spark, List.of("model.zip"), SegmentSettings.defaults())
 *         .run("hdfs://host/scans", "hdfs://host/results", (done, total) -> {});
 * }</pre>
 */
public final class SegmentJob {
    private final SparkSession spark;
    private final Storage storage;
    private final ModelSpec model;
    private final int channels;

    /**
     * Reads and opens the models, so that bad ones fail here rather than on executors.
     *
     * @param models addresses of bundles; several form an ensemble
     */
    public SegmentJob(SparkSession spark, List<String> models, SegmentSettings settings) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
        model = ModelSpec.read(storage, models, settings);
        channels = model.check(storage).preprocessing().channels();
    }

    /**
     * Segments.
     *
     * @param input a folder, an image, a pattern or a manifest, see {@link Scans}
     * @param output a folder, created if missing
     * @throws AttunetException if there is nothing to segment, an executor can't open the model, or the output can't be written
     */
    public SegmentSummary run(String input, String output, Progress progress) {
        spark.sparkContext().setJobDescription("attunet: scans of " + input);
        try {
            List<ScanFiles> scans = new Scans(spark, storage, channels).find(input);
            var folder = new JobOutput(storage.qualified(output));
            requireApart(scans, folder);
            return segment(scans, folder, progress);
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("segmentation of " + input, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    /** Masks are named after scans and would replace them in the masks' folder. */
    private static void requireApart(List<ScanFiles> scans, JobOutput folder) {
        scans.stream()
                .flatMap(scan -> scan.files().stream())
                .map(Storage::parent)
                .distinct()
                .filter(place -> !place.isEmpty() && Storage.isWithin(place, folder.masks()))
                .findFirst()
                .ifPresent(place -> {
                    throw new AttunetException(
                            place,
                            "scans lie in the folder for masks",
                            "scans outside of the output's masks/",
                            "choose another output folder");
                });
    }

    private SegmentSummary segment(List<ScanFiles> scans, JobOutput folder, Progress progress) {
        long began = System.nanoTime();
        String job = UUID.randomUUID().toString();
        var context = spark.sparkContext();
        storage.makeFolder(folder.masks());
        storage.write(folder.lastJob(), job.getBytes(StandardCharsets.US_ASCII));
        List<byte[]> rows = new SegmentTask(context, storage, model.send(context), folder, job)
                .run(context, Partitions.of(scans, ScanFiles::bytes, TaskSlots.of(context)), progress);
        requireLast(job, folder);
        try (var table = new ParquetTable(storage, folder.table(), CaseRow.SCHEMA)) {
            String sha256 = model.sha256();
            CaseTask.<CaseRow>results(rows).forEach(row -> table.add(columns -> row.fill(columns, sha256)));
            table.finish();
        }
        writeObjects(rows, folder);
        return SegmentSummary.of(CaseTask.<CaseRow>results(rows).iterator(), folder, (System.nanoTime() - began) / 1e9);
    }

    /** Writes the table of all objects if some were found, and deletes that of an earlier job. */
    private void writeObjects(List<byte[]> rows, JobOutput folder) {
        if (CaseTask.<CaseRow>results(rows)
                .noneMatch(row -> row.done() != null && row.done().objects() != null)) {
            storage.delete(folder.objects());
            return;
        }
        try (var table = new ParquetTable(storage, folder.objects(), ObjectRows.SCHEMA)) {
            var objects = new ObjectRows(storage, table);
            CaseTask.<CaseRow>results(rows).forEach(objects::add);
            table.finish();
        }
    }

    /** If another job has begun on the same output, its table is kept; this job's masks stay valid. */
    private void requireLast(String job, JobOutput folder) {
        byte[] last = storage.read(folder.lastJob(), job.length());
        if (last != null && !new String(last, StandardCharsets.US_ASCII).equals(job)) {
            throw new AttunetException(
                    folder.uri(),
                    "another job has begun on this output",
                    "one job at a time for one output",
                    "wait for the other, then run this one again, which does what is left");
        }
    }
}
