package org.attunet.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.attunet.spark.segment.ScanFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionsTest {
    private static final long OVERHEAD = 64 << 10;

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 2", "100, 3", "5000, 2", "20000, 64"})
    void every_scan_is_in_one_share_and_loads_differ_by_no_more_than_the_longest_processing_time_rule_allows(
            int count, int slots) {
        Random random = new Random(count);
        List<ScanFiles> scans = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            scans.add(new ScanFiles("s" + k, List.of("s" + k), (long) Math.exp(18 * random.nextDouble()), null));
        }
        List<List<ScanFiles>> shares = Partitions.of(scans, ScanFiles::bytes, slots);

        assertThat(names(shares.stream().flatMap(List::stream))).isEqualTo(names(scans.stream()));
        assertThat(shares).noneMatch(List::isEmpty);
        List<Long> loads = shares.stream().map(PartitionsTest::load).toList();
        assertThat(loads).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        // Graham, 1969: the longest load is at most 4/3 - 1/(3m) of the best, which is no less than either of these.
        int m = shares.size();
        long mean = loads.stream().mapToLong(Long::longValue).sum() / m;
        long largest =
                scans.stream().mapToLong(scan -> scan.bytes() + OVERHEAD).max().orElseThrow();
        assertThat((double) loads.get(0)).isLessThanOrEqualTo((4 / 3.0 - 1 / (3.0 * m)) * Math.max(mean + 1, largest));
    }

    @Test
    void a_huge_scan_has_a_share_of_its_own_which_runs_first() {
        List<ScanFiles> scans = new ArrayList<>();
        for (int k = 0; k < 1000; k++) {
            scans.add(new ScanFiles("small" + k, List.of("small" + k), 10_000, null));
        }
        scans.add(new ScanFiles("huge", List.of("huge"), 4L << 30, null));
        List<List<ScanFiles>> shares = Partitions.of(scans, ScanFiles::bytes, 2);
        assertThat(shares.get(0)).extracting(ScanFiles::name).containsExactly("huge");
        assertThat(shares).hasSize(62);
    }

    private static List<String> names(Stream<ScanFiles> scans) {
        return scans.map(ScanFiles::name).sorted().toList();
    }

    private static long load(List<ScanFiles> share) {
        return share.stream().mapToLong(scan -> scan.bytes() + OVERHEAD).sum();
    }
}
