package org.attunet.dicom.web;

import static org.attunet.dicom.web.StubServer.SERIES;
import static org.attunet.dicom.web.StubServer.file;
import static org.attunet.dicom.web.StubServer.parts;
import static org.attunet.dicom.web.StubServer.send;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWebTest {
    private static final String MULTIPART = "multipart/related; type=\"application/dicom\"; boundary=";
    private static final byte[] ONE = file(SERIES, "1.1");
    private static final byte[] TWO = file(SERIES, "1.2");
    private static final WebClient.Patience BRIEF = new WebClient.Patience(
            Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofMillis(1), Duration.ofSeconds(2), 3);

    @TempDir
    Path folder;

    private static WebLimits limits(int files) {
        return new WebLimits(files, 1 << 20, Duration.ofSeconds(1), 1);
    }

    private static DicomWeb web(StubServer server, Credentials credentials, WebLimits limits) {
        return new DicomWeb(server.series(), credentials, limits, BRIEF);
    }

    private List<Path> download(StubServer server) {
        return web(server, Credentials.NONE, WebLimits.USUAL).download(server.series(), folder, share -> {});
    }

    private String refused(StubServer.Answer answer) throws IOException {
        try (var server = new StubServer(answer)) {
            String message =
                    assertThrows(AttunetException.class, () -> download(server)).getMessage();
            assertFalse(message.contains(SERIES), message);
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(List.of(), left.toList(), "nothing is left behind");
            }
            return message;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "\"with space, ; and = \"", "\"quo\\ted\""})
    void the_parts_of_a_response_become_numbered_files(String boundary) throws IOException {
        String plain = boundary.replaceAll("[\"\\\\]", "");
        try (var server = new StubServer((exchange, number) ->
                send(exchange, 200, "Multipart/Related; boundary=" + boundary + "; type=x", parts(plain, ONE, TWO)))) {
            List<Path> files = download(server);
            assertEquals(List.of(folder.resolve("000001.dcm"), folder.resolve("000002.dcm")), files);
            assertArrayEquals(ONE, Files.readAllBytes(files.get(0)));
            assertArrayEquals(TWO, Files.readAllBytes(files.get(1)));
        }
    }

    @Test
    void a_single_file_may_come_without_parts() throws IOException {
        try (var server = new StubServer((exchange, number) -> send(exchange, 200, "application/dicom", ONE))) {
            assertArrayEquals(ONE, Files.readAllBytes(download(server).get(0)));
        }
    }

    @Test
    void a_compressed_response_is_decompressed() throws IOException {
        var compressed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(compressed)) {
            out.write(parts("b", ONE));
        }
        try (var server = new StubServer((exchange, number) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            send(exchange, 200, MULTIPART + "b", compressed.toByteArray());
        })) {
            assertArrayEquals(ONE, Files.readAllBytes(download(server).get(0)));
        }
    }

    @Test
    void a_busy_server_is_asked_again_after_the_pause_that_it_names() throws IOException {
        try (var server = new StubServer((exchange, number) -> {
            if (number < 3) {
                exchange.getResponseHeaders().set("Retry-After", number == 1 ? "0" : "Sun, 06 Nov 1994 08:49:37 GMT");
                exchange.sendResponseHeaders(number == 1 ? 503 : 429, -1);
            } else {
                send(exchange, 200, MULTIPART + "b", parts("b", ONE));
            }
        })) {
            assertEquals(1, download(server).size());
            assertEquals(3, server.seen.size());
        }
    }

    @Test
    void a_response_that_breaks_off_is_fetched_again() throws IOException {
        byte[] whole = parts("b", ONE, TWO);
        String message = refused((exchange, number) -> {
            exchange.getResponseHeaders().set("Content-Type", MULTIPART + "b");
            exchange.sendResponseHeaders(200, 0); // chunked, ended in order
            exchange.getResponseBody().write(whole, 0, whole.length - 4);
        });
        assertTrue(message.contains("ends within a part"), message);
        try (var server = new StubServer((exchange, number) -> {
            exchange.getResponseHeaders().set("Content-Type", MULTIPART + "b");
            exchange.sendResponseHeaders(200, whole.length);
            exchange.getResponseBody().write(whole, 0, number == 1 ? whole.length - 200 : whole.length);
        })) {
            assertEquals(2, download(server).size());
        }
    }

    @Test
    void a_server_that_falls_silent_is_given_up() throws IOException {
        var never = new CountDownLatch(1);
        var impatient = new WebClient.Patience(
                Duration.ofSeconds(5), Duration.ofMillis(400), Duration.ofMillis(1), Duration.ofSeconds(2), 1);
        try (var server = new StubServer((exchange, number) -> {
            exchange.getResponseHeaders().set("Content-Type", MULTIPART + "b");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(parts("b", ONE), 0, 100);
            exchange.getResponseBody().flush();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            DicomWeb web = new DicomWeb(server.series(), Credentials.NONE, WebLimits.USUAL, impatient);
            String message = assertThrows(
                            AttunetException.class, () -> web.download(server.series(), folder, share -> {}))
                    .getMessage();
            assertTrue(message.contains("no whole answer comes"), message);
        }
    }

    @Test
    void an_endless_series_is_stopped_at_the_limits() throws IOException {
        StubServer.Answer endless = (exchange, number) -> {
            exchange.getResponseHeaders().set("Content-Type", MULTIPART + "b");
            exchange.sendResponseHeaders(200, 0);
            byte[] start = parts("b", ONE);
            exchange.getResponseBody().write(start, 0, start.length - 9);
            while (true) {
                exchange.getResponseBody().write(new byte[1 << 16]);
            }
        };
        try (var server = new StubServer(endless)) {
            DicomWeb web = web(server, Credentials.NONE, limits(10));
            String message = assertThrows(
                            AttunetException.class, () -> web.download(server.series(), folder, share -> {}))
                    .getMessage();
            assertTrue(message.contains("longer than 1048576 bytes"), message);
            assertEquals(1, server.seen.size());
        }
        try (var server =
                new StubServer((exchange, number) -> send(exchange, 200, MULTIPART + "b", parts("b", ONE, TWO, ONE)))) {
            DicomWeb web = web(server, Credentials.NONE, limits(2));
            String message = assertThrows(
                            AttunetException.class, () -> web.download(server.series(), folder, share -> {}))
                    .getMessage();
            assertTrue(message.contains("more than 2 files"), message);
        }
    }

    @Test
    void what_is_no_series_is_refused() throws IOException {
        String html = refused((exchange, number) -> send(exchange, 200, "text/html", "<html>Log in</html>"));
        assertTrue(html.contains("text/html") && html.contains("DICOMweb service"), html);
        String other = refused((exchange, number) -> send(exchange, 200, MULTIPART + "other", parts("b", ONE)));
        assertTrue(other.contains("ends within a part"), other);
        String none = refused((exchange, number) -> send(exchange, 200, "multipart/related", parts("b", ONE)));
        assertTrue(none.contains("names no boundary"), none);
        String wrong = refused(
                (exchange, number) -> send(exchange, 200, MULTIPART + "b", parts("b", ONE, file("9.9", "1.3"))));
        assertTrue(wrong.contains("another series"), wrong);
        String text =
                refused((exchange, number) -> send(exchange, 200, MULTIPART + "b", parts("b", new byte[] {1, 2, 3})));
        assertTrue(text.contains("file 1 that it sends is damaged"), text);
        String empty = refused((exchange, number) -> send(exchange, 200, MULTIPART + "b", parts("b")));
        assertTrue(empty.contains("no file"), empty);
        String part = refused((exchange, number) -> send(exchange, 206, MULTIPART + "b", parts("b", ONE)));
        assertTrue(part.contains("a part of the series only"), part);
    }

    @ParameterizedTest
    @CsvSource({"401,credentials", "403,allow", "404,doesn't have this", "500,status 500", "503,too busy"})
    void a_refusal_says_what_to_do(int status, String expected) throws IOException {
        String message = refused((exchange, number) -> exchange.sendResponseHeaders(status, -1));
        assertTrue(message.contains(expected), message);
    }

    @Test
    void credentials_and_requests_stay_with_the_server() throws IOException {
        Credentials secret = Credentials.of("user:s3cret", "file");
        try (var other = new StubServer((exchange, number) -> exchange.sendResponseHeaders(200, -1));
                var server = new StubServer((exchange, number) -> {
                    String to = number == 1 ? "/elsewhere" : "http://" + other.host() + "/dicom-web";
                    exchange.getResponseHeaders().set("Location", to);
                    exchange.sendResponseHeaders(302, -1);
                })) {
            String message = assertThrows(
                            AttunetException.class,
                            () -> web(server, secret, WebLimits.USUAL).download(server.series(), folder, share -> {}))
                    .getMessage();
            assertTrue(message.contains("another server"), message);
            assertFalse(message.contains("s3cret"), message);
            assertEquals("Basic dXNlcjpzM2NyZXQ=", server.seen.get(1).authorization());
            assertEquals("/elsewhere", server.seen.get(1).path());
            assertEquals(List.of(), other.seen);
        }
        WebAddress plain = WebAddress.of("dicomweb+http://pacs.example.org/dicom-web");
        String message = assertThrows(AttunetException.class, () -> DicomWeb.at(plain, secret, WebLimits.USUAL))
                .getMessage();
        assertTrue(message.contains("unencrypted"), message);
    }

    @Test
    void files_are_stored_as_parts_again_if_the_server_is_busy() throws IOException {
        Path one = Files.write(folder.resolve("a.dcm"), ONE);
        Path two = Files.write(folder.resolve("b.dcm"), TWO);
        try (var server = new StubServer((exchange, number) -> send(
                exchange,
                number == 1 ? 503 : 200,
                "application/dicom+json",
                "{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081196\":{\"vr\":\"US\",\"Value\":[45056]}}]}}"))) {
            List<String> remarks = web(server, Credentials.of("token", "file"), WebLimits.USUAL)
                    .store(List.of(one, two), share -> {});
            assertEquals(List.of("the server has changed elements of what it stored (B000)"), remarks);
            StubServer.Seen seen = server.seen.get(1);
            assertEquals("POST /dicom-web/studies", seen.method() + " " + seen.path());
            assertEquals("Bearer token", seen.authorization());
            String body = new String(seen.body(), StandardCharsets.ISO_8859_1);
            String boundary = body.substring(2, body.indexOf("\r\n"));
            MultipartReader reader = new MultipartReader(new java.io.ByteArrayInputStream(seen.body()), boundary);
            for (byte[] file : List.of(ONE, TWO)) {
                assertTrue(reader.next());
                var part = new ByteArrayOutputStream();
                reader.transferTo(part, 1 << 20);
                assertArrayEquals(file, part.toByteArray());
            }
            assertFalse(reader.next());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "409, 42752, refuses 1 file: it is out of resources (A700)",
        "202, 290, it doesn't take objects of this kind (0122)",
        "200, 49442, it doesn't take this transfer syntax (C122)",
        "409, 0, refuses files (status 409)",
        "401, 0, credentials"
    })
    void files_that_are_not_stored_are_a_failure(int status, int reason, String expected) throws IOException {
        Path one = Files.write(folder.resolve("a.dcm"), ONE);
        String body = reason == 0 ? "" : "{\"00081198\":{\"Value\":[{\"00081197\":{\"Value\":[" + reason + "]}}]}}";
        try (var server =
                new StubServer((exchange, number) -> send(exchange, status, "application/dicom+json", body))) {
            String message = assertThrows(
                            AttunetException.class,
                            () -> web(server, Credentials.NONE, WebLimits.USUAL).store(List.of(one), share -> {}))
                    .getMessage();
            assertTrue(message.contains(expected), message);
        }
    }

    @Test
    void an_unreachable_server_is_named() {
        DicomWeb nobody = new DicomWeb(
                WebAddress.of("dicomweb+http://127.0.0.1:1/dicom-web"), Credentials.NONE, WebLimits.USUAL, BRIEF);
        String message = assertThrows(AttunetException.class, () -> nobody.findSeries(null, Map.of(), 10))
                .getMessage();
        assertTrue(message.startsWith("http://127.0.0.1:1/dicom-web: no whole answer comes"), message);
    }
}
