package org.attunet.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A timed workload.
 *
 * @param threads of one operation
 * @param latency seconds of the runs
 * @param gigaflops floating-point operations per second / 1e9 at the median, 0 if unknown
 * @param peakGigaflops the same for a large matrix product on these threads, 0 if not measured
 * @param memoryBytes the most memory that the process has held in RAM so far, 0 if unknown
 */
public record Measurement(int threads, Latency latency, double gigaflops, double peakGigaflops, long memoryBytes) {
    /** Writes the measurement into a JSON object. */
    public void writeTo(ObjectNode node) {
        node.put("median_s", latency.median());
        node.put("min_s", latency.percentile(0));
        node.put("p90_s", latency.percentile(90));
        node.put("p99_s", latency.percentile(99));
        node.put("per_second", latency.perSecond());
        if (gigaflops > 0) {
            node.put("gflops", gigaflops).put("matrix_product_gflops", peakGigaflops);
        }
        node.put("peak_memory_bytes", memoryBytes);
    }
}
