package org.attunet.predict;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Structure;
import org.attunet.io.Csv;
import org.jspecify.annotations.Nullable;

/** The predictions of a folder as a table: a row for each case and label, one row for a case that failed. */
public final class PredictionTable {
    /** The name of the file in the folder of the results. */
    public static final String NAME = "predictions.csv";

    private static final List<String> HEADER = List.of(
            "case",
            "label",
            "name",
            "voxels",
            "volume",
            "unit",
            "components",
            "confidence",
            "empty",
            "novelty",
            "unlike_training_data",
            "warnings",
            "error");

    private PredictionTable() {}

    /**
     * Refuses a folder whose file of this name is another program's, before anything is computed.
     *
     * @param folder for the results; need not exist
     * @throws AttunetException if there is such a file
     */
    public static void requireOwn(Path folder) {
        ObjectPages.requireOwn(folder.resolve(NAME), Csv.line(HEADER).strip());
    }

    /**
     * {@return CSV with a header, according to RFC 4180 but with bare line feeds} Of pictures, {@code volume} is the area; its
     * unit is written in ASCII: {@code mm3}, {@code um2}, {@code px2}. Warnings are joined by {@code "; "}.
     *
     * @param predictions as of {@link FolderPrediction}, which measures the labels
     */
    public static String toCsv(List<CasePrediction> predictions) {
        return Stream.concat(Stream.of(HEADER), predictions.stream().flatMap(PredictionTable::rows))
                .map(Csv::line)
                .collect(Collectors.joining());
    }

    private static Stream<List<String>> rows(CasePrediction one) {
        if (one.structures().isEmpty()) {
            return Stream.of(row(one, List.of("", "", "", "", "", "")));
        }
        return one.structures().stream().map(structure -> row(one, measures(structure)));
    }

    private static List<String> measures(Structure structure) {
        return List.of(
                Integer.toString(structure.value()),
                structure.name(),
                Long.toString(structure.voxels()),
                String.format(Locale.ROOT, "%.6g", structure.volume()),
                structure.unit().replace("µ", "u").replace("²", "2").replace("³", "3"),
                Integer.toString(structure.components()));
    }

    private static List<String> row(CasePrediction one, List<String> measures) {
        Reliability reliability = one.reliability();
        return Stream.of(
                        Stream.of(one.name()),
                        measures.stream(),
                        Stream.of(
                                number(reliability.confidenceOrNull()),
                                one.failed() ? "" : Boolean.toString(one.empty()),
                                number(reliability.noveltyOrNull()),
                                text(reliability.unlikeTrainingOrNull()),
                                String.join("; ", one.warnings()),
                                one.error() == null ? "" : text(one.error().getMessage())))
                .flatMap(fields -> fields)
                .toList();
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
