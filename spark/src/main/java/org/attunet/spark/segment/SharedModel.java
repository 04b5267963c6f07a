package org.attunet.spark.segment;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.attunet.predict.Segmenter;

/**
 * A segmenter that all tasks of an executor's process share. The first task that needs it opens it; it stays open for later
 * jobs and is closed when another has been acquired and no task uses it any more. Thread-safe.
 */
public final class SharedModel {
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
     * Returns the shared segmenter of a key, for use until {@link #release}. Other callers wait while it is opened, since most
     * of them want the same one.
     *
     * @param opener opens it if it isn't open; its exceptions pass through
     */
    public static synchronized SharedModel acquire(String key, Supplier<Segmenter> opener) {
        SharedModel shared = OPEN.computeIfAbsent(key, absent -> new SharedModel(absent, opener.get()));
        shared.users++;
        for (SharedModel open : List.copyOf(OPEN.values())) {
            open.latest = open == shared;
            open.closeUnused();
        }
        return shared;
    }

    /** Returns the segmenter, which may be used until {@link #release}. */
    public Segmenter segmenter() {
        return segmenter;
    }

    /** Ends one use. */
    public void release() {
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
