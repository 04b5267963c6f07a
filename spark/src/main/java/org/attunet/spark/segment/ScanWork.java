package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.WholeFile;
import org.attunet.metrics.LabelVolume;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.spark.job.TaskFailure;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A task's work on scans, one after the other: brought here, looked up whether they are done, segmented, put in their place.
 * The model is opened for the first that needs it and given back at the end.
 */
final class ScanWork implements AutoCloseable {
    private static final int LEAST_PROBE = 64 << 10;
    private static final int MOST_PROBE = 16 << 20;

    private final Storage storage;
    private final OutputFolder output;
    private final String recipe;
    private final String job;
    private final Supplier<SharedModel> opener;
    private @Nullable SharedModel model;

    /**
     * @param recipe the name of models and settings
     * @param job the name of the job
     * @param opener gives the model, which this gives back
     */
    ScanWork(Storage storage, OutputFolder output, String recipe, String job, Supplier<SharedModel> opener) {
        this.storage = storage;
        this.output = output;
        this.recipe = recipe;
        this.job = job;
        this.opener = opener;
    }

    /**
     * Segments a scan unless that is done; what fails is told in the row.
     *
     * @throws TaskFailure where it isn't the scan that fails: the model can't be opened, or nothing at all can be written
     */
    CaseRow row(ScanFiles scan) {
        if (scan.problem() != null) {
            return CaseRow.failed(scan, scan.problem(), null, recipe);
        }
        try (var here = new LocalCopies(storage)) {
            return row(scan, here);
        }
    }

    private CaseRow row(ScanFiles scan, LocalCopies here) {
        long began = System.nanoTime();
        String input = null;
        try {
            scan.files().forEach(here::bring);
            input = here.sha256();
            String mask = output.masks() + "/" + maskName(scan);
            DoneRecord known = DoneRecord.read(storage, output.record(scan));
            if (known != null
                    && known.input().equals(input)
                    && known.recipe().equals(recipe)
                    && known.bytes() == storage.bytes(mask)) {
                return row(scan, known, mask);
            }
            if (known != null) {
                // Else a record could stand beside a mask of another recipe, were the task killed between the two.
                storage.delete(output.record(scan));
            }
            return segment(scan, here, input, mask, began);
        } catch (TaskFailure e) {
            throw e;
        } catch (AttunetException e) {
            requireRoom(scan, here, e);
            return CaseRow.failed(scan, here.told(String.valueOf(e.getMessage())), input, recipe);
        }
    }

    private CaseRow segment(ScanFiles scan, LocalCopies here, String input, String mask, long began) {
        Segmenter segmenter = segmenter();
        var image = new ImageCase(scan.name(), here.files());
        Path place = Storage.local(output.masks());
        Path folder = place == null ? here.folder().resolve("masks") : place;
        Map<String, Double> volumes = new LinkedHashMap<>();
        CasePrediction outcome = CasePrediction.run(
                segmenter,
                image,
                ResultFiles.in(folder, image),
                (name, plan) -> {},
                found -> volumes.putAll(volumes(found, segmenter)));
        if (outcome.error() != null) {
            throw outcome.error();
        }
        if (place == null) {
            for (Path file : outcome.written()) {
                storage.store(file, output.masks() + "/" + folder.relativize(file));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long bytes = outcome.mask().toFile().length();
        var done = new DoneRecord(input, recipe, job, bytes, volumes, outcome.confidence(), seconds);
        done.write(storage, output.record(scan));
        return row(scan, done, mask);
    }

    private Segmenter segmenter() {
        if (model == null) {
            try {
                model = opener.get();
            } catch (AttunetException e) {
                throw new TaskFailure(e);
            }
        }
        return model.segmenter();
    }

    private CaseRow row(ScanFiles scan, DoneRecord done, String mask) {
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

    private static String maskName(ScanFiles scan) {
        String first = scan.files().get(0);
        Path file = Path.of(Storage.name(first));
        return ResultFiles.in(Path.of(""), new ImageCase(scan.name(), List.of(file)))
                .mask()
                .toString();
    }

    /** Fails the task where not this one file but none of its size can be written: a full disk, a folder without permission. */
    private void requireRoom(ScanFiles scan, LocalCopies here, AttunetException failure) {
        Path local = Storage.local(output.uri());
        byte[] probe = new byte[(int) Math.max(LEAST_PROBE, Math.min(MOST_PROBE, scan.bytes()))];
        try {
            if (here.holds(failure.subject())) {
                WholeFile.write(here.folder().resolve("probe"), probe);
            } else if (failure.subject().startsWith(output.uri())
                    || (local != null && failure.subject().startsWith(local.toString()))) {
                String place = output.uri() + "/records/.probe-" + UUID.randomUUID();
                storage.write(place, probe);
                storage.delete(place);
            }
        } catch (AttunetException e) {
            throw new TaskFailure(failure);
        }
    }

    /** Gives the model back. */
    @Override
    public void close() {
        if (model != null) {
            model.release();
            model = null;
        }
    }
}
