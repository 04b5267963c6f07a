package org.attunet.spark.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.attunet.dataset.Case;
import org.attunet.dataset.Mask;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.Reliability;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.spark.job.CaseTask;
import org.attunet.spark.segment.ModelSpec;
import org.attunet.spark.segment.SharedModel;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** Measures the cases of a partition; a case that can't be measured has the reason in its result. */
final class EvaluateTask extends CaseTask<TruthCase, MeasuredCase> {
    private final Storage storage;
    private final ModelSpec.Sent model;
    private final int ignored;
    private final Tolerance tolerance;
    private final LongAccumulator measured;

    /** @param ignored the value of true voxels without a judgement, or -1 */
    EvaluateTask(SparkContext context, Storage storage, ModelSpec.Sent model, int ignored, Tolerance tolerance) {
        this.ignored = ignored;
        this.storage = storage;
        this.model = model;
        this.tolerance = tolerance;
        measured = context.longAccumulator("cases measured");
    }

    @Override
    protected Worker<TruthCase, MeasuredCase> open() {
        SharedModel shared = model.acquire(storage);
        return new Worker<>() {
            @Override
            public MeasuredCase apply(TruthCase one) {
                return measure(one, shared.segmenter());
            }

            @Override
            public void close() {
                shared.release();
            }
        };
    }

    @Override
    protected void count(MeasuredCase one) {
        measured.add(1);
    }

    @Override
    protected boolean countsCases(long id) {
        return id == measured.id();
    }

    private MeasuredCase measure(TruthCase one, Segmenter segmenter) {
        String name = one.scan().name();
        if (one.scan().problem() != null) {
            return MeasuredCase.failed(name, one.scan().problem());
        }
        List<String> notes = new ArrayList<>();
        try (var copies = new LocalCopies(storage)) {
            try {
                LabelSet labels = segmenter.model().labels();
                List<Path> images =
                        one.scan().files().stream().map(copies::fetch).toList();
                Mask truth = mask(one.mask(), copies).ignoring(ignored);
                Case.Pair pair =
                        new Case(new ImageCase(name, images, model.pixelSize()), truth).read(labels, notes::add);
                Mask.joinedNote(Map.of(name, truth)).ifPresent(notes::add);
                Prediction prediction = one.prediction() == null
                        ? Prediction.of(segmenter.segment(pair.image()))
                        : given(one.prediction(), images.get(0), pair.labels(), labels, copies, notes);
                return new MeasuredCase(
                        name,
                        CaseComparison.compare(name, pair.labels(), prediction.labels, labels, tolerance)
                                .withEstimates(
                                        prediction.reliability.confidenceOrNull(),
                                        prediction.reliability.noveltyOrNull()),
                        prediction.error,
                        notes);
            } catch (AttunetException e) {
                return MeasuredCase.failed(name, copies.message(e));
            } catch (RuntimeException | OutOfMemoryError e) {
                var failure = new AttunetException(
                        one.scan().files().get(0),
                        "the measurement broke off (" + e + ")",
                        "a case like those of the training, and memory for it",
                        "give executors more memory, or report this file as an error of the program");
                return MeasuredCase.failed(name, failure.getMessage());
            }
        }
    }

    /** A mask to compare with the true one, and what is wrong with it. */
    private record Prediction(
            LabelMap labels,
            Reliability reliability,
            @Nullable String error) {
        static Prediction of(Segmentation found) {
            return new Prediction(found.labels(), found.reliability(), null);
        }

        static Prediction given(LabelMap labels, @Nullable String error) {
            return new Prediction(labels, Reliability.UNKNOWN, error);
        }
    }

    /** Reads a given mask; a missing or unreadable one counts as empty, so that no case is silently left out. */
    private Prediction given(
            List<String> files, Path image, LabelMap truth, LabelSet labels, LocalCopies copies, List<String> notes) {
        String prediction = files.get(0);
        if (!storage.exists(prediction)) {
            return Prediction.given(
                    empty(truth), prediction + ": there is no prediction of this name; it counts as predicted empty");
        }
        Mask mask = mask(files, copies); // a failure to fetch it says nothing about the mask
        try {
            return Prediction.given(mask.read(image, truth.grid(), labels, notes::add), null);
        } catch (AttunetException e) {
            return Prediction.given(
                    empty(truth), prediction + ": it counts as predicted empty (" + copies.message(e) + ")");
        }
    }

    private static Mask mask(List<String> files, LocalCopies copies) {
        return new Mask(files.stream().map(copies::fetch).toList());
    }

    private static LabelMap empty(LabelMap truth) {
        return new LabelMap(truth.grid(), new short[truth.voxels().length]);
    }
}
