package org.attunet.server.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.Bundle;
import org.attunet.predict.Segmenter;
import org.attunet.server.AttunetServer;
import org.attunet.server.LiveServer;
import org.attunet.server.ServerConfig;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.jspecify.annotations.Nullable;

/** A server with the bundles under models/, and hippocampus once more as {@code twin}. */
record PageServer(AttunetServer server, HttpClient client) implements AutoCloseable {
    static PageServer start(Path work, @Nullable String key) {
        var models = new ServedModels(
                List.of(model("hippocampus", "hippocampus"), model("nuclei", "nuclei"), model("twin", "hippocampus")));
        var log = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        var config = ServerConfig.local(work).withKey(key);
        return new PageServer(AttunetServer.start(config, models, log), HttpClient.newHttpClient());
    }

    private static ServedModel model(String name, String file) {
        Path bundle = LiveServer.MODELS.resolve(file + ".zip");
        return ServedModel.of(name, Segmenter.open(bundle), Bundle.open(bundle));
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
            throw new java.io.UncheckedIOException(e);
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
