package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.io.WholeFile;
import org.attunet.predict.CaseObjects;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.ResultOptions;
import org.attunet.predict.Segmenter;
import org.attunet.spark.job.CaseTask;
import org.attunet.spark.job.TaskFailure;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Segments scans, one after the other, unless they are done: fetches the files, hashes them, compares the record, predicts,
 * writes mask and record. The model is acquired for the first scan that needs it and released by {@link #close}.
 */
final class ScanWorker implements CaseTask.Worker<ScanFiles, CaseRow> {
    private static final int MIN_PROBE = 64 << 10;
    private static final int MAX_PROBE = 16 << 20;

    private final Storage storage;
    private final JobOutput output;
    private final String modelSha256;
    private final String job;
    private final @Nullable PixelSize pixelSize;
    private final boolean objects;
    private final Supplier<SharedModel> opener;
    private @Nullable SharedModel model;

    /**
     * @param modelSha256 hash of models and settings
     * @param job the job's id
     * @param pixelSize of images whose files have none; null if unknown
     * @param objects whether objects are looked for whatever the model has learnt
     * @param opener acquires the model
     */
    ScanWorker(
            Storage storage,
            JobOutput output,
            String modelSha256,
            String job,
            @Nullable PixelSize pixelSize,
            boolean objects,
            Supplier<SharedModel> opener) {
        this.storage = storage;
        this.output = output;
        this.modelSha256 = modelSha256;
        this.job = job;
        this.pixelSize = pixelSize;
        this.objects = objects;
        this.opener = opener;
    }

    /**
     * Segments a scan unless it is done; its failure is in the row.
     *
     * @throws TaskFailure if all scans would fail: the model can't be opened, or nothing at all can be written
     */
    @Override
    public CaseRow apply(ScanFiles scan) {
        if (scan.problem() != null) {
            return CaseRow.failed(scan, scan.problem(), null);
        }
        long began = System.nanoTime();
        try (var copies = new LocalCopies(storage)) {
            String input = null;
            try {
                scan.files().forEach(copies::fetch);
                input = copies.sha256();
                return row(scan, copies, input, began);
            } catch (TaskFailure e) {
                throw e;
            } catch (AttunetException e) {
                requireRoom(scan, copies, e);
                return CaseRow.failed(scan, copies.message(e), input);
            }
        }
    }

    private CaseRow row(ScanFiles scan, LocalCopies copies, String input, long began) {
        String record = output.record(scan);
        String mask = output.masks() + "/" + maskName(scan);
        DoneRecord known = DoneRecord.read(storage, record);
        if (known != null
                && known.inputSha256().equals(input)
                && known.modelSha256().equals(modelSha256)
                && known.maskBytes() == storage.bytes(mask)) {
            boolean ours = known.job().equals(job);
            return CaseRow.of(scan, ours ? CaseRow.Status.DONE : CaseRow.Status.SKIPPED, mask, known);
        }
        if (known != null) {
            // If the task were killed after the new mask, the old record would otherwise vouch for it.
            storage.delete(record);
        }
        DoneRecord done = segment(scan, copies, input, began);
        done.write(storage, record);
        return CaseRow.of(scan, CaseRow.Status.DONE, mask, done);
    }

    private DoneRecord segment(ScanFiles scan, LocalCopies copies, String input, long began) {
        Segmenter segmenter = segmenter();
        var image = new ImageCase(scan.name(), copies.files(), pixelSize);
        Path local = Storage.local(output.masks());
        Path folder = local == null ? copies.folder().resolve("masks") : local;
        Map<String, Double> volumes = new LinkedHashMap<>();
        boolean wanted = objects || segmenter.objects().isPresent();
        CasePrediction outcome = CasePrediction.run(
                segmenter,
                image,
                ResultFiles.in(folder, image, ResultOptions.DEFAULT.withObjects(wanted, false)),
                (name, plan) -> {},
                share -> {},
                mask -> mask.structures().forEach(structure -> {
                    if (structure.millilitres() != null) {
                        volumes.put(structure.name(), structure.millilitres());
                    }
                }));
        if (outcome.error() != null) {
            throw outcome.error();
        }
        if (local == null) {
            for (Path file : outcome.written()) {
                storage.store(file, output.masks() + "/" + folder.relativize(file));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long bytes = outcome.mask().toFile().length();
        CaseObjects found = outcome.objects();
        return new DoneRecord(
                input,
                modelSha256,
                job,
                bytes,
                volumes,
                outcome.reliability().confidenceOrNull(),
                outcome.reliability().noveltyOrNull(),
                found == null ? null : (Integer) found.count(),
                outcome.warnings(),
                seconds);
    }

    private Segmenter segmenter() {
        if (model == null) {
            model = opener.get();
        }
        return model.segmenter();
    }

    private static String maskName(ScanFiles scan) {
        Path file = Path.of(Storage.name(scan.files().get(0)));
        return Images.isImage(file)
                ? ResultFiles.in(Path.of(""), new ImageCase(scan.name(), List.of(file)))
                        .mask()
                        .toString()
                : scan.name() + ".dcm";
    }

    /** Fails the task if no file of the scan's size can be written either, as with a full disk or a read-only folder. */
    private void requireRoom(ScanFiles scan, LocalCopies copies, AttunetException failure) {
        Path local = Storage.local(output.uri());
        byte[] probe = new byte[(int) Math.max(MIN_PROBE, Math.min(MAX_PROBE, scan.bytes()))];
        try {
            if (copies.holds(failure.subject())) {
                WholeFile.write(copies.folder().resolve("probe"), probe);
            } else if (failure.subject().startsWith(output.uri())
                    || (local != null && failure.subject().startsWith(local.toString()))) {
                String file = output.uri() + "/records/.probe-" + UUID.randomUUID();
                storage.write(file, probe);
                storage.delete(file);
            }
        } catch (AttunetException e) {
            throw new TaskFailure(failure);
        }
    }

    /** Releases the model. */
    @Override
    public void close() {
        if (model != null) {
            model.release();
            model = null;
        }
    }
}
