package org.attunet.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.work.JobFolder;
import org.jspecify.annotations.Nullable;

/**
 * A request from its first byte to its last: an id, which the client may give as {@code X-Request-Id} and finds in the
 * answer; the count of requests under way; a line in the log and a sample in the metrics at its end, under the route's
 * pattern, since an address itself may name a patient.
 */
public final class RequestTrace {
    private static final String HEADER = "X-Request-Id";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");
    private static final String ID = "attunet.request";
    private static final String COUNTED = "attunet.counted";
    private static final String BEGAN = "attunet.began";

    private final ServerLog log;
    private final ServerMetrics metrics;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger(); // those that began after the server was told to stop
    private volatile boolean stopping;

    private RequestTrace(ServerLog log, ServerMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /** Follows all requests. */
    public static RequestTrace install(JavalinConfig config, ServerLog log, ServerMetrics metrics) {
        var trace = new RequestTrace(log, metrics);
        config.routes.before(trace::begin);
        config.requestLogger.http((ctx, ms) -> trace.end(ctx));
        return trace;
    }

    /** The id of a request. */
    public static String id(Context ctx) {
        @Nullable String id = ctx.attribute(ID);
        return id == null ? "" : id;
    }

    /** From here on requests are counted as late, so that clients that go on asking don't hold up the stop. */
    public void stop() {
        stopping = true;
    }

    /** How many requests are under way, the late ones left out. */
    public int underWay() {
        return underWay.get();
    }

    /** How many late requests are under way. */
    public int late() {
        return late.get();
    }

    private void begin(Context ctx) {
        AtomicInteger counted = stopping ? late : underWay;
        counted.incrementAndGet();
        ctx.attribute(COUNTED, counted);
        String given = ctx.header(HEADER);
        String id = given != null && given.matches("[A-Za-z0-9._-]{1,64}") ? given : JobFolder.randomName();
        ctx.attribute(ID, id);
        ctx.attribute(BEGAN, System.nanoTime());
        ctx.header(HEADER, id);
    }

    private void end(Context ctx) {
        @Nullable Long began = ctx.attribute(BEGAN);
        if (began == null) {
            return;
        }
        AtomicInteger counted = ctx.attribute(COUNTED);
        if (counted != null) {
            counted.decrementAndGet();
        }
        long nanos = System.nanoTime() - began;
        String route = route(ctx);
        int status = ctx.statusCode();
        String method = METHODS.contains(ctx.req().getMethod()) ? ctx.req().getMethod() : "OTHER";
        metrics.request(method, route, status, nanos);
        ObjectNode line = log.line(status < 500 ? "info" : "error", "request");
        line.put("request_id", id(ctx));
        line.put("method", method).put("route", route);
        line.put("status", status);
        line.put("ms", nanos / 1000 / 1e3);
        line.put("bytes_in", Math.max(0, ctx.req().getContentLengthLong()));
        log.write(line);
    }

    private static String route(Context ctx) {
        Endpoint matched = ctx.endpoints().lastHttpEndpoint();
        return matched == null ? "none" : Objects.toString(matched.path, "none");
    }
}
