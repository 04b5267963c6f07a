package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import org.attunet.console.MemorySizeConverter;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.WebAddress;
import org.attunet.dicom.web.WebLimits;
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
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet serve}: serves models over HTTP, with a page to view their results. */
@Command(
        name = "serve",
        description = {
            "Serve models over HTTP: a page to view scans, masks and attention; files in, masks out; jobs; the Open"
                    + " Inference Protocol v2; MONAI Label's API for 3D Slicer and OHIF.",
            "Ctrl-C or SIGTERM stops it after the requests in progress; waiting jobs continue at the next start."
        },
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
            description = "Bundles or run folders. NAME=PATH names a model (default: the file's name); PATH+PATH is an"
                    + " ensemble.")
    private List<String> words;

    @Option(names = "--host", description = "The address to listen on (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "The port to listen on, 0 for any (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "The folder for uploads, jobs and their results (default: ${DEFAULT-VALUE}).")
    private Path work = Path.of("attunet-server");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data store of MONAI Label's API: a data set with imagesTr/ and labelsTr/, readable by"
                    + " 'attunet train' (default: datastore in --work).")
    private @Nullable Path data;

    @Option(
            names = "--studies",
            paramLabel = "ADDRESS",
            description =
                    "Instead of --data, the series of a PACS are MONAI Label's data store: dicomweb+https://HOST/PATH."
                            + " Images are fetched when they are asked for; labels are stored there as DICOM SEG.")
    private @Nullable String studies;

    @Mixin
    private WebOptions web;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "Require the key in this file from every client.")
    private @Nullable Path keyFile;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            description = "Use HTTPS with this PKCS #12 or JKS key store.")
    private @Nullable Path keyStore;

    @Option(names = "--tls-password-file", paramLabel = "FILE", description = "A file with the key store's password.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "Allow pages of this origin, such as https://viewer.example.org; can be given several times.")
    private List<String> origins = List.of();

    @Option(
            names = "--allowed-host",
            paramLabel = "NAME",
            description =
                    "A host name accepted in requests, behind a proxy; can be given several times (default: any; on a"
                            + " loopback address only its own names).")
    private List<String> hosts = List.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Concurrent segmentations, each on an equal share of the cores (default: ${DEFAULT-VALUE});"
                    + " 1 is best for one client with large volumes.")
    private int workers = 2;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Requests that may wait; further ones are refused with 503 (default: ${DEFAULT-VALUE}).")
    private int queue = 64;

    @Option(names = "--max-jobs", paramLabel = "N", description = "Jobs that may wait (default: ${DEFAULT-VALUE}).")
    private int maxJobs = 1000;

    @Option(
            names = "--max-body",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
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
            description = "Images of this size or more sent to /api/segment become jobs (default: ${DEFAULT-VALUE}).")
    private long jobVoxels = 16L << 20;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            description = "The most seconds that a client waits for a response (default: ${DEFAULT-VALUE}).")
    private int timeout = 120;

    @Option(
            names = "--keep",
            paramLabel = "H",
            description = "Hours to keep the results of jobs (default: ${DEFAULT-VALUE}).")
    private double keep = 24;

    @Option(
            names = "--grace",
            paramLabel = "S",
            description =
                    "Seconds to wait for requests and jobs in progress when stopping (default: ${DEFAULT-VALUE}).")
    private int grace = 120;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            description =
                    "Memory that all concurrent segmentations share, such as 3g (default: half of the machine's free"
                            + " memory).")
    private long memory;

    @Mixin
    private EngineOptions engines;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig config = config();
        var stopped = new CountDownLatch(1);
        try (AttunetServer server =
                AttunetServer.start(config, open(), console().err())) {
            StopSignals.stopBy("stopping; requests in progress are answered first.", stopped::countDown);
            if (console().json()) { // for scripts that ask for any port
                ObjectNode json = JsonNodeFactory.instance.objectNode();
                json.put("address", server.address()).put("port", server.port());
                result(() -> json, server::address);
            }
            message("attunet: the page is at " + server.address() + "/ ; Ctrl-C stops the server");
            stopped.await();
        }
        return ExitCode.OK;
    }

    private ServerConfig config() {
        boolean local = isLoopback();
        String key = keyFile == null ? null : SecretFile.key(keyFile);
        if (!local && key == null) {
            message("warning: anyone who reaches " + host + ":" + port
                    + " can use this server; require a key with --api-key-file");
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
                    data, "it doesn't exist", "a data set's folder", "correct --data, or create the folder");
        }
        DicomWeb pacs = studies == null ? null : pacs(studies);
        if (pacs != null && (data != null || (!local && key == null))) {
            throw new AttunetException(
                    "--studies",
                    data != null ? "--data too" : "clients on other machines who need no key",
                    data != null ? "one of them" : "--api-key-file, since patients' images can be fetched",
                    "correct the options");
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
        return new ServerConfig(host, port, work, data, pacs, new AccessControl(key, origins, names), tls(), limits);
    }

    private DicomWeb pacs(String text) {
        WebAddress address = WebAddress.of(text);
        if (address.study() != null) {
            throw new AttunetException(
                    "--studies",
                    "the address of a study",
                    "that of a whole server",
                    "leave out /studies and what follows");
        }
        return web.open(address, WebLimits.SERVED, console());
    }

    private ServerConfig.@Nullable Tls tls() {
        if (keyStore != null && passwordFile == null) {
            throw new AttunetException(
                    keyStore,
                    "it has no password",
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
                : new ServerConfig.Tls(keyStore, SecretFile.password(passwordFile));
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
            return false; // reported when the server starts listening
        }
    }

    private ServedModels open() {
        engines.defaultThreads(Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, workers)));
        long all = memory > 0 ? memory : MemoryBudget.ofMachine();
        var options = SegmenterOptions.defaults().withMemory(all / (Math.max(1, workers) + 1)); // see WorkQueue
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
                boolean carded = paths.size() == 1 && EnsembleOptions.isBundle(first);
                opened.add(ServedModel.of(name, segmenter, carded ? Bundle.open(first) : null));
            }
            return new ServedModels(opened);
        } catch (RuntimeException e) {
            opened.forEach(ServedModel::close);
            throw e;
        }
    }

    /** The name of a model in addresses, by its file or folder. */
    private static String name(Path path) {
        String file = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        return file.replaceFirst("(?i)\\.zip$", "").replaceAll("[^A-Za-z0-9._-]", "-");
    }
}
