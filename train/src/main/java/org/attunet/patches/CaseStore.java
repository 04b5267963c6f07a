package org.attunet.patches;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.attunet.dataset.Case;
import org.attunet.dataset.Parallel;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * The prepared cases of a training: all in memory if they fit, else read when they are needed, with the most recently used
 * ones kept. What {@link #get} returns is the same either way.
 *
 * <p>Thread-safe.
 */
public final class CaseStore {
    private static final int UNKNOWN = 0;
    private static final int PRESENT = 1;
    private static final int ABSENT = 2;

    private final int size;
    private final @Nullable List<PreparedCase> resident;
    private final @Nullable Source source;
    private final long memoryBytes;
    private final Map<Integer, PreparedCase> recent = new LinkedHashMap<>(16, 0.75f, true);
    private final AtomicIntegerArray foreground;
    private final Object[] locks;
    private long recentBytes;

    /** Reads cases that are not in memory. */
    private record Source(List<Case> cases, Preprocessing preprocessing, LabelSet labels) {
        PreparedCase read(int index) {
            Case c = cases.get(index);
            try {
                Case.Pair pair = c.read(labels);
                LabelMap mask = preprocessing.prepareLabels(pair.labels());
                return PreparedCase.of(
                        c.id(), preprocessing.prepare(pair.image()).image(), mask, labels);
            } catch (AttunetException e) {
                throw names(e.subject(), c) ? e : named(c, e);
            }
        }

        /** Whether a failure names one of the case's files; those of preprocessing name "image" or "mask". */
        private static boolean names(String subject, Case c) {
            return subject.equals(c.mask().toString())
                    || c.image().files().stream().anyMatch(file -> subject.equals(file.toString()));
        }

        private static AttunetException named(Case c, AttunetException e) {
            return new AttunetException(
                    c.firstFile().toString(), e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }

    private CaseStore(int size, @Nullable List<PreparedCase> resident, @Nullable Source source, long memoryBytes) {
        this.size = size;
        this.resident = resident;
        this.source = source;
        this.memoryBytes = memoryBytes;
        this.foreground = new AtomicIntegerArray(size);
        this.locks = new Object[Math.min(size, 64)];
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new Object();
        }
    }

    /** A store of prepared cases, at least one. */
    static CaseStore of(List<PreparedCase> cases) {
        if (cases.isEmpty()) {
            throw new ConfigException("cases", cases, "one case or more");
        }
        return new CaseStore(cases.size(), List.copyOf(cases), null, Long.MAX_VALUE);
    }

    /**
     * Reads and prepares cases on all cores if they fit into the memory by {@link #estimate}; else leaves them to be read
     * when they are needed.
     *
     * @param cases at least one
     * @param labels at most 255
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
        if (labels.size() > 255) {
            throw new ConfigException("labels", labels.size() + " labels", "at most 255 labels");
        }
        if (memoryBytes <= 0) {
            throw new ConfigException("memoryBytes", memoryBytes, "a number above 0");
        }
        var source = new Source(List.copyOf(cases), preprocessing, labels);
        if (estimate(cases, preprocessing) > memoryBytes) {
            return new CaseStore(cases.size(), null, source, memoryBytes);
        }
        List<PreparedCase> prepared = Parallel.map(cases.size(), progress, source::read);
        return new CaseStore(cases.size(), prepared, null, memoryBytes);
    }

    /** Estimates the bytes that the prepared cases take together from the sizes and spacings in their headers. */
    public static long estimate(List<Case> cases, Preprocessing preprocessing) {
        double total = 0;
        for (Case c : cases) {
            double voxels =
                    preprocessing.preparedGrid(Images.readGrid(c.firstFile())).voxels();
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
            if (source == null) {
                throw new IllegalStateException("a store without cases in memory has a source");
            }
            PreparedCase read = source.read(index);
            foreground.set(index, read.hasForeground() ? PRESENT : ABSENT);
            keep(index, read);
            return read;
        }
    }

    /** Whether a case has a voxel of a class above 0; reads it once at most. */
    boolean hasForeground(int index) {
        if (foreground.get(index) == UNKNOWN) {
            foreground.set(index, get(index).hasForeground() ? PRESENT : ABSENT);
        }
        return foreground.get(index) == PRESENT;
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
