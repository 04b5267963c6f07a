package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.attunet.console.ProgressDisplay;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet convert}: writes a DICOM series as one volume. */
@Command(
        name = "convert",
        description = {
            "Write a DICOM series as one volume, which the other commands read.",
            "The folder and the folders in it are searched; slices are ordered by their positions. Voxels lie as"
                    + " dcm2niix puts them."
        },
        footer = {
            "",
            "Example:",
            "  attunet convert scan/ -o scan.nii.gz",
            "  attunet convert study/ --series 4 -o scan.nii.gz",
            "  attunet convert dicomweb+https://pacs.example.org/dicom-web/studies/1.2/series/3.4 -o scan.nii.gz",
            "  attunet predict models/hippocampus.zip scan.nii.gz -o mask.nii.gz"
        })
final class ConvertCommand extends AttunetCommand {
    @Parameters(
            index = "0",
            paramLabel = "FOLDER",
            description = "A folder of DICOM files, or a series as dicomweb+https://HOST/.../studies/UID/series/UID.")
    private String input;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The volume to write, such as scan.nii.gz.")
    private Path output;

    @Option(
            names = "--series",
            paramLabel = "N",
            description = "The number of the series, if the folder holds several.")
    private @Nullable Integer number;

    @Mixin
    private WebOptions web;

    @Override
    public Integer call() {
        Images.requireWritten(output);
        return web.with(input, console(), this::convert);
    }

    private int convert(Path folder) {
        Series chosen = only(
                folder,
                Series.of(folder, share -> {}).stream()
                        .filter(series -> number == null || number == series.number())
                        .toList());
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading slices")) {
            Images.write(chosen.image(progress::reached), output);
        }
        result(() -> json(chosen), () -> output + ": " + text(chosen));
        return 0;
    }

    private Series only(Path folder, List<Series> found) {
        if (found.size() == 1) {
            return found.get(0);
        }
        String wanted = number == null ? "" : " of number " + number;
        if (found.isEmpty()) {
            throw new AttunetException(
                    folder,
                    "no DICOM series" + wanted,
                    "slices that say where they lie",
                    "name the folder of the series");
        }
        throw new AttunetException(
                folder,
                found.size() + " volumes" + wanted + ": "
                        + found.stream().map(ConvertCommand::text).collect(Collectors.joining("; ")),
                "one",
                "choose one by --series, or give a folder that holds it alone");
    }

    private static String text(Series series) {
        return "series " + series.number() + ", " + series.modality() + ", " + series.describedSize();
    }

    private ObjectNode json(Series series) {
        Grid grid = series.grid();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("output", output.toString())
                .put("series", series.number())
                .put("modality", series.modality())
                .put("slices", series.size());
        ArrayNode size = json.putArray("size");
        ArrayNode spacing = json.putArray("spacing");
        for (int axis = 0; axis < grid.dimension(); axis++) {
            size.add(grid.size(axis));
            spacing.add(grid.spacing(axis));
        }
        return json;
    }
}
