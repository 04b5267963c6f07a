package org.attunet.spark.evaluate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.Slots;
import org.attunet.spark.segment.ModelsAndSettings;
import org.attunet.spark.segment.Scan;
import org.attunet.spark.segment.SegmentJob;
import org.attunet.spark.segment.SegmentSettings;
import org.attunet.spark.segment.SharedModel;
import org.attunet.spark.segment.Shares;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** Measures a model, or masks that it made, on many cases on Spark: a table of all measures and their summary. */
public final class EvaluateJob {
    private final SparkSession spark;
    private final Storage storage;
    private final ModelsAndSettings wanted;
    private final LabelSet labels;

    /**
     * What an evaluation came to.
     *
     * @param results by case, in the order of their names
     * @param labels that were measured
     * @param errors of cases that could not be measured, or whose prediction is missing
     * @param table the address of the table
     */
    public record Result(
            List<CaseResult> results, Summary summary, LabelSet labels, List<String> errors, String table) {}

    /**
     * Reads the models, which fails here rather than on executors.
     *
     * @param models addresses of bundles; several vote as an ensemble
     */
    public EvaluateJob(SparkSession spark, List<String> models, SegmentSettings settings) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
        wanted = ModelsAndSettings.read(storage, models, settings);
        SharedModel opened = SharedModel.acquire(storage, wanted.models(), settings);
        try {
            labels = opened.segmenter().model().labels();
        } finally {
            opened.release();
        }
    }

    /**
     * Measures.
     *
     * @param data a data set's folder, or a manifest with the columns path and mask, as {@link TruthCases} has it
     * @param predictions a folder of masks to measure, matched by name; null to have the model make them
     * @param output a folder, made where it's missing, for the table {@code metrics.parquet}
     * @param toleranceMm of the normalised surface Dice
     * @throws AttunetException where no case could be measured, or the output can't be written
     */
    public Result run(
            String data,
            @Nullable String predictions,
            String output,
            double toleranceMm,
            SegmentJob.Progress progress) {
        List<TruthCase> cases = new TruthCases(spark, storage).find(data, predictions);
        String folder = storage.qualified(output);
        storage.makeFolder(folder);
        String table = folder + "/metrics.parquet";
        String unfinished = folder + "/_metrics.parquet.part";
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        List<List<TruthCase>> shares = shares(cases);
        LongAccumulator measured = spark.sparkContext().longAccumulator("cases measured");
        var task = new EvaluateTask(storage, context.broadcast(wanted), toleranceMm, measured);
        List<Row> rows;
        try (var watched = JobProgress.watch(
                spark.sparkContext(),
                id -> id == measured.id(),
                done -> progress.at(Math.min(done, cases.size()), cases.size()))) {
            JavaRDD<Row> measures = context.parallelize(shares, shares.size()).mapPartitions(task);
            rows = spark.createDataFrame(measures, MetricRow.schema()).collectAsList();
            storage.delete(unfinished);
            spark.createDataFrame(rows, MetricRow.schema())
                    .coalesce(1)
                    .sortWithinPartitions("case", "label")
                    .write()
                    .parquet(unfinished);
            storage.move(unfinished, table);
        } catch (Exception e) {
            throw JobFailure.of("evaluation on " + data, e);
        }
        return result(rows, data, table);
    }

    private Result result(List<Row> rows, String data, String table) {
        List<CaseResult> results = MetricRow.results(rows).stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
        List<String> errors = MetricRow.errors(rows);
        if (results.isEmpty()) {
            throw new AttunetException(
                    data,
                    "no case could be measured; the first: " + errors.get(0),
                    "one case with a mask or more",
                    "give images and masks that fit the model");
        }
        return new Result(results, Summary.of(results), labels, errors, table);
    }

    private List<List<TruthCase>> shares(List<TruthCase> cases) {
        Map<String, TruthCase> byName = new HashMap<>();
        for (TruthCase one : cases) {
            if (byName.put(one.scan().name(), one) != null) {
                throw new AttunetException(
                        one.scan().files().get(0),
                        "another case is called " + one.scan().name() + " too",
                        "a name of its own for each case",
                        "give a manifest with a column case");
            }
        }
        List<Scan> scans = cases.stream().map(TruthCase::scan).toList();
        return Shares.of(scans, Slots.of(spark.sparkContext())).stream()
                .map(share ->
                        share.stream().map(scan -> byName.get(scan.name())).toList())
                .toList();
    }
}
