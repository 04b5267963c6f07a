package org.attunet.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.io.Json;
import org.attunet.io.ProcessLock;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.RankConfig;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.JobProgress;
import org.attunet.spark.job.Progress;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.Storage;
import org.attunet.tensor.Processor;
import org.attunet.train.RankJob;
import org.attunet.train.ResumedSettings;
import org.attunet.train.Run;
import org.attunet.train.TrainingJob;
import org.jspecify.annotations.Nullable;
import scala.reflect.ClassTag$;

/**
 * Trains one network on several executors: one barrier stage whose tasks are the ranks.
 *
 * <p>If a rank is lost, the stage fails, Spark starts it again, and training continues from the last checkpoint to the same
 * weights. Data set and run are folders that every machine has under one path, or addresses in another file system: then each
 * executor copies the data set once, and the first rank stores the run at each checkpoint.
 */
public final class TrainJob {
    private static final int TIMEOUT_SECONDS = 300;

    private final SparkContext context;
    private final Storage storage;

    /** Creates a job in a session of Spark. */
    public TrainJob(SparkSession spark) {
        context = spark.sparkContext();
        storage = new Storage(context.hadoopConfiguration());
    }

    /**
     * Trains to the end and measures the held-out cases.
     *
     * @return the result: {@code run, steps, minutes, validation_dice, best_step, mean_dice, held_out, report, notes, …}
     * @throws AttunetException if the cluster has fewer cores than ranks, the data aren't fit for training, or Spark gives up
     */
    public JsonNode run(TrainOrder order, Progress progress) {
        String data = storage.qualified(order.data());
        String run = storage.qualified(order.run());
        context.setJobDescription("attunet: training of " + run);
        try (ProcessLock lock = lock(run)) {
            Prepared prepared;
            try (LocalFolder folder = LocalFolder.open(storage, run)) {
                prepared = folder.withAddress(() -> prepare(order, data, folder));
            }
            ObjectNode result = result(train(prepared, data, run, progress));
            prepared.notes.forEach(result.putArray("notes")::add);
            return result;
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw JobFailure.of("training of " + run, e);
        } finally {
            context.setJobDescription(null);
        }
    }

    /** Locks a run in a local folder for the whole job; null for one at another address. */
    private static @Nullable ProcessLock lock(String run) {
        Path local = Storage.local(run);
        return local == null ? null : Run.create(local).lock();
    }

    private List<String> train(Prepared prepared, String data, String run, Progress progress) {
        LongAccumulator parts = context.longAccumulator("thousandths of the training");
        var task = new TrainTask(storage, data, run, prepared.order.toJson(), TIMEOUT_SECONDS, parts);
        List<Integer> numbers = IntStream.range(0, prepared.ranks).boxed().toList();
        try (var watched = JobProgress.watch(context, id -> id == parts.id(), TrainTask.PARTS, progress)) {
            return JavaSparkContext.fromSparkContext(context)
                    .parallelize(numbers, prepared.ranks)
                    .rdd()
                    .barrier()
                    .mapPartitions(task, false, ClassTag$.MODULE$.<String>apply(String.class))
                    .toJavaRDD()
                    .repartition(1) // Spark restarts a barrier stage only if another stage takes its result
                    .filter(result -> !result.isEmpty())
                    .collect();
        }
    }

    /** Returns the first rank's result, or throws the failure of a rank; its own fault precedes that of another's loss. */
    private static ObjectNode result(List<String> results) throws JsonProcessingException {
        List<AttunetException> failures = new ArrayList<>();
        for (String result : results) {
            JsonNode json = Json.OWN.readTree(result);
            if (!json.has(TrainTask.FAILURE)) {
                return (ObjectNode) json;
            }
            failures.add(TrainTask.failure(json));
        }
        throw failures.stream()
                .min(Comparator.comparing(failure -> failure.subject().startsWith("rank ")))
                .orElseThrow();
    }

    /**
     * An order that is ready for the executors.
     *
     * @param notes about the data of a training that is resumed
     */
    private record Prepared(RankJob order, int ranks, List<String> notes) {
        Prepared with(List<String> other) {
            return new Prepared(order, ranks, other);
        }
    }

    /** Reads the settings of a run that has begun, or makes those of a new one and writes its plan. */
    private Prepared prepare(TrainOrder order, String data, LocalFolder folder) {
        Run run = Run.create(folder.path());
        if (Files.exists(run.training())) {
            if (!order.resume()) {
                throw new AttunetException(
                        order.run(),
                        "it holds a training already",
                        "a folder without one",
                        "choose another, or give --resume");
            }
            LocalFolder dataFolder = LocalFolder.shared(storage, data);
            return dataFolder.withAddress(() -> resumed(run, order, dataFolder, folder));
        }
        if (Files.exists(run.weights()) || Files.exists(run.checkpoint())) {
            throw new AttunetException(
                    order.run(),
                    "it holds weights but no training.json, as an imported model does",
                    "a training to continue, or a folder without one",
                    "choose another folder");
        }
        LocalFolder dataFolder = LocalFolder.shared(storage, data);
        DataSet set = dataFolder.withAddress(() -> open(DataFolders.of(dataFolder.path()), order.ignored()));
        Plan given = order.plan() == null ? null : Plan.read(order.plan(), set);
        TrainingConfig usual = given == null ? TrainingConfig.defaults() : given.config();
        Long ordered = order.overrides().seed();
        long seed = ordered == null ? usual.seed() : ordered;
        Split split = Split.of(set, seed);
        List<String> notes = new ArrayList<>();
        Plan plan = given == null
                ? dataFolder.withAddress(() -> plan(set, split, order.overrides()))
                : given.on(Processor.here(), notes::add);
        TrainingConfig config = overridden(plan.config(), order.overrides(), seed);
        Prepared prepared = prepared(plan.model(), config, split, set.ignored(), order, folder);
        plan.with(plan.model(), prepared.order.config(), "attunet spark train").write(run.plan());
        folder.store();
        return prepared.with(notes);
    }

    /** The training in a run, on its own data and with its own settings, which the order may not contradict. */
    private Prepared resumed(Run run, TrainOrder order, LocalFolder dataFolder, LocalFolder folder) {
        List<String> notes = new ArrayList<>();
        DataFolders folders = DataFolders.of(dataFolder.path()).ofObjects(run.objects() != null);
        DataSet set = open(
                folders,
                order.ignored() == LabelMap.NONE ? DataSets.usualIgnored(folders, run.ignored()) : order.ignored());
        TrainingJob job = TrainingJob.of(run, set, Split.of(set, 1), notes::add);
        ResumedSettings settings = ResumedSettings.of(run);
        Plan given = order.plan() == null ? settings.plan() : Plan.read(order.plan());
        Plan base = settings.config().compute().autocast() ? given : given.on(Processor.here(), again -> {});
        Long seed = order.overrides().seed();
        settings.require(new Plan(
                base.model(),
                overridden(
                        base.config(),
                        order.overrides(),
                        seed == null ? base.config().seed() : seed)));
        return prepared(job.model(), job.config(), job.split(), set.ignored(), order, folder)
                .with(notes);
    }

    private static DataSet open(DataFolders folders, int ignored) {
        return DataSets.open(folders, null, ignored, ProgressListener.NONE);
    }

    /** Replaces the threads of the planning machine by those of a task. */
    private Prepared prepared(
            ModelDescription model,
            TrainingConfig config,
            Split split,
            int ignored,
            TrainOrder order,
            LocalFolder folder) {
        int batch = config.batches().size();
        int usual = Math.min(TaskSlots.of(context), Math.max(1, batch / 2));
        int ranks = order.ranks() > 0 ? order.ranks() : usual;
        config.checkRanks(ranks);
        int cores = TaskSlots.coresOfTask(context.conf());
        TrainingConfig.ComputeConfig compute = config.compute();
        int copies = compute.syncBatchNorm()
                ? 1
                : TrainingConfig.ComputeConfig.usualCopies(Math.max(1, batch / ranks), cores, compute.device());
        TrainingConfig adapted = config.with(compute.divided(cores, copies, Math.max(1, cores - 1)));
        RankConfig unknown = RankConfig.local(1, 0, 1); // each task puts in its own
        return new Prepared(
                new RankJob(DataFolders.of(folder.path()), null, ignored, model, adapted, split, unknown),
                ranks,
                List.of());
    }

    private static Plan plan(DataSet set, Split split, TrainOrder.Overrides overrides) {
        List<String> seen = new ArrayList<>(split.train());
        seen.addAll(split.validation());
        var budget = new Plan.Budget(0, overrides.maxMinutes(), overrides.steps());
        return Plan.of(Fingerprint.of(set, set.cases(seen), ProgressListener.NONE), budget);
    }

    private static TrainingConfig overridden(TrainingConfig planned, TrainOrder.Overrides overrides, long seed) {
        TrainingConfig.Length length = planned.length();
        boolean bounded = overrides.steps() > 0 || overrides.maxMinutes() > 0;
        TrainingConfig.ComputeConfig compute = planned.compute();
        int batch =
                overrides.batch() > 0 ? overrides.batch() : planned.batches().size();
        boolean sync = overrides.syncBatchNorm() || compute.syncBatchNorm();
        return new TrainingConfig(
                new TrainingConfig.Length(
                        overrides.steps() > 0 ? overrides.steps() : length.steps(),
                        bounded ? overrides.maxMinutes() : length.maxMinutes()),
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
                        compute.autocast() && !sync,
                        sync));
    }
}
