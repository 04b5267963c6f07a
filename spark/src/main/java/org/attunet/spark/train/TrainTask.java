package org.attunet.spark.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.LongAccumulator;
import org.attunet.data.DataSet;
import org.attunet.data.DataSets;
import org.attunet.data.Progress;
import org.attunet.ranks.RankPlace;
import org.attunet.ranks.RankServer;
import org.attunet.ranks.Ranks;
import org.attunet.spark.storage.Storage;
import org.attunet.train.Course;
import org.attunet.train.RankOrder;
import org.attunet.train.Run;
import org.attunet.train.RunMeasurement;
import org.attunet.train.Trainer;
import org.attunet.train.TrainingListener;
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

    private final Storage storage;
    private final String data;
    private final String run;
    private final String order;
    private final int timeoutSeconds;
    private final LongAccumulator progress;

    /**
     * @param data the data set's address
     * @param run the run's address
     * @param order what is trained, as {@link RankOrder} has it in JSON; its place counts for nothing
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
        int number = context.partitionId();
        List<String> hosts = Arrays.stream(context.getTaskInfos())
                .map(info -> info.address().substring(0, info.address().lastIndexOf(':')))
                .toList();
        LocalFolder.once(storage, data); // before the ranks wait for each other, for it may take its time
        String result;
        if (number == 0) {
            try (RankServer server = RankServer.open()) {
                context.allGather(Integer.toString(server.port()));
                result = first(place(hosts, server.port(), 0));
            }
        } else {
            int port = Integer.parseInt(context.allGather("")[0]);
            other(place(hosts, port, number));
            result = "";
        }
        return CollectionConverters.asScala(List.of(result).iterator());
    }

    /** Cores are Spark's to divide: each rank has those of its task, so none counts as a neighbour. */
    private RankPlace place(List<String> hosts, int port, int number) {
        return new RankPlace(hosts.get(0), port, number, hosts.size(), hosts.get(number), 1, timeoutSeconds);
    }

    private void other(RankPlace place) {
        RankOrder.ofJson(order)
                .at(LocalFolder.once(storage, data).path(), place)
                .carryOut(memory(), trainer -> {});
    }

    private String first(RankPlace place) {
        LocalFolder folder = LocalFolder.brought(storage, run);
        RankOrder what =
                RankOrder.ofJson(order).at(LocalFolder.once(storage, data).path(), place);
        Run kept = Run.create(folder.path());
        try (Ranks ranks = Ranks.join(place)) {
            DataSet set = ranks.telling(() -> DataSets.open(what.data()));
            Course course = ranks.telling(() -> train(kept, what, set, ranks, folder));
            return measured(kept, what, set, course, folder);
        }
    }

    private Course train(Run kept, RankOrder what, DataSet set, Ranks ranks, LocalFolder folder) {
        var listener = new TrainingListener() {
            private long told;

            @Override
            public void stepped(long step, double share, double minutes, double loss) {
                long parts = Math.round(share * PARTS);
                progress.add(Math.max(0, parts - told));
                told = Math.max(told, parts);
            }

            @Override
            public void saved(long step) {
                folder.putBack();
            }
        };
        try (var trainer =
                new Trainer(kept, what.model(), what.config(), set, what.split(), memory(), null, ranks, listener)) {
            return Course.of(trainer, trainer.train());
        }
    }

    private String measured(Run kept, RankOrder what, DataSet set, Course course, LocalFolder folder) {
        RunMeasurement measured =
                RunMeasurement.of(kept, set, what.split(), what.config().device(), course, List.of(), Progress.NONE);
        folder.putBack();
        Trainer.Result result = course.result();
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
        int cores = SparkEnv.get().conf().getInt("spark.executor.cores", 1);
        int tasks = Math.max(1, cores / Math.max(1, SparkEnv.get().conf().getInt("spark.task.cpus", 1)));
        return Runtime.getRuntime().maxMemory() / 4 * 3 / tasks;
    }
}
