package org.attunet.server.http;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.work.WorkQueue;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The outermost handler: keeps slow and many clients from taking all threads and connections, so that health probes and other
 * clients are answered meanwhile.
 *
 * <ul>
 *   <li>A limited number of bodies are read and a limited number of requests are in progress at once. Beyond that the slowest
 *       client is disconnected if it is slow, else the new request is answered 503.
 *   <li>A client that sends its body, or takes its response, at less than 1 KiB/s is disconnected after 10 s of waiting; one
 *       that stops in the middle of its body, after 20 s.
 *   <li>A connection is closed a minute after the begin of a header that does not end; the longest unused one is
 *       closed if there are too many.
 *   <li>Bodies that are compressed with gzip or deflate are expanded; see {@link InflatedBody}.
 * </ul>
 */
public final class Intake extends Handler.Wrapper implements Connection.Listener {
    /** Threads that are never given to requests: they answer health probes and refusals. */
    public static final int RESERVE = 32;

    private static final Set<String> PROBES = Set.of("/health", "/v2/health/live", "/v2/health/ready", "/metrics");
    private static final int MOST_BODIES = 64;
    private static final int MOST_CONNECTIONS = 2000;
    private static final long UNUSED = TimeUnit.MINUTES.toNanos(1);
    private static final long PERIOD_MS = 250;

    private final long mostBytes;
    private final int mostRequests;
    private final ServerMetrics metrics;
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final AtomicInteger bodies = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<Connection, Unused> unused = new ConcurrentHashMap<>();
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(WorkQueue.daemonThreads("intake"));

    /**
     * A connection without a request.
     *
     * @param since when its last request ended or, if it has begun another, when that was seen (System.nanoTime)
     * @param bytesIn that had come by the end of its last request
     */
    private record Unused(long since, long bytesIn, boolean begun) {
        static Unused now(Connection connection) {
            return new Unused(System.nanoTime(), connection.getBytesIn(), false);
        }
    }

    /**
     * @param mostBytes of a body, as sent and expanded
     * @param mostRequests in progress; each holds a thread
     */
    public Intake(long mostBytes, int mostRequests, ServerMetrics metrics) {
        this.mostBytes = mostBytes;
        this.mostRequests = mostRequests;
        this.metrics = metrics;
        var unused = watch.scheduleWithFixedDelay(this::endSlow, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        unused.remove(connection);
        boolean body = Exchange.hasBody(request);
        boolean probe = !body && PROBES.contains(request.getHttpURI().getDecodedPath());
        var exchange = new Exchange(request, mostBytes, bodies::decrementAndGet);
        bodies.addAndGet(body ? 1 : 0);
        requests.addAndGet(probe ? 0 : 1);
        Runnable end = () -> {
            if (exchange.end()) {
                exchanges.remove(exchange);
                requests.addAndGet(probe ? 0 : -1);
                release(connection);
            }
        };
        Callback last = Callback.from(end, callback); // before the connection's next request may begin
        boolean handled = false;
        try {
            boolean full = (body && bodies.get() > MOST_BODIES) || requests.get() > mostRequests;
            if (!probe && full && !endSlowest()) {
                end.run(); // it takes nobody's place while the rest of its body is read
                refuse(exchange, response, callback);
                handled = true;
            } else {
                exchanges.add(exchange);
                handled = super.handle(InflatedBody.of(exchange, mostBytes), exchange.timed(response), last);
            }
            return handled;
        } finally {
            if (!handled) {
                end.run();
            }
        }
    }

    private void release(Connection connection) {
        unused.put(connection, Unused.now(connection));
        if (!connection.getEndPoint().isOpen()) { // it was closed meanwhile
            unused.remove(connection);
        }
    }

    private void refuse(Request request, Response response, Callback callback) {
        metrics.rejected("clients");
        response.getHeaders().put("Retry-After", "5");
        response.getHeaders().put("Connection", "close");
        response.setStatus(503);
        // Response.writeError would give the body up.
        var rest = new UnreadBody(request, callback);
        JsonErrors.write(
                response,
                "the server is reading as many requests as it can; try again in 5 s",
                Callback.from(rest, callback::failed));
        var unused = watch.schedule(rest::breakOff, UnreadBody.LONGEST_MS, TimeUnit.MILLISECONDS);
    }

    private boolean endSlowest() {
        long now = System.nanoTime();
        Exchange slowest = exchanges.stream()
                .min(Comparator.comparingDouble(exchange -> exchange.evictableRate(now)))
                .orElse(null);
        if (slowest == null || slowest.evictableRate(now) == Double.POSITIVE_INFINITY) {
            return false;
        }
        metrics.rejected("slow");
        slowest.abort();
        return true;
    }

    private void endSlow() {
        try {
            long now = System.nanoTime();
            for (Exchange exchange : exchanges) {
                if (exchange.isTooSlow(now)) {
                    metrics.rejected("slow");
                    exchange.abort();
                }
            }
            unused.forEach((connection, state) -> {
                if (!state.begun()) { // idle ones end by Jetty's own timeout
                    if (connection.getBytesIn() > state.bytesIn()) {
                        unused.replace(connection, state, new Unused(now, state.bytesIn(), true));
                    }
                } else if (now - state.since() > UNUSED && unused.remove(connection, state)) {
                    connection.getEndPoint().close();
                }
            });
        } catch (RuntimeException e) {
            metrics.rejected("unknown"); // a connection may close at any moment; the next round goes on
        }
    }

    @Override
    public void onOpened(Connection connection) {
        if (!(connection instanceof ConnectionMetaData)) {
            return; // the TLS layer below
        }
        unused.put(connection, Unused.now(connection));
        if (unused.size() > MOST_CONNECTIONS) {
            unused.entrySet().stream()
                    .min(Comparator.comparingLong(entry -> entry.getValue().since()))
                    .ifPresent(oldest -> {
                        if (unused.remove(oldest.getKey(), oldest.getValue())) {
                            oldest.getKey().getEndPoint().close();
                        }
                    });
        }
    }

    @Override
    public void onClosed(Connection connection) {
        unused.remove(connection);
    }

    /** Stops watching. */
    public void stopWatching() {
        watch.shutdownNow();
    }
}
