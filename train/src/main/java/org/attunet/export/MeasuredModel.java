package org.attunet.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.Precision;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Sha256;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.MatchCounts;
import org.attunet.metrics.Metric;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.ObjectSummary;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.predict.Segmenter;
import org.attunet.report.CaseChoice;
import org.attunet.report.Overlay;
import org.attunet.train.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * What a model's card and cover say about its data and its quality, measured on held-out cases.
 *
 * @param cover a picture of the median case; null if none was requested
 * @param crop a part of that case for the test input ({@link CaseCrop}); null likewise
 * @param cases what the measured cases are, such as {@code held-out cases}
 * @param evaluation of the model; null without data
 * @param int8Evaluation of the quantised model; null without data or quantisation
 */
@SuppressWarnings("ArrayRecordComponent")
record MeasuredModel(
        ModelCard card,
        byte @Nullable [] cover,
        float @Nullable [] crop,
        String cases,
        @Nullable Evaluation evaluation,
        @Nullable Evaluation int8Evaluation) {
    private static final List<Metric> SCORES =
            List.of(Metric.DICE, Metric.NSD, Metric.HD95, Metric.ASSD, Metric.HD95_PX, Metric.ASSD_PX);

    /** The calibrated temperature, or 1. */
    double temperature() {
        ModelCard.Calibration calibration = card.calibration();
        return calibration == null ? 1 : calibration.temperature();
    }

    /** Without data. */
    static MeasuredModel withoutData() {
        return new MeasuredModel(ModelCard.plain(), null, null, "no cases", null, null);
    }

    /**
     * Measures a model.
     *
     * @param onnx bytes of the model
     * @param int8 bytes of the quantised model; null for none
     * @param data the data set that the run was trained on
     * @param cropSize the size of the crop (x, y[, z]); null for neither a cover nor a crop
     */
    static MeasuredModel of(
            ExportedRun run, byte[] onnx, byte @Nullable [] int8, DataSet data, int @Nullable [] cropSize) {
        Split split = run.split();
        List<Case> validation = split == null ? List.of() : split.cases(data, Split.Part.VALIDATION);
        List<Case> held = split == null ? data.cases() : split.cases(data, Split.Part.TEST);
        String which = split == null ? "all cases" : "held-out cases";
        if (held.isEmpty()) {
            held = validation;
            which = "validation cases, which chose the weights";
        }
        LabelSet labels = run.model().labels();
        ModelCard.@Nullable Calibration calibration;
        List<ModelCard.Score> scores = new ArrayList<>();
        byte @Nullable [] cover = null;
        float @Nullable [] crop = null;
        Evaluation evaluation;
        try (Segmenter segmenter = run.segmenter(onnx)) {
            calibration = segmenter.objects().isPresent()
                    ? null // the thresholds of objects were chosen for the probabilities as they are
                    : TemperatureFit.of(segmenter, samples(run, validation), 1).orElse(null);
            evaluation = run.evaluate("Measuring cases", segmenter, held);
            scores.addAll(objectScores(evaluation, which, Precision.FP32));
            scores.addAll(scores(evaluation.summary(), labels, which, Precision.FP32));
            Case shown = cropSize == null ? null : median(evaluation.results(), held);
            if (shown != null && cropSize != null) {
                Case.Pair pair = shown.read(labels);
                LabelMap found = segmenter.segment(pair.image()).labels();
                cover = Overlay.png(
                        Overlay.of(pair.image(), pair.labels().known(), found).comparison());
                crop = CaseCrop.of(
                        run.model(),
                        pair.image(),
                        found.largest() > 0 ? found : pair.labels().known(),
                        cropSize);
            }
        }
        Evaluation int8Evaluation = null;
        if (int8 != null) {
            try (Segmenter segmenter = run.segmenter(int8)) {
                int8Evaluation = run.evaluate("Measuring cases in int8", segmenter, held);
                scores.addAll(objectScores(int8Evaluation, which, Precision.INT8));
                scores.addAll(scores(int8Evaluation.summary(), labels, which, Precision.INT8));
            }
        }
        ModelCard card = ModelCard.of(dataOf(data, split), scores, calibration);
        return new MeasuredModel(card, cover, crop, which, evaluation, int8Evaluation);
    }

    /** Cases that are read one at a time. */
    private static Iterable<TemperatureFit.Sample> samples(ExportedRun run, List<Case> cases) {
        return () -> IntStream.range(0, cases.size())
                .mapToObj(k -> {
                    Case.Pair pair = cases.get(k).read(run.model().labels());
                    run.listener().at("Calibrating on validation cases", k + 1, cases.size());
                    return new TemperatureFit.Sample(pair.image(), pair.labels());
                })
                .iterator();
    }

    /** The content hash of each case by its id. */
    static Map<String, String> hashes(DataSet data) {
        Map<String, String> hashes = new TreeMap<>();
        data.cases().forEach(one -> hashes.put(one.id(), one.contentHash()));
        return hashes;
    }

    /** The fingerprint of a data set on a card. */
    static String fingerprint(Map<String, String> hashes) {
        return Sha256.hex(hashes.toString());
    }

    private static ModelCard.Data dataOf(DataSet data, @Nullable Split split) {
        String fingerprint = fingerprint(hashes(data));
        return split == null
                ? new ModelCard.Data(
                        data.name(), fingerprint, 0, 0, data.cases().size(), "not known")
                : new ModelCard.Data(
                        data.name(),
                        fingerprint,
                        split.train().size(),
                        split.validation().size(),
                        split.test().size(),
                        "By case, at random, before training.");
    }

    private static List<ModelCard.Score> scores(Summary summary, LabelSet labels, String which, Precision precision) {
        List<ModelCard.Score> scores = new ArrayList<>();
        summary.labels().forEach((label, metrics) -> {
            String name = labels.asMap().getOrDefault(label, label.toString());
            for (Metric metric : SCORES) {
                Statistic s = metrics.get(metric);
                if (s != null && s.mean() != null && s.low() != null && s.high() != null) {
                    scores.add(new ModelCard.Score(
                            precision, which, name, metric.title(), s.mean(), s.low(), s.high(), s.n()));
                }
            }
        });
        return scores;
    }

    private static List<ModelCard.Score> objectScores(Evaluation evaluation, String which, Precision precision) {
        if (evaluation.objects().isEmpty()) {
            return List.of();
        }
        ObjectSummary objects =
                new ObjectSummary(List.copyOf(evaluation.objects().values()));
        Map<String, Statistic> measures = new LinkedHashMap<>();
        measures.put("AP@0.5", objects.overImages(ObjectMatch.LEAST_IOU, MatchCounts::averagePrecision));
        measures.put("AP@0.5:0.95", objects.meanAveragePrecision());
        List<ModelCard.Score> scores = new ArrayList<>();
        measures.forEach((name, s) -> {
            if (s.mean() != null && s.low() != null && s.high() != null) {
                scores.add(new ModelCard.Score(precision, which, "objects", name, s.mean(), s.low(), s.high(), s.n()));
            }
        });
        return scores;
    }

    /** The median case; null if none has a defined Dice. */
    private static @Nullable Case median(List<CaseResult> results, List<Case> cases) {
        Map<String, String> chosen = CaseChoice.of(results);
        if (chosen.isEmpty()) {
            return null;
        }
        String name = chosen.getOrDefault("median", chosen.values().iterator().next());
        return cases.stream().filter(c -> c.id().equals(name)).findFirst().orElseThrow();
    }
}
