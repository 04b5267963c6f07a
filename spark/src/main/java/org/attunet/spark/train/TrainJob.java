package org.attunet.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.RankConfig;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.segment.SegmentJob;
import org.attunet.spark.storage.Storage;
import org.attunet.train.RankJob;
import org.attunet.train.Run;
import scala.reflect.ClassTag$;

/**
 * Trains one network on several executors: one barrier stage whose tasks are the ranks.
 *
 * <p>Where a rank is lost the stage fails, Spark starts it again, and training goes on from the last checkpoint, to the
 * weights that it would have come to. Data set and run are folders that every machine has under one path, or addresses
 * of another file system, from which each executor copies the data set once and to which the first rank puts the run at
 * each checkpoint.
 */
public final class TrainJob {
    private static final int TIMEOUT_SECONDS = 300;

    private final SparkSession spark;
    private final Storage storage;

    /** A job for a session of Spark's. */
    public TrainJob(SparkSession spark) {
        this.spark = spark;
        storage = new Storage(spark.sparkContext().hadoopConfiguration());
    }

    /**
     * Trains to the end and measures the cases that were held out.
     *
     * @return the result: {@code run, steps, minutes, validation_dice, best_step, mean_dice, held_out, report, …}
     * @throws AttunetException where the cluster has fewer cores than ranks, the data can't be trained on, or Spark gives up
     */
    public JsonNode run(TrainOrder order, SegmentJob.Progress progress) {
        String data = storage.qualified(order.data());
        String run = storage.qualified(order.run());
        spark.sparkContext().setJobDescription("attunet: training of " + run);
        try {
            Prepared prepared;
            try (LocalFolder folder = LocalFolder.brought(storage, run)) {
                prepared = folder.naming(() -> prepared(order, data, folder));
            }
            return result(train(prepared, data, run, progress));
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("training of " + run, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    private List<String> train(Prepared prepared, String data, String run, SegmentJob.Progress progress) {
        LongAccumulator parts = spark.sparkContext().longAccumulator("thousandths of the training");
        var task = new TrainTask(storage, data, run, prepared.order.toJson(), TIMEOUT_SECONDS, parts);
        List<Integer> numbers = IntStream.range(0, prepared.ranks).boxed().toList();
        try (var watched = JobProgress.watch(
                spark.sparkContext(),
                id -> id == parts.id(),
                done -> progress.at(Math.min(done, TrainTask.PARTS), TrainTask.PARTS))) {
            return JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(numbers, prepared.ranks)
                    .rdd()
                    .barrier()
                    .mapPartitions(task, false, ClassTag$.MODULE$.<String>apply(String.class))
                    .toJavaRDD()
                    // Spark starts a barrier stage again only where another one takes its result.
                    .repartition(1)
                    .filter(result -> !result.isEmpty())
                    .collect();
        }
    }

    /** The first rank's result; where ranks failed, the failure of one by whose own fault it was. */
    private static JsonNode result(List<String> results) throws JsonProcessingException {
        List<AttunetException> failures = new ArrayList<>();
        JsonNode trained = null;
        for (String result : results) {
            JsonNode json = Json.OWN.readTree(result);
            if (json.has(TrainTask.FAILURE)) {
                failures.add(TrainTask.failure(json));
            } else {
                trained = json;
            }
        }
        if (trained == null) {
            throw failures.stream()
                    .min(Comparator.comparing(failure -> failure.subject().startsWith("rank ")))
                    .orElseThrow();
        }
        return trained;
    }

    /** What all ranks are told, and how many they are. */
    private record Prepared(RankJob order, int ranks) {}

    /** A run that has begun goes on with its own network, settings and cases. */
    private Prepared prepared(TrainOrder order, String data, LocalFolder folder) {
        Run kept = Run.create(folder.path());
        if (Files.exists(kept.training())) {
            if (!order.resume()) {
                throw new AttunetException(
                        order.run(),
                        "it holds a training already",
                        "a folder without one",
                        "choose another, or give --resume");
            }
            return prepared(
                    ModelDescription.read(kept.model()), kept.config(), Split.read(kept.split()), order, folder);
        }
        if (Files.exists(kept.weights()) || Files.exists(kept.checkpoint())) {
            throw new AttunetException(
                    order.run(),
                    "it holds weights but no training.json, as an imported model does",
                    "a training to go on with, or a folder without one",
                    "choose another folder");
        }
        Plan given = order.plan() == null ? null : Plan.read(order.plan());
        long seed = order.seed() != null
                ? order.seed()
                : given != null
                        ? given.config().seed()
                        : TrainingConfig.defaults().seed();
        LocalFolder here = LocalFolder.once(storage, data);
        DataSet set = here.naming(() -> DataSets.open(here.path()));
        Split split = Split.of(set, seed);
        Plan plan = given != null ? given : here.naming(() -> planned(set, split, order));
        Prepared prepared = prepared(plan.model(), ordered(plan.config(), order, seed), split, order, folder);
        plan.with(plan.model(), prepared.order.config(), "attunet spark train").write(kept.plan());
        folder.putBack();
        return prepared;
    }

    /** With the threads of one task in place of those of the machine that planned or began. */
    private Prepared prepared(
            ModelDescription model, TrainingConfig config, Split split, TrainOrder order, LocalFolder folder) {
        int usual = Math.min(
                TaskSlots.of(spark.sparkContext()), Math.max(1, config.batches().size() / 2));
        int ranks = order.ranks() > 0 ? order.ranks() : usual;
        config.checkRanks(ranks);
        int cores = Math.max(1, spark.sparkContext().conf().getInt("spark.task.cpus", 1));
        TrainingConfig.ComputeConfig compute = config.compute();
        int patches = Math.max(1, config.batches().size() / ranks);
        int copies = compute.syncBatchNorm()
                ? 1
                : TrainingConfig.ComputeConfig.usualCopies(patches, cores, compute.device());
        TrainingConfig suited = config.with(compute.divided(cores, copies, Math.max(1, cores - 1)));
        RankConfig nowhere = RankConfig.local(1, 0, 1); // each task finds its own
        return new Prepared(new RankJob(folder.path(), model, suited, split, nowhere), ranks);
    }

    private static Plan planned(DataSet set, Split split, TrainOrder order) {
        List<String> seen = new ArrayList<>(split.train());
        seen.addAll(split.validation());
        var budget = new Plan.Budget(0, order.maxMinutes(), order.steps());
        return Plan.of(Fingerprint.of(set, set.cases(seen), ProgressListener.NONE), budget);
    }

    private static TrainingConfig ordered(TrainingConfig planned, TrainOrder order, long seed) {
        TrainingConfig.Length length = planned.length();
        double usualMinutes = order.steps() > 0 ? 0 : length.maxMinutes();
        TrainingConfig.ComputeConfig compute = planned.compute();
        int batch = order.batch() > 0 ? order.batch() : planned.batches().size();
        boolean sync = order.syncBatchNorm() || compute.syncBatchNorm();
        return new TrainingConfig(
                new TrainingConfig.Length(
                        order.steps() > 0 ? order.steps() : length.steps(),
                        order.maxMinutes() > 0 ? order.maxMinutes() : usualMinutes),
                planned.batches().withSize(batch),
                planned.optimization(),
                planned.augmentation(),
                planned.validation(),
                seed,
                new TrainingConfig.ComputeConfig(
                        compute.device(),
                        compute.threads(),
                        sync ? 1 : Math.min(compute.copies(), batch),
                        compute.workers(),
                        compute.autocast(),
                        sync));
    }
}
