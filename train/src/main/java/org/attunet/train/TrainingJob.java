package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.ResumedSplit;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.patches.CaseStore;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.jspecify.annotations.Nullable;

/**
 * What is trained: a model with given settings on the cases of a data set.
 *
 * @param model the network and the preprocessing
 * @param config of the whole training; ranks on one machine divide its threads, copies and workers
 * @param data the data set; each rank reads it itself
 * @param split cases of the data set
 * @param start the model whose weights a new training starts from, null for random weights; used on rank 0 only
 * @param memoryBytes of prepared training cases that this process keeps; the others are prepared again for each patch
 */
public record TrainingJob(
        ModelDescription model,
        TrainingConfig config,
        DataSet data,
        Split split,
        @Nullable PretrainedWeights start,
        long memoryBytes) {
    /** Gives the model the codes that the data set has for its labels. */
    public TrainingJob {
        model = data.codes().isEmpty() ? model : model.withCodes(data.codes());
    }

    /** Starts from random weights and keeps prepared cases in {@link #usualMemory}. */
    public TrainingJob(ModelDescription model, TrainingConfig config, DataSet data, Split split) {
        this(model, config, data, split, null, usualMemory());
    }

    /** Three quarters of the Java heap, which leaves a quarter for everything else. */
    public static long usualMemory() {
        return Runtime.getRuntime().maxMemory() / 4 * 3;
    }

    /** The same, starting from another model's weights. */
    public TrainingJob startingFrom(@Nullable PretrainedWeights other) {
        return new TrainingJob(model, config, data, split, other, memoryBytes);
    }

    /** The same with another amount of memory for prepared cases. */
    public TrainingJob withMemory(long bytes) {
        return new TrainingJob(model, config, data, split, start, bytes);
    }

    /**
     * The training of a run that has begun, with its own model, settings and split, on the data that it began with.
     *
     * @param now any split of the data set, whose hashes are compared with the run's
     * @param notes receives a sentence each about cases that were renamed or added since then
     * @throws AttunetException if cases are missing or have other content, or the labels or channels are others
     */
    public static TrainingJob of(Run run, DataSet data, Split now, Consumer<String> notes) {
        ModelDescription model = ModelDescription.read(run.model());
        requireSameKind(run, data, model);
        run.requireReading(data);
        ResumedSplit resumed = ResumedSplit.of(Split.read(run.split()), now, data.root(), run.folder());
        resumed.notes().forEach(notes);
        return new TrainingJob(model, run.config(), data, resumed.split());
    }

    private static void requireSameKind(Run run, DataSet data, ModelDescription model) {
        // How the value of a single label is chosen has differed between versions; reading the masks checks it.
        boolean single = model.labels().size() == 1 && data.labels().size() == 1;
        String trained = kind(model.network().dimension(), model.network().channels(), model.labels(), single);
        String found = kind(data.dimension(), data.channels(), data.labels(), single);
        if (!trained.equals(found)) {
            throw new AttunetException(
                    data.root(),
                    "it has " + found,
                    trained + " as the training in " + run.folder(),
                    "give the data set of that training, or train on this one in another folder");
        }
    }

    private static String kind(int dimension, int channels, LabelSet labels, boolean single) {
        return dimension + "D images of " + channels + (channels == 1 ? " channel" : " channels")
                + (single ? " and one label" : " and the labels " + (labels.hasRegions() ? labels : labels.values()));
    }

    /** This job, or if the run has begun, {@linkplain #of(Run, DataSet, Split, Consumer) that of the run} on the same data. */
    public TrainingJob resuming(Run run, Consumer<String> notes) {
        return Files.exists(run.training())
                ? of(run, data, split, notes).startingFrom(start).withMemory(memoryBytes)
                : this;
    }

    /** Whether cases are held out for the final measures. */
    public boolean holdsOut() {
        return !split.test().isEmpty();
    }

    /** The cases of the final measures: the held-out ones, or those for validation if none are held out. */
    public List<Case> measuredCases() {
        return data.cases(holdsOut() ? split.test() : split.validation());
    }

    /**
     * Warnings that the final measures will be too good, because cases of theirs have shaped the weights from which the
     * training starts or started, or may have.
     */
    public List<String> startWarnings(Run run) {
        Set<String> seen = start == null ? run.seenBefore() : start.seen();
        String source = start == null
                ? PretrainedWeights.source(run).map(Path::toString).orElse("")
                : start.source();
        if (seen == null) {
            return List.of(source + " doesn't record the cases that it was trained on; if the measured ones are among"
                    + " them, the measures are too good");
        }
        List<String> measured = holdsOut() ? split.test() : split.validation();
        long known = measured.stream()
                .filter(id -> seen.contains(String.valueOf(split.hashes().get(id))))
                .count();
        return known == 0
                ? List.of()
                : List.of(known + " of the " + measured.size() + " measured cases were used in the training of "
                        + source + ", with whose weights this one begins, so the measures are too good");
    }

    /** Reads and prepares the training cases. */
    CaseStore load(ProgressListener progress) {
        List<Case> cases = data.cases(split.train());
        return CaseStore.load(cases, model.preprocessing(), model.labels(), memoryBytes, progress);
    }

    /** @throws ConfigException if these processes can't train the model with the settings */
    void check(ProcessGroup ranks) {
        int multiple = model.network().multiple();
        boolean fits = Arrays.stream(model.patch()).allMatch(size -> size % multiple == 0);
        ConfigException.check(fits, "patch", Arrays.toString(model.patch()), "multiples of " + multiple);
        config.checkRanks(ranks.count());
        ConfigException.check(
                ranks.neighbours() == 1 || config.compute().device().equals("cpu"),
                "device",
                "cuda for " + ranks.neighbours() + " ranks on one machine",
                "cpu, or one rank on each machine, because a rank uses the first GPU");
    }
}
