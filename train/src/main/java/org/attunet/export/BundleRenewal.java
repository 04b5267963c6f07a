package org.attunet.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.bundle.TrainingProfile;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Orientation;
import org.attunet.io.Images;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.predict.TestRerun;
import org.attunet.train.ProfileMeasurement;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bundle of an older version anew: in the layout that other programs run, and with data also with what this version
 * records about the training cases, their profile and, for volumes, their spacing. The network computes what it did.
 */
public final class BundleRenewal {
    private static final long USUAL_SEED = 1;
    private static final double SAME_SPACING = 0.01;

    private final Bundle old;
    private final DataSet data;
    private final OnnxOptions onnx;
    private final @Nullable String licence;

    private BundleRenewal(Bundle old, @Nullable String licence, DataSet data, OnnxOptions onnx) {
        this.old = old;
        this.licence = licence;
        this.data = data;
        this.onnx = onnx;
    }

    /**
     * The outcome.
     *
     * @param profile of the measured cases
     * @param known whether these are the training cases; otherwise they are all of the data set
     * @param model the description in the new bundle
     * @param licence the SPDX identifier of its licence; null if none is named
     */
    public record Result(
            TrainingProfile profile,
            boolean known,
            ModelDescription model,
            @Nullable String licence) {}

    /**
     * Writes the new bundle, whole or not at all.
     *
     * @param old a bundle of attunet
     * @param licence the SPDX identifier of a licence in place of the old one; null for the old one
     * @param data the data set that the model was trained on
     * @param onnx how ONNX Runtime computes
     * @throws AttunetException if the bundle was made by another program
     */
    public static Result write(
            Bundle old,
            @Nullable String licence,
            DataSet data,
            OnnxOptions onnx,
            Path target,
            BundleExport.Listener listener) {
        return new BundleRenewal(old, licence, data, onnx).write(target, listener);
    }

    /**
     * Returns the content of a bundle with what the layout of this version needs: the test input shows labels, and each
     * model has its output for it.
     *
     * @param licence the SPDX identifier of a licence in place of the old one; null for the old one
     * @param onnx how ONNX Runtime computes
     * @throws AttunetException if the bundle was made by another program, or its model doesn't give its test output
     */
    public static BundleContent content(Bundle old, @Nullable String licence, OnnxOptions onnx) {
        BundleContent content = old.content(); // refuses the bundles of other programs
        for (Precision precision : Precision.values()) {
            if (old.has(precision)) {
                TestRerun.of(old, content.test(), precision, onnx);
            }
        }
        byte[] network = HalfPrecisionWeights.widened(content.weights().onnx());
        var tests = new TestOutputs(content.model(), content.settings().temperature(), onnx);
        TestCase test = showsLabels(content)
                ? content.test()
                : tests.ofInput(network, null, content.test().size());
        BundleContent.Quantised int8 = content.weights().int8();
        var weights = new BundleContent.Weights(
                network,
                int8 == null ? null : tests.quantised(int8.onnx(), test),
                content.weights().stateDict());
        BundleContent renewed = tests.checked(content.withWeights(weights, test));
        return licence == null ? renewed : renewed.withLicence(licence);
    }

    /** Returns whether the test output isn't all background. */
    private static boolean showsLabels(BundleContent content) {
        float[] probabilities = content.test().output().values();
        int outputs = content.model().shape().outputs();
        float[] scores = probabilities.clone();
        if (outputs == 1) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] -= 0.5f;
            }
        }
        return SyntheticInput.worth(scores, scores.length / outputs, outputs) > 1;
    }

    private Result write(Path target, BundleExport.Listener listener) {
        BundleContent content = content(old, licence, onnx);
        List<Case> training = trainingCases();
        List<Case> cases = training.isEmpty() ? data.cases() : training;
        ModelDescription model = withSpacing(old.model(), cases);
        Engine engine = OnnxEngine.open(
                old.onnx(Precision.FP32), old.onnxPath(Precision.FP32).toString(), model.shape(), onnx);
        try (Segmenter segmenter = Segmenter.of(engine, model, SegmenterOptions.defaults())) {
            TrainingProfile profile = ProfileMeasurement.of(
                    segmenter.withTemperature(old.settings().temperature()),
                    cases,
                    (done, total) -> listener.at("Measuring training cases", done, total));
            ModelCard card = old.card();
            BundleContent renewed = content.withModel(model)
                    .withProfile(profile)
                    // with the limits as this version knows them
                    .withCard(ModelCard.of(card.data(), scores(card.scores(), cases), card.calibration()));
            BundleWriter.write(renewed, target);
            return new Result(
                    profile, !training.isEmpty(), model, renewed.publication().licence());
        }
    }

    /** The training cases, if the card's data set is this one, split in the usual way; else none. */
    private List<Case> trainingCases() {
        ModelCard.Data card = old.card().data();
        Map<String, String> hashes = MeasuredModel.hashes(data);
        if (card == null || !card.fingerprint().equals(MeasuredModel.fingerprint(hashes))) {
            return List.of();
        }
        Split split = card.test() == 0 ? Split.holdingOut(hashes, List.of(), USUAL_SEED) : Split.of(hashes, USUAL_SEED);
        boolean same = split.train().size() == card.train() && split.test().size() == card.test();
        return same ? data.cases(split.train()) : List.of();
    }

    /** The scores with distances in pixels if no image has a physical size; older versions called pixels mm. */
    private static List<ModelCard.Score> scores(List<ModelCard.Score> old, List<Case> cases) {
        if (cases.stream().anyMatch(one -> one.image().readGrid().hasPhysicalSize())) {
            return old;
        }
        return old.stream()
                .map(score -> new ModelCard.Score(
                        score.precision(),
                        score.cases(),
                        score.label(),
                        score.metric().replaceFirst(" mm$", " px"),
                        score.mean(),
                        score.low(),
                        score.high(),
                        score.count()))
                .toList();
    }

    private static boolean same(double[] first, double[] other) {
        return first.length == other.length
                && IntStream.range(0, first.length)
                        .allMatch(axis -> Math.abs(other[axis] / first[axis] - 1) <= SAME_SPACING);
    }

    /** The description with the spacing of the cases, if they are volumes and all have the same. */
    private static ModelDescription withSpacing(ModelDescription model, List<Case> cases) {
        if (model.preprocessing().targetSpacing() != null
                || !Images.isScan(cases.get(0).firstFile())) {
            return model;
        }
        List<double[]> spacings = cases.stream()
                .map(one -> one.image().readGrid())
                .map(grid -> model.preprocessing().canonicalOrientation()
                        ? Orientation.canonical(grid).to()
                        : grid)
                .map(Grid::spacing)
                .toList();
        double[] first = spacings.get(0);
        boolean agree = spacings.stream().allMatch(other -> same(first, other));
        return agree ? model.withPreprocessing(model.preprocessing().withTargetSpacing(first)) : model;
    }
}
