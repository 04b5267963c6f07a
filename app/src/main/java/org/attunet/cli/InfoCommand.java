package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.console.CommandFailures;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.train.CrossValidation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet info}: what a file or folder is. */
@Command(
        name = "info",
        description = "Tell what an image, a mask, a data set, a run, a model or a file of weights is.",
        sortOptions = false,
        footer = {"", "Examples:", "  attunet info scan.nii.gz", "  attunet info model.zip --verify"})
final class InfoCommand extends AttunetCommand {
    private static final List<String> WEIGHTS = List.of(".pt", ".pth", ".safetensors", ".bin", ".ckpt");

    @Parameters(index = "0", paramLabel = "FILE", description = "A file or folder.")
    private Path file;

    @Option(
            names = "--verify",
            description = "Of a model's bundle: check the hash of every file, and run its test input again.")
    private boolean verify;

    @Override
    public Integer call() {
        ObjectNode facts = facts();
        console().result(() -> facts, () -> InfoTree.text(facts));
        return CommandFailures.DONE;
    }

    private ObjectNode facts() {
        if (!Files.exists(file)) {
            throw new AttunetException(file, "there is nothing", "a file or folder", "correct the path");
        }
        if (Bundle.looksLike(file) || file.endsWith("rdf.yaml")) {
            return BundleInfo.of(Bundle.open(file), verify);
        }
        if (verify) {
            throw new AttunetException(
                    file, "it is no model's bundle", "a folder with rdf.yaml or a zip file", "leave --verify out");
        }
        if (Files.isDirectory(file)) {
            if (CrossValidation.isIn(file)) {
                return InfoTree.ofFolds(file);
            }
            return Files.exists(file.resolve("model.json")) ? InfoTree.ofRun(file) : InfoTree.ofDataSet(file);
        }
        if (Images.isImage(file)) {
            return InfoTree.ofImage(file);
        }
        if (WEIGHTS.contains(Images.suffix(file).toLowerCase(Locale.ROOT))) {
            return InfoTree.ofWeights(file);
        }
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (file.endsWith("model.json") && folder != null) {
            return InfoTree.ofRun(folder);
        }
        throw new AttunetException(
                file,
                "its name ends with \"" + Images.suffix(file) + "\"",
                "an image (.nii .nii.gz .png .jpg .tif .bmp), weights (.pt .pth .safetensors), a model's bundle (a"
                        + " folder or .zip), a data set's or a run's folder",
                "give one of these");
    }
}
