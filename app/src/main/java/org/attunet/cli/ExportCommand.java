package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Author;
import org.attunet.bundle.ModelCard;
import org.attunet.console.CommandFailures;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataSet;
import org.attunet.error.AttunetException;
import org.attunet.export.BundleExport;
import org.attunet.export.Quantisation;
import org.attunet.predict.OnnxOptions;
import org.attunet.train.CrossValidation;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.attunet.weights.StateDict;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attunet export}: a run as a model that runs anywhere, or its weights for other programs. */
@Command(
        name = "export",
        description = {
            "Write a run as a bundle (BioImage Model Zoo format, ONNX) that runs without libtorch, or its weights"
                    + " alone.",
            "The bundle is checked: ONNX Runtime must give libtorch's numbers."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet export run -o model.zip --data data",
            "  attunet export run -o model.zip --int8 --calibration data",
            "  attunet export run --weights model.safetensors"
        })
final class ExportCommand extends AttunetCommand {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run folder.")
    private Path run;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "MODEL",
            description = "The bundle: a new folder, or a file whose name ends with .zip.")
    private @Nullable Path output;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "The data set of the training: its held-out cases are measured for the model's card.")
    private @Nullable Path data;

    @Option(names = "--int8", description = "Add a model quantised to 8 bits.")
    private boolean int8;

    @Option(
            names = "--calibration",
            paramLabel = "DATA",
            description = "The data set that gives the quantised model its ranges and shows its Dice (default: --data);"
                    + " held-out cases are left alone.")
    private @Nullable Path calibration;

    @Option(
            names = "--max-dice-drop",
            paramLabel = "N",
            description = "The drop of mean Dice that the quantised model may cost (default: ${DEFAULT-VALUE}).")
    private double maxDiceDrop = 0.005;

    @Option(names = "--author", paramLabel = "NAME", description = "Who made the model; may be given several times.")
    private List<String> authors = List.of();

    @Option(names = "--license", paramLabel = "SPDX", description = "The model's licence, such as CC-BY-4.0.")
    private @Nullable String licence;

    @Option(
            names = "--model-version",
            paramLabel = "V",
            description = "The model's version (default: ${DEFAULT-VALUE}).")
    private String version = "1.0.0";

    @Option(names = "--name", paramLabel = "NAME", description = "What the model is called (default: the data's name).")
    private @Nullable String name;

    @Option(names = "--description", paramLabel = "TEXT", description = "A sentence or two on what it is for.")
    private @Nullable String description;

    @Option(names = "--no-cover", description = "Leave out the picture of a measured case that --data puts into it.")
    private boolean noCover;

    @Option(names = "--half", description = "Store the weights in half precision: half the size, computed as before.")
    private boolean half;

    @Option(names = "--threads", description = "Threads of one operation (default: the cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description = "The weights alone: safetensors where the name ends so, else for PyTorch's load_state_dict.")
    private @Nullable Path weights;

    @Override
    public Integer call() {
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
                    "the folds of a cross-validation, which are "
                            + CrossValidation.open(run).folds().count() + " models",
                    "one run",
                    "export each fold, such as " + run.resolve("fold_0")
                            + ", and join the bundles with 'attunet predict" + " A.zip --model B.zip'");
        }
        if (output != null) {
            bundle(output);
        } else if (weights != null) {
            weights(weights);
        }
        return CommandFailures.DONE;
    }

    private void bundle(Path target) {
        DataSet set = data == null ? null : open(data);
        BundleExport.Int8 quantised = null;
        if (int8) {
            DataSet from = calibration == null ? set : open(calibration);
            if (from == null) {
                throw new IllegalStateException("checked before");
            }
            quantised = new BundleExport.Int8(from, maxDiceDrop);
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
        console().result(() -> json(target, result), () -> text(target, result));
    }

    /** A progress bar for each phase. */
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
            progress.reached(done);
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
        }
        return json;
    }

    private static String text(Path target, BundleExport.Result result) {
        var text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: ONNX Runtime gives libtorch's logits, largest difference %.1e%n",
                target,
                result.largestDifference()));
        Quantisation.Result quantised = result.quantisation();
        if (quantised != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "calibration cases: mean Dice %.4f in float32, %.4f in int8%s%n",
                    quantised.floatScore(),
                    quantised.score(),
                    quantised.keptInFloat().isEmpty()
                            ? ""
                            : "; left in float32: " + String.join(", ", quantised.keptInFloat())));
        }
        Evaluation evaluation = result.evaluation();
        if (evaluation != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "%d %s: mean Dice %.4f%s%n",
                    evaluation.results().size(),
                    result.measured(),
                    evaluation.summary().meanDice(),
                    result.int8Evaluation() == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    " in float32, %.4f in int8",
                                    result.int8Evaluation().summary().meanDice())));
        }
        ModelCard.Calibration calibration = result.calibration();
        if (calibration != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "temperature %.2f: expected calibration error %.3f in place of %.3f on the validation cases%n",
                    calibration.temperature(),
                    calibration.errorAfter(),
                    calibration.errorBefore()));
        }
        return text.toString();
    }

    private void weights(Path target) {
        StateDict tensors = StateDict.read(Run.open(run).weights());
        tensors.write(target);
        console()
                .result(
                        () -> JsonNodeFactory.instance
                                .objectNode()
                                .put("file", target.toString())
                                .put("tensors", tensors.size())
                                .put("parameters", tensors.parameters()),
                        () -> target + ": " + tensors);
    }
}
