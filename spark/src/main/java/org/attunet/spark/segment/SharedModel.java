package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.attunet.error.AttunetException;
import org.attunet.predict.MemoryBudget;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.storage.Here;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * The one segmenter of an executor's process, which all its tasks share: opened by the first that needs it, kept for the
 * jobs to come, replaced where a job comes with other models or settings.
 */
public final class SharedModel {
    private static @Nullable SharedModel current;

    private final String recipe;
    private final Segmenter segmenter;
    private int users;
    private boolean retired;

    private SharedModel(String recipe, Segmenter segmenter) {
        this.recipe = recipe;
        this.segmenter = segmenter;
    }

    /**
     * The segmenter for models and settings, to be given back by {@link #release}.
     *
     * @throws AttunetException where the models can't be opened on this machine
     */
    public static synchronized SharedModel acquire(Storage storage, List<ModelFiles> models, SegmentSettings settings) {
        String recipe = settings.recipe(models) + settings.threads();
        if (current == null || !current.recipe.equals(recipe)) {
            if (current != null) {
                current.retire();
                current = null;
            }
            current = new SharedModel(recipe, open(storage, models, settings));
        }
        current.users++;
        return current;
    }

    /** What segments; for as long as it isn't given back. */
    public Segmenter segmenter() {
        return segmenter;
    }

    /** Gives it back. */
    public void release() {
        synchronized (SharedModel.class) {
            users--;
            closeUnused();
        }
    }

    private void retire() {
        retired = true;
        closeUnused();
    }

    private void closeUnused() {
        if (retired && users == 0) {
            segmenter.close();
        }
    }

    private static Segmenter open(Storage storage, List<ModelFiles> models, SegmentSettings settings) {
        SegmenterOptions options = settings.options().memory() > 0
                ? settings.options()
                : settings.options().withMemory(MemoryBudget.ofMachine() / tasksAtATime());
        OnnxOptions onnx =
                OnnxOptions.defaults().withThreads(settings.threads() > 0 ? settings.threads() : coresOfTask());
        List<Segmenter> opened = new ArrayList<>();
        try (var here = new Here(storage, List.of())) { // an open bundle is in memory
            for (ModelFiles model : models) {
                opened.add(Segmenter.open(model.here(storage, here.folder()), options, onnx, settings.precision()));
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
