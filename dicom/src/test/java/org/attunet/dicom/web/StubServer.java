package org.attunet.dicom.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;

/** A server on this machine that answers as a test says. */
final class StubServer implements AutoCloseable {
    static final String STUDY = "1.2.3";
    static final String SERIES = "4.5.6";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** A request that came. */
    record Seen(String method, String path, String authorization, byte[] body) {}

    /** An answer. */
    interface Answer {
        void to(HttpExchange exchange, int number) throws IOException;
    }

    /**
     * @param answer gets the number of the request that isn't a search, from 1; searches are answered 404
     */
    StubServer(Answer answer) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().toString();
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            byte[] body = exchange.getRequestBody().readAllBytes();
            try (exchange) {
                if (path.contains("/series?")) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                seen.add(new Seen(exchange.getRequestMethod(), path, String.valueOf(authorization), body));
                answer.to(exchange, seen.size());
            }
        });
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    WebAddress series() {
        return WebAddress.of("dicomweb+http://" + host() + "/dicom-web/studies/" + STUDY + "/series/" + SERIES);
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] file(String series, String instance) {
        return DicomBytes.explicit()
                .text(Tag.SOP_INSTANCE_UID, Vr.UI, instance)
                .text(Tag.STUDY_INSTANCE_UID, Vr.UI, STUDY)
                .text(Tag.SERIES_INSTANCE_UID, Vr.UI, series)
                .file("1.2.840.10008.1.2.1");
    }

    static byte[] parts(String boundary, byte[]... files) {
        var all = new ByteArrayOutputStream();
        for (byte[] file : files) {
            all.writeBytes(
                    ("--" + boundary + "\r\nContent-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1\r\n"
                                    + "Content-Location: http://127.0.0.1/../../../../tmp/evil.dcm\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(file);
            all.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        all.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
