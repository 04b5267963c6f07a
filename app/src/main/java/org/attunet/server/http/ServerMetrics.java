package org.attunet.server.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/** The metrics for Prometheus: requests, latency, queue, model time, memory. Thread-safe. */
public final class ServerMetrics implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Registers memory, collections, threads, processor and open files. */
    public ServerMetrics() {
        // Prometheus' own check complains about these two names.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        gauge(
                "attunet.process.resident",
                "Resident memory of the process, natives included, in bytes",
                STATUS,
                ServerMetrics::resident);
    }

    /** Registers a number that is read at each scrape. */
    public <T> void gauge(String name, String description, T of, ToDoubleFunction<T> number) {
        Gauge.builder(name, of, number)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /** Counts a request under its route's pattern. */
    void request(String method, String route, int status, long nanos) {
        Timer.builder("attunet.http.requests")
                .description("Requests and how long their responses took")
                .tags("method", method, "route", route, "status", Integer.toString(status))
                .serviceLevelObjectives(millis(5, 25, 100, 500, 1000, 5000, 30_000))
                .register(registry)
                .record(Duration.ofNanos(nanos));
    }

    void rejected(String reason) {
        Counter.builder("attunet.rejected")
                .description("Requests that were not served, by reason")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /** Counts a segmentation. */
    public void segmented(String model, double seconds) {
        Timer.builder("attunet.model")
                .description("Segmentations and how long the model took")
                .tag("model", model)
                .serviceLevelObjectives(millis(50, 250, 1000, 5000, 30_000, 120_000))
                .register(registry)
                .record(Duration.ofNanos((long) (seconds * 1e9)));
    }

    private static Duration[] millis(long... bounds) {
        return LongStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    /** Returns all metrics in Prometheus' text format. */
    public String text() {
        return registry.scrape();
    }

    /** Returns NaN on systems other than Linux. */
    private static double resident(Path status) {
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("VmRSS:")) {
                    return Double.parseDouble(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
