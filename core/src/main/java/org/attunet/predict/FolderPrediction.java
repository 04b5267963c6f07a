package org.attunet.predict;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Prediction from files to files: masks on the images' own grids and in a format of their kind.
 *
 * <p>A mask is named after its image: {@code .nii.gz} for NIfTI, {@code .tif} for TIFF, {@code .png} for other pictures.
 * Probabilities, attention maps and uncertainty, where the segmenter's options ask for them, stand beside it as {@code
 * STEM_probabilities.nii.gz}, {@code STEM_attention_GATE.nii.gz}, {@code STEM_entropy.nii.gz} and {@code
 * STEM_mutual_information.nii.gz} ({@code .png} for pictures, 0 as black and 1 as white). For models of several
 * channels, NIfTI files named {@code CASE_0000}, {@code CASE_0001}, … are one image, whose mask is {@code CASE.nii.gz}.
 *
 * <p>An image that fails, whatever the reason, does not stop the others.
 */
public final class FolderPrediction {
    private FolderPrediction() {}

    /**
     * The images of a folder, by name, its subfolders and hidden files left out; or the one file that is given.
     *
     * @throws AttunetException where there is none
     */
    public static List<Path> imagesIn(Path input) {
        if (!Files.exists(input)) {
            throw new AttunetException(
                    input, "no such file or folder", "an image or a folder of images", "check the path");
        }
        if (!Files.isDirectory(input)) {
            return List.of(input);
        }
        try (Stream<Path> files = Files.list(input)) {
            List<Path> images = files.filter(Images::isImage)
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
            if (images.isEmpty()) {
                throw new AttunetException(
                        input, "no image in the folder", "NIfTI, PNG, JPEG, TIFF or BMP files", "give another folder");
            }
            return images;
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    input.toString(), "cannot be listed (" + e + ")", "a readable folder", "check its permissions", e);
        }
    }

    /**
     * Predicts images one after the other, in the order given.
     *
     * @param inputs image files
     * @param output a folder, made where it's missing; or, for a single image, the mask's file, if it ends like an image
     * @return one prediction for each image
     * @throws AttunetException where nothing can be written to the output at all, or one file is given for many masks
     */
    public static List<CasePrediction> run(
            Segmenter segmenter, List<Path> inputs, Path output, PredictionListener listener) {
        List<InputCase> cases =
                InputCase.group(inputs, segmenter.model().preprocessing().channels());
        boolean single = Images.isImage(output) && !Files.isDirectory(output);
        if (single && cases.size() != 1) {
            throw new AttunetException(
                    output, "one file for " + cases.size() + " masks", "a folder", "give a folder as the output");
        }
        if (!single) {
            makeFolder(output);
        }
        Set<Path> inputFiles = new HashSet<>();
        for (Path file : inputs) {
            inputFiles.add(real(file));
            inputFiles.add(place(file));
        }
        Set<Path> masks = new HashSet<>();
        List<CasePrediction> outcomes = new ArrayList<>();
        for (InputCase image : cases) {
            ResultFiles files = single ? new ResultFiles(output) : ResultFiles.in(output, image);
            AttunetException clash = clash(files.mask(), inputFiles, masks);
            CasePrediction outcome = clash == null
                    ? CasePrediction.run(segmenter, image, files, listener::planned, result -> {})
                    : CasePrediction.failed(image, files, clash);
            outcomes.add(outcome);
            listener.done(outcome, outcomes.size(), cases.size());
        }
        return outcomes;
    }

    /** Why a mask must not be written: it would replace an image, or another image's mask. */
    private static @Nullable AttunetException clash(Path mask, Set<Path> inputs, Set<Path> masks) {
        if (inputs.contains(real(mask)) || inputs.contains(place(mask))) {
            return new AttunetException(
                    mask, "the mask would replace an image", "another folder", "give another folder as the output");
        }
        if (!masks.add(place(mask))) {
            return new AttunetException(
                    mask,
                    "the mask of another image of this name",
                    "images whose names differ by more than the suffix",
                    "rename one of the images");
        }
        return null;
    }

    /** Where a file's name stands, however its folder was spelled, whether or not the file exists. */
    private static Path place(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder == null ? absolute : real(folder).resolve(absolute.getFileName());
    }

    /** The file that a path leads to through symbolic links. */
    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }

    private static void makeFolder(Path folder) {
        WholeFile.makeFolder(folder);
        if (!Files.isWritable(folder)) {
            throw new AttunetException(
                    folder,
                    "the folder is read-only",
                    "a folder that masks can be written to",
                    "change its permissions or give another folder as the output");
        }
    }
}
