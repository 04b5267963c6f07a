package org.attunet.predict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.io.Csv;
import org.jspecify.annotations.Nullable;

/** The objects of a folder's images as a table: a row for each image, also for those that failed. */
public final class ObjectCounts {
    /** The file's name. */
    public static final String NAME = "counts.csv";

    /** How the header begins, by which the file is known again. */
    static final String BEGINNING = "image,objects,total_size,unit,";

    private ObjectCounts() {}

    /**
     * {@return CSV with a header, according to RFC 4180 but with bare line feeds} Sizes are areas or volumes, diameters equivalent
     * ones, in the image's unit in ASCII ({@code um2}, {@code mm3}, {@code px2}); the confidence is the mean of the objects'. Models
     * of several labels have a column for the count of each. Warnings are joined by {@code "; "}.
     *
     * @param predictions as of {@link FolderPrediction} with {@link ResultOptions#objects}
     */
    public static String toCsv(List<CasePrediction> predictions) {
        Set<String> labels = predictions.stream()
                .map(CasePrediction::objects)
                .filter(Objects::nonNull)
                .flatMap(objects -> objects.counts().keySet().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<String> extra = labels.size() > 1 ? List.copyOf(labels) : List.of();
        List<String> header = new ArrayList<>(List.of(BEGINNING.split(",")));
        header.addAll(List.of("mean_size", "mean_equivalent_diameter", "mean_confidence"));
        extra.forEach(label -> header.add("objects_" + label));
        header.addAll(List.of("warnings", "error"));
        return Stream.concat(Stream.of(header), predictions.stream().map(one -> row(one, extra)))
                .map(Csv::line)
                .collect(Collectors.joining());
    }

    private static List<String> row(CasePrediction one, List<String> labels) {
        List<String> row = new ArrayList<>(List.of(one.name()));
        CaseObjects objects = one.objects();
        if (objects == null) {
            row.addAll(Collections.nCopies(6 + labels.size(), ""));
        } else {
            row.add(Integer.toString(objects.count()));
            row.add(number(objects.size()));
            row.add(objects.unit().replace("µ", "u").replace("²", "2").replace("³", "3"));
            row.add(number(objects.meanSize()));
            row.add(number(objects.diameter()));
            row.add(number(objects.confidence()));
            labels.forEach(label -> row.add(Integer.toString(objects.counts().getOrDefault(label, 0))));
        }
        row.add(String.join("; ", one.warnings()));
        row.add(one.error() == null ? "" : Objects.toString(one.error().getMessage(), ""));
        return row;
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.6g", value);
    }
}
