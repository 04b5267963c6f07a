package org.attunet.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.bundle.ModelDescription;
import org.attunet.data.DataSet;
import org.attunet.data.DataSets;
import org.attunet.data.Fingerprint;
import org.attunet.data.Progress;
import org.attunet.data.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.ranks.RankPlace;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.Slots;
import org.attunet.spark.segment.SegmentJob;
import org.attunet.spark.storage.Storage;
import org.attunet.train.Plan;
import org.attunet.train.RankOrder;
import org.attunet.train.Run;
import org.attunet.train.TrainingConfig;
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
        int slots = Slots.of(spark.sparkContext());
        String json = prepared(order, data, run, slots);
        LongAccumulator parts = spark.sparkContext().longAccumulator("thousandths of the training");
        int ranks = order.ranks() > 0 ? order.ranks() : slots;
        var task = new TrainTask(storage, data, run, json, TIMEOUT_SECONDS, parts);
        try (var watched = JobProgress.watch(
                spark.sparkContext(),
                id -> id == parts.id(),
                done -> progress.at(Math.min(done, TrainTask.PARTS), TrainTask.PARTS))) {
            spark.sparkContext().setJobDescription("attunet: training of " + run + " on " + ranks + " ranks");
            List<Integer> numbers = IntStream.range(0, ranks).boxed().toList();
            List<String> results = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(numbers, ranks)
                    .rdd()
                    .barrier()
                    .mapPartitions(task, false, ClassTag$.MODULE$.<String>apply(String.class))
                    .toJavaRDD()
                    // Spark starts a barrier stage again only where another one takes its result.
                    .repartition(1)
                    .filter(result -> !result.isEmpty())
                    .collect();
            return new ObjectMapper().readTree(results.get(0));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (Exception e) {
            throw JobFailure.of("training of " + run, e);
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }

    /** What all ranks are told; a run that has begun goes on with its own network, settings and cases. */
    private String prepared(TrainOrder order, String data, String run, int slots) {
        LocalFolder folder = LocalFolder.brought(storage, run);
        Run kept = Run.create(folder.path());
        RankPlace nowhere = RankPlace.local(1, 0, 1); // each task finds its own
        if (Files.exists(kept.training())) {
            if (!order.resume()) {
                throw new AttunetException(
                        run, "it holds a training already", "a folder without one", "choose another, or give --resume");
            }
            return new RankOrder(
                            folder.path(),
                            ModelDescription.read(kept.model()),
                            kept.config(),
                            Split.read(kept.split()),
                            nowhere)
                    .toJson();
        }
        if (Files.exists(kept.weights()) || Files.exists(kept.model())) {
            throw new AttunetException(
                    run,
                    "it holds a model but no training.json, as an imported one does",
                    "a training to go on with, or a folder without one",
                    "choose another folder");
        }
        int ranks = order.ranks() > 0 ? order.ranks() : slots;
        DataSet set = DataSets.open(LocalFolder.once(storage, data).path());
        Split split = Split.of(set, order.seed());
        Plan plan = order.plan() == null ? planned(set, split, order) : Plan.read(order.plan());
        Plan chosen = plan.with(plan.model(), shared(plan.config(), order, ranks), "attunet spark train");
        if (ranks > chosen.config().batch()) {
            throw new ConfigException(
                    "ranks", ranks, "at most the batch's " + chosen.config().batch() + " patches");
        }
        chosen.write(kept.plan());
        folder.putBack();
        return new RankOrder(folder.path(), chosen.model(), chosen.config(), split, nowhere).toJson();
    }

    private static Plan planned(DataSet set, Split split, TrainOrder order) {
        List<String> seen = new ArrayList<>(split.train());
        seen.addAll(split.validation());
        var budget = new Plan.Budget(0, order.maxMinutes(), order.steps());
        return Plan.of(Fingerprint.of(set, set.cases(seen), Progress.NONE), budget);
    }

    /** The plan's settings, with the threads of one task in place of those of the machine that planned. */
    private TrainingConfig shared(TrainingConfig planned, TrainOrder order, int ranks) {
        int cores = Math.max(1, spark.sparkContext().conf().getInt("spark.task.cpus", 1));
        return planned.with(c -> {
            c.seed = order.seed();
            c.steps = order.steps() > 0 ? order.steps() : c.steps;
            c.maxMinutes = order.maxMinutes() > 0 ? order.maxMinutes() : order.steps() > 0 ? 0 : c.maxMinutes;
            c.batch = order.batch() > 0 ? order.batch() : c.batch;
            c.syncBatchNorm = order.syncBatchNorm();
            c.threads = cores;
            c.workers = Math.max(1, cores - 1);
            c.copies = c.syncBatchNorm ? 1 : TrainingConfig.copies(Math.max(1, c.batch / ranks), cores, c.device);
        });
    }
}
