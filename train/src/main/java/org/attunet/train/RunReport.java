package org.attunet.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.MatchCounts;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.ObjectSummary;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.report.AttentionShare;
import org.attunet.report.CaseChoice;
import org.attunet.report.CasePicture;
import org.attunet.report.Fact;
import org.attunet.report.HistoryPoint;
import org.attunet.report.HtmlReport;
import org.attunet.report.ReportContent;

/**
 * The HTML report of a model's evaluation: numbers, the course of its training, the best, the median and the worst case.
 *
 * @param title the heading
 * @param subtitle which cases were measured
 * @param facts after those of the evaluation
 * @param warnings about data and training, a sentence or two each
 * @param history of the training, empty if it is unknown
 * @param attention how open the gates were, oldest first
 */
public record RunReport(
        String title,
        String subtitle,
        List<Fact> facts,
        List<String> warnings,
        List<HistoryPoint> history,
        List<AttentionShare> attention) {

    /** @param cases among which the evaluated ones are */
    public void write(Path file, Segmenter segmenter, Evaluation evaluation, List<Case> cases) {
        List<Fact> all = new ArrayList<>(facts(evaluation));
        all.addAll(facts);
        List<String> allWarnings = new ArrayList<>(warnings);
        allWarnings.addAll(evaluation.warningLines());
        ObjectSegmentation.levelsExplained(segmenter).ifPresent(allWarnings::add);
        HtmlReport.write(
                new ReportContent(
                        title,
                        subtitle,
                        all,
                        history,
                        evaluation.results(),
                        evaluation.summary(),
                        segmenter.model().labels(),
                        pictures(segmenter, evaluation.results(), cases),
                        allWarnings,
                        attention,
                        configuration(segmenter.model())),
                file);
    }

    private static List<Fact> facts(Evaluation evaluation) {
        Summary summary = evaluation.summary();
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("mean Dice", String.format(Locale.ROOT, "%.3f", summary.meanDice())));
        if (summary.labels().size() == 1) {
            Statistic dice = summary.labels().values().iterator().next().get(Metric.DICE);
            if (dice != null) {
                facts.add(
                        new Fact("95% interval", String.format(Locale.ROOT, "%.3f to %.3f", dice.low(), dice.high())));
            }
        }
        facts.addAll(objectFacts(evaluation.objects()));
        facts.add(new Fact("cases", Integer.toString(evaluation.results().size())));
        if (summary.failed() > 0) {
            facts.add(new Fact("labels missed or invented", Integer.toString(summary.failed())));
        }
        evaluation
                .unlikeTraining()
                .ifPresent(count -> facts.add(new Fact("unlike the training cases", Integer.toString(count))));
        int unreadable = evaluation.unreadable().size();
        if (unreadable > 0) {
            facts.add(new Fact("cases that could not be read", Integer.toString(unreadable)));
        }
        return facts;
    }

    /** The means over images of how objects agree with the true ones; none without objects. */
    static List<Fact> objectFacts(Map<String, ObjectMatch> images) {
        List<Fact> facts = new ArrayList<>();
        ObjectSummary objects = new ObjectSummary(List.copyOf(images.values()));
        fact(facts, "objects: AP@0.5", objects.overImages(ObjectMatch.LEAST_IOU, MatchCounts::averagePrecision));
        fact(facts, "objects: AP@0.5:0.95", objects.meanAveragePrecision());
        return facts;
    }

    private static void fact(List<Fact> facts, String name, Statistic statistic) {
        if (statistic.mean() != null) {
            facts.add(new Fact(name, String.format(Locale.ROOT, "%.3f", statistic.mean())));
        }
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
                    pair.labels().known(),
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
        settings.put("patch", Arrays.toString(model.patch()));
        settings.put("preprocessing", model.preprocessing().toString());
        return settings;
    }
}
