package org.attunet.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Fingerprint;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.image.LengthUnit;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Family;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.tensor.Processor;
import org.jspecify.annotations.Nullable;

/**
 * The default settings for training on a data set, each with its reason: network, preprocessing, patch and training.
 *
 * @param model the network and the preprocessing
 * @param config how it is trained
 * @param reasons a sentence per setting, by its path in the file, such as {@code training.batch}
 * @param expected the measured cost of the training, null if it was not measured
 */
public record Plan(
        ModelDescription model,
        TrainingConfig config,
        Map<String, String> reasons,
        @Nullable CostEstimate expected) {
    /** Copies the reasons, in their order. */
    public Plan {
        reasons = Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
    }

    /** A plan without reasons. */
    public Plan(ModelDescription model, TrainingConfig config) {
        this(model, config, Map.of(), null);
    }

    /**
     * The limits of a training.
     *
     * @param memoryBytes of the process, 0 for any
     * @param maxMinutes of training and validation, 0 for the usual
     * @param steps if they are fixed and the minutes follow from them, else 0
     */
    public record Budget(long memoryBytes, double maxMinutes, long steps) {
        /** No limits but the usual minutes. */
        public static final Budget USUAL = new Budget(0, 0);

        /** A budget of minutes. */
        public Budget(long memoryBytes, double maxMinutes) {
            this(memoryBytes, maxMinutes, 0);
        }

        /** Checks the ranges. */
        public Budget {
            ConfigException.check(memoryBytes >= 0, "memory", memoryBytes, "bytes from 0");
            ConfigException.check(maxMinutes >= 0 && maxMinutes < 1e6, "maxMinutes", maxMinutes, "minutes from 0");
            ConfigException.check(steps >= 0, "steps", steps, "steps from 0");
        }
    }

    /** Plans from all cases of a data set, which are read once, with the usual budget. */
    public static Plan of(DataSet data) {
        return of(Fingerprint.of(data), Budget.USUAL);
    }

    /** Plans from a fingerprint within a budget, by the rules that the reasons state. */
    public static Plan of(Fingerprint data, Budget budget) {
        return of(data, budget, null);
    }

    /**
     * Plans from a fingerprint within a budget.
     *
     * @param resize the factor for the images' size along each axis; null to choose it
     */
    public static Plan of(Fingerprint data, Budget budget, @Nullable Double resize) {
        return new Planner(data, budget, resize).plan();
    }

    /**
     * Reads a plan strictly: a key that is unknown, missing or of another kind is refused.
     *
     * @throws org.attunet.error.AttunetException naming the file, the key, what was found and what was expected
     */
    public static Plan read(Path yaml) {
        return PlanFile.read(yaml);
    }

    /**
     * Reads a plan for a data set.
     *
     * @throws AttunetException if it was made for data of another kind
     */
    public static Plan read(Path file, DataSet data) {
        Plan plan = read(file);
        requireEqual(file, "network.dimension", plan.model().network().dimension(), data.dimension(), data);
        requireEqual(file, "network.channels", plan.model().network().channels(), data.channels(), data);
        requireEqual(file, "labels", plan.model().labels(), data.labels(), data);
        requireSizes(file, plan, data);
        return plan;
    }

    private static void requireSizes(Path file, Plan plan, DataSet data) {
        double[] spacing = plan.model().preprocessing().targetSpacing();
        if (spacing == null) {
            return;
        }
        for (Case one : data.cases()) {
            if (!Images.isScan(one.firstFile()) && !one.image().readGrid().hasPhysicalSize()) {
                throw new AttunetException(
                        file,
                        "targetSpacing is " + LengthUnit.text(spacing) + ", but " + one.firstFile()
                                + " has no physical size",
                        "a spacing and images with a physical size, or neither",
                        "give the images' --pixel-size, or make a plan for this data");
            }
        }
    }

    private static void requireEqual(Path file, String key, Object planned, Object found, DataSet data) {
        if (!planned.equals(found)) {
            throw new AttunetException(
                    file,
                    key + " is " + planned,
                    found + " as in " + data.root(),
                    "make a plan for this data with 'attunet plan " + data.root() + "'");
        }
    }

    /** Writes the plan as YAML with the reasons as comments, whole or not at all. */
    public void write(Path yaml) {
        WholeFile.writeString(yaml, toYaml());
    }

    /** The plan as {@link #write} writes it. */
    public String toYaml() {
        return PlanFile.text(this);
    }

    /** The tree that {@link #write} writes, without the reasons. */
    public ObjectNode toTree() {
        return PlanFile.tree(this);
    }

    /** A copy with the expected cost. */
    public Plan withExpected(@Nullable CostEstimate other) {
        return new Plan(model, config, reasons, other);
    }

    /** A copy with a further reason, or another one, for a setting by its path in the file. */
    public Plan withReason(String key, String reason) {
        Map<String, String> newReasons = new LinkedHashMap<>(reasons);
        newReasons.put(key, reason);
        return new Plan(model, config, newReasons, expected);
    }

    /** A copy with the number type of the convolutions that was chosen, and its reason. */
    public Plan with(NumberType chosen) {
        Map<String, String> newReasons = new LinkedHashMap<>(reasons);
        newReasons.put(NumberType.SETTING, chosen.reason());
        return new Plan(model, config.with(config.compute().withAutocast(chosen.bfloat16())), newReasons, null);
    }

    /**
     * This plan on a processor that may be another than it was made on: in float32 if the plan has bfloat16, which can't be
     * faster there.
     *
     * @param warnings receives a sentence if so
     */
    public Plan on(Processor processor, Consumer<String> warnings) {
        String obstacle = NumberType.obstacle(config.compute(), processor);
        if (!config.compute().autocast() || obstacle == null) {
            return this;
        }
        warnings.accept("the plan has convolutions in bfloat16, but " + obstacle + ": this training is in float32");
        return with(NumberType.withoutTrial(obstacle));
    }

    /**
     * A copy with the expected cost, and with fewer validations if the planned ones would take more than a quarter of the
     * minutes.
     */
    public Plan measured(CostEstimate taken) {
        int most = Planner.validations(
                config.validation().count(), config.length().maxMinutes(), taken.validationSeconds());
        if (config.length().maxMinutes() == 0 || most >= config.validation().count()) {
            return withExpected(taken);
        }
        Map<String, String> newReasons = new LinkedHashMap<>(reasons);
        newReasons.put(
                "training.validations",
                String.format(
                        Locale.ROOT,
                        "Predicting the validation cases takes %.1f s as measured, so %d times leave most of the time"
                                + " to the training.",
                        taken.validationSeconds(),
                        most));
        return new Plan(
                model,
                config.with(new TrainingConfig.ValidationConfig(
                        most, config.validation().earlyStopping())),
                newReasons,
                taken);
    }

    /**
     * A copy with chosen settings. It keeps the expected cost if only the run's length, seed or name changed.
     *
     * @param source who chose, such as "the command line", for the reasons
     */
    public Plan with(ModelDescription other, TrainingConfig otherConfig, String source) {
        var changed = new Plan(other, otherConfig, reasons, expected);
        Map<String, String> differences = differences(changed);
        Map<String, String> newReasons = new LinkedHashMap<>(reasons);
        differences.forEach((key, values) -> newReasons.put(key, "Set by " + source + ": " + values + "."));
        boolean longer = List.of("training.steps", "training.maxMinutes", "training.seed", "name")
                .containsAll(differences.keySet());
        return new Plan(other, otherConfig, newReasons, longer ? expected : null);
    }

    /** The settings in which another plan differs: the path in the file to "4 in place of 2", the other's value first. */
    public Map<String, String> differences(Plan other) {
        return PlanFile.differences(this, other);
    }

    /**
     * The default network: one label or labels that may overlap through sigmoids, others as classes; deep supervision in 3D,
     * where few patches are seen.
     */
    public static NetworkConfig network(int dimension, int channels, LabelSet labels) {
        return new NetworkConfig(
                Family.ATTENTION_UNET,
                dimension,
                channels,
                labels.hasRegions() || labels.size() == 1 ? labels.size() : labels.classes(),
                dimension == 2 ? List.of(16, 32, 64, 128, 256) : List.of(16, 32, 64, 128),
                Upsampling.TRANSPOSED,
                NormLayer.BATCH,
                Gates.ADDITIVE,
                dimension == 3);
    }
}
