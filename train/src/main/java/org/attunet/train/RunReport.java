package org.attunet.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.report.CaseChoice;
import org.attunet.report.CasePicture;
import org.attunet.report.Fact;
import org.attunet.report.GateCurves;
import org.attunet.report.HistoryPoint;
import org.attunet.report.HtmlReport;
import org.attunet.report.ReportContent;
import org.jspecify.annotations.Nullable;

/** The page that shows what a model came to: numbers, course of training, the best, the median and the worst case. */
public final class RunReport {
    private RunReport() {}

    /**
     * Writes the report of an evaluation.
     *
     * @param title the heading
     * @param subtitle which cases were measured, as a sentence
     * @param cases among which the evaluated ones are
     * @param history of the training, or null where it isn't known
     * @param facts to stand after those of the evaluation
     */
    public static void write(
            Path file,
            String title,
            String subtitle,
            Segmenter segmenter,
            Evaluation evaluation,
            List<Case> cases,
            @Nullable History history,
            List<Fact> facts) {
        write(file, title, subtitle, segmenter, evaluation, cases, history, facts, List.of(), List.of());
    }

    /**
     * The same with what training has noticed about itself.
     *
     * @param warnings a sentence or two each
     * @param attention how open the gates were, oldest first
     */
    public static void write(
            Path file,
            String title,
            String subtitle,
            Segmenter segmenter,
            Evaluation evaluation,
            List<Case> cases,
            @Nullable History history,
            List<Fact> facts,
            List<String> warnings,
            List<AttentionShare> attention) {
        ModelDescription model = segmenter.model();
        List<Fact> all = new ArrayList<>(facts(evaluation));
        all.addAll(facts);
        HtmlReport.write(
                new ReportContent(
                        title,
                        subtitle,
                        all,
                        history == null ? List.of() : points(history),
                        evaluation.results(),
                        evaluation.summary(),
                        model.labels(),
                        pictures(segmenter, evaluation.results(), cases),
                        warnings,
                        gates(attention),
                        configuration(model)),
                file);
    }

    private static List<Fact> facts(Evaluation evaluation) {
        Summary summary = evaluation.summary();
        List<Fact> facts = new ArrayList<>();
        facts.add(Fact.of("mean Dice", String.format(Locale.ROOT, "%.3f", summary.meanDice())));
        if (summary.labels().size() == 1) {
            Statistic dice = summary.labels().values().iterator().next().get(Metric.DICE);
            if (dice != null) {
                facts.add(Fact.of("95% interval", String.format(Locale.ROOT, "%.3f to %.3f", dice.low(), dice.high())));
            }
        }
        facts.add(Fact.of("cases", Integer.toString(evaluation.results().size())));
        if (summary.failed() > 0) {
            facts.add(Fact.of("labels missed or invented", Integer.toString(summary.failed())));
        }
        if (!evaluation.unreadable().isEmpty()) {
            facts.add(Fact.of(
                    "cases that could not be read",
                    Integer.toString(evaluation.unreadable().size())));
        }
        return facts;
    }

    private static List<GateCurves> gates(List<AttentionShare> attention) {
        Map<String, List<GateCurves.Point>> points = new LinkedHashMap<>();
        attention.forEach(row -> points.computeIfAbsent(row.gate(), gate -> new ArrayList<>())
                .add(new GateCurves.Point(row.step(), row.inside(), row.outside())));
        return points.entrySet().stream()
                .map(gate -> new GateCurves(gate.getKey(), gate.getValue()))
                .toList();
    }

    private static List<HistoryPoint> points(History history) {
        return history.rows().stream()
                .map(row -> new HistoryPoint(
                        Math.toIntExact(row.step()),
                        row.minutes(),
                        row.loss(),
                        row.validationDice(),
                        row.learningRate()))
                .toList();
    }

    private static List<CasePicture> pictures(Segmenter segmenter, List<CaseResult> results, List<Case> cases) {
        List<CasePicture> pictures = new ArrayList<>();
        CaseChoice.of(results).forEach((role, name) -> {
            Case one =
                    cases.stream().filter(c -> c.id().equals(name)).findFirst().orElseThrow();
            CaseResult result = results.stream()
                    .filter(r -> r.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            Case.Pair pair = one.read(segmenter.model().labels());
            Segmentation shown =
                    segmenter.segment(pair.image(), segmenter.options().withAttention(true));
            pictures.add(new CasePicture(
                    name,
                    role,
                    CaseChoice.meanDice(result),
                    pair.image(),
                    pair.labels(),
                    shown.labels(),
                    shown.attention()));
        });
        return pictures;
    }

    /** What a reader needs to know to train such a model again. */
    private static Map<String, String> configuration(ModelDescription model) {
        Map<String, String> settings = new LinkedHashMap<>();
        var network = model.network();
        settings.put("model", model.name());
        settings.put("network", network.family() + ", " + network.dimension() + "D, gates " + network.gates());
        settings.put("channels", Integer.toString(network.channels()));
        settings.put("widths", network.widths().toString());
        settings.put("upsampling", network.upsampling().toString());
        settings.put("normalisation layers", network.normalisation().toString());
        settings.put("labels", model.labels().toString());
        settings.put("patch", java.util.Arrays.toString(model.patch()));
        settings.put("preprocessing", model.preprocessing().toString());
        return settings;
    }
}
