package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.io.PixelSize;
import org.attunet.predict.MemoryBudget;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.job.SerializedValue;
import org.attunet.spark.job.TaskFailure;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * The models and settings that determine masks.
 *
 * @param models one, or the several of an ensemble
 */
public record ModelSpec(List<ModelFiles> models, SegmentSettings settings) implements Serializable {
    /** Reads the bundles at some addresses. */
    public static ModelSpec read(Storage storage, List<String> addresses, SegmentSettings settings) {
        return new ModelSpec(
                addresses.stream()
                        .map(address -> ModelFiles.read(storage, address))
                        .toList(),
                settings);
    }

    /**
     * Returns a hash of models and settings, 64 hexadecimal digits. Equal hashes mean equal masks, if images fit into memory or
     * the settings fix it; otherwise the machine's memory chooses tiles, which may change single voxels.
     */
    public String sha256() {
        var text = new StringBuilder();
        models.forEach(model -> text.append(model.sha256()).append('\n'));
        text.append(settings.options())
                .append('\n')
                .append(settings.precision())
                .append('\n')
                .append(settings.keepLargest());
        if (settings.pixelSize() != null) {
            text.append('\n').append(settings.pixelSize());
        }
        if (settings.objects()) {
            text.append("\nobjects");
        }
        return DigestUtils.sha256Hex(text.toString());
    }

    /**
     * Opens the models on this machine; the caller closes the segmenter.
     *
     * @throws AttunetException naming the model that can't be opened
     */
    public Segmenter open(Storage storage) {
        SegmenterOptions options = settings.options().memory() > 0
                ? settings.options()
                : settings.options().withMemory(MemoryBudget.ofMachine() / TaskSlots.inThisProcess());
        OnnxOptions onnx = OnnxOptions.defaults()
                .withThreads(settings.threads() > 0 ? settings.threads() : TaskSlots.coresOfTask());
        List<Segmenter> opened = new ArrayList<>();
        try (var copies = new LocalCopies(storage)) { // an open bundle is in memory
            for (ModelFiles model : models) {
                opened.add(model.open(copies.folder(), options, onnx, settings.precision()));
            }
            Segmenter all = opened.size() == 1 ? opened.get(0) : Segmenter.ensemble(opened, options);
            return settings.keepLargest() == null ? all : all.withKeepLargest(settings.keepLargest());
        } catch (RuntimeException e) {
            opened.forEach(Segmenter::close);
            throw e;
        }
    }

    /**
     * Opens the models once in this process, so that bad ones and settings that don't suit them fail before the job starts;
     * returns what they are.
     */
    public ModelDescription check(Storage storage) {
        return ask(storage, segmenter -> {
            if (settings.objects()) {
                ObjectSegmentation.requireSeparable(segmenter);
            }
            return segmenter.model();
        });
    }

    /** Whether the models have learnt to tell objects apart. */
    public boolean findsObjects(Storage storage) {
        return ask(storage, segmenter -> segmenter.objects().isPresent());
    }

    private <T> T ask(Storage storage, Function<Segmenter, T> question) {
        SharedModel opened = SharedModel.acquire(sha256(), () -> open(storage));
        try {
            return question.apply(opened.segmenter());
        } finally {
            opened.release();
        }
    }

    /** Sends models and settings to the executors. */
    public Sent send(SparkContext context) {
        var bytes = SerializedValue.of(this).bytes();
        return new Sent(
                sha256(),
                settings.pixelSize(),
                settings.objects(),
                JavaSparkContext.fromSparkContext(context).broadcast(bytes));
    }

    /**
     * Models and settings as tasks have them.
     *
     * @param sha256 their hash, known without deserializing them
     * @param pixelSize of images whose files have none; null if unknown
     * @param objects whether objects are looked for whatever the model has learnt
     */
    public record Sent(String sha256, @Nullable PixelSize pixelSize, boolean objects, Broadcast<byte[]> spec)
            implements Serializable {
        /**
         * Opens the models, or shares those that this process has open.
         *
         * @throws TaskFailure if they can't be opened
         */
        public SharedModel acquire(Storage storage) {
            try {
                return SharedModel.acquire(
                        sha256,
                        () -> new SerializedValue<ModelSpec>(spec.value())
                                .value()
                                .open(storage));
            } catch (AttunetException e) {
                throw new TaskFailure(e);
            }
        }
    }
}
