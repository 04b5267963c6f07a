package org.attunet.spark.segment;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.attunet.predict.Segmenter;

/**
 * The one segmenter of an executor's process for a recipe, which all its tasks share: opened by the first that needs it, kept
 * for the jobs to come, closed where another has come and no task uses it any more.
 */
final class SharedModel {
    private static final Map<String, SharedModel> OPEN = new HashMap<>(); // guarded by the class

    private final String key;
    private final Segmenter segmenter;
    private int users;
    private boolean latest;

    private SharedModel(String key, Segmenter segmenter) {
        this.key = key;
        this.segmenter = segmenter;
    }

    /**
     * The segmenter of a key, to be given back by {@link #release}. Others wait while it is opened, for most of them want the
     * same.
     *
     * @param opener opens it where it isn't open; what it throws passes through
     */
    static synchronized SharedModel acquire(String key, Supplier<Segmenter> opener) {
        SharedModel shared = OPEN.computeIfAbsent(key, absent -> new SharedModel(absent, opener.get()));
        shared.users++;
        for (SharedModel open : OPEN.values().toArray(SharedModel[]::new)) {
            open.latest = open == shared;
            open.closeUnused();
        }
        return shared;
    }

    /** What segments; for as long as it isn't given back. */
    Segmenter segmenter() {
        return segmenter;
    }

    /** Gives it back. */
    void release() {
        synchronized (SharedModel.class) {
            users--;
            closeUnused();
        }
    }

    private void closeUnused() {
        if (!latest && users == 0) {
            OPEN.remove(key);
            segmenter.close();
        }
    }
}
