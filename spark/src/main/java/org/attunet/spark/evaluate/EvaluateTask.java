package org.attunet.spark.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.attunet.dataset.Case;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.metrics.CaseComparison;
import org.attunet.predict.Segmenter;
import org.attunet.spark.job.SerializedValue;
import org.attunet.spark.job.TaskFailure;
import org.attunet.spark.segment.ModelSpec;
import org.attunet.spark.segment.SharedModel;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** What a task does with its share of the cases: measures each, or says why it can't. Shares and results come packed. */
final class EvaluateTask implements FlatMapFunction<Iterator<byte[]>, byte[]> {
    private final Storage storage;
    private final Broadcast<byte[]> recipe;
    private final String recipeName;
    private final double toleranceMm;
    private final LongAccumulator measured;

    /**
     * @param recipe packed
     * @param measured counts cases
     */
    EvaluateTask(
            Storage storage,
            Broadcast<byte[]> recipe,
            String recipeName,
            double toleranceMm,
            LongAccumulator measured) {
        this.storage = storage;
        this.recipe = recipe;
        this.recipeName = recipeName;
        this.toleranceMm = toleranceMm;
        this.measured = measured;
    }

    @Override
    public Iterator<byte[]> call(Iterator<byte[]> shares) {
        SharedModel model = opened();
        try {
            List<byte[]> results = new ArrayList<>();
            while (shares.hasNext()) {
                List<MeasuredCase> share = new ArrayList<>();
                for (TruthCase one : new SerializedValue<List<TruthCase>>(shares.next()).value()) {
                    if (TaskContext.get().isInterrupted()) {
                        throw new TaskKilledException("cancelled, or another attempt was faster");
                    }
                    share.add(measured(one, model.segmenter()));
                    measured.add(1);
                }
                results.add(SerializedValue.squeezed(share).bytes());
            }
            return results.iterator();
        } finally {
            model.release();
        }
    }

    private SharedModel opened() {
        try {
            return SharedModel.acquire(
                    recipeName,
                    () -> new SerializedValue<ModelSpec>(recipe.value()).value().open(storage));
        } catch (AttunetException e) {
            throw new TaskFailure(e);
        }
    }

    private MeasuredCase measured(TruthCase one, Segmenter segmenter) {
        String name = one.scan().name();
        if (one.scan().problem() != null) {
            return new MeasuredCase(name, null, one.scan().problem());
        }
        try (var here = new LocalCopies(storage)) {
            try {
                LabelSet labels = segmenter.model().labels();
                List<Path> images = one.scan().files().stream().map(here::bring).toList();
                Case.Pair pair = new Case(new ImageCase(name, images), here.bring(one.mask())).read(labels);
                Prediction prediction = one.prediction() == null
                        ? new Prediction(segmenter.segment(pair.image()).labels(), null)
                        : given(one.prediction(), pair.labels(), here);
                return new MeasuredCase(
                        name,
                        CaseComparison.compare(name, pair.labels(), prediction.labels, labels, toleranceMm),
                        prediction.error);
            } catch (AttunetException e) {
                return new MeasuredCase(name, null, here.told(String.valueOf(e.getMessage())));
            } catch (RuntimeException | OutOfMemoryError e) {
                return new MeasuredCase(
                        name,
                        null,
                        one.scan().files().get(0) + ": the measurement broke off (" + e
                                + "); expected a case like those of"
                                + " the training, and memory for it. Remedy: give executors more memory, or report this"
                                + " file as an error of the program.");
            }
        }
    }

    /** A mask to compare with the true one, and what is wrong with it. */
    private record Prediction(LabelMap labels, @Nullable String error) {}

    /** The mask that somebody made; a missing or unreadable one counts as empty, so that no case is dropped in silence. */
    private Prediction given(String prediction, LabelMap truth, LocalCopies here) {
        if (!storage.exists(prediction)) {
            return new Prediction(
                    empty(truth), prediction + ": there is no prediction of this name; it counts as predicted empty");
        }
        Path file = here.bring(prediction); // what can't be fetched now says nothing about the mask
        try {
            return new Prediction(Images.readLabels(file), null);
        } catch (AttunetException e) {
            return new Prediction(
                    empty(truth),
                    prediction + ": it counts as predicted empty (" + here.told(String.valueOf(e.getMessage())) + ")");
        }
    }

    private static LabelMap empty(LabelMap truth) {
        return new LabelMap(truth.grid(), new short[truth.voxels().length]);
    }
}
