package org.attunet.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.util.JavalinBindException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import org.attunet.error.AttunetException;
import org.attunet.server.http.AccessControl;
import org.attunet.server.http.ErrorResponses;
import org.attunet.server.http.RequestTrace;
import org.attunet.server.http.ServerLog;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.inference.InferenceRoutes;
import org.attunet.server.monai.MonaiLabelRoutes;
import org.attunet.server.page.PageRoutes;
import org.attunet.server.segment.JobRoutes;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.FolderLock;
import org.attunet.server.work.Job;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * The server: all routes over the same models, queue and jobs.
 *
 * <p>{@link #close} is graceful: no new work is taken in, what was taken in is answered, jobs under way end or wait on disk
 * for the next process.
 */
public final class AttunetServer implements AutoCloseable {
    private static final Duration LAST_BLOCK = Duration.ofSeconds(10); // a block of an image is computed to its end
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private final ServerConfig config;
    private final ServedModels models;
    private final FolderLock lock;
    private final ServerLog log;
    private final ServerMetrics metrics = new ServerMetrics();
    private final WorkQueue compute;
    private final Jobs jobs;
    private final MonaiLabelRoutes monai;
    private final Javalin javalin;
    private RequestTrace trace;
    private @Nullable ServerConnector connector;
    private int port;

    /**
     * Starts a server.
     *
     * @param models taken over, and closed with the server; also where it can't start
     * @param logStream where the log goes, a JSON object a line
     * @throws AttunetException where it can't listen or can't keep its files
     */
    public static AttunetServer start(ServerConfig config, ServedModels models, PrintStream logStream) {
        AttunetServer server = null;
        FolderLock lock = null;
        try {
            lock = FolderLock.take(config.work()); // before anything in it is touched
            server = new AttunetServer(config, models, logStream, lock);
            server.listen();
            server.jobs.start(); // a server that can't listen must not begin what others could go on with
            return server;
        } catch (RuntimeException e) {
            if (server != null) {
                server.release();
            } else {
                models.close();
                if (lock != null) {
                    lock.close();
                }
            }
            throw e;
        }
    }

    @SuppressWarnings("NullAway.Init") // the trace is set while the routes are
    private AttunetServer(ServerConfig config, ServedModels models, PrintStream logStream, FolderLock lock) {
        this.config = config;
        this.models = models;
        this.lock = lock;
        log = new ServerLog(logStream);
        ServerConfig.Limits limits = config.limits();
        WorkFolder folder = WorkFolder.open(config.work());
        compute = new WorkQueue(limits.workers(), limits.waiting());
        var work = new CaseSegmenter(limits.mostVoxels(), Runtime.getRuntime().maxMemory() / 2 / limits.workers());
        jobs = new Jobs(folder, models, compute, work, limits.keep(), limits.jobs(), log::info);
        monai = new MonaiLabelRoutes(config, models, compute, work, folder, metrics, log);
        measure();
        var segment = new SegmentRoutes(
                models, compute, work, folder, jobs, metrics, limits.timeout(), limits.waitingVoxels());
        var jobRoutes = new JobRoutes(models, work, folder, jobs);
        var inference = new InferenceRoutes(
                models, compute, metrics, limits.timeout(), limits.bodyBytes(), limits.mostVoxels());
        var pages = new PageRoutes();
        javalin = Javalin.create(javalinConfig -> {
            plumbing(javalinConfig, folder);
            segment.addTo(javalinConfig.routes);
            jobRoutes.addTo(javalinConfig.routes);
            inference.addTo(javalinConfig.routes);
            pages.addTo(javalinConfig.routes);
            monai.addTo(javalinConfig.routes);
        });
    }

    private void plumbing(JavalinConfig to, WorkFolder folder) {
        to.startup.showJavalinBanner = false;
        to.startup.showOldJavalinVersionWarning = false;
        to.startup.startupWatcherEnabled = false;
        // Javalin compresses against a length that was announced; the pages bring their own compressed form.
        to.http.compressionStrategy = CompressionStrategy.NONE;
        to.http.maxRequestSize = config.limits().bodyBytes();
        to.router.ignoreTrailingSlashes = true;
        to.jetty.addConnector((server, http) -> {
            ServerConnector made = HttpConnector.of(config, server, http);
            connector = made;
            return made;
        });
        to.jetty.multipartConfig.cacheDirectory(folder.parts().toString());
        to.jetty.multipartConfig.maxFileSize(config.limits().bodyBytes(), SizeUnit.BYTES);
        to.jetty.multipartConfig.maxTotalRequestSize(config.limits().bodyBytes(), SizeUnit.BYTES);
        to.jetty.multipartConfig.maxInMemoryFileSize(64, SizeUnit.KB);
        trace = RequestTrace.install(to, log, metrics);
        new AccessControl(config.key(), config.origins(), config.hosts()).install(to);
        ErrorResponses.install(to, log, metrics);
        to.routes.get("/health", ctx -> ctx.result("ok"));
        to.routes.get(
                "/metrics",
                ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.text()));
    }

    private void measure() {
        metrics.gauge("attunet.queue.waiting", "Segmentations that wait", compute, WorkQueue::queued);
        metrics.gauge("attunet.queue.running", "Segmentations under way", compute, WorkQueue::running);
        metrics.gauge("attunet.jobs.waiting", "Jobs that wait", jobs, Jobs::waiting);
        for (Job.State state : Job.State.values()) {
            metrics.gauge("attunet.jobs." + state.word(), "Jobs in this state", jobs, all -> all.count(state));
        }
    }

    private void listen() {
        try {
            javalin.start();
        } catch (JavalinBindException e) {
            throw new AttunetException(
                    config.host() + ":" + config.port(),
                    "the server can't listen there (" + e.getMessage() + ")",
                    "a free port and an address of this machine",
                    "choose another --port or --host",
                    e);
        }
        port = connector == null ? 0 : connector.getLocalPort();
        log.info("listening on " + config.host() + ":" + port);
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** The address for a browser on this machine. */
    public String address() {
        String host = switch (config.host()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> config.host().contains(":") ? "[" + config.host() + "]" : config.host();
        };
        return (config.tls() == null ? "http://" : "https://") + host + ":" + port();
    }

    /** The routes that it has, such as {@code GET /api/models/{model}}. */
    List<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .map(route -> route.endpoint.method + " " + route.endpoint.path)
                .toList();
    }

    @Override
    public void close() {
        log.info("stopping: requests under way are answered first");
        trace.stop();
        compute.drain();
        long end = System.nanoTime() + config.limits().grace().toNanos();
        await(trace::underWay, end);
        jobs.close(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        compute.close(); // what was not done in time is told so
        await(trace::underWay, System.nanoTime() + LAST_BLOCK.toNanos());
        if (connector != null) {
            connector.close(); // until here whoever came was told that the server is stopping; now they are refused
        }
        await(trace::late, System.nanoTime() + LAST_ANSWERS.toNanos());
        javalin.stop();
        release();
        log.info("stopped");
    }

    private static void await(IntSupplier underWay, long end) {
        try {
            while (underWay.getAsInt() > 0 && System.nanoTime() < end) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        jobs.close();
        compute.close();
        monai.close();
        metrics.close();
        models.close();
        lock.close();
    }
}
