package org.attunet.spark.segment;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.attunet.predict.MemoryBudget;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.job.TaskSlots;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;

/**
 * What masks are made by: models and settings.
 *
 * @param models one, or several that vote
 */
public record ModelSpec(List<ModelFiles> models, SegmentSettings settings) implements Serializable {

    /**
     * Reads models.
     *
     * @param addresses of bundles
     */
    public static ModelSpec read(Storage storage, List<String> addresses, SegmentSettings settings) {
        List<ModelFiles> files = new ArrayList<>();
        addresses.forEach(address -> files.add(ModelFiles.read(storage, address)));
        return new ModelSpec(List.copyOf(files), settings);
    }

    /**
     * A name: results under one name are the same, for images that fit the memory or where the settings fix it; else the
     * machine's memory chooses tiles, which may move single voxels. 64 hexadecimal digits.
     */
    public String name() {
        var text = new StringBuilder();
        models.forEach(model -> text.append(model.sha256()).append('\n'));
        text.append(settings.options())
                .append('\n')
                .append(settings.precision())
                .append('\n')
                .append(settings.keepLargest());
        return HexFormat.of()
                .formatHex(LocalCopies.digest().digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Opens the models on this machine; the caller closes what comes.
     *
     * @throws org.attunet.error.AttunetException naming the model that can't be opened
     */
    public Segmenter open(Storage storage) {
        SegmenterOptions options = settings.options().memory() > 0
                ? settings.options()
                : settings.options().withMemory(MemoryBudget.ofMachine() / TaskSlots.inThisProcess());
        OnnxOptions onnx = OnnxOptions.defaults()
                .withThreads(settings.threads() > 0 ? settings.threads() : TaskSlots.coresOfTask());
        List<Segmenter> opened = new ArrayList<>();
        try (var here = new LocalCopies(storage)) { // an open bundle is in memory
            for (ModelFiles model : models) {
                opened.add(model.open(here.folder(), options, onnx, settings.precision()));
            }
            Segmenter all = opened.size() == 1 ? opened.get(0) : Segmenter.ensemble(opened, options);
            return settings.keepLargest() == null ? all : all.withKeepLargest(settings.keepLargest());
        } catch (RuntimeException e) {
            opened.forEach(Segmenter::close);
            throw e;
        }
    }
}
