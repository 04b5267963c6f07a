package org.attunet.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.server.http.AccessControl;
import org.attunet.server.work.ServedModel;
import org.jspecify.annotations.Nullable;

/** A server's configuration for tests: this machine, any free port and usual limits, unless a method changes them. */
public final class TestConfig {
    private final Path work;
    private @Nullable Path data;
    private @Nullable DicomWeb pacs;
    private @Nullable String key;
    private ServerConfig.@Nullable Tls tls;
    private List<String> origins = List.of();
    private int workers = 2;
    private int waiting = 64;
    private int jobs = 1000;
    private long bodyBytes = 1L << 30;
    private long mostVoxels = 1L << 28;
    private long waitingVoxels = 16L << 20;
    private Duration timeout = Duration.ofMinutes(2);
    private Duration keep = Duration.ofHours(24);
    private Duration grace = Duration.ofMinutes(2);

    /** A server that stores its files in a folder. */
    public TestConfig(Path work) {
        this.work = work;
    }

    public TestConfig data(Path folder) {
        data = folder;
        return this;
    }

    public TestConfig pacs(DicomWeb web) {
        pacs = web;
        return this;
    }

    public TestConfig key(String text) {
        key = text;
        return this;
    }

    TestConfig tls(ServerConfig.Tls certificate) {
        tls = certificate;
        return this;
    }

    TestConfig origins(String... allowed) {
        origins = List.of(allowed);
        return this;
    }

    TestConfig queue(int atWork, int places) {
        workers = atWork;
        waiting = places;
        return this;
    }

    TestConfig jobs(int most, Duration kept) {
        jobs = most;
        keep = kept;
        return this;
    }

    public TestConfig sizes(long body, long voxels, long voxelsOfJobs) {
        bodyBytes = body;
        mostVoxels = voxels;
        waitingVoxels = voxelsOfJobs;
        return this;
    }

    TestConfig timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    TestConfig noGrace() {
        grace = Duration.ZERO;
        return this;
    }

    ServerConfig config() {
        var limits = new ServerConfig.Limits(
                workers, waiting, jobs, bodyBytes, mostVoxels, waitingVoxels, timeout, keep, grace);
        List<String> hosts = List.of("127.0.0.1", "localhost", "[::1]");
        return new ServerConfig("127.0.0.1", 0, work, data, pacs, new AccessControl(key, origins, hosts), tls, limits);
    }

    /** Starts the server with models of the repository: the named ones, or nuclei (2D) and the hippocampus (3D). */
    public LiveServer serve(String... models) {
        List<String> names = models.length == 0 ? List.of("nuclei", "hippocampus") : List.of(models);
        return new LiveServer(config(), names.stream().map(LiveServer::model).toArray(ServedModel[]::new));
    }

    /** Starts the server with these models, which it closes. */
    public LiveServer serve(List<ServedModel> models) {
        return new LiveServer(config(), models.toArray(ServedModel[]::new));
    }
}
