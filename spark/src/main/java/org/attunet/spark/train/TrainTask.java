package org.attunet.spark.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
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
 * What each task of the barrier stage does: finds the others, trains as one rank, and as the first also writes the run and
 * measures it. Gives the result as JSON, from the first rank alone.
 */
final class TrainTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
    /** The parts that the progress of a training is told in. */
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
     * @param order what is trained, as {@link RankJob} has it in JSON; its place counts for nothing
     * @param progress counts the parts of the training that are done
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
        LocalFolder here =
                LocalFolder.once(storage, data); // before the ranks wait for each other, for it may take its time
        String result = context.partitionId() == 0 ? first(context, here) : other(context, here);
        return CollectionConverters.asScala(List.of(result).iterator());
    }

    private String first(BarrierTaskContext context, LocalFolder here) {
        try (LocalFolder folder = LocalFolder.brought(storage, run)) {
            Trained trained;
            try (Rendezvous server = Rendezvous.open()) {
                context.allGather(Integer.toString(server.port()));
                RankJob what = RankJob.ofJson(order).at(here.path(), place(context, server.port()));
                try (ProcessGroup ranks = ProcessGroup.join(what.rank())) {
                    trained = ranks.telling(() -> here.naming(() -> trained(what, ranks, folder, context)));
                } catch (LostRankException e) {
                    throw e;
                } catch (AttunetException e) {
                    context.barrier();
                    return failed(e);
                }
                context.barrier(); // the server is needed until all have left
            }
            return folder.naming(() -> measured(trained, folder));
        } catch (LostRankException e) {
            throw e;
        } catch (AttunetException e) {
            return failed(e);
        }
    }

    private String other(BarrierTaskContext context, LocalFolder here) {
        int port = Integer.parseInt(context.allGather("")[0]);
        RankJob what = RankJob.ofJson(order).at(here.path(), place(context, port));
        String result = "";
        try {
            here.naming(() -> {
                what.run(memory(), new Unless(context), trainer -> {});
                return "";
            });
        } catch (LostRankException e) {
            throw e; // Spark starts the stage again
        } catch (AttunetException e) {
            result = failed(e); // which a second attempt would meet too
        }
        context.barrier();
        return result;
    }

    /** Ends a rank whose task Spark wants to end; Spark itself only marks it. */
    private static class Unless implements TrainingListener {
        private final BarrierTaskContext context;

        Unless(BarrierTaskContext context) {
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

    /** The failure that a rank's result tells. */
    static AttunetException failure(JsonNode result) {
        JsonNode parts = result.path(FAILURE);
        return new AttunetException(
                parts.path(0).asText(),
                parts.path(1).asText(),
                parts.path(2).asText(),
                parts.path(3).asText());
    }

    /** Cores are Spark's to divide: each rank has those of its task, so none counts as a neighbour. */
    private RankConfig place(BarrierTaskContext context, int port) {
        List<String> hosts = Arrays.stream(context.getTaskInfos())
                .map(info -> info.address().substring(0, info.address().lastIndexOf(':')))
                .toList();
        int number = context.partitionId();
        return new RankConfig(hosts.get(0), port, number, hosts.size(), hosts.get(number), 1, timeoutSeconds);
    }

    /** A training that has come to its end on all ranks. */
    private record Trained(Run run, TrainingJob job, TrainingOutcome course) {}

    private Trained trained(RankJob what, ProcessGroup ranks, LocalFolder folder, BarrierTaskContext context) {
        TrainingJob job = what.open().withMemory(memory());
        Run kept = Run.create(folder.path());
        var listener = new Unless(context) {
            private long told;

            @Override
            public void stepped(long step, double share, double minutes, double loss) {
                super.stepped(step, share, minutes, loss);
                long parts = Math.round(share * PARTS);
                progress.add(Math.max(0, parts - told));
                told = Math.max(told, parts);
            }

            @Override
            public void saved(long step) {
                folder.putBack();
            }
        };
        try (var trainer = new Trainer(kept, job, ranks, listener)) {
            return new Trained(kept, job, trainer.train());
        }
    }

    private String measured(Trained trained, LocalFolder folder) {
        RunMeasurement measured =
                RunMeasurement.of(trained.run, trained.job, trained.course, List.of(), ProgressListener.NONE);
        folder.putBack();
        TrainingOutcome.Result result = trained.course.result();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run).put("steps", result.steps()).put("minutes", result.minutes());
        json.put("validation_dice", result.best()).put("best_step", result.bestStep());
        json.put("waiting_share", result.waiting());
        json.put("mean_dice", measured.evaluation().summary().meanDice()).put("held_out", measured.heldOut());
        json.put("report", run + "/" + measured.report().getFileName());
        measured.evaluation().unreadable().forEach(json.putArray("problems")::add);
        return json.toString();
    }

    /** Three quarters of this task's share of the heap are for prepared cases. */
    private static long memory() {
        return Runtime.getRuntime().maxMemory() / 4 * 3 / TaskSlots.inThisProcess();
    }
}
