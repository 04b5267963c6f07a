package org.attunet.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.http.HandlerType;
import io.javalin.util.JavalinBindException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.server.http.ErrorResponses;
import org.attunet.server.http.Intake;
import org.attunet.server.http.JsonErrors;
import org.attunet.server.http.RequestTrace;
import org.attunet.server.http.ServerLog;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.inference.InferenceRoutes;
import org.attunet.server.monai.MonaiLabelRoutes;
import org.attunet.server.page.PageRoutes;
import org.attunet.server.segment.JobRoutes;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.Backend;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.FolderLock;
import org.attunet.server.work.HeapMemory;
import org.attunet.server.work.Job;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: all routes over the same models, queue and jobs.
 *
 * <p>{@link #close} is graceful: no new work is accepted, accepted requests are answered, running jobs end or wait on disk for
 * the next process.
 */
public final class AttunetServer implements AutoCloseable {
    private static final Duration LAST_BLOCK = Duration.ofSeconds(10); // a block of an image is computed to its end
    private static final Duration LAST_RESPONSES = Duration.ofSeconds(2);

    private static final int MOST_THREADS = 2000;

    private final ServerConfig config;
    private final ServedModels models;
    private final FolderLock lock;
    private final ServerLog log;
    private final ServerMetrics metrics = new ServerMetrics();
    private final WorkQueue queue;
    private final Jobs jobs;
    private final MonaiLabelRoutes monai;
    private final Javalin javalin;
    private RequestTrace trace;
    private Intake intake;
    private @Nullable ServerConnector connector;
    private int port;

    /**
     * Starts a server.
     *
     * @param models closed with the server, also if it can't start
     * @param logStream receives the log, one JSON object per line
     * @throws AttunetException if it can't listen or can't store its files
     */
    public static AttunetServer start(ServerConfig config, ServedModels models, PrintStream logStream) {
        AttunetServer server = null;
        FolderLock lock = null;
        try {
            lock = FolderLock.take(config.work()); // before anything in it is touched
            server = new AttunetServer(config, models, logStream, lock);
            server.listen();
            server.jobs.start(); // last: a server that can't listen must not start jobs
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

    @SuppressWarnings("NullAway.Init") // configure sets trace and intake
    private AttunetServer(ServerConfig config, ServedModels models, PrintStream logStream, FolderLock lock) {
        this.config = config;
        this.models = models;
        this.lock = lock;
        log = new ServerLog(logStream);
        ServerConfig.Limits limits = config.limits();
        WorkFolder folder = WorkFolder.open(config.work());
        queue = new WorkQueue(limits.workers(), limits.waiting(), limits.timeout());
        var memory = new HeapMemory(Runtime.getRuntime().maxMemory() / 4 * 3);
        var segmenter = new CaseSegmenter(limits.mostVoxels(), memory);
        var backend = new Backend(models, queue, segmenter, folder);
        jobs = new Jobs(backend, limits.keep(), limits.jobs(), log::info);
        Path data = Objects.requireNonNullElse(config.data(), folder.root().resolve("datastore"));
        monai = new MonaiLabelRoutes(data, config.pacs(), limits.jobs(), backend, metrics, log);
        addGauges();
        javalin = Javalin.create(to -> {
            configure(to, folder);
            new SegmentRoutes(backend, jobs, metrics, limits.waitingVoxels()).addTo(to.routes);
            new JobRoutes(backend, jobs).addTo(to.routes);
            new InferenceRoutes(models, queue, metrics, limits.bodyBytes(), limits.mostVoxels(), memory)
                    .addTo(to.routes);
            new PageRoutes().addTo(to.routes);
            monai.addTo(to.routes);
        });
    }

    private void configure(JavalinConfig to, WorkFolder folder) {
        to.startup.showJavalinBanner = false;
        to.startup.showOldJavalinVersionWarning = false;
        to.startup.startupWatcherEnabled = false;
        // Javalin would compress responses of an announced length; the pages come compressed.
        to.http.compressionStrategy = CompressionStrategy.NONE;
        long bodyBytes = config.limits().bodyBytes();
        to.http.maxRequestSize = bodyBytes;
        to.router.ignoreTrailingSlashes = true;
        to.jetty.addConnector((server, http) -> {
            ServerConnector created = HttpConnector.of(config, server, http);
            created.addEventListener(intake);
            connector = created;
            return created;
        });
        to.jetty.threadPool = new QueuedThreadPool(threads(), 8);
        intake = new Intake(bodyBytes, threads() - Intake.RESERVE, metrics);
        to.jetty.modifyServer(server -> {
            server.setHandler(intake);
            server.setErrorHandler(new JsonErrors());
        });
        to.jetty.multipartConfig.cacheDirectory(folder.staging().toString());
        to.jetty.multipartConfig.maxFileSize(bodyBytes, SizeUnit.BYTES);
        to.jetty.multipartConfig.maxTotalRequestSize(bodyBytes, SizeUnit.BYTES);
        to.jetty.multipartConfig.maxInMemoryFileSize(16, SizeUnit.KB);
        to.jetty.modifyServletContextHandler(handler -> handler.setMaxFormKeys(Uploads.MOST_FILES + 100));
        trace = RequestTrace.install(to, log, metrics);
        config.access().install(to);
        new ErrorResponses(log, metrics, this::methods).install(to);
        to.routes.before(ctx -> ErrorResponses.checkBody(ctx, bodyBytes));
        to.routes.get("/health", ctx -> ctx.result("ok"));
        to.routes.get(
                "/metrics",
                ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.text()));
    }

    /** Returns the most threads of requests: for those that wait for a model, those that wait for their client, and some more. */
    private int threads() {
        ServerConfig.Limits limits = config.limits();
        return Math.min(MOST_THREADS, limits.workers() + limits.waiting() + 128) + Intake.RESERVE;
    }

    private List<String> methods(String path) {
        return Stream.of(HandlerType.GET, HandlerType.POST, HandlerType.PUT, HandlerType.DELETE)
                .filter(method -> javalin.unsafe.internalRouter.hasHttpHandlerEntry(method, path))
                .flatMap(method -> method.equals(HandlerType.GET) ? Stream.of("GET", "HEAD") : Stream.of(method.name()))
                .toList();
    }

    private void addGauges() {
        metrics.gauge("attunet.queue.waiting", "Waiting segmentations", queue, WorkQueue::queued);
        metrics.gauge("attunet.queue.running", "Running segmentations", queue, WorkQueue::running);
        metrics.gauge("attunet.jobs.waiting", "Waiting jobs", jobs, Jobs::waiting);
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

    /** Returns the port that it listens on. */
    public int port() {
        return port;
    }

    /** Returns the address for a browser on this machine. */
    public String address() {
        String host = switch (config.host()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> config.host().contains(":") ? "[" + config.host() + "]" : config.host();
        };
        return (config.tls() == null ? "http://" : "https://") + host + ":" + port();
    }

    /** Returns the routes, such as {@code GET /api/models/{model}}. */
    List<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .map(route -> route.endpoint.method + " " + route.endpoint.path)
                .toList();
    }

    @Override
    public void close() {
        log.info("stopping: requests in progress are answered first");
        trace.stop();
        queue.drain();
        long end = System.nanoTime() + config.limits().grace().toNanos();
        WorkQueue.awaitNone(trace::active, config.limits().grace());
        jobs.close(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        queue.close(); // answers what was not done in time
        WorkQueue.awaitNone(trace::active, LAST_BLOCK);
        if (connector != null) { // until here new requests were answered that the server is stopping
            connector.close();
        }
        WorkQueue.awaitNone(trace::late, LAST_RESPONSES);
        javalin.stop();
        release();
        log.info("stopped");
    }

    private void release() {
        intake.stopWatching();
        jobs.close();
        queue.close();
        monai.close();
        metrics.close();
        models.close();
        lock.close();
    }
}
