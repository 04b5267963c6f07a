package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import org.attunet.train.Run;
import org.attunet.weights.StateDict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet export}: a run's weights for other programs. */
@Command(
        name = "export",
        description = "Write a run's weights for PyTorch (.pt, for load_state_dict) or as .safetensors.",
        sortOptions = false,
        footer = {"", "Example:", "  attunet export run --weights model.safetensors"})
final class ExportCommand extends AttunetCommand {
    @Parameters(index = "0", paramLabel = "RUN", description = "A run folder.")
    private Path run;

    @Option(
            names = "--weights",
            required = true,
            paramLabel = "FILE",
            description = "Where to: safetensors where the name ends so, else PyTorch's format.")
    private Path target;

    @Override
    public Integer call() {
        StateDict weights = StateDict.read(Run.open(run).weights());
        weights.write(target);
        console()
                .result(
                        () -> JsonNodeFactory.instance
                                .objectNode()
                                .put("file", target.toString())
                                .put("tensors", weights.size())
                                .put("parameters", weights.parameters()),
                        () -> target + ": " + weights);
        return Failures.DONE;
    }
}
