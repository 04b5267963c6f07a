package org.attunet.spark.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/**
 * Divides cases among tasks by size, not by number, so that a huge one doesn't hold up the rest.
 *
 * <p>The largest case goes first to the partition that has least so far (longest processing time first; Graham, 1969), and the
 * largest partitions run first. Losing a task costs little: finished cases stay finished.
 */
public final class Partitions {
    private static final int PER_SLOT = 8; // the last ones to run are then a small part of all
    private static final int FEW_CASES = 16; // starting a task costs little beside this many
    private static final int MANY_PARTITIONS = 512; // for executors that register after the job's start
    private static final int MAX_CASES = 1000;
    private static final long OVERHEAD_BYTES = 64 << 10; // opening a file costs as much as reading this many

    private Partitions() {}

    /**
     * Returns non-empty partitions, the heaviest first, each with its heaviest cases first.
     *
     * @param bytes the size of a case
     * @param slots tasks that run at the same time, 1 or more
     */
    public static <C> List<List<C>> of(List<C> cases, ToLongFunction<C> bytes, int slots) {
        int several = Math.min(cases.size() / FEW_CASES, MANY_PARTITIONS);
        int least = Math.max(several, (cases.size() + MAX_CASES - 1) / MAX_CASES);
        int count = (int) Math.min(cases.size(), Math.max((long) slots * PER_SLOT, least));
        var lightest = new PriorityQueue<Partition<C>>(
                Comparator.comparingLong((Partition<C> one) -> one.weight).thenComparingInt(one -> one.number));
        for (int k = 0; k < count; k++) {
            lightest.add(new Partition<>(k));
        }
        cases.stream().sorted(Comparator.comparingLong(bytes).reversed()).forEach(one -> {
            Partition<C> partition = lightest.remove();
            partition.cases.add(one);
            partition.weight += bytes.applyAsLong(one) + OVERHEAD_BYTES;
            lightest.add(partition);
        });
        return lightest.stream()
                .sorted(Comparator.comparingLong((Partition<C> one) -> one.weight)
                        .reversed()
                        .thenComparingInt(one -> one.number))
                .map(one -> one.cases)
                .toList();
    }

    private static final class Partition<C> {
        final int number;
        final List<C> cases = new ArrayList<>();
        long weight;

        Partition(int number) {
            this.number = number;
        }
    }
}
