package org.attunet.patches;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.attunet.dataset.Case;
import org.attunet.dataset.Parallel;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * The prepared cases of a training: all in memory if they fit, else read when they are needed, with the most recently used
 * ones kept. What {@link #get} returns is the same either way.
 *
 * <p>Thread-safe.
 */
public final class CaseStore {
    private static final int MOST_LABELS = 254; // and the background, and what isn't judged, in a byte
    private static final int KNOWN = 1; // bits of what is known of a case
    private static final int FOREGROUND = 2;
    private static final int JUDGED = 4;

    private final int size;
    private final @Nullable List<PreparedCase> resident;
    private final IntFunction<PreparedCase> source;
    private final long memoryBytes;
    private final Map<Integer, PreparedCase> recent = new LinkedHashMap<>(16, 0.75f, true);
    private final AtomicIntegerArray traits;
    private final Object[] locks;
    private long recentBytes;

    private CaseStore(
            int size, @Nullable List<PreparedCase> resident, IntFunction<PreparedCase> source, long memoryBytes) {
        this.size = size;
        this.resident = resident;
        this.source = source;
        this.memoryBytes = memoryBytes;
        this.traits = new AtomicIntegerArray(size);
        this.locks = Stream.generate(Object::new).limit(Math.min(size, 64)).toArray();
    }

    /** A store of prepared cases, at least one. */
    static CaseStore of(List<PreparedCase> cases) {
        List<PreparedCase> resident = List.copyOf(cases);
        return new CaseStore(cases.size(), resident, resident::get, Long.MAX_VALUE);
    }

    /**
     * Reads and prepares cases on all cores if they fit into the memory by {@link #estimate}; else leaves them to be read
     * when they are needed.
     *
     * @param cases at least one
     * @param labels at most 254, or that many {@linkplain LabelSet#parts parts} of regions
     * @param memoryBytes the most that prepared cases may take, above 0
     * @param progress counts the cases prepared here
     * @throws AttunetException if a case is unreadable, its mask doesn't fit or it holds an undeclared label
     */
    public static CaseStore load(
            List<Case> cases,
            Preprocessing preprocessing,
            LabelSet labels,
            long memoryBytes,
            ProgressListener progress) {
        if (cases.isEmpty()) {
            throw new ConfigException("cases", cases, "one case or more");
        }
        int parts = labels.parts().size();
        if (parts > MOST_LABELS) {
            throw new ConfigException("labels", parts + " of them", "at most " + MOST_LABELS);
        }
        if (memoryBytes <= 0) {
            throw new ConfigException("memoryBytes", memoryBytes, "a number above 0");
        }
        List<Case> copy = List.copyOf(cases);
        IntFunction<PreparedCase> source = index -> prepared(copy.get(index), preprocessing, labels);
        List<PreparedCase> resident =
                estimate(cases, preprocessing) > memoryBytes ? null : Parallel.map(cases.size(), progress, source);
        return new CaseStore(cases.size(), resident, source, memoryBytes);
    }

    private static PreparedCase prepared(Case one, Preprocessing preprocessing, LabelSet labels) {
        try {
            Case.Pair pair = one.read(labels);
            LabelMap mask = preprocessing.prepareLabels(pair.labels());
            return PreparedCase.of(one.id(), preprocessing.prepare(pair.image()).image(), mask, labels.parts());
        } catch (AttunetException e) {
            // failures of preprocessing name "image" or "mask" instead of a file
            boolean named = one.mask().files().stream()
                            .anyMatch(file -> e.subject().equals(file.toString()))
                    || one.image().files().stream().anyMatch(file -> e.subject().equals(file.toString()));
            if (named) {
                throw e;
            }
            throw new AttunetException(
                    one.firstFile().toString(), e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }

    /** Estimates the bytes that the prepared cases take together from the sizes and spacings in their headers. */
    public static long estimate(List<Case> cases, Preprocessing preprocessing) {
        double total = 0;
        for (Case c : cases) {
            double voxels = preprocessing.preparedGrid(c.image().readGrid()).voxels();
            total += voxels * (1 + 4.0 * preprocessing.channels());
        }
        return (long) total;
    }

    /** The number of cases. */
    public int size() {
        return size;
    }

    /** Whether all cases stay in memory. */
    public boolean resident() {
        return resident != null;
    }

    /** Returns a prepared case; reads it if it is not in memory. */
    PreparedCase get(int index) {
        if (resident != null) {
            return resident.get(index);
        }
        PreparedCase kept = recent(index);
        if (kept != null) {
            return kept;
        }
        // one lock per case, so that two threads don't read it twice
        synchronized (locks[index % locks.length]) {
            kept = recent(index);
            if (kept != null) {
                return kept;
            }
            PreparedCase read = source.apply(index);
            traits.set(index, traits(read));
            keep(index, read);
            return read;
        }
    }

    /** Whether a case has a voxel of a class above 0; reads it once at most. */
    boolean hasForeground(int index) {
        return has(index, FOREGROUND);
    }

    /** Whether the truth of a voxel of a case is known; reads it once at most. */
    boolean hasJudged(int index) {
        return has(index, JUDGED);
    }

    private boolean has(int index, int trait) {
        if (traits.get(index) == 0) {
            traits.set(index, traits(get(index)));
        }
        return (traits.get(index) & trait) != 0;
    }

    private static int traits(PreparedCase one) {
        return KNOWN | (one.hasForeground() ? FOREGROUND : 0) | (one.hasJudged() ? JUDGED : 0);
    }

    private @Nullable PreparedCase recent(int index) {
        synchronized (recent) {
            return recent.get(index);
        }
    }

    private void keep(int index, PreparedCase read) {
        synchronized (recent) {
            recent.put(index, read);
            recentBytes += read.bytes();
            Iterator<PreparedCase> oldest = recent.values().iterator();
            while (recentBytes > memoryBytes && oldest.hasNext()) {
                recentBytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
    }
}
