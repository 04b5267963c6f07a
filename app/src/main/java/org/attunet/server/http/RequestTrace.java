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
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.work.WorkFolder;
import org.eclipse.jetty.ee10.servlet.FilterHolder;

/**
 * Follows each request from its first byte to its last: assigns an id, which the client may give as {@code X-Request-Id} and
 * finds in the response; counts the requests in progress; at the end writes a line to the log and a sample to the metrics,
 * under the route's pattern, since the path itself may name a patient.
 */
public final class RequestTrace {
    private static final String HEADER = "X-Request-Id";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");
    private static final String ID = "attunet.request";
    private static final String ROUTE = "attunet.route";

    private final ServerLog log;
    private final ServerMetrics metrics;
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private volatile boolean stopping;

    private RequestTrace(ServerLog log, ServerMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /** Follows all requests. */
    public static RequestTrace install(JavalinConfig config, ServerLog log, ServerMetrics metrics) {
        var trace = new RequestTrace(log, metrics);
        // The outermost filter, so that it sees clients that disconnect in the middle of a response.
        config.jetty.modifyServletContextHandler(handler ->
                handler.addFilter(new FilterHolder(trace::follow), "/*", EnumSet.of(DispatcherType.REQUEST)));
        config.routes.before(ctx -> ctx.header(HEADER, id(ctx)));
        config.routes.beforeMatched(ctx -> {
            Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
            ctx.req().setAttribute(ROUTE, matched == null ? "none" : matched.path);
        });
        return trace;
    }

    /** Returns the id of a request. */
    public static String id(Context ctx) {
        return Objects.toString(ctx.req().getAttribute(ID), "");
    }

    /** Counts requests as late from here on, so that clients that keep asking don't delay the stop. */
    public void stop() {
        stopping = true;
    }

    /** Returns the number of requests in progress that began before {@link #stop}. */
    public int active() {
        return active.get();
    }

    /** Returns the number of requests in progress that began after {@link #stop}. */
    public int late() {
        return late.get();
    }

    private void follow(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        AtomicInteger counter = stopping ? late : active;
        counter.incrementAndGet();
        long start = System.nanoTime();
        var http = (HttpServletRequest) request;
        String given = http.getHeader(HEADER);
        boolean valid = given != null && given.matches("[A-Za-z0-9._-]{1,64}");
        request.setAttribute(ID, valid ? given : WorkFolder.randomName());
        boolean complete = false;
        try {
            chain.doFilter("HEAD".equals(http.getMethod()) ? new HeadRequest(http) : http, response);
            complete = true;
        } finally {
            counter.decrementAndGet();
            record(http, ((HttpServletResponse) response).getStatus(), System.nanoTime() - start, complete);
        }
    }

    /** HEAD, to be handled like GET: Jetty leaves out the content, and the status and headers are those of GET. */
    private static final class HeadRequest extends HttpServletRequestWrapper {
        HeadRequest(HttpServletRequest request) {
            super(request);
        }

        @Override
        public String getMethod() {
            return "GET";
        }
    }

    private void record(HttpServletRequest request, int status, long nanos, boolean complete) {
        String route = Objects.toString(request.getAttribute(ROUTE), "none");
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "OTHER";
        metrics.request(method, route, status, nanos);
        ObjectNode line = log.line(status < 500 ? "info" : "error", "request");
        line.put("request_id", Objects.toString(request.getAttribute(ID), ""));
        line.put("method", method).put("route", route);
        line.put("status", status);
        line.put("ms", nanos / 1000 / 1e3);
        line.put("bytes_in", Math.max(0, request.getContentLengthLong()));
        if (!complete || request.getAttribute(Exchange.BROKEN_OFF) != null) {
            line.put("broken_off", true);
        }
        log.write(line);
    }
}
