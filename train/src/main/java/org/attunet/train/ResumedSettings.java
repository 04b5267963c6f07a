package org.attunet.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.jspecify.annotations.Nullable;

/**
 * The settings that a training began with, which the options of a later command may repeat but not contradict. Only the
 * device and the division of the work may change.
 *
 * @param run the folder
 */
public record ResumedSettings(Path run, ModelDescription model, TrainingConfig config) {
    /** Those of a run. */
    public static ResumedSettings of(Run begun) {
        return new ResumedSettings(begun.folder(), ModelDescription.read(begun.model()), begun.config());
    }

    /** The settings as a plan. */
    public Plan plan() {
        return comparable(new Plan(model, config));
    }

    /**
     * Refuses settings other than these.
     *
     * @param wanted these or those of a plan file, changed by the options
     */
    public void require(Plan wanted) {
        Map<String, String> differences = differences(wanted);
        if (!differences.isEmpty()) {
            throw refused("the options ask for " + text(differences));
        }
    }

    /** The settings in which others differ, by path, without name, device and the division of the work. */
    public Map<String, String> differences(Plan other) {
        return plan().differences(comparable(other));
    }

    /** Settings and their values in one phrase. */
    public static String text(Map<String, String> differences) {
        return differences.entrySet().stream()
                .map(change -> change.getKey() + " " + change.getValue())
                .collect(Collectors.joining(", "));
    }

    /**
     * Refuses a model to start from other than the one that the training began with.
     *
     * @param from null if the options name none
     */
    public void requireStart(@Nullable Path from, Optional<Path> began) {
        if (from != null && !began.map(ResumedSettings::absolute).equals(Optional.of(absolute(from)))) {
            throw refused("--from is " + from + ", but it began with "
                    + began.map(path -> "the weights of " + path).orElse("random weights"));
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** What another device or division of the work changes, a sentence each. */
    public static List<String> changes(ComputeConfig own, ComputeConfig other) {
        List<String> changes = new ArrayList<>();
        change(changes, "device", own.device(), other.device());
        change(changes, "threads", own.threads(), other.threads());
        change(changes, "copies", own.copies(), other.copies());
        change(changes, "workers", own.workers(), other.workers());
        return changes;
    }

    private static void change(List<String> changes, String name, Object before, Object now) {
        if (!before.equals(now)) {
            changes.add(name + " is " + now + " from here on, in place of " + before
                    + "; the result may differ in its last digits from that of an unbroken training");
        }
    }

    /** A refusal of options that contradict the settings. */
    public AttunetException refused(String found) {
        return new AttunetException(
                run,
                found,
                "the settings that the training there began with",
                "leave these options out, or begin a new training in another folder with -o (with --from " + run
                        + " from these weights)");
    }

    private Plan comparable(Plan plan) {
        ModelDescription own = plan.model();
        ComputeConfig work = config.compute();
        ComputeConfig other = plan.config().compute();
        return new Plan(
                ModelDescription.of(model.name(), own.network(), own.preprocessing(), model.labels(), own.patch()),
                plan.config()
                        .with(new ComputeConfig(
                                work.device(),
                                work.threads(),
                                1,
                                work.workers(),
                                other.autocast(),
                                other.syncBatchNorm())));
    }
}
