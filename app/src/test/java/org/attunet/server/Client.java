package org.attunet.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of a server on this machine. */
public class Client {
    private static final long PATIENCE_SECONDS = 120;
    private static final String BOUNDARY = "----test-boundary-7d9f";

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    /** A client of a port. */
    public Client(int port) {
        this.port = port;
    }

    /** The port. */
    public int port() {
        return port;
    }

    /** Changes the port. */
    final void use(int other) {
        port = other;
    }

    /** One file of a multipart request; without a filename, a field of its form. */
    public record Part(String field, @Nullable String filename, byte[] content) {
        /** A file in the field that curl's examples name. */
        public static Part of(String filename, byte[] content) {
            return new Part("image", filename, content);
        }
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    /** A builder of a request for a path. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path));
    }

    /** Sends a request. */
    public HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The answer to GET, with headers as name, value, name, value. */
    public HttpResponse<byte[]> get(String path, String... headers) {
        HttpRequest.Builder request = request(path);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** The answer to GET as text. */
    public String text(String path) {
        return new String(get(path).body(), StandardCharsets.UTF_8);
    }

    /** The answer to files, with headers as name, value, name, value. */
    public HttpResponse<byte[]> post(String path, List<Part> parts, String... headers) {
        return send(multipart(path, parts, headers));
    }

    /** The answer to one file. */
    public HttpResponse<byte[]> post(String path, String filename, byte[] content, String... headers) {
        return post(path, List.of(Part.of(filename, content)), headers);
    }

    /** A request with files. */
    public HttpRequest.Builder multipart(String path, List<Part> parts, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(body(parts)));
        for (int k = 0; k < headers.length; k += 2) {
            request.header(headers[k], headers[k + 1]);
        }
        return request;
    }

    /** The bytes of a multipart body. */
    public static byte[] body(List<Part> parts) {
        var bytes = new ByteArrayOutputStream();
        for (Part part : parts) {
            String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + part.field() + "\""
                    + (part.filename() == null
                            ? "\r\n\r\n"
                            : "; filename=\"" + part.filename()
                                    + "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
            bytes.writeBytes(head.getBytes(StandardCharsets.UTF_8));
            bytes.writeBytes(part.content());
            bytes.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        bytes.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** A body as JSON. */
    public static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException("not JSON: " + new String(answer.body(), StandardCharsets.UTF_8), e);
        }
    }

    /** Polls a job until it has ended, and returns it. */
    public JsonNode ended(String id) {
        long begin = System.nanoTime();
        while (true) {
            JsonNode job = json(get("/api/jobs/" + id));
            String state = job.path("state").asText();
            if (!state.equals("queued") && !state.equals("running")) {
                return job;
            }
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new AssertionError("the job does not end: " + job);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Waits until a folder is empty: a request's files are deleted a moment after its response. */
    public static void awaitEmpty(Path folder) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            List<Path> left;
            try (Stream<Path> files = Files.list(folder)) {
                left = files.toList();
            }
            if (left.isEmpty()) {
                return;
            }
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new AssertionError(folder + " holds " + left);
            }
            Thread.sleep(5);
        }
    }
}
