package org.attunet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.attunet.bundle.Bundle;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.AttunetServer;
import org.attunet.server.ServerConfig;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet serve}: models behind HTTP, with a page to look at what they say. */
@Command(
        name = "serve",
        description = "Serve models over HTTP, with a viewer.",
        sortOptions = false,
        footer = {"", "Examples:", "  attunet serve models/hippocampus.zip models/nuclei.zip"})
final class ServeCommand extends AttunetCommand {
    @Parameters(arity = "1..*", paramLabel = "MODEL", description = "Bundles or run folders; NAME=PATH names one.")
    private List<String> paths;

    @Option(names = "--host", description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "The port to listen on (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(names = "--work", paramLabel = "DIR", description = "Where uploads, jobs and results are kept.")
    private Path work = Path.of("attunet-server");

    @Mixin
    private Models models;

    @Override
    public Integer call() {
        List<ServedModel> opened = new ArrayList<>();
        for (String path : paths) {
            int equals = path.indexOf('=');
            Path file = Path.of(path.substring(equals + 1));
            String name = equals > 0
                    ? path.substring(0, equals)
                    : String.valueOf(file.getFileName()).replaceFirst("\\.zip$", "");
            Segmenter segmenter = models.open(file, SegmenterOptions.defaults());
            opened.add(ServedModel.of(name, segmenter, Models.isBundle(file) ? Bundle.open(file) : null));
        }
        var stopped = new CountDownLatch(1);
        var config = ServerConfig.local(work).withAddress(host, port);
        try (AttunetServer server =
                AttunetServer.start(config, new ServedModels(opened), console().err())) {
            Interruption.stopsBy(stopped::countDown);
            console().message("serving at " + server.address());
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Failures.DONE;
    }
}
