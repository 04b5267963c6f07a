package org.attunet.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes how found objects agree with the true ones: as a table for people, as CSV and JSON for programs. */
public final class ObjectResults {
    private static final double IOU = ObjectMatch.LEAST_IOU;

    /** A measure at one IoU, by the name that it has in tables and files. */
    private record Measure(String title, String key, Function<MatchCounts, @Nullable Double> value) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure("AP@0.5", "ap50", MatchCounts::averagePrecision),
            new Measure("precision@0.5", "precision50", MatchCounts::precision),
            new Measure("recall@0.5", "recall50", MatchCounts::recall),
            new Measure("F1@0.5", "f1_50", MatchCounts::f1),
            new Measure("PQ@0.5", "pq50", MatchCounts::panopticQuality));

    private ObjectResults() {}

    /**
     * {@return lines for the terminal: each measure's mean over images with its 95% interval, and its value for the objects
     * of all images together}
     *
     * @param images the match of each image
     */
    public static String toText(Map<String, ObjectMatch> images) {
        ObjectSummary summary = new ObjectSummary(List.copyOf(images.values()));
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nobjects: %d true, %d found in %d images%n%-16s%8s  %-16s  %12s%n",
                images.values().stream().mapToInt(ObjectMatch::truth).sum(),
                images.values().stream().mapToInt(ObjectMatch::predicted).sum(),
                images.size(),
                "measure",
                "images",
                "[95% CI]",
                "all objects"));
        row(text, MEASURES.get(0).title, summary.overImages(IOU, MEASURES.get(0).value), pooled(summary, 0));
        row(text, "AP@0.5:0.95", summary.meanAveragePrecision(), summary.pooledMeanAveragePrecision());
        for (int k = 1; k < MEASURES.size(); k++) {
            row(text, MEASURES.get(k).title, summary.overImages(IOU, MEASURES.get(k).value), pooled(summary, k));
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "count off by %.1f in the mean image; %d objects split, %d merged%n",
                        summary.meanAbsoluteCountError(),
                        summary.splits(),
                        summary.merges()))
                .toString();
    }

    private static @Nullable Double pooled(ObjectSummary summary, int measure) {
        return MEASURES.get(measure).value.apply(summary.pooled(IOU));
    }

    private static void row(StringBuilder text, String name, Statistic images, @Nullable Double pooled) {
        text.append(String.format(
                Locale.ROOT,
                "%-16s%8s  %-16s  %12s%n",
                name,
                number(images.mean()),
                images.low() == null ? "" : "[" + number(images.low()) + ", " + number(images.high()) + "]",
                number(pooled)));
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * {@code {"images": …, "true": …, "found": …, "mean_over_images": {"ap50": {"mean": …, "ci95": […, …]}, "ap": …, …},
     * "all_objects": {"ap50": …, "ap": …, …}, "data_science_bowl": …, "count_error": …, "splits": …, "merges": …}}.
     *
     * @param images the match of each image
     * @return the tree
     */
    public static ObjectNode toJson(Map<String, ObjectMatch> images) {
        ObjectSummary summary = new ObjectSummary(List.copyOf(images.values()));
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("images", images.size());
        json.put("true", images.values().stream().mapToInt(ObjectMatch::truth).sum());
        json.put(
                "found",
                images.values().stream().mapToInt(ObjectMatch::predicted).sum());
        ObjectNode means = json.putObject("mean_over_images");
        ObjectNode pooled = json.putObject("all_objects");
        for (int k = 0; k < MEASURES.size(); k++) {
            add(means.putObject(MEASURES.get(k).key), summary.overImages(IOU, MEASURES.get(k).value));
            pooled.put(MEASURES.get(k).key, pooled(summary, k));
        }
        add(means.putObject("ap"), summary.meanAveragePrecision());
        pooled.put("ap", summary.pooledMeanAveragePrecision());
        json.put("data_science_bowl", summary.dataScienceBowlScore().mean());
        json.put("count_error", summary.meanAbsoluteCountError());
        return json.put("splits", summary.splits()).put("merges", summary.merges());
    }

    private static void add(ObjectNode node, Statistic statistic) {
        node.put("mean", statistic.mean());
        node.putArray("ci95").add(statistic.low()).add(statistic.high());
        node.put("n", statistic.n());
    }

    /**
     * {@return CSV with a header and a line for each image}
     *
     * @param images the match of each image
     */
    public static String toCsv(Map<String, ObjectMatch> images) {
        StringBuilder csv = new StringBuilder("case,true,found,splits,merges");
        MEASURES.forEach(measure -> csv.append(',').append(measure.key));
        ObjectMatch.IOUS.stream().skip(1).forEach(iou -> csv.append(String.format(Locale.ROOT, ",ap%.0f", 100 * iou)));
        csv.append('\n');
        images.forEach((name, match) -> {
            csv.append(ResultsTable.quoted(name)).append(',').append(match.truth());
            csv.append(',').append(match.predicted()).append(',').append(match.splits());
            csv.append(',').append(match.merges());
            MEASURES.forEach(measure -> csv.append(',').append(text(measure.value.apply(match.at(IOU)))));
            ObjectMatch.IOUS.stream()
                    .skip(1)
                    .forEach(iou -> csv.append(',').append(text(match.at(iou).averagePrecision())));
            csv.append('\n');
        });
        return csv.toString();
    }

    private static String text(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }
}
