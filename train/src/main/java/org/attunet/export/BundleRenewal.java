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
import org.attunet.train.ProfileMeasurement;

/**
 * Writes a bundle of an older version anew, with what this version records about the training cases: their profile and, for
 * volumes, their spacing. The models, their weights and the test tensors stay as they are, byte for byte.
 */
public final class BundleRenewal {
    private static final long USUAL_SEED = 1;
    private static final double SAME_SPACING = 0.01;

    private final Bundle old;
    private final DataSet data;
    private final OnnxOptions onnx;

    private BundleRenewal(Bundle old, DataSet data, OnnxOptions onnx) {
        this.old = old;
        this.data = data;
        this.onnx = onnx;
    }

    /**
     * The outcome.
     *
     * @param profile of the measured cases
     * @param known whether these are the training cases; otherwise they are all of the data set
     * @param model the description in the new bundle
     */
    public record Result(TrainingProfile profile, boolean known, ModelDescription model) {}

    /**
     * Writes the new bundle, whole or not at all.
     *
     * @param old a bundle of attunet
     * @param data the data set that the model was trained on
     * @param onnx how ONNX Runtime computes
     * @throws AttunetException if the bundle was made by another program
     */
    public static Result write(
            Bundle old, DataSet data, OnnxOptions onnx, Path target, BundleExport.Listener listener) {
        return new BundleRenewal(old, data, onnx).write(target, listener);
    }

    private Result write(Path target, BundleExport.Listener listener) {
        BundleContent content = old.content(); // refuses the bundles of other programs
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
            return new Result(profile, !training.isEmpty(), model);
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
                || !Images.isNifti(cases.get(0).firstFile())) {
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
