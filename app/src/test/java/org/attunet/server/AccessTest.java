package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access control: keys, host names, web origins. */
class AccessTest {
    private static final String KEY = "0123456789abcdef-secret";

    @TempDir
    private Path folder;

    @Test
    void without_the_key_every_route_but_health_is_401() {
        try (var server = new TestConfig(folder).key(KEY).serve()) {
            for (Routes.Route route : Routes.of(server)) {
                HttpResponse<byte[]> answer = route.ask(server);
                if (route.path().startsWith("/v2/health/") || route.path().equals("/health")) {
                    assertThat(answer.statusCode()).as(route.path()).isEqualTo(200);
                } else {
                    assertThat(answer.statusCode()).as(route.toString()).isEqualTo(401);
                    assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
                }
            }
            assertThat(server.get("/nothing/here").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void the_key_is_taken_in_three_ways_and_never_logged() {
        try (var server = new TestConfig(folder).key(KEY).serve()) {
            String basic = Base64.getEncoder().encodeToString(("anybody:" + KEY).getBytes(StandardCharsets.UTF_8));
            for (List<String> header : List.of(
                    List.of("Authorization", "Bearer " + KEY),
                    List.of("X-API-Key", KEY),
                    List.of("Authorization", "Basic " + basic))) {
                assertThat(server.send(server.request("/api/models").header(header.get(0), header.get(1)))
                                .statusCode())
                        .isEqualTo(200);
            }
            for (String wrong : List.of("Bearer " + KEY + "x", "Bearer ", "Basic !!!", KEY, "Basic " + KEY)) {
                assertThat(server.send(server.request("/api/models").header("Authorization", wrong))
                                .statusCode())
                        .isEqualTo(401);
            }
            server.get("/api/models?key=" + KEY);
            server.post("/api/segment/nuclei?" + KEY, KEY + ".png", new byte[3], "X-API-Key", KEY);
            server.send(
                    server.request("/api/jobs/" + KEY).header("X-API-Key", KEY).header("X-Request-Id", "my-id.7"));
            assertThat(server.log()).contains("my-id.7").doesNotContain(KEY).doesNotContain(basic);
        }
    }

    @Test
    void pages_of_other_origins_are_refused_unless_named() {
        try (var server =
                new TestConfig(folder).origins("https://viewer.example.org").serve()) {
            HttpResponse<byte[]> named =
                    server.send(server.request("/api/models").header("Origin", "https://viewer.example.org"));
            assertThat(named.statusCode()).isEqualTo(200);
            assertThat(named.headers().firstValue("Access-Control-Allow-Origin"))
                    .contains("https://viewer.example.org");
            HttpResponse<byte[]> other =
                    server.send(server.request("/api/models").header("Origin", "https://evil.example"));
            assertThat(other.statusCode()).isEqualTo(403);
            assertThat(other.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
            HttpResponse<byte[]> own =
                    server.send(server.request("/api/models").header("Origin", "http://127.0.0.1:" + server.port()));
            assertThat(own.statusCode()).isEqualTo(200);
            assertThat(server.send(server.request("/api/models").header("Sec-Fetch-Site", "cross-site"))
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void a_preflight_needs_no_key_and_gives_no_answer_but_headers() {
        try (var server = new TestConfig(folder)
                .key(KEY)
                .origins("https://viewer.example.org")
                .serve()) {
            HttpResponse<byte[]> answer = server.send(server.request("/api/jobs")
                    .method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody())
                    .header("Origin", "https://viewer.example.org")
                    .header("Access-Control-Request-Method", "POST"));
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(answer.headers()
                            .firstValue("Access-Control-Allow-Headers")
                            .orElseThrow())
                    .contains("Authorization");
        }
    }

    @Test
    void names_that_are_not_its_own_are_not_answered() throws IOException {
        try (var server = new TestConfig(folder).serve()) {
            assertThat(raw(server, "localhost")).startsWith("HTTP/1.1 200");
            assertThat(raw(server, "LOCALHOST:" + server.port())).startsWith("HTTP/1.1 200");
            assertThat(raw(server, "rebound.example")).startsWith("HTTP/1.1 421");
            assertThat(raw(server, "10.1.2.3", "/v2/health/ready")).startsWith("HTTP/1.1 200"); // a probe
        }
    }

    private static String raw(LiveServer server, String host) throws IOException {
        return raw(server, host, "/api/models");
    }

    private static String raw(LiveServer server, String host, String path) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void browsers_are_told_to_be_careful() {
        try (var server = new TestConfig(folder).serve()) {
            for (String path : List.of("/", "/api/models", "/nothing")) {
                var headers = server.get(path).headers();
                assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
                        .contains("default-src 'self'", "frame-ancestors 'none'");
                assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
                assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
                assertThat(headers.firstValue("Server")).isEmpty();
            }
        }
    }
}
