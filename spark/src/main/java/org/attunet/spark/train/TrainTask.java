package org.attunet.spark.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.util.LongAccumulator;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.ranks.LostRankException;
import org.attunet.ranks.ProcessGroup;
import org.attunet.ranks.RankConfig;
import org.attunet.ranks.Rendezvous;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.Storage;
import org.attunet.train.RankJob;
import org.attunet.train.Run;
import org.attunet.train.RunMeasurement;
import org.attunet.train.Trainer;
import org.attunet.train.TrainingJob;
import org.attunet.train.TrainingListener;
import org.attunet.train.TrainingOutcome;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * A task of the barrier stage: joins the other ranks and trains. The first rank also writes and measures the run. Returns JSON:
 * the first rank's result, "" for the others, or a failure that a second attempt would meet too. Only the loss of a rank fails
 * the task, and with it the stage, which Spark then starts again.
 */
final class TrainTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
    /** A whole training in units of progress. */
    static final long PARTS = 1000;

    /** The key of a failure in a result. */
    static final String FAILURE = "failure";

    private final Storage storage;
    private final String data;
    private final String run;
    private final String order;
    private final int timeoutSeconds;
    private final LongAccumulator progress;

    /**
     * @param data the data set's address
     * @param run the run's address
     * @param order a {@link RankJob} in JSON; its place is ignored
     * @param progress counts finished parts of the training
     */
    TrainTask(Storage storage, String data, String run, String order, int timeoutSeconds, LongAccumulator progress) {
        this.storage = storage;
        this.data = data;
        this.run = run;
        this.order = order;
        this.timeoutSeconds = timeoutSeconds;
        this.progress = progress;
    }

    @Override
    public Iterator<String> apply(Iterator<Integer> partition) {
        BarrierTaskContext context = BarrierTaskContext.get();
        // Copied before the ranks wait for each other, because it may take long.
        LocalFolder dataFolder = LocalFolder.shared(storage, data);
        String result;
        try {
            result = context.partitionId() == 0 ? first(context, dataFolder) : other(context, dataFolder);
        } catch (LostRankException e) {
            throw e;
        } catch (AttunetException e) {
            result = failed(e);
        }
        return CollectionConverters.asScala(List.of(result).iterator());
    }

    private String first(BarrierTaskContext context, LocalFolder dataFolder) {
        try (LocalFolder runFolder = LocalFolder.open(storage, run)) {
            Trained trained;
            try (Rendezvous server = Rendezvous.open()) {
                context.allGather(Integer.toString(server.port()));
                trained = together(context, dataFolder, server.port(), rankJob -> {
                    try (ProcessGroup ranks = ProcessGroup.join(rankJob.rank())) {
                        return ranks.guarded(
                                () -> dataFolder.withAddress(() -> train(rankJob, ranks, runFolder, context)));
                    }
                });
            }
            return runFolder.withAddress(() -> measure(trained, runFolder));
        }
    }

    private String other(BarrierTaskContext context, LocalFolder dataFolder) {
        int port = Integer.parseInt(context.allGather("")[0]);
        return together(
                context,
                dataFolder,
                port,
                rankJob -> dataFolder.withAddress(() -> {
                    rankJob.run(memory(), new CancellationListener(context), trainer -> {});
                    return "";
                }));
    }

    /** Trains as one rank, and waits until all have ended, because they need the first one's server until then. */
    private <T> T together(
            BarrierTaskContext context, LocalFolder dataFolder, int port, Function<RankJob, T> training) {
        RankJob rankJob = RankJob.ofJson(order).at(dataFolder.path(), place(context, port));
        T trained;
        try {
            trained = training.apply(rankJob);
        } catch (LostRankException e) {
            throw e;
        } catch (AttunetException e) {
            context.barrier();
            throw e;
        }
        context.barrier();
        return trained;
    }

    /** Ends a training whose task Spark has cancelled; Spark itself only marks the task. */
    private static class CancellationListener implements TrainingListener {
        private final BarrierTaskContext context;

        CancellationListener(BarrierTaskContext context) {
            this.context = context;
        }

        @Override
        public void stepped(long step, double share, double minutes, double loss) {
            if (context.isInterrupted()) {
                throw new TaskKilledException("the training was cancelled, or another rank has ended");
            }
        }
    }

    private static String failed(AttunetException e) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray(FAILURE).add(e.subject()).add(e.found()).add(e.expected()).add(e.remedy());
        return json.toString();
    }

    /** Reads the failure in a rank's result. */
    static AttunetException failure(JsonNode result) {
        JsonNode parts = result.path(FAILURE);
        return new AttunetException(
                parts.path(0).asText(),
                parts.path(1).asText(),
                parts.path(2).asText(),
                parts.path(3).asText());
    }

    /** Each rank has the cores of its task, which Spark assigns, so none counts as a neighbour. */
    private RankConfig place(BarrierTaskContext context, int port) {
        List<String> hosts = Arrays.stream(context.getTaskInfos())
                .map(info -> info.address().substring(0, info.address().lastIndexOf(':')))
                .toList();
        int number = context.partitionId();
        return new RankConfig(hosts.get(0), port, number, hosts.size(), hosts.get(number), 1, timeoutSeconds);
    }

    private record Trained(Run run, TrainingJob job, TrainingOutcome outcome) {}

    private Trained train(RankJob rankJob, ProcessGroup ranks, LocalFolder folder, BarrierTaskContext context) {
        TrainingJob job = rankJob.open().withMemory(memory());
        Run written = Run.create(folder.path());
        var listener = new CancellationListener(context) {
            private long reported;

            @Override
            public void stepped(long step, double share, double minutes, double loss) {
                super.stepped(step, share, minutes, loss);
                long parts = Math.round(share * PARTS);
                progress.add(Math.max(0, parts - reported));
                reported = Math.max(reported, parts);
            }

            @Override
            public void saved(long step) {
                folder.store();
            }
        };
        try (var trainer = new Trainer(written, job, ranks, listener)) {
            return new Trained(written, job, trainer.train());
        }
    }

    private String measure(Trained trained, LocalFolder folder) {
        RunMeasurement measured =
                RunMeasurement.of(trained.run, trained.job, trained.outcome, List.of(), ProgressListener.NONE);
        folder.store();
        TrainingOutcome.Result result = trained.outcome.result();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run).put("steps", result.steps()).put("minutes", result.minutes());
        json.put("validation_dice", result.best()).put("best_step", result.bestStep());
        json.put("waiting_share", result.waiting());
        json.put("mean_dice", measured.evaluation().summary().meanDice()).put("held_out", measured.heldOut());
        json.put("report", run + "/" + measured.report().getFileName());
        measured.evaluation().unreadable().forEach(json.putArray("problems")::add);
        return json.toString();
    }

    /** Prepared cases may take three quarters of this task's share of the heap. */
    private static long memory() {
        return Runtime.getRuntime().maxMemory() / 4 * 3 / TaskSlots.inThisProcess();
    }
}
