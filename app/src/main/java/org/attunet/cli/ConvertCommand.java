package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.attunet.console.ProgressDisplay;
import org.attunet.dicom.series.Contents;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.Sizes;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet convert}: writes DICOM series as volumes. */
@Command(
        name = "convert",
        description = {
            "Write a DICOM series as one volume, which the other commands read.",
            "A folder and the folders in it, a DICOMDIR, a zip archive or files; slices are ordered by their positions. Voxels"
                    + " lie as dcm2niix puts them; slices that lie unevenly or tilted are resampled, with a note.",
            "The other way, a volume becomes a series of CT or MR images, and a mask a segmentation of the series that it was"
                    + " made --like."
        },
        footer = {
            "",
            "Example:",
            "  attunet convert scan/ -o scan.nii.gz",
            "  attunet convert study.zip --series 4 -o scan.nii.gz",
            "  attunet convert study/ --all -o volumes/",
            "  attunet convert dicomweb+https://pacs.example.org/dicom-web/studies/1.2/series/3.4 -o scan.nii.gz",
            "  attunet convert scan.nii.gz --modality CT -o series/",
            "  attunet convert mask.nii.gz --like scan/ --labels 1=liver -o mask.dcm"
        })
final class ConvertCommand extends AttunetCommand {
    @Parameters(
            index = "0..*",
            arity = "1..*",
            paramLabel = "INPUT",
            description =
                    "A folder of DICOM files, a DICOMDIR, a zip archive, files, or a series of a DICOMweb server.")
    private List<String> inputs;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description =
                    "The volume to write, such as scan.nii.gz; a folder with --all or --modality; a DICOM file with --like.")
    private Path output;

    @Option(
            names = "--series",
            paramLabel = "SERIES",
            description =
                    "The number, identifier (UID) or label of the series, as 'attunet info' shows them, if there are"
                            + " several.")
    private @Nullable String wanted;

    @Option(names = "--all", description = "Write all series, each as LABEL.nii.gz.")
    private boolean all;

    @Mixin
    private WebOptions web;

    @Option(
            names = "--modality",
            paramLabel = "CT|MR",
            description = "What a volume becomes: a series of CT or of MR images.")
    private @Nullable String modality;

    @Option(
            names = "--like",
            paramLabel = "INPUT",
            description = "The DICOM series on whose grid a mask lies; --series chooses among several.")
    private @Nullable Path like;

    @Option(
            names = "--labels",
            split = ",",
            paramLabel = "N=NAME",
            description = "The names of a mask's labels, such as 1=liver,2=tumour, by which their codes are found.")
    private final Map<Integer, String> labels = new TreeMap<>();

    @Override
    public Integer call() {
        String first = inputs.get(0);
        if (!first.contains("://") && Images.isNifti(Path.of(first))) {
            return toDicom(Path.of(first));
        }
        if (modality != null || like != null) {
            throw new AttunetException(
                    first, "no NIfTI file", "a volume or mask in NIfTI", "leave --modality and --like out");
        }
        if (!all) {
            Images.requireWritten(output);
        }
        return inputs.size() == 1
                ? web.with(inputs.get(0), console(), folder -> convert(List.of(folder)))
                : convert(inputs.stream().map(Path::of).toList());
    }

    private int convert(List<Path> paths) {
        List<Series> chosen = chosen(paths);
        return all ? each(chosen) : one(chosen);
    }

    private int toDicom(Path volume) {
        if (inputs.size() > 1 || (like == null) == (modality == null)) {
            throw new AttunetException(
                    volume,
                    "a NIfTI file",
                    "it alone, with --modality CT or MR, or with --like SERIES if it is a mask",
                    "say what it becomes");
        }
        ObjectNode written = like == null
                ? ConvertToDicom.series(volume, output, Objects.requireNonNull(modality))
                : ConvertToDicom.segmentation(volume, output, only(chosen(List.of(like))), labels);
        result(() -> written, () -> output + ": " + (like == null ? modality + " series" : "segmentation"));
        return ExitCode.OK;
    }

    /** The series that are wanted, one or more. */
    private List<Series> chosen(List<Path> paths) {
        Contents contents;
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading headers")) {
            contents = Contents.of(paths, progress::reached);
        }
        console().notes(contents.notes());
        List<Series> chosen =
                contents.requireWhole().series().stream().filter(this::isWanted).toList();
        if (chosen.isEmpty()) {
            throw none(contents, paths.get(0).toString());
        }
        return chosen;
    }

    private boolean isWanted(Series series) {
        return wanted == null
                || wanted.equals(Integer.toString(series.number()))
                || wanted.equals(series.uid())
                || wanted.equals(series.label());
    }

    private Series only(List<Series> found) {
        if (found.size() > 1) {
            throw new AttunetException(
                    inputs.get(0),
                    found.size() + " volumes" + (wanted == null ? "" : " of series " + wanted) + ": "
                            + found.stream().map(ConvertCommand::text).collect(Collectors.joining("; ")),
                    "one",
                    "choose one by --series, or convert them by --all -o FOLDER");
        }
        return found.get(0);
    }

    private int one(List<Series> found) {
        Series series = only(found);
        ObjectNode written = write(series, output);
        result(() -> written, () -> output + ": " + text(series, written(series)));
        return ExitCode.OK;
    }

    private int each(List<Series> found) {
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new AttunetException(
                    output.toString(), "it can't be made (" + e + ")", "a folder", "choose another", e);
        }
        ArrayNode written = JsonNodeFactory.instance.arrayNode();
        List<String> lines = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Series series : found) {
            Path file = output.resolve(series.label() + ".nii.gz");
            try {
                written.add(write(series, file));
                lines.add(file + ": " + text(series, written(series)));
            } catch (AttunetException e) {
                problems.add(series.label() + " is not converted: " + e.getMessage());
            }
        }
        result(() -> written, () -> String.join("\n", lines));
        console().warnings(problems);
        return problems.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private ObjectNode write(Series series, Path file) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading slices")) {
            Image image = series.image(progress::reached);
            console().notes(series.notes());
            Images.write(image, file);
            return json(series, image.grid(), file);
        }
    }

    private AttunetException none(Contents contents, String place) {
        String others = contents.others().stream()
                .map(other -> other.files() + " x " + other.reason())
                .collect(Collectors.joining(", "));
        return new AttunetException(
                place,
                "no DICOM series" + (wanted == null ? "" : " of number, identifier or label " + wanted)
                        + (others.isEmpty() ? "" : ", only " + others),
                "slices that say where they lie",
                "name what holds the series; 'attunet info' lists it");
    }

    private static String text(Series series) {
        return text(series, series.describedSize());
    }

    /** The size of the volume, which may have more slices than there are images. */
    private static String written(Series series) {
        return Sizes.text(series.grid().size());
    }

    private static String text(Series series, String size) {
        String part = series.part();
        return series.label() + " (series " + series.number() + ", " + series.modality() + ", " + size
                + (part.isEmpty() ? ")" : ", " + part + ")");
    }

    private static ObjectNode json(Series series, Grid grid, Path file) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("output", file.toString())
                .put("series", series.number())
                .put("label", series.label())
                .put("modality", series.modality())
                .put("slices", series.size());
        ArrayNode size = json.putArray("size");
        ArrayNode spacing = json.putArray("spacing");
        for (int axis = 0; axis < grid.dimension(); axis++) {
            size.add(grid.size(axis));
            spacing.add(grid.spacing(axis));
        }
        series.notes().forEach(json.putArray("notes")::add);
        return json;
    }
}
