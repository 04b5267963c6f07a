package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import org.attunet.console.MemorySizeConverter;
import org.attunet.console.PixelSizeOption;
import org.attunet.console.ProgressDisplay;
import org.attunet.dicom.result.Codes;
import org.attunet.dicom.web.WebAddress;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.JsonFile;
import org.attunet.io.SeriesResult;
import org.attunet.io.WholeFile;
import org.attunet.predict.CaseObjects;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.ContactSheet;
import org.attunet.predict.FolderPrediction;
import org.attunet.predict.ObjectCounts;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.PredictionListener;
import org.attunet.predict.PredictionTable;
import org.attunet.predict.Reliability;
import org.attunet.predict.ResultOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.predict.TileMode;
import org.attunet.predict.TilePlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet predict}: segments an image or a folder of images. */
@Command(
        name = "predict",
        description = {
            "Segment an image or a folder of images; masks are on the images' own grids, those of DICOM series are DICOM SEG.",
            "An image that fails does not stop the others; the exit code is then 1."
        },
        footer = {
            "",
            "Examples:",
            "  attunet predict run scan.nii.gz -o mask.nii.gz",
            "  attunet predict run images -o masks --attention",
            "  attunet predict nuclei.zip images -o counted --objects --overlays",
            "  attunet predict model.zip ct/ -o seg.dcm --as seg,rtstruct,sr",
            "  attunet predict model.zip dicomweb+https://pacs.example.org/dicom-web/studies/1.2/series/3.4 -o same"
                    + " --auth-file login.txt",
            "  attunet predict model.zip --model other.zip images -o masks --uncertainty"
        })
final class PredictCommand extends AttunetCommand {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A run folder, or a bundle (folder or zip).")
    private Path model;

    @Parameters(
            index = "1",
            paramLabel = "IN",
            description =
                    "An image, a folder of images, or DICOM: a folder of series, a file, or a series of a DICOMweb"
                            + " server as dicomweb+https://HOST/.../studies/UID/series/UID.")
    private String input;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description =
                    "A folder for the masks or, for one image, the mask's file; 'same' stores them on the DICOMweb"
                            + " server that the series is from.")
    private Path output;

    @Option(names = "--probabilities", description = "Also write each class's probabilities.")
    private boolean probabilities;

    @Option(names = "--attention", description = "Also write the map of each attention gate.")
    private boolean attention;

    @Option(
            names = "--uncertainty",
            description = "Also write each voxel's entropy and, with several models or --tta, their disagreement.")
    private boolean uncertainty;

    @Option(names = "--geojson", description = "Also write the objects' outlines as GeoJSON, which QuPath imports.")
    private boolean geoJson;

    @Option(
            names = "--overlays",
            description = "Also write each image with its labels over it as STEM_overlay.png; of volumes, slices.")
    private boolean overlays;

    @Option(
            names = "--objects",
            negatable = true,
            fallbackValue = "true",
            description =
                    "Write objects: a label image with a number for each, STEM_objects.csv with their measures and, for a"
                            + " folder, counts.csv and index.html. Touching ones are split by their shape unless the model has learnt to"
                            + " tell them apart (default: for a model of objects).")
    private @Nullable Boolean objects;

    @Option(names = "--rois", description = "Also write the objects' outlines as STEM_rois.zip for ImageJ.")
    private boolean rois;

    @Option(
            names = "--as",
            split = ",",
            paramLabel = "FORM",
            description =
                    "What to write for DICOM images: seg, labelmap, rtstruct, sr (report with volumes), sc (pictures with"
                            + " outlines), nifti (default: seg).")
    private Set<SeriesResult.Kind> forms = EnumSet.of(SeriesResult.Kind.SEG);

    @Option(
            names = "--codes",
            paramLabel = "FILE",
            description = "JSON with the labels' codes for DICOM, such as {\"liver\": {\"scheme\": \"SCT\", \"value\":"
                    + " \"10200004\", \"meaning\": \"Liver\"}} (default: the model's, or those of common structures).")
    private @Nullable Path codes;

    private @Nullable ObjectNode givenCodes;

    @Option(
            names = "--overlap",
            description = "Overlap of the tiles of large images, 0 to 0.9 (default: ${DEFAULT-VALUE}).")
    private double overlap = 0.5;

    @Option(
            names = "--tiles",
            description =
                    "How large images are divided: auto, whole, exact or blended (default: auto, the model's own way).")
    private TileMode tiles = TileMode.AUTO;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            description = "Memory for computing an image, such as 3g (default: half of the machine's free memory).")
    private long memory;

    @Mixin
    private EnsembleOptions models;

    @Mixin
    private PixelSizeOption pixelSize;

    @Mixin
    private WebOptions web;

    @Override
    public Integer call() {
        boolean fetched = WebAddress.looksLike(input);
        boolean stored = fetched && output.equals(Path.of("same"));
        if (stored && (geoJson || overlays || forms.contains(SeriesResult.Kind.NIFTI))) {
            throw new AttunetException(
                    "-o same",
                    "results that aren't DICOM",
                    "DICOM alone",
                    "leave --geojson, --overlays and --as nifti out");
        }
        var options = SegmenterOptions.defaults()
                .withOverlap(overlap)
                .withProbabilities(probabilities)
                .withAttention(attention)
                .withUncertainty(uncertainty)
                .withTiles(tiles)
                .withMemory(memory);
        givenCodes = codes == null ? null : readCodes(codes);
        PredictionTable.requireOwn(output);
        try (Segmenter segmenter = models.open(console(), model, options)) {
            if (objects == null) {
                objects = rois || segmenter.objects().isPresent();
            }
            requireMasks(stored);
            if (Boolean.TRUE.equals(objects)) {
                ObjectSegmentation.requireSeparable(segmenter);
            }
            if (!fetched) {
                return report(tabulated(predict(segmenter, Path.of(input), output)), Path::toString);
            }
            try (WebSeries series = WebSeries.fetch(WebAddress.of(input), web, console())) {
                return stored
                        ? store(series, segmenter)
                        : report(tabulated(predict(segmenter, series.images(), output)), Path::toString);
            }
        }
    }

    /** Refuses forms that objects don't have, or that masks don't have. */
    private void requireMasks(boolean stored) {
        boolean counted = Boolean.TRUE.equals(objects);
        if (rois && !counted) {
            throw new AttunetException("--rois", "masks", "objects", "leave --no-objects or --rois out");
        }
        if (counted && (stored || codes != null || !forms.equals(EnumSet.of(SeriesResult.Kind.SEG)))) {
            throw new AttunetException(
                    stored ? "-o same" : codes == null ? "--as" : "--codes",
                    "objects, which are written as a label image and a table",
                    "masks as DICOM",
                    "add --no-objects for masks, or leave it out for objects");
        }
    }

    private static ObjectNode readCodes(Path file) {
        JsonNode read = JsonFile.readForeign(file, "an object of codes by labels' names", "correct the file");
        Codes.of(file.toString(), read); // refuses what isn't one
        return (ObjectNode) read;
    }

    private int store(WebSeries series, Segmenter segmenter) {
        List<CasePrediction> outcomes = predict(segmenter, series.images(), series.results());
        series.store(outcomes.stream().flatMap(one -> one.written().stream()).toList(), console());
        return report(outcomes, series::stored);
    }

    /** Writes the table of a folder's predictions beside their masks. */
    private List<CasePrediction> tabulated(List<CasePrediction> outcomes) {
        if (Files.isDirectory(output)) {
            Path table = output.resolve(PredictionTable.NAME);
            try {
                WholeFile.writeString(table, PredictionTable.toCsv(outcomes));
                message("table: " + table);
            } catch (AttunetException e) { // such as a full disk, which the masks met too
                warn(e);
            }
            if (Boolean.TRUE.equals(objects)) {
                message("objects of each image: " + output.resolve(ObjectCounts.NAME) + ", "
                        + output.resolve(ContactSheet.NAME));
            }
        }
        return outcomes;
    }

    private void warn(AttunetException unwritten) {
        console().warnings(List.of("no table of the predictions: " + unwritten.getMessage()));
    }

    private List<CasePrediction> predict(Segmenter segmenter, Path input, Path output) {
        if (verbose() && !segmenter.checksNovelty()) {
            message("the model keeps no profile of its training cases: unlike images are not noticed");
        }
        List<ImageCase> cases =
                pixelSize.applyTo(listed(input, segmenter.model().shape().channels()), console());
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Predicting")) {
            progress.note("0 of " + cases.size() + " images");
            return FolderPrediction.run(
                    segmenter,
                    cases,
                    output,
                    new ResultOptions(geoJson, overlays, forms, givenCodes, Boolean.TRUE.equals(objects), rois),
                    new PredictionListener() {
                        @Override
                        public void planned(String name, TilePlan plan) {
                            if (verbose()) {
                                message(name + ": " + plan);
                            }
                        }

                        @Override
                        public void progress(double share) {
                            progress.reached(share);
                        }

                        @Override
                        public void done(CasePrediction image, int done, int total) {
                            progress.reached(done, total);
                            progress.note(done + " of " + total + " images");
                        }

                        @Override
                        public void leftover(List<Path> files) {
                            console()
                                    .warnings(List.of(Wording.counted(files.size(), "file")
                                            + " beside the masks, not of this prediction, may not fit them: "
                                            + files.get(0) + (files.size() > 1 ? ", …" : "")
                                            + "; remove what is out of date"));
                        }

                        @Override
                        public void unwritten(AttunetException error) {
                            warn(error);
                        }
                    });
        }
    }

    private List<ImageCase> listed(Path input, int channels) {
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Reading headers")) {
            return ImageCase.in(input, channels, progress::reached);
        }
    }

    /** Reports results, each file by what it is called for the user. */
    private int report(List<CasePrediction> outcomes, Function<Path, String> called) {
        List<String> problems = new ArrayList<>();
        for (CasePrediction outcome : outcomes) {
            console()
                    .warnings(outcome.warnings().stream()
                            .map(warning -> outcome.name() + ": " + warning)
                            .toList());
            AttunetException error = outcome.error();
            if (error != null) {
                problems.add(error.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            problems.add(problems.size() + " of " + outcomes.size() + " images failed; the others are done.");
        }
        int code = console().problems(problems);
        result(() -> json(outcomes, called), () -> text(outcomes, called));
        return code;
    }

    private static String text(List<CasePrediction> outcomes, Function<Path, String> called) {
        var lines = new StringBuilder();
        for (CasePrediction outcome : outcomes) {
            for (Path file : outcome.written()) {
                lines.append(outcome.name()).append(" -> ").append(called.apply(file));
                if (file.equals(outcome.mask())) {
                    CaseObjects objects = outcome.objects();
                    lines.append("  ").append(objects == null ? quality(outcome.confidence()) : counted(objects));
                }
                lines.append('\n');
            }
        }
        long images = outcomes.stream().filter(one -> one.objects() != null).count();
        if (images > 1) {
            long total = outcomes.stream()
                    .map(CasePrediction::objects)
                    .filter(Objects::nonNull)
                    .mapToLong(CaseObjects::count)
                    .sum();
            lines.append(total).append(" objects in ").append(images).append(" images\n");
        }
        return lines.toString();
    }

    /** The confidence is that of the objects, as on the page; the mask's is in {@code predictions.csv}. */
    private static String counted(CaseObjects objects) {
        Double confidence = objects.confidence();
        return Wording.counted(objects.count(), "object")
                + (confidence == null ? "" : Wording.format(", mean confidence %.3f", confidence));
    }

    private static void put(ObjectNode node, CaseObjects objects, Function<Path, String> called) {
        node.put("count", objects.count());
        if (objects.counts().size() > 1) {
            objects.counts().forEach(node.putObject("counts")::put);
        }
        node.put("size", objects.size())
                .put("mean_size", objects.meanSize())
                .put("unit", objects.unit())
                .put("mean_equivalent_diameter", objects.diameter())
                .put("mean_confidence", objects.confidence())
                .put("table", called.apply(objects.table()));
    }

    private static String quality(OptionalDouble confidence) {
        return confidence.isPresent()
                ? Wording.format("confidence %.3f", confidence.getAsDouble())
                : Reliability.EMPTY_MASK;
    }

    private static ObjectNode json(List<CasePrediction> outcomes, Function<Path, String> called) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode predictions = root.putArray("predictions");
        for (CasePrediction outcome : outcomes) {
            ObjectNode node = predictions.addObject().put("case", outcome.name());
            AttunetException error = outcome.error();
            node.put("mask", error == null ? called.apply(outcome.mask()) : null);
            ArrayNode written = node.putArray("files");
            outcome.written().forEach(file -> written.add(called.apply(file)));
            CaseObjects objects = outcome.objects();
            if (objects != null) {
                put(node.putObject("objects"), objects, called);
            }
            node.put("empty", error == null ? outcome.empty() : null);
            node.put("confidence", outcome.reliability().confidenceOrNull());
            node.put("novelty", outcome.reliability().noveltyOrNull());
            node.put("unlike_training_data", outcome.reliability().unlikeTrainingOrNull());
            outcome.warnings().forEach(node.putArray("warnings")::add);
            node.put("error", error == null ? null : error.getMessage());
        }
        root.put("failed", outcomes.stream().filter(CasePrediction::failed).count());
        return root;
    }
}
