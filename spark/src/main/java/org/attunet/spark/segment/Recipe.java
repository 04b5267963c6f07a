package org.attunet.spark.segment;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.attunet.predict.MemoryBudget;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.storage.Here;
import org.attunet.spark.storage.Storage;

/**
 * What masks are made by: models and settings.
 *
 * @param models one, or several that vote
 */
record Recipe(List<ModelFiles> models, SegmentSettings settings) implements Serializable {

    /** A name: results under one name are the same. 64 hexadecimal digits. */
    String name() {
        var text = new StringBuilder();
        models.forEach(model -> text.append(model.sha256()).append('\n'));
        text.append(settings.options())
                .append('\n')
                .append(settings.precision())
                .append('\n')
                .append(settings.keepLargest());
        return HexFormat.of().formatHex(Here.digest().digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Opens the models on this machine; the caller closes what comes.
     *
     * @throws org.attunet.error.AttunetException naming the model that can't be opened
     */
    Segmenter open(Storage storage) {
        SegmenterOptions options = settings.options().memory() > 0
                ? settings.options()
                : settings.options().withMemory(MemoryBudget.ofMachine() / tasksAtATime());
        OnnxOptions onnx =
                OnnxOptions.defaults().withThreads(settings.threads() > 0 ? settings.threads() : coresOfTask());
        List<Segmenter> opened = new ArrayList<>();
        try (var here = new Here(storage)) { // an open bundle is in memory
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

    private static int coresOfTask() {
        return Math.max(1, SparkEnv.get().conf().getInt("spark.task.cpus", 1));
    }

    private static int tasksAtATime() {
        SparkConf conf = SparkEnv.get().conf();
        int processors = Runtime.getRuntime().availableProcessors();
        return Math.max(1, conf.getInt("spark.executor.cores", processors) / coresOfTask());
    }
}
