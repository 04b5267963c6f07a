package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.ModelDescription;
import org.attunet.console.CommandFailures;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.io.Npy;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.train.ImportedModel;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attunet import}: weights from PyTorch as a run. */
@Command(
        name = "import",
        description = {
            "Make a run of a PyTorch checkpoint (.pt, .pth) or of .safetensors.",
            "The network is recognised from the names and shapes; nothing in the file is executed."
        },
        sortOptions = false,
        footer = {
            "",
            "Example, with arrays that were saved from PyTorch (numpy.save) as the proof that the import is right:",
            "  attunet import model.pth -o run --check input.npy logits.npy"
        })
final class ImportCommand extends AttunetCommand {
    /** The largest difference of logits by which an import is still right: the rounding of float32. */
    private static final double TOLERANCE = 1e-4;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "A file of weights.")
    private Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "RUN",
            description = "The run folder to make; may be left out where --check is given.")
    private @Nullable Path output;

    @Option(
            names = "--check",
            arity = "2",
            paramLabel = "NPY",
            description = "An input and the logits that PyTorch computed for it in eval mode; fails where the largest"
                    + " difference is above 1e-4.")
    private @Nullable List<Path> check;

    @Option(names = "--name", description = "What the model is called (default: the file's name).")
    private @Nullable String name;

    @Option(
            names = "--normalisation",
            converter = OptionText.NormalisationWord.class,
            paramLabel = "HOW",
            description = "How images are scaled, which no file of weights tells: " + OptionText.NORMALISATIONS
                    + " (default: unit:0,255 for three channels in 2D, else zscore).")
    private @Nullable Normalisation normalisation;

    @Option(
            names = "--patch",
            converter = OptionText.SizeWord.class,
            paramLabel = "XxY[xZ]",
            description = "The size of tiles for large images (default: 256x256 or 96x96x96).")
    private OptionText.@Nullable Size patch;

    @Override
    public Integer call() {
        if (output == null && check == null) {
            throw new ParameterException(spec.commandLine(), "Missing: -o RUN, --check INPUT.npy LOGITS.npy or both");
        }
        try (ImportedModel model = ImportedModel.read(file)) {
            console().notes(model.notes());
            Double difference = check == null ? null : (Double) difference(model, check);
            boolean right = difference == null || difference <= TOLERANCE; // false for NaN
            if (right && output != null) {
                model.save(Run.create(Folders.fresh(output)), description(model.network()));
            }
            console().result(() -> json(model, difference), () -> text(model, difference));
            if (!right) {
                console()
                        .message("attunet: " + file + ": the logits differ by " + difference + "; expected at most "
                                + TOLERANCE
                                + ". Remedy: save input and logits from the same weights with model.eval().");
            }
            return right ? CommandFailures.DONE : CommandFailures.FAILED;
        }
    }

    private static double difference(ImportedModel model, List<Path> arrays) {
        Npy input = Npy.read(arrays.get(0));
        Npy logits = Npy.read(arrays.get(1));
        try {
            return model.largestDifference(input, logits);
        } catch (AttunetException e) {
            throw new AttunetException(
                    e.subject().equals("input")
                            ? arrays.get(0).toString()
                            : arrays.get(1).toString(),
                    e.found(),
                    e.expected(),
                    e.remedy(),
                    e);
        }
    }

    private ModelDescription description(NetworkConfig network) {
        String called = name == null ? Images.stem(file) : name;
        return ImportedModel.describe(called, network, normalisation, patch == null ? null : patch.axes());
    }

    private ObjectNode json(ImportedModel model, @Nullable Double difference) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("file", file.toString());
        if (difference != null) {
            json.put("max_abs_diff", difference);
        }
        json.put("run", output == null ? null : output.toString());
        json.put("parameters", model.parameters());
        json.set("network", OptionText.json(model.network()));
        return json;
    }

    private String text(ImportedModel model, @Nullable Double difference) {
        String found = String.format(
                Locale.ROOT, "%s: %s, %,d parameters", file, OptionText.of(model.network()), model.parameters());
        return found + (difference == null ? "" : "\nlargest difference of the logits: " + difference);
    }
}
