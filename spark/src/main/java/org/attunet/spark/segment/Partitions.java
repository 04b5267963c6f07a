package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How scans are shared out among the tasks of a job: by size, not by number, so that one huge scan doesn't hold up the
 * rest.
 *
 * <p>The largest scan goes first to the share that has least so far (longest processing time first; Graham, 1969), and
 * the largest shares run first. A share has no more than is worth repeating where its task is lost, which costs little:
 * scans that are done stay done.
 */
public final class Partitions {
    private static final int FOR_EACH_SLOT = 8; // so that the last ones to run are a small part of all
    private static final int FEW_SCANS = 16; // enough that starting a task costs little beside them
    private static final int MANY_SHARES = 512; // for slots that a cluster has still to tell of
    private static final int MOST_SCANS = 1000;
    private static final long OVERHEAD_BYTES = 64 << 10; // opening a file costs as much as some of its bytes

    private Partitions() {}

    /**
     * The shares, the heaviest first, each with its heaviest scans first; none is empty.
     *
     * @param slots tasks that run at the same time, 1 or more
     */
    public static List<List<ScanFiles>> of(List<ScanFiles> scans, int slots) {
        int several = Math.min(scans.size() / FEW_SCANS, MANY_SHARES);
        int least = Math.max(several, (scans.size() + MOST_SCANS - 1) / MOST_SCANS);
        int count = (int) Math.min(scans.size(), Math.max((long) slots * FOR_EACH_SLOT, least));
        var lightest = new PriorityQueue<Share>(
                Comparator.comparingLong((Share share) -> share.weight).thenComparingInt(share -> share.number));
        for (int k = 0; k < count; k++) {
            lightest.add(new Share(k));
        }
        List<ScanFiles> heaviest = new ArrayList<>(scans);
        heaviest.sort(Comparator.comparingLong(Partitions::weight).reversed().thenComparing(ScanFiles::name));
        for (ScanFiles scan : heaviest) {
            Share share = lightest.remove();
            share.scans.add(scan);
            share.weight += weight(scan);
            lightest.add(share);
        }
        return lightest.stream()
                .sorted(Comparator.comparingLong((Share share) -> share.weight)
                        .reversed()
                        .thenComparingInt(share -> share.number))
                .map(share -> share.scans)
                .toList();
    }

    private static long weight(ScanFiles scan) {
        return scan.bytes() + OVERHEAD_BYTES;
    }

    private static final class Share {
        final int number;
        final List<ScanFiles> scans = new ArrayList<>();
        long weight;

        Share(int number) {
            this.number = number;
        }
    }
}
