package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.DataFolders;
import org.attunet.dicom.series.Contents;
import org.attunet.dicom.web.WebAddress;
import org.attunet.dicom.web.WebLimits;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.train.CrossValidation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attunet info}: describes a file or folder. */
@Command(
        name = "info",
        description =
                "Describe an image, a mask, DICOM files, a data set, a run, a model or a file of weights. Of DICOM files the"
                        + " series are listed, without the patients' names.",
        footer = {
            "",
            "Examples:",
            "  attunet info scan.nii.gz",
            "  attunet info study/",
            "  attunet info dicomweb+https://pacs.example.org/dicom-web/studies/1.2.3 --auth-file login.txt",
            "  attunet info model.zip --verify",
            "  attunet info model.zip --for jdll,qupath"
        })
final class InfoCommand extends AttunetCommand {
    private static final List<String> WEIGHTS = List.of(".pt", ".pth", ".safetensors", ".bin", ".ckpt");

    /** A folder that holds one of these is no folder of DICOM files alone. */
    private static final List<String> OF_DATA_SETS = List.of(
            "dataset.json", "imagesTr", "images", "image", "imgs", "img", "model.json", "rdf.yaml", "split.json");

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE",
            description = "A file or folder, or a study as dicomweb+https://HOST/.../studies/UID.")
    private @Nullable String input;

    @Mixin
    private DataFolderOptions dataFolders;

    @Option(
            names = "--verify",
            description = "For a bundle: check the hash of every file, and run the model on its test input again.")
    private boolean verify;

    @Mixin
    private WebOptions web;

    @Option(
            names = "--for",
            arity = "0..1",
            fallbackValue = "all",
            paramLabel = "PROGRAM[,PROGRAM...]",
            description = "For a bundle, attunet's or not: which other programs run it, and what differs there: jdll"
                    + " (deepImageJ, Icy), qupath, core (bioimageio.core), onnxruntime, web (onnxruntime-web), opencv; all"
                    + " if none is named.")
    private @Nullable String programs;

    @Override
    public Integer call() {
        if (input != null && WebAddress.looksLike(input)) {
            WebAddress address = WebAddress.of(input);
            ObjectNode facts = WebFacts.of(web.open(address, WebLimits.USUAL, console()), address);
            result(() -> facts, () -> WebFacts.text(facts));
            return ExitCode.OK;
        }
        Path path = input == null ? null : Path.of(input);
        if (programs != null) {
            if (path == null || verify) {
                throw new ParameterException(spec.commandLine(), "--for takes a bundle, and no --verify");
            }
            ObjectNode facts = OtherPrograms.facts(path, OtherPrograms.named(programs));
            result(() -> facts, () -> OtherPrograms.text(facts));
            return ExitCode.OK;
        }
        DataFolders folders = dataFolders.folders(path);
        if (!dataFolders.given() && !verify && isDicom(folders.root())) {
            ObjectNode facts = DicomFacts.of(folders.root(), contents(folders.root()));
            result(() -> facts, () -> DicomFacts.text(facts));
            return ExitCode.OK;
        }
        ObjectNode facts = dataFolders.given() ? FileFacts.ofDataSet(folders, dataFolders.ignored()) : facts(folders);
        result(() -> facts, () -> FileFacts.text(facts));
        return ExitCode.OK;
    }

    /** Whether there is DICOM that isn't part of a data set or run. */
    private static boolean isDicom(Path input) {
        boolean named = OF_DATA_SETS.stream().anyMatch(name -> Files.exists(input.resolve(name)));
        return !named && Images.isSeries(input);
    }

    private Contents contents(Path input) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading headers")) {
            return Contents.of(input, progress::reached);
        }
    }

    private ObjectNode facts(DataFolders folders) {
        Path file = folders.root();
        if (!Files.exists(file)) {
            throw new AttunetException(file, "it doesn't exist", "a file or folder", "correct the path");
        }
        if (Bundle.looksLike(file) || file.endsWith("rdf.yaml")) {
            return BundleFacts.of(Bundle.open(file), verify);
        }
        if (verify) {
            throw new AttunetException(
                    file, "it is not a bundle", "a folder with rdf.yaml or a zip file", "leave --verify out");
        }
        if (Files.isDirectory(file)) {
            if (CrossValidation.isIn(file)) {
                return FileFacts.ofFolds(file);
            }
            return Files.exists(file.resolve("model.json"))
                    ? FileFacts.ofRun(file)
                    : FileFacts.ofDataSet(folders, dataFolders.ignored());
        }
        if (Images.isImage(file) || Images.isNifti(file)) {
            return FileFacts.ofImage(file);
        }
        if (WEIGHTS.contains(Images.suffix(file).toLowerCase(Locale.ROOT))) {
            return FileFacts.ofWeights(file);
        }
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (file.endsWith("model.json") && folder != null) {
            return FileFacts.ofRun(folder);
        }
        Images.requireNotForeign(file);
        throw new AttunetException(
                file,
                "its name ends with \"" + Images.suffix(file) + "\"",
                "an image (.nii .nii.gz .hdr/.img .png .jpg .tif .bmp), weights (.pt .pth .safetensors), a bundle (a folder or"
                        + " .zip), or the folder of a data set or run",
                "give one of these");
    }
}
