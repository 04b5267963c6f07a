package org.attunet.server.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.attunet.bundle.Bundle;
import org.attunet.predict.Segmenter;
import org.attunet.server.AttunetServer;
import org.attunet.server.LiveServer;
import org.attunet.server.ServerConfig;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.jspecify.annotations.Nullable;

/**
 * A server with the bundles under models/, and hippocampus twice more: as {@code twin}, and as {@code crossed}, which has the
 * numbers of its two labels the other way round.
 */
record PageServer(AttunetServer server, HttpClient client) implements AutoCloseable {
    static PageServer start(Path work, @Nullable String key) {
        Path hippocampus = LiveServer.MODELS.resolve("hippocampus.zip");
        var models = new ServedModels(List.of(
                model("hippocampus", hippocampus),
                model("nuclei", LiveServer.MODELS.resolve("nuclei.zip")),
                model("twin", hippocampus),
                model("crossed", crossed(hippocampus, work.resolveSibling(work.getFileName() + "-crossed.zip")))));
        var log = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        var config = ServerConfig.local(work).withKey(key);
        return new PageServer(AttunetServer.start(config, models, log), HttpClient.newHttpClient());
    }

    private static ServedModel model(String name, Path bundle) {
        return ServedModel.of(name, Segmenter.open(bundle), Bundle.open(bundle));
    }

    private static Path crossed(Path bundle, Path target) {
        try (var in = new ZipInputStream(Files.newInputStream(bundle));
                var out = new ZipOutputStream(Files.newOutputStream(target))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.getName().equals("rdf.yaml")) {
                    String text = new String(content, StandardCharsets.UTF_8);
                    text = text.replace("Anterior", "?")
                            .replace("Posterior", "Anterior")
                            .replace("?", "Posterior");
                    content = text.getBytes(StandardCharsets.UTF_8);
                }
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return target;
    }

    String address() {
        return server.address();
    }

    /** Asks for a path; headers are names and values in turn. */
    HttpResponse<byte[]> get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String text(String path) {
        return new String(get(path).body(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
