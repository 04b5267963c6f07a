package org.attunet.server.inference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.attunet.server.AttunetServer;
import org.attunet.server.ServerConfig;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;

/** A server on a free port, a client, and what the server logs. */
final class TestedServer implements AutoCloseable {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AttunetServer server;

    /** Starts a server that owns the models. */
    TestedServer(ServerConfig config, ServedModel... models) {
        var stream = new PrintStream(log, true, StandardCharsets.UTF_8);
        server = AttunetServer.start(config, new ServedModels(List.of(models)), stream);
    }

    /** The server itself. */
    AttunetServer server() {
        return server;
    }

    /** A request to a path. */
    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(server.address() + path));
    }

    /** The answer to a request. */
    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The answer to a GET. */
    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    /** All that was logged so far. */
    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
