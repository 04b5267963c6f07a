package org.attunet.spark.evaluate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.attunet.data.Case;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.metrics.CaseComparison;
import org.attunet.predict.Segmenter;
import org.attunet.spark.segment.ModelsAndSettings;
import org.attunet.spark.segment.SharedModel;
import org.attunet.spark.storage.Here;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/** What a task does with its share of the cases: rows of measures, or with an error. */
final class EvaluateTask implements FlatMapFunction<Iterator<List<TruthCase>>, Row> {
    private final Storage storage;
    private final Broadcast<ModelsAndSettings> broadcast;
    private final double toleranceMm;
    private final LongAccumulator measured;

    EvaluateTask(
            Storage storage, Broadcast<ModelsAndSettings> broadcast, double toleranceMm, LongAccumulator measured) {
        this.storage = storage;
        this.broadcast = broadcast;
        this.toleranceMm = toleranceMm;
        this.measured = measured;
    }

    @Override
    public Iterator<Row> call(Iterator<List<TruthCase>> shares) {
        Iterable<List<TruthCase>> each = () -> shares;
        return StreamSupport.stream(each.spliterator(), false)
                .flatMap(List::stream)
                .flatMap(one -> {
                    List<Row> rows = rows(one);
                    measured.add(1);
                    return rows.stream();
                })
                .iterator();
    }

    private List<Row> rows(TruthCase one) {
        SharedModel shared = SharedModel.acquire(
                storage, broadcast.value().models(), broadcast.value().settings());
        List<String> files = new ArrayList<>(one.scan().files());
        files.add(one.mask());
        try (var here = new Here(storage, files)) {
            Segmenter segmenter = shared.segmenter();
            LabelSet labels = segmenter.model().labels();
            int images = one.scan().files().size();
            var local = new Case(
                    one.scan().name(),
                    here.files().subList(0, images),
                    here.files().get(images));
            Case.Pair pair = local.read(labels);
            Measured prediction = one.prediction() == null
                    ? new Measured(segmenter.segment(pair.image()).labels(), null)
                    : given(one.prediction(), pair.labels());
            return MetricRow.of(
                    CaseComparison.compare(local.id(), pair.labels(), prediction.labels, labels, toleranceMm),
                    labels,
                    prediction.error);
        } catch (AttunetException e) {
            return List.of(MetricRow.failed(one.scan().name(), String.valueOf(e.getMessage())));
        } finally {
            shared.release();
        }
    }

    /** A mask to compare with the true one, and what is wrong with it. */
    private record Measured(LabelMap labels, @Nullable String error) {}

    /** The mask that somebody made; a missing or unreadable one counts as empty, so that no case is dropped in silence. */
    private Measured given(String prediction, LabelMap truth) {
        try (var here = new Here(storage, List.of(prediction))) {
            return new Measured(Images.readLabels(here.files().get(0)), null);
        } catch (AttunetException e) {
            return new Measured(
                    new LabelMap(truth.grid(), new short[truth.voxels().length]),
                    prediction + ": it counts as predicted empty (" + e.getMessage() + ")");
        }
    }
}
