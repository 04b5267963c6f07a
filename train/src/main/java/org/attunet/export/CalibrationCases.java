package org.attunet.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.jspecify.annotations.Nullable;

/** Quantises a run's network on cases of a data set that the run did not hold out. */
final class CalibrationCases {
    /** Enough for a mean Dice that shows a drop of half a point, few enough to measure several times. */
    private static final int MAX_CASES = 20;

    private static final int MAX_BLOCKS = 16;

    private final ExportedRun run;
    private final List<Case> cases;
    private int measuredModels;

    CalibrationCases(ExportedRun run, DataSet data) {
        this.run = run;
        this.cases = chosen(run.split(), data);
    }

    /** At most {@value #MAX_CASES} training and validation cases, evenly spread over the data set. */
    private static List<Case> chosen(@Nullable Split split, DataSet data) {
        List<Case> cases = data.cases();
        if (split != null) {
            List<Case> known = new ArrayList<>(split.cases(data, Split.Part.VALIDATION));
            known.addAll(split.cases(data, Split.Part.TRAIN));
            cases = known.isEmpty() ? cases : known;
        }
        List<Case> all = cases;
        int count = Math.min(MAX_CASES, all.size());
        return IntStream.range(0, count)
                .mapToObj(k -> all.get((int) ((long) k * all.size() / count)))
                .toList();
    }

    /**
     * Quantises a model.
     *
     * @param onnx bytes of the ONNX file in float32
     * @throws AttunetException if the mean Dice drops by more than {@code maxDrop}
     */
    Quantisation.Result quantise(byte[] onnx, double maxDrop) {
        var quantisation =
                new Quantisation(onnx, run.network(), inputs(onnx), run.onnx().threads());
        Quantisation.Result result = quantisation.keepingScore(maxDrop, this::meanDice);
        if (result.score() < result.floatScore() - maxDrop) {
            throw new AttunetException(
                    "--int8",
                    String.format(
                            Locale.ROOT,
                            "mean Dice falls from %.4f to %.4f on the calibration cases",
                            result.floatScore(),
                            result.score()),
                    String.format(Locale.ROOT, "a drop of at most %.4f", maxDrop),
                    "export without --int8, or allow more with --max-dice-drop");
        }
        return result;
    }

    /** The blocks that the network computes when it segments the cases. */
    private List<CalibrationInput> inputs(byte[] onnx) {
        var recorder = new CalibrationRecorder(run.engine(onnx), MAX_BLOCKS);
        try (Segmenter segmenter = Segmenter.of(recorder, run.model(), SegmenterOptions.defaults())) {
            for (int k = 0; k < cases.size(); k++) {
                segmenter.segment(cases.get(k).image().read());
                run.listener().at("Reading calibration cases", k + 1, cases.size());
            }
        }
        return recorder.inputs();
    }

    private double meanDice(byte[] onnx) {
        String phase = measuredModels == 0 ? "Measuring calibration cases" : "Measuring int8 model " + measuredModels;
        measuredModels++;
        try (Segmenter segmenter = run.segmenter(onnx)) {
            return run.evaluate(phase, segmenter, cases).summary().meanDice();
        }
    }
}
