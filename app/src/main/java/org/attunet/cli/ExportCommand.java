package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.attunet.bundle.Author;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Publication;
import org.attunet.console.Console;
import org.attunet.console.PixelSizeOption;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.export.BundleExport;
import org.attunet.export.BundleRenewal;
import org.attunet.export.Quantisation;
import org.attunet.io.Json;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ObjectSummary;
import org.attunet.predict.OnnxOptions;
import org.attunet.train.CrossValidation;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.attunet.weights.StateDict;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attunet export}: writes a run as a bundle, or its weights for other programs. */
@Command(
        name = "export",
        description = {
            "Write a run as a bundle (BioImage Model Zoo format, ONNX) that runs without libtorch, or its weights"
                    + " alone.",
            "The bundle is verified: ONNX Runtime must compute the same logits as libtorch.",
            "With --spacing, a bundle that doesn't record the spacing of its training is written again with it."
        },
        footer = {
            "",
            "Examples:",
            "  attunet export run -o model.zip --data data",
            "  attunet export run -o model.zip --int8 --calibration data",
            "  attunet export run --weights model.safetensors",
            "  attunet export old.zip --data data -o new.zip      the same model, its training cases measured",
            "  attunet export old.zip -o new.zip                  the same model, in the layout that other programs run",
            "  attunet export old.zip --spacing 1x1x1 -o model.zip"
        })
final class ExportCommand extends AttunetCommand {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description =
                    "A run folder; or a bundle of an older version, which is written anew in the layout that other programs"
                            + " run: with --data, with what this version records about its training cases; with --spacing,"
                            + " with that.")
    private Path run;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "MODEL",
            description = "The bundle: a new folder, or a file whose name ends with .zip.")
    private @Nullable Path output;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "The data set of the training; its held-out cases are measured for the model card.")
    private @Nullable Path data;

    @Option(names = "--int8", description = "Add a model quantised to 8 bits.")
    private boolean int8;

    @Option(
            names = "--calibration",
            paramLabel = "DATA",
            description =
                    "The data set for the quantised model's value ranges and Dice (default: --data); held-out cases"
                            + " are not used.")
    private @Nullable Path calibration;

    @Option(
            names = "--max-dice-drop",
            paramLabel = "N",
            description = "The greatest loss of mean Dice allowed for the quantised model (default: ${DEFAULT-VALUE}).")
    private double maxDiceDrop = 0.005;

    @Option(
            names = "--author",
            paramLabel = "NAME",
            description = "An author of the model; can be given several times.")
    private List<String> authors = List.of();

    @Option(
            names = "--license",
            paramLabel = "SPDX",
            description = "The model's licence, such as CC-BY-4.0; if none is named, other programs read"
                    + " CC-BY-NC-ND-4.0.")
    private @Nullable String licence;

    @Option(
            names = "--model-version",
            paramLabel = "V",
            description = "The model's version (default: ${DEFAULT-VALUE}).")
    private String version = "1.0.0";

    @Option(names = "--name", paramLabel = "NAME", description = "The model's name (default: the data set's name).")
    private @Nullable String name;

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            description = "One or two sentences about the model's purpose.")
    private @Nullable String description;

    @Option(
            names = "--no-cover",
            description = "Leave out the cover picture and the test input of a measured case, which --data adds.")
    private boolean noCover;

    @Option(
            names = "--half",
            description = "Store the weights in half precision: half the size; computation stays in float32.")
    private boolean half;

    @Option(
            names = "--threads",
            converter = OptionConverters.ThreadsConverter.class,
            description = "Threads of one operation (default: the number of cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "Write the weights alone: as safetensors if the name ends so, else for PyTorch's load_state_dict.")
    private @Nullable Path weights;

    @Option(
            names = "--spacing",
            converter = OptionConverters.SpacingConverter.class,
            paramLabel = "XxY[xZ]",
            description = "Record that the bundle RUN was trained at this spacing in mm, to which images are then"
                    + " resampled.")
    private OptionConverters.@Nullable Spacing spacing;

    @Mixin
    private PixelSizeOption pixelSize;

    @Override
    public Integer call() {
        if (spacing != null) {
            return recordSpacing(spacing.axes());
        }
        OptionRange.check("--max-dice-drop", maxDiceDrop, n -> n >= 0 && n <= 1, "a number from 0 to 1");
        if ((output == null) == (weights == null)) {
            throw new ParameterException(spec.commandLine(), "Give either -o MODEL or --weights FILE");
        }
        if (int8 && calibration == null && data == null) {
            throw new ParameterException(
                    spec.commandLine(), "--int8 needs images: give --calibration DATA or --data DATA");
        }
        if (CrossValidation.isIn(run)) {
            throw new AttunetException(
                    run,
                    "it holds the folds of a cross-validation, "
                            + CrossValidation.open(run).folds().count() + " models",
                    "one run",
                    "export each fold, such as " + run.resolve("fold_0")
                            + ", and use the bundles together with 'attunet predict A.zip --model B.zip'");
        }
        if (output != null && EnsembleOptions.isBundle(run)) {
            renew(output);
        } else if (output != null) {
            bundle(output);
        } else if (weights != null) {
            weights(weights);
        }
        return ExitCode.OK;
    }

    private int recordSpacing(double[] axes) {
        if (output == null || weights != null || data != null || int8) {
            throw new ParameterException(spec.commandLine(), "--spacing takes a bundle and -o MODEL alone");
        }
        BundleContent content = BundleRenewal.content(
                Bundle.open(run), licence, OnnxOptions.defaults().withThreads(threads));
        ModelDescription model = content.model();
        if (axes.length != model.patch().length) {
            throw new ConfigException("--spacing", axes.length + " numbers", model.patch().length + " numbers");
        }
        BundleContent changed =
                content.withModel(model.withPreprocessing(model.preprocessing().withTargetSpacing(axes)));
        BundleWriter.write(changed, output);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", output.toString());
        Path target = output;
        result(() -> json, () -> target + ": " + changed.model().preprocessing());
        return ExitCode.OK;
    }

    private void bundle(Path target) {
        DataSet set = data == null ? null : openAsTrained(data);
        BundleExport.Int8 quantised = null;
        if (int8) {
            DataSet from = calibration == null ? set : openAsTrained(calibration);
            quantised = new BundleExport.Int8(Objects.requireNonNull(from), maxDiceDrop);
        }
        var request = new BundleExport.Request(
                set,
                quantised,
                half,
                !noCover,
                new BundleExport.About(
                        name, description, authors.stream().map(Author::of).toList(), licence, version),
                OnnxOptions.defaults().withThreads(threads));
        BundleExport.Result result;
        try (var phases = new Phases(console())) {
            result = BundleExport.write(Run.open(run), request, target, phases);
        }
        notes(result.model(), licence);
        result(() -> json(target, result), () -> text(target, result));
    }

    /** Opens a data set as the run's was: its objects told apart, with the value of voxels without a judgement. */
    private DataSet openAsTrained(Path folder) {
        Run trained = Run.open(run);
        DataFolders folders = DataFolders.of(folder).ofObjects(trained.objects() != null);
        return open(folders, pixelSize, DataSets.usualIgnored(folders, trained.ignored()));
    }

    private void renew(Path target) {
        if (int8 || half || name != null || description != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "A bundle is written anew as it is: give no option that changes the model or its description;"
                            + " --license and --data are allowed");
        }
        if (data == null) {
            rewrite(target);
            return;
        }
        BundleRenewal.Result renewed;
        try (var phases = new Phases(console())) {
            renewed = BundleRenewal.write(
                    Bundle.open(run),
                    licence,
                    open(data, pixelSize),
                    OnnxOptions.defaults().withThreads(threads),
                    target,
                    phases);
        }
        if (renewed.known()) {
            console()
                    .notes(List.of("the training cases are taken to be those of the default --seed, which the bundle"
                            + " doesn't record"));
        } else {
            console()
                    .notes(List.of("the bundle doesn't tell which cases of " + data
                            + " it was trained on; all were measured, as if it had been trained on them"));
        }
        notes(renewed.model(), renewed.licence());
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", target.toString());
        json.put("cases", renewed.profile().cases())
                .put("empty_masks", renewed.profile().empty());
        json.set(
                "target_spacing",
                Json.OWN.valueToTree(renewed.model().preprocessing().targetSpacing()));
        result(
                () -> json,
                () -> target + ": the same model with a profile of "
                        + Wording.counted(renewed.profile().cases(), "training case"));
    }

    private void rewrite(Path target) {
        BundleContent content = BundleRenewal.content(
                Bundle.open(run), licence, OnnxOptions.defaults().withThreads(threads));
        BundleWriter.write(content, target);
        notes(content.model(), content.publication().licence());
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", target.toString());
        result(() -> json, () -> target + ": the same model, in the layout that other programs run");
    }

    /** Notes what users of other programs should know. */
    private void notes(ModelDescription model, @Nullable String named) {
        List<String> notes = new ArrayList<>();
        if (named == null) {
            notes.add("no licence is named: other programs read " + Publication.UNNAMED_LICENCE
                    + ", the least that the format can grant; --license names yours, such as CC-BY-4.0");
        }
        if (model.preprocessing().normalisation().hasPercentiles()) {
            notes.add(
                    "intensities are clipped to percentiles, which JDLL (deepImageJ, Icy) refuses and QuPath leaves out:"
                            + " there, clip images before the model");
        }
        console().notes(notes);
    }

    /** Shows each phase as a progress display of its own. */
    private static final class Phases implements BundleExport.Listener, AutoCloseable {
        private final Console console;
        private String name = "";
        private @Nullable ProgressDisplay progress;

        Phases(Console console) {
            this.console = console;
        }

        @Override
        public void at(String phase, int done, int total) {
            if (progress == null || !phase.equals(name)) {
                close();
                name = phase;
                progress = ProgressDisplay.start(console, phase, total);
            }
            progress.reached(done, total);
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }

    private static ObjectNode json(Path target, BundleExport.Result result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", target.toString()).put("largest_difference", result.largestDifference());
        Evaluation evaluation = result.evaluation();
        if (evaluation != null) {
            json.put("mean_dice", evaluation.summary().meanDice());
            if (!evaluation.objects().isEmpty()) {
                json.set("objects", ObjectResults.toJson(evaluation.objects()));
            }
        }
        Quantisation.Result quantised = result.quantisation();
        if (quantised != null) {
            json.put("calibration_dice", quantised.floatScore()).put("calibration_int8_dice", quantised.score());
            quantised.keptInFloat().forEach(json.putArray("kept_in_float")::add);
        }
        ModelCard.Calibration calibration = result.calibration();
        if (calibration != null) {
            json.put("temperature", calibration.temperature());
            json.put("calibration_error_before", calibration.errorBefore());
            json.put("calibration_error_after", calibration.errorAfter());
        }
        Evaluation ofInt8 = result.int8Evaluation();
        if (ofInt8 != null) {
            json.put("int8_mean_dice", ofInt8.summary().meanDice());
            if (!ofInt8.objects().isEmpty()) {
                json.set("int8_objects", ObjectResults.toJson(ofInt8.objects()));
            }
        }
        return json;
    }

    private static String text(Path target, BundleExport.Result result) {
        List<String> lines = new ArrayList<>();
        lines.add(Wording.format(
                "%s: ONNX Runtime computes libtorch's logits, largest difference %.1e",
                target, result.largestDifference()));
        Quantisation.Result quantised = result.quantisation();
        if (quantised != null) {
            List<String> kept = quantised.keptInFloat();
            lines.add(Wording.format(
                    "calibration cases: mean Dice %.4f in float32, %.4f in int8%s",
                    quantised.floatScore(),
                    quantised.score(),
                    kept.isEmpty() ? "" : "; left in float32: " + String.join(", ", kept)));
        }
        Evaluation evaluation = result.evaluation();
        Evaluation ofInt8 = result.int8Evaluation();
        if (evaluation != null) {
            double dice = evaluation.summary().meanDice();
            lines.add(
                    Wording.format("%d %s: mean Dice %.4f", evaluation.results().size(), result.measured(), dice)
                            + (ofInt8 == null
                                    ? ""
                                    : Wording.format(
                                            " in float32, %.4f in int8",
                                            ofInt8.summary().meanDice())));
            Double found = meanAveragePrecision(evaluation);
            if (found != null) {
                Double ofInt8Found = ofInt8 == null ? null : meanAveragePrecision(ofInt8);
                lines.add(Wording.format("their objects: AP@0.5:0.95 %.4f", found)
                        + (ofInt8Found == null ? "" : Wording.format(" in float32, %.4f in int8", ofInt8Found)));
            }
        }
        ModelCard.Calibration calibration = result.calibration();
        if (calibration != null) {
            lines.add(Wording.format(
                    "temperature %.2f: expected calibration error %.3f instead of %.3f on the validation cases",
                    calibration.temperature(), calibration.errorAfter(), calibration.errorBefore()));
        }
        return String.join("\n", lines);
    }

    private static @Nullable Double meanAveragePrecision(Evaluation evaluation) {
        return new ObjectSummary(List.copyOf(evaluation.objects().values()))
                .meanAveragePrecision()
                .mean();
    }

    private void weights(Path target) {
        StateDict tensors = StateDict.read(Run.open(run).weights());
        tensors.write(target);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("file", target.toString());
        json.put("tensors", tensors.size()).put("parameters", tensors.parameters());
        result(() -> json, () -> target + ": " + tensors);
    }
}
