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
 * The prepared cases of a training, in memory where they fit, else read again as they are needed with the most recently
 * used ones kept.
 *
 * <p>Thread-safe. What {@link #get} returns does not depend on which of the two it is.
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

    /** Where a case comes from that is not in memory. */
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

        /** Failures of preprocessing speak of "image"; those of reading name the file already. */
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

    /** Cases that are already prepared, at least one. */
    public static CaseStore of(List<PreparedCase> cases) {
        if (cases.isEmpty()) {
            throw new ConfigException("cases", cases, "one case or more");
        }
        return new CaseStore(cases.size(), List.copyOf(cases), null, Long.MAX_VALUE);
    }

    /**
     * Reads and prepares cases with all cores if they fit the memory by the estimate from their headers; else only
     * notes where they are.
     *
     * @param cases at least one
     * @param labels at most 255
     * @param memoryBytes the most that prepared cases may take, above 0
     * @param progress hears of each case that is prepared; of none where they are read as needed
     * @throws AttunetException where a case is unreadable, its mask does not fit or holds an undeclared label
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

    /** The bytes that the prepared cases take together, from the sizes and spacings in their headers. */
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

    /** A prepared case, read now if it is not in memory. */
    public PreparedCase get(int index) {
        if (resident != null) {
            return resident.get(index);
        }
        PreparedCase kept = recent(index);
        if (kept != null) {
            return kept;
        }
        // two threads that want one case read it once
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

    /** Whether a case has a voxel of a class above 0; remembered, so that it costs a reading once at most. */
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
