package org.attunet.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.work.WorkFolder;
import org.eclipse.jetty.ee10.servlet.FilterHolder;

/**
 * A request from its first byte to its last: an id, which the client may give as {@code X-Request-Id} and finds in the
 * answer; the count of requests under way; a line in the log and a sample in the metrics at its end, under the route's
 * pattern, since an address itself may name a patient.
 */
public final class RequestTrace {
    private static final String HEADER = "X-Request-Id";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");
    private static final String ID = "attunet.request";
    private static final String ROUTE = "attunet.route";

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
        // Around everything, so that a client that goes away in the middle of an answer is seen too.
        config.jetty.modifyServletContextHandler(handler ->
                handler.addFilter(new FilterHolder(trace::follow), "/*", EnumSet.of(DispatcherType.REQUEST)));
        config.routes.before(ctx -> ctx.header(HEADER, id(ctx)));
        config.routes.beforeMatched(ctx -> {
            Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
            ctx.req().setAttribute(ROUTE, matched == null ? "none" : matched.path);
        });
        return trace;
    }

    /** The id of a request. */
    public static String id(Context ctx) {
        return Objects.toString(ctx.req().getAttribute(ID), "");
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

    private void follow(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        AtomicInteger counted = stopping ? late : underWay;
        counted.incrementAndGet();
        long began = System.nanoTime();
        var asked = (HttpServletRequest) request;
        String given = asked.getHeader(HEADER);
        boolean harmless = given != null && given.matches("[A-Za-z0-9._-]{1,64}");
        request.setAttribute(ID, harmless ? given : WorkFolder.randomName());
        boolean whole = false;
        try {
            chain.doFilter(request, response);
            whole = true;
        } finally {
            counted.decrementAndGet();
            tell(asked, (HttpServletResponse) response, System.nanoTime() - began, whole);
        }
    }

    private void tell(HttpServletRequest request, HttpServletResponse response, long nanos, boolean whole) {
        String route = Objects.toString(request.getAttribute(ROUTE), "none");
        int status = response.getStatus();
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "OTHER";
        metrics.request(method, route, status, nanos);
        ObjectNode line = log.line(status < 500 ? "info" : "error", "request");
        line.put("request_id", Objects.toString(request.getAttribute(ID), ""));
        line.put("method", method).put("route", route);
        line.put("status", status);
        line.put("ms", nanos / 1000 / 1e3);
        line.put("bytes_in", Math.max(0, request.getContentLengthLong()));
        if (!whole) {
            line.put("broken_off", true);
        }
        log.write(line);
    }
}
