package org.attunet.predict;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.image.Structure;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Predicts image files to mask files on the images' own grids and in a format of the same kind.
 *
 * <p>A mask is named after its image: {@code .nii.gz} for NIfTI, {@code .tif} for TIFF, {@code .png} for other pictures, {@code
 * .dcm} (DICOM SEG) for DICOM.
 * Probabilities, attention maps and uncertainty, if the segmenter's options request them, are written beside it as {@code
 * STEM_probabilities.nii.gz}, {@code STEM_attention_GATE.nii.gz}, {@code STEM_entropy.nii.gz} and {@code
 * STEM_mutual_information.nii.gz} (for pictures {@code .tif} with a page for each class, and {@code .png}, 0 as black and 1 as white). For models of several
 * channels, files named {@code CASE_0000}, {@code CASE_0001}, … are one image, whose mask is {@code CASE.nii.gz}.
 *
 * <p>With {@link ResultOptions#objects} a label image of the objects takes the mask's place, {@code .nii.gz} for DICOM, {@code .tif} of 32
 * bits in place of {@code .png} for more than 65535 objects; {@code STEM_objects.csv} has a row for each object, {@code
 * counts.csv} one for each image, and {@code index.html} shows the images with outlines.
 *
 * <p>An image that fails does not stop the others.
 */
public final class FolderPrediction {
    private FolderPrediction() {}

    /**
     * Predicts images one after the other, in the order given.
     *
     * @param segmenter the model
     * @param cases as {@link ImageCase#in} lists them for the model's number of channels
     * @param output a folder, created if it is missing; or, for a single image, the mask's file, if its name ends like an
     *     image's
     * @param listener follows the progress
     * @return one prediction for each image
     * @throws AttunetException if nothing can be written to the output at all, or one file is given for many masks
     */
    public static List<CasePrediction> run(
            Segmenter segmenter, List<ImageCase> cases, Path output, PredictionListener listener) {
        return run(segmenter, cases, output, ResultOptions.DEFAULT, listener);
    }

    /**
     * The same in chosen forms, such as with the objects' outlines as {@code STEM.geojson} beside each mask.
     *
     * @param segmenter the model
     * @param cases as {@link ImageCase#in} lists them for the model's number of channels
     * @param output a folder, or for a single image the mask's file
     * @param options the forms
     * @param listener follows the images
     * @return one prediction for each image
     */
    public static List<CasePrediction> run(
            Segmenter segmenter,
            List<ImageCase> cases,
            Path output,
            ResultOptions options,
            PredictionListener listener) {
        boolean dicom = Images.suffix(output).equals(ResultFiles.DICOM);
        boolean single = (Images.isImage(output) || Images.isNifti(output) || dicom) && !Files.isDirectory(output);
        if (single && cases.size() != 1) {
            throw new AttunetException(
                    output, "one file for " + cases.size() + " masks", "a folder", "give a folder as the output");
        }
        if (single) {
            if (options.objects()) {
                ObjectResultFiles.requireWritten(output);
            } else if (!dicom) {
                Images.requireWritten(output);
            } else if (!cases.get(0).isSeries()) {
                throw new AttunetException(
                        output,
                        "a DICOM mask of an image that isn't DICOM",
                        "a format of the image's kind",
                        "name the mask .nii.gz or .png, or give the DICOM series");
            }
        } else {
            makeFolder(output);
            if (options.objects()) {
                ObjectPages.requireOwn(output);
            }
        }
        var sheet = new ContactSheet(cases.size());
        Inputs inputs = Inputs.of(cases);
        Set<Path> masks = new HashSet<>();
        List<CasePrediction> outcomes = new ArrayList<>();
        List<Path> leftover = new ArrayList<>();
        for (ImageCase image : cases) {
            ResultFiles files = single ? new ResultFiles(output, options) : ResultFiles.in(output, image, options);
            AttunetException clash = clash(files, segmenter.model().labels(), inputs, masks);
            int before = outcomes.size();
            DoubleConsumer progress = share -> listener.progress((before + share) / cases.size());
            List<Structure> structures = new ArrayList<>();
            CasePrediction outcome = clash == null
                    ? CasePrediction.run(
                                    segmenter,
                                    image,
                                    files,
                                    listener::planned,
                                    progress,
                                    result -> structures.addAll(result.structures()),
                                    single ? drawing -> {} : sheet::draw)
                            .withStructures(structures)
                    : CasePrediction.failed(image, files, clash);
            outcomes.add(outcome);
            if (!outcome.failed()) {
                leftover.addAll(files.leftover(outcome.written()));
            }
            sheet.finish();
            listener.done(outcome, outcomes.size(), cases.size());
        }
        if (options.objects() && !single) {
            try {
                ObjectPages.write(output, outcomes, sheet);
            } catch (AttunetException e) {
                listener.unwritten(e);
            }
        }
        if (!options.objects() && !single) {
            leftover.addAll(ObjectPages.earlier(output));
        }
        if (!leftover.isEmpty()) {
            listener.leftover(leftover);
        }
        return outcomes;
    }

    /**
     * The files of all images, which no result may replace.
     *
     * @param files of the images
     * @param sorted their paths as text, in which those that begin alike are neighbours; without an archive's files
     * @param folders that the files are in
     */
    private record Inputs(Set<Path> files, NavigableSet<String> sorted, Set<Path> folders) {
        static Inputs of(List<ImageCase> cases) {
            Set<Path> files = new HashSet<>();
            for (ImageCase image : cases) {
                for (Path file : image.files()) {
                    files.add(real(file));
                    files.add(place(file));
                }
            }
            NavigableSet<String> sorted = files.stream()
                    .filter(file -> file.getFileSystem().equals(FileSystems.getDefault()))
                    .map(Path::toString)
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<Path> folders = files.stream().map(file -> real(folderOf(file))).collect(Collectors.toSet());
            return new Inputs(files, sorted, folders);
        }

        /** Whether a mask, or what is named after it, is an image's file. */
        boolean haveOneOf(ResultFiles results, LabelSet labels) {
            Path mask = place(results.mask());
            if (files.contains(real(results.mask())) || files.contains(mask)) {
                return true;
            }
            var placed = new ResultFiles(mask, results.options());
            if (placed.regionFiles(labels).values().stream()
                    .anyMatch(file -> files.contains(real(file)) || files.contains(place(file)))) {
                return true;
            }
            String start = mask.resolveSibling(Images.stem(mask)).toString();
            return sorted.tailSet(start).stream()
                    .takeWhile(file -> file.startsWith(start))
                    .map(Path::of)
                    .anyMatch(placed::isBeside);
        }
    }

    /** The error if a mask would replace an image or another image's mask, else null. */
    private static @Nullable AttunetException clash(
            ResultFiles files, LabelSet labels, Inputs inputs, Set<Path> masks) {
        Path mask = files.mask();
        if (inputs.haveOneOf(files, labels)) {
            return new AttunetException(
                    mask,
                    "the mask, or what is named after it, would replace an image",
                    "another folder",
                    "give another folder as the output");
        }
        if (files.options().objects()) {
            for (Path table : new ObjectResultFiles(files).tables()) {
                if (inputs.folders().contains(real(folderOf(table))) && Files.exists(table)) {
                    return new AttunetException(
                            table,
                            "it exists in the images' own folder and would be replaced",
                            "another folder",
                            "give another folder as the output, or remove the file");
                }
            }
            mask = mask.resolveSibling(Images.stem(mask)); // after which the table is named, whatever the format
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

    /** The path of a file, which need not exist, with symbolic links of its folder resolved. */
    private static Path place(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder == null ? absolute : real(folder).resolve(absolute.getFileName());
    }

    private static Path folderOf(Path file) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder;
    }

    /** The path with all symbolic links resolved if the file exists. */
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
