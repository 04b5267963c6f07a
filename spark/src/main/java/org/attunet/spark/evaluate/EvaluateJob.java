package org.attunet.spark.evaluate;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.attunet.spark.job.CaseTask;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.ParquetTable;
import org.attunet.spark.job.Partitions;
import org.attunet.spark.job.Progress;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.segment.ModelSpec;
import org.attunet.spark.segment.SegmentSettings;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** Measures a model, or existing masks, on many cases on Spark: a table of all measures and their summary. */
public final class EvaluateJob {
    private final SparkSession spark;
    private final Storage storage;
    private final ModelSpec model;
    private final LabelSet labels;

    /**
     * The outcome of an evaluation.
     *
     * @param results sorted by the cases' names
     * @param labels the measured labels
     * @param errors of cases that couldn't be measured, or whose prediction is missing
     * @param notes about masks that are joined or not read as they are stored; the table has those of each case
     * @param table the table's address
     */
    public record Result(
            List<CaseResult> results,
            Summary summary,
            LabelSet labels,
            List<String> errors,
            List<String> notes,
            String table) {}

    /**
     * Reads and opens the models, so that bad ones fail here rather than on executors.
     *
     * @param models addresses of bundles; several form an ensemble
     * @throws AttunetException if one can't be opened, or they tell objects apart: true masks are read as labels here, and
     *     numbers of objects aren't labels
     */
    public EvaluateJob(SparkSession spark, List<String> models, SegmentSettings settings) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
        model = ModelSpec.read(storage, models, settings);
        labels = model.check(storage).labels();
        if (model.findsObjects(storage)) {
            throw new AttunetException(
                    models.get(0),
                    "a model that tells objects apart",
                    "a model of labels, which are what this job measures",
                    "use 'attunet evaluate MODEL DATA'; or 'attunet spark segment', then 'attunet evaluate --truth DIR"
                            + " --prediction DIR --objects'");
        }
    }

    /**
     * Measures.
     *
     * @param data a data set's folder, or a manifest with the columns path and mask, see {@link TruthCases}
     * @param predictions a folder of masks to measure, matched by name; null to let the model predict
     * @param output a folder, created if missing, for the table {@code metrics.parquet}
     * @param ignored the value of true voxels without a judgement; {@link LabelMap#NONE} if all are judged
     * @param tolerance of the normalised surface Dice
     * @throws AttunetException if no case could be measured, or the output can't be written
     */
    public Result run(
            String data,
            @Nullable String predictions,
            String output,
            int ignored,
            Tolerance tolerance,
            Progress progress) {
        spark.sparkContext().setJobDescription("attunet: evaluation on " + data);
        try {
            List<TruthCase> cases = new TruthCases(spark, storage).find(data, predictions);
            requireDifferentNames(cases);
            String folder = storage.qualified(output);
            storage.makeFolder(folder);
            List<MeasuredCase> measured = measure(cases, ignored, tolerance, progress);
            String table = folder + "/metrics.parquet";
            try (var parquet = new ParquetTable(storage, table, MeasuredCase.schema())) {
                measured.forEach(one -> one.addTo(parquet, labels));
                parquet.finish();
            }
            return result(measured, data, table);
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("evaluation on " + data, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    /** One sentence for all cases, with the first note as an example. */
    private static List<String> notes(List<MeasuredCase> measured) {
        List<MeasuredCase> noted =
                measured.stream().filter(one -> !one.notes().isEmpty()).toList();
        if (noted.isEmpty()) {
            return List.of();
        }
        return List.of("masks of " + noted.size() + " of " + measured.size()
                + " cases are joined from several files or not read as they are stored, see the column notes; the first: "
                + noted.get(0).notes().get(0));
    }

    private static void requireDifferentNames(List<TruthCase> cases) {
        Set<String> names = new HashSet<>();
        for (TruthCase one : cases) {
            if (!names.add(one.scan().name())) {
                throw new AttunetException(
                        one.scan().files().get(0),
                        "another case has the name " + one.scan().name() + " too",
                        "a name of its own for each case",
                        "give a manifest with a column case");
            }
        }
    }

    private List<MeasuredCase> measure(List<TruthCase> cases, int ignored, Tolerance tolerance, Progress progress) {
        SparkContext context = spark.sparkContext();
        List<byte[]> measured = new EvaluateTask(context, storage, model.send(context), ignored, tolerance)
                .run(context, Partitions.of(cases, one -> one.scan().bytes(), TaskSlots.of(context)), progress);
        return CaseTask.<MeasuredCase>results(measured)
                .sorted(Comparator.comparing(MeasuredCase::name))
                .toList();
    }

    private Result result(List<MeasuredCase> measured, String data, String table) {
        List<CaseResult> results = measured.stream()
                .flatMap(one -> Stream.ofNullable(one.result()))
                .toList();
        List<String> errors =
                measured.stream().flatMap(one -> Stream.ofNullable(one.error())).toList();
        if (results.isEmpty()) {
            throw new AttunetException(
                    data,
                    "no case could be measured; the first: " + errors.get(0),
                    "one case with a mask or more",
                    "give images and masks that fit the model");
        }
        return new Result(results, Summary.of(results), labels, errors, notes(measured), table);
    }
}
