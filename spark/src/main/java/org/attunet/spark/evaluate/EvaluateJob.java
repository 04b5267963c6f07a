package org.attunet.spark.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.ParquetTable;
import org.attunet.spark.job.SerializedValue;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.segment.ModelSpec;
import org.attunet.spark.segment.Partitions;
import org.attunet.spark.segment.ScanFiles;
import org.attunet.spark.segment.SegmentJob;
import org.attunet.spark.segment.SegmentSettings;
import org.attunet.spark.segment.SharedModel;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** Measures a model, or masks that it made, on many cases on Spark: a table of all measures and their summary. */
public final class EvaluateJob {
    private final SparkSession spark;
    private final Storage storage;
    private final ModelSpec recipe;
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
        recipe = ModelSpec.read(storage, models, settings);
        SharedModel opened = SharedModel.acquire(recipe.name(), () -> recipe.open(storage));
        labels = opened.segmenter().model().labels();
        opened.release();
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
        spark.sparkContext().setJobDescription("attunet: evaluation on " + data);
        try {
            List<TruthCase> cases = new TruthCases(spark, storage).find(data, predictions);
            String folder = storage.qualified(output);
            storage.makeFolder(folder);
            List<MeasuredCase> found = measured(cases, toleranceMm, progress);
            String table = folder + "/metrics.parquet";
            write(found, table);
            return result(found, data, table);
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("evaluation on " + data, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    /** By the cases' names. */
    private List<MeasuredCase> measured(List<TruthCase> cases, double toleranceMm, SegmentJob.Progress progress) {
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        LongAccumulator count = spark.sparkContext().longAccumulator("cases measured");
        List<byte[]> shares = new ArrayList<>();
        for (List<TruthCase> share : shares(cases)) {
            shares.add(SerializedValue.of(share).bytes());
        }
        var task = new EvaluateTask(
                storage, context.broadcast(SerializedValue.of(recipe).bytes()), recipe.name(), toleranceMm, count);
        List<MeasuredCase> found = new ArrayList<>();
        try (var watched = JobProgress.watch(
                spark.sparkContext(),
                id -> id == count.id(),
                done -> progress.at(Math.min(done, cases.size()), cases.size()))) {
            for (byte[] part : context.parallelize(shares, shares.size())
                    .mapPartitions(task)
                    .collect()) {
                found.addAll(new SerializedValue<List<MeasuredCase>>(part).value());
            }
        }
        found.sort(Comparator.comparing(MeasuredCase::name));
        return found;
    }

    private void write(List<MeasuredCase> found, String uri) {
        try (var table = new ParquetTable(storage, uri, MeasuredCase.schema())) {
            found.forEach(one -> one.addTo(table, labels));
            table.finish();
        }
    }

    private Result result(List<MeasuredCase> found, String data, String table) {
        List<CaseResult> results =
                found.stream().flatMap(one -> Stream.ofNullable(one.result())).toList();
        List<String> errors =
                found.stream().flatMap(one -> Stream.ofNullable(one.error())).toList();
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
        List<ScanFiles> scans = cases.stream().map(TruthCase::scan).toList();
        return Partitions.of(scans, TaskSlots.of(spark.sparkContext())).stream()
                .map(share ->
                        share.stream().map(scan -> byName.get(scan.name())).toList())
                .toList();
    }
}
