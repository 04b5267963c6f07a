package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.io.Npy;
import org.attunet.io.ProcessLock;
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

/** {@code attunet import}: makes a run of PyTorch weights. */
@Command(
        name = "import",
        description = {
            "Make a run of a PyTorch checkpoint (.pt, .pth) or a .safetensors file.",
            "The network is recognised by the names and shapes of the weights; nothing in the file is executed."
        },
        footer = {
            "",
            "Example, verified against arrays saved from PyTorch (numpy.save):",
            "  attunet import model.pth -o run --check input.npy logits.npy"
        })
final class ImportCommand extends AttunetCommand {
    /** The largest difference of logits that float32 rounding explains. */
    private static final double TOLERANCE = 1e-4;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "A file of weights.")
    private Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "RUN",
            description = "The run folder to create; optional with --check.")
    private @Nullable Path output;

    @Option(
            names = "--check",
            arity = "2",
            paramLabel = "NPY",
            description =
                    "An input and the logits that PyTorch computed for it in eval mode; the import fails if they differ"
                            + " by more than 1e-4.")
    private @Nullable List<Path> check;

    @Option(
            names = "--key",
            paramLabel = "NAME",
            description = "Which network of a file that holds several, such as ema or state_dict.student (default: the"
                    + " only one that is no moving average).")
    private @Nullable String key;

    @Option(names = "--name", description = "The model's name (default: the file's name).")
    private @Nullable String name;

    @Option(
            names = "--normalisation",
            converter = OptionConverters.NormalisationConverter.class,
            paramLabel = "HOW",
            description = "How images are scaled, which a file of weights doesn't record: "
                    + OptionConverters.NORMALISATIONS + " (default: unit:0,255 for three channels in 2D, else zscore).")
    private @Nullable Normalisation normalisation;

    @Option(
            names = "--patch",
            converter = OptionConverters.SizeConverter.class,
            paramLabel = "XxY[xZ]",
            description = "Tile size for large images (default: 256x256 or 96x96x96).")
    private OptionConverters.@Nullable Size patch;

    @Override
    public Integer call() {
        if (output == null && check == null) {
            throw new ParameterException(spec.commandLine(), "Give -o RUN, --check INPUT.npy LOGITS.npy, or both");
        }
        try (ImportedModel model = ImportedModel.read(file, key)) {
            console().notes(model.notes());
            Double difference = check == null ? null : (Double) difference(model, check);
            boolean right = difference == null || difference <= TOLERANCE; // false for NaN
            if (right && output != null) {
                String called = name == null ? Images.stem(file) : name;
                int[] tile = patch == null ? null : patch.axes();
                ModelDescription description = ImportedModel.describe(called, model.network(), normalisation, tile);
                Run run = Run.create(OutputFolder.withoutRun(output));
                try (ProcessLock lock = run.lock()) {
                    OutputFolder.withoutRun(output); // again, because another process may have made one meanwhile
                    model.save(run, description);
                }
            }
            result(() -> json(model, difference), () -> text(model, difference));
            String problem = file + ": the logits differ by " + difference + "; expected at most " + TOLERANCE
                    + ". Remedy: save input and logits from the same weights with model.eval().";
            return console().problems(right ? List.of() : List.of(problem));
        }
    }

    private static double difference(ImportedModel model, List<Path> arrays) {
        Npy input = Npy.read(arrays.get(0));
        Npy logits = Npy.read(arrays.get(1));
        try {
            return model.largestDifference(input, logits);
        } catch (AttunetException e) {
            Path array = arrays.get(e.subject().equals("input") ? 0 : 1);
            throw new AttunetException(array.toString(), e.found(), e.expected(), e.remedy(), e);
        }
    }

    private ObjectNode json(ImportedModel model, @Nullable Double difference) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("file", file.toString());
        if (difference != null) {
            json.put("max_abs_diff", difference);
        }
        json.put("run", output == null ? null : output.toString());
        json.put("parameters", model.parameters());
        json.set("network", Wording.json(model.network()));
        return json;
    }

    private String text(ImportedModel model, @Nullable Double difference) {
        String found = Wording.format("%s: %s, %,d parameters", file, Wording.of(model.network()), model.parameters());
        return found + (difference == null ? "" : "\nlargest difference of the logits: " + difference);
    }
}
