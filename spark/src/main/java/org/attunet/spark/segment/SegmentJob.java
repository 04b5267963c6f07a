package org.attunet.spark.segment;

import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.predict.Segmenter;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.Slots;
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
 *         .run("hdfs://host/scans", "hdfs://host/results", done -> {});
 * }</pre>
 */
public final class SegmentJob {
    private static final int ROWS_IN_A_FILE = 1_000_000;

    private final SparkSession spark;
    private final Storage storage;
    private final ModelsAndSettings wanted;
    private final int channels;

    /**
     * Reads the models, which fails here rather than on executors.
     *
     * @param models addresses of bundles; several vote as an ensemble
     */
    public SegmentJob(SparkSession spark, List<String> models, SegmentSettings settings) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
        wanted = ModelsAndSettings.read(storage, models, settings);
        SharedModel opened = SharedModel.acquire(storage, wanted.models(), settings);
        try {
            Segmenter segmenter = opened.segmenter();
            channels = segmenter.model().preprocessing().channels();
        } finally {
            opened.release();
        }
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
        long began = System.nanoTime();
        List<Scan> scans = new Scans(spark, storage, channels).find(input);
        var folder = new OutputFolder(storage.qualified(output));
        storage.makeFolder(folder.masks());
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        var metrics = new JobMetrics(spark.sparkContext());
        List<List<Scan>> shares = Shares.of(scans, Slots.of(spark.sparkContext()));
        var task = new SegmentTask(
                storage, context.broadcast(wanted), folder, UUID.randomUUID().toString(), metrics);
        try (var watched = JobProgress.watch(
                spark.sparkContext(),
                metrics::countsCases,
                done -> progress.at(Math.min(done, scans.size()), scans.size()))) {
            spark.sparkContext().setJobDescription("attunet: " + scans.size() + " scans of " + input);
            JavaRDD<Row> rows = context.parallelize(shares, shares.size()).mapPartitions(task);
            storage.delete(folder.rowsOfTasks());
            storage.delete(folder.unfinishedTable());
            spark.createDataFrame(rows, CaseRow.SCHEMA).write().parquet(folder.rowsOfTasks());
            // A file for each task is many small ones; readers like few.
            spark.read()
                    .parquet(folder.rowsOfTasks())
                    .coalesce(1 + scans.size() / ROWS_IN_A_FILE)
                    .sortWithinPartitions("case")
                    .write()
                    .parquet(folder.unfinishedTable());
            storage.move(folder.unfinishedTable(), folder.table());
            storage.delete(folder.rowsOfTasks());
        } catch (Exception e) {
            throw JobFailure.of("segmentation of " + input, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
        return SegmentSummary.of(spark.read().parquet(folder.table()), folder, (System.nanoTime() - began) / 1e9);
    }
}
