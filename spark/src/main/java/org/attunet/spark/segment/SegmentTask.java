package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.attunet.error.AttunetException;
import org.attunet.metrics.LabelVolume;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.InputCase;
import org.attunet.predict.Outcome;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.spark.storage.Here;
import org.attunet.spark.storage.Storage;

/**
 * What a task does with its share of the scans: a row for each. Scans that fail are rows with an error; only where the model
 * can't be opened or nothing at all can be written does the task fail.
 */
final class SegmentTask implements FlatMapFunction<Iterator<List<Scan>>, Row> {
    private static final int PROBE_BYTES = 4096;

    private final Storage storage;
    private final Broadcast<ModelsAndSettings> broadcast;
    private final OutputFolder output;
    private final String job;
    private final JobMetrics metrics;

    SegmentTask(
            Storage storage,
            Broadcast<ModelsAndSettings> broadcast,
            OutputFolder output,
            String job,
            JobMetrics metrics) {
        this.storage = storage;
        this.broadcast = broadcast;
        this.output = output;
        this.job = job;
        this.metrics = metrics;
    }

    @Override
    public Iterator<Row> call(Iterator<List<Scan>> shares) {
        ModelsAndSettings wanted = broadcast.value();
        String recipe = wanted.settings().recipe(wanted.models());
        Iterable<List<Scan>> each = () -> shares;
        return StreamSupport.stream(each.spliterator(), false)
                .flatMap(List::stream)
                .map(scan -> {
                    CaseRow row = row(scan, recipe, wanted);
                    metrics.count(row, scan);
                    return row.row();
                })
                .iterator();
    }

    private CaseRow row(Scan scan, String recipe, ModelsAndSettings wanted) {
        if (scan.problem() != null) {
            return CaseRow.failed(scan, scan.problem(), null, recipe);
        }
        long began = System.nanoTime();
        String input = null;
        try (var here = new Here(storage, scan.files())) {
            input = here.sha256();
            String mask = output.masks() + "/" + maskName(scan);
            DoneRecord known = DoneRecord.read(storage, output.record(scan));
            if (known != null
                    && known.input().equals(input)
                    && known.recipe().equals(recipe)
                    && known.bytes() == storage.bytes(mask)) {
                return row(scan, known, mask);
            }
            return segment(scan, here, input, recipe, mask, wanted, began);
        } catch (AttunetException e) {
            if (concernsOutput(e)) {
                requireWritable(e);
            }
            return CaseRow.failed(scan, String.valueOf(e.getMessage()), input, recipe);
        }
    }

    private CaseRow segment(
            Scan scan, Here here, String input, String recipe, String mask, ModelsAndSettings wanted, long began) {
        var image = new InputCase(scan.name(), here.files());
        Path place = Storage.local(output.masks());
        Path folder = place == null ? here.folder().resolve("masks") : place;
        Map<String, Double> volumes = new LinkedHashMap<>();
        Outcome outcome;
        SharedModel shared = SharedModel.acquire(storage, wanted.models(), wanted.settings());
        try {
            Segmenter segmenter = shared.segmenter();
            outcome = CasePrediction.run(
                    segmenter,
                    image,
                    ResultFiles.in(folder, image),
                    (name, plan) -> {},
                    found -> volumes.putAll(volumes(found, segmenter)));
        } finally {
            shared.release();
        }
        if (outcome.error() != null) {
            throw outcome.error();
        }
        if (place == null) {
            for (Path file : outcome.written()) {
                storage.store(file, output.masks() + "/" + folder.relativize(file));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        var done = new DoneRecord(input, recipe, job, size(outcome.mask()), volumes, outcome.confidence(), seconds);
        done.write(storage, output.record(scan));
        return row(scan, done, mask);
    }

    private CaseRow row(Scan scan, DoneRecord done, String mask) {
        var status = done.job().equals(job) ? CaseRow.Status.DONE : CaseRow.Status.SKIPPED;
        return new CaseRow(
                scan,
                status,
                mask,
                done.volumes(),
                done.confidence(),
                done.seconds(),
                null,
                done.input(),
                done.recipe());
    }

    private static Map<String, Double> volumes(Segmentation found, Segmenter segmenter) {
        Map<String, Double> volumes = new LinkedHashMap<>();
        for (LabelVolume volume :
                LabelVolume.of(found.labels(), segmenter.model().labels())) {
            volumes.put(volume.name(), volume.millilitres());
        }
        return volumes;
    }

    private static String maskName(Scan scan) {
        Path first = Path.of(scan.files().get(0).substring(scan.files().get(0).lastIndexOf('/') + 1));
        return ResultFiles.in(Path.of(""), new InputCase(scan.name(), List.of(first)))
                .mask()
                .toString();
    }

    private static long size(Path file) {
        return file.toFile().length();
    }

    private boolean concernsOutput(AttunetException e) {
        Path local = Storage.local(output.uri());
        return e.subject().startsWith(output.uri())
                || (local != null && e.subject().startsWith(local.toString()));
    }

    /** Fails the task where not the one file but nothing at all can be written: a full disk, a folder without permission. */
    private void requireWritable(AttunetException first) {
        String probe = output.uri() + "/records/.probe-" + UUID.randomUUID();
        try {
            storage.write(probe, new byte[PROBE_BYTES]);
            storage.delete(probe);
        } catch (AttunetException e) {
            throw first;
        }
    }
}
