package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.attunet.bundle.Bundle;
import org.attunet.console.CommandFailures;
import org.attunet.console.MemorySize;
import org.attunet.error.AttunetException;
import org.attunet.predict.MemoryBudget;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.AttunetServer;
import org.attunet.server.ServerConfig;
import org.attunet.server.http.AccessControl;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet serve}: models behind HTTP, with a page to look at what they say. */
@Command(
        name = "serve",
        description = {
            "Serve models over HTTP: a page to look at scans, masks and attention; files in, masks out; jobs; the Open"
                    + " Inference Protocol v2; MONAI Label's API for 3D Slicer and OHIF.",
            "Ctrl-C or SIGTERM stops it after the requests under way; jobs that wait go on at the next start."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet serve models/hippocampus.zip models/nuclei.zip",
            "  attunet serve liver=v3.zip both=v3.zip+v4.zip --host 0.0.0.0 --api-key-file key.txt \\",
            "      --tls-keystore server.p12 --tls-password-file password.txt"
        })
final class ServeCommand extends AttunetCommand {
    private static final List<String> LOCAL_NAMES = List.of("127.0.0.1", "localhost", "[::1]");

    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "Bundles or run folders. NAME=PATH gives a model its name, which is the file's otherwise;"
                    + " PATH+PATH is an ensemble.")
    private List<String> words;

    @Option(names = "--host", description = "The address to listen on (default: ${DEFAULT-VALUE}, this machine alone).")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "The port to listen on, 0 for any (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Where uploads, jobs and their results are kept (default: ${DEFAULT-VALUE}).")
    private Path work = Path.of("attunet-server");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data store of MONAI Label's API: a data set with imagesTr/ and labelsTr/, which 'attunet"
                    + " train' reads (default: datastore in --work).")
    private @Nullable Path data;

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "Ask every client for the key in this file.")
    private @Nullable Path keyFile;

    @Option(names = "--tls-keystore", paramLabel = "FILE", description = "HTTPS with this PKCS #12 or JKS key store.")
    private @Nullable Path keyStore;

    @Option(names = "--tls-password-file", paramLabel = "FILE", description = "The key store's password.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "Let pages of this origin use the server, such as https://viewer.example.org; several times.")
    private List<String> origins = List.of();

    @Option(
            names = "--allowed-host",
            paramLabel = "NAME",
            description = "A name that the server answers under, behind a proxy; several times (default: any, and on a"
                    + " loopback address its own names alone).")
    private List<String> hosts = List.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "Segmentations at the same time, each on an equal part of the cores (default: ${DEFAULT-VALUE});"
                            + " 1 is best for one client with large volumes.")
    private int workers = 2;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Requests that may wait; more are told to come back later (default: ${DEFAULT-VALUE}).")
    private int queue = 64;

    @Option(names = "--max-jobs", paramLabel = "N", description = "Jobs that may wait (default: ${DEFAULT-VALUE}).")
    private int maxJobs = 1000;

    @Option(
            names = "--max-body",
            paramLabel = "SIZE",
            converter = MemorySize.class,
            description = "The largest request (default: 1g).")
    private long maxBody = 1L << 30;

    @Option(
            names = "--max-voxels",
            paramLabel = "N",
            description = "The largest image (default: ${DEFAULT-VALUE}, such as 512 x 512 x 1024).")
    private long maxVoxels = 1L << 28;

    @Option(
            names = "--job-voxels",
            paramLabel = "N",
            description = "From this size on, what is sent to /api/segment becomes a job (default: ${DEFAULT-VALUE}).")
    private long jobVoxels = 16L << 20;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            description = "Seconds that a client waits at most for an answer (default: ${DEFAULT-VALUE}).")
    private int timeout = 120;

    @Option(
            names = "--keep",
            paramLabel = "H",
            description = "Hours that the results of jobs are kept (default: ${DEFAULT-VALUE}).")
    private double keep = 24;

    @Option(
            names = "--grace",
            paramLabel = "S",
            description = "Seconds that a stop waits for requests and jobs under way (default: ${DEFAULT-VALUE}).")
    private int grace = 120;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySize.class,
            description = "The memory for computing all images at the same time, such as 3g (default: half of what the"
                    + " machine has free).")
    private long memory;

    @Mixin
    private Engines engines;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig config = config();
        var stopped = new CountDownLatch(1);
        try (AttunetServer server =
                AttunetServer.start(config, open(), console().err())) {
            Interruption.stopsBy("stopping; requests under way are answered first.", stopped::countDown);
            if (console().json()) { // for scripts, which may have asked for any port
                console()
                        .result(
                                () -> JsonNodeFactory.instance
                                        .objectNode()
                                        .put("address", server.address())
                                        .put("port", server.port()),
                                server::address);
            }
            console().message("attunet: the page is at " + server.address() + "/ ; Ctrl-C stops the server");
            stopped.await();
        }
        return CommandFailures.DONE;
    }

    private ServerConfig config() {
        boolean local = isLoopback();
        String key = keyFile == null ? null : Secret.key(keyFile);
        if (!local && key == null) {
            console()
                    .message("warning: whoever reaches " + host + ":" + port
                            + " may use this server; ask for a key with" + " --api-key-file");
        }
        List<String> names = hosts.isEmpty() && !local
                ? List.of()
                : Stream.concat(LOCAL_NAMES.stream(), Stream.concat(Stream.of(host), hosts.stream()))
                        .map(name -> name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name)
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .distinct()
                        .toList();
        requireForm("--cors", origins, "https?://[^/\\s]+", "an origin such as https://viewer.example.org");
        requireForm("--allowed-host", hosts, "[^/\\s]+", "a name without scheme and path, such as seg.example.org");
        if (data != null && !Files.isDirectory(data)) {
            throw new AttunetException(
                    data, "no such folder", "a data set's folder", "correct --data, or make the folder");
        }
        var limits = new ServerConfig.Limits(
                workers,
                queue,
                maxJobs,
                maxBody,
                maxVoxels,
                jobVoxels,
                Duration.ofSeconds(timeout),
                Duration.ofMillis(Math.round(keep * 3_600_000)),
                Duration.ofSeconds(grace));
        return new ServerConfig(host, port, work, data, new AccessControl(key, origins, names), tls(), limits);
    }

    private ServerConfig.@Nullable Tls tls() {
        if (keyStore != null && passwordFile == null) {
            throw new AttunetException(
                    keyStore,
                    "no password for it",
                    "--tls-password-file too",
                    "put the password into a file of its own");
        }
        if (keyStore == null && passwordFile != null) {
            throw new AttunetException(
                    "--tls-password-file",
                    "a password without a key store",
                    "--tls-keystore too",
                    "name the key store");
        }
        return keyStore == null || passwordFile == null
                ? null
                : new ServerConfig.Tls(keyStore, Secret.password(passwordFile));
    }

    private static void requireForm(String option, List<String> values, String form, String expected) {
        for (String value : values) {
            if (!value.matches(form)) {
                throw new AttunetException(option, value, expected, "correct the option");
            }
        }
    }

    private boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // listening will say what is wrong with it
        }
    }

    private ServedModels open() {
        engines.threadsOtherwise(Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, workers)));
        long all = memory > 0 ? memory : MemoryBudget.ofMachine();
        var options = SegmenterOptions.defaults().withMemory(all / Math.max(1, workers));
        List<ServedModel> opened = new ArrayList<>();
        try {
            for (String word : words) {
                int equals = word.indexOf('=');
                List<Path> paths = Stream.of(word.substring(equals + 1).split("\\+"))
                        .map(Path::of)
                        .toList();
                Path first = paths.get(0);
                String name = equals > 0 ? word.substring(0, equals) : name(first);
                Segmenter segmenter = engines.open(paths, options);
                boolean carded = paths.size() == 1 && Models.isBundle(first);
                opened.add(ServedModel.of(name, segmenter, carded ? Bundle.open(first) : null));
            }
            return new ServedModels(opened);
        } catch (RuntimeException e) {
            opened.forEach(ServedModel::close);
            throw e;
        }
    }

    /** A model's file or folder as a name in addresses. */
    private static String name(Path path) {
        String file = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        return file.replaceFirst("(?i)\\.zip$", "").replaceAll("[^A-Za-z0-9._-]", "-");
    }
}
