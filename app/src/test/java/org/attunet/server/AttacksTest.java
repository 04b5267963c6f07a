package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that try to occupy the server, on sockets of their own. */
class AttacksTest {
    private static final String TYPE = "multipart/form-data; boundary=----test-boundary-7d9f";
    private static final long MOST = 1 << 20;

    @TempDir
    static Path folder;

    private static LiveServer server;
    private static byte[] picture;
    private static byte[] form;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder.resolve("work"))
                .sizes(MOST, 1 << 20, 1 << 18)
                .timeout(Duration.ofSeconds(60))
                .serve("nuclei");
        picture = Scans.picture("png", 64, 64, 1);
        form = Client.body(List.of(Client.Part.of("p.png", picture)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** Sends text and returns the answer up to the end of the connection. */
    private static String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String head(String method, String path, String more) {
        return method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + more + "\r\n";
    }

    /** Begins more bodies than are read at once. */
    private static void beginSlowly(List<Socket> slow) throws IOException {
        for (int k = 0; k < 70; k++) {
            Socket socket = connect();
            slow.add(socket);
            String start =
                    head("POST", "/api/segment/nuclei", "Content-Type: " + TYPE + "\r\nContent-Length: 9999\r\n");
            socket.getOutputStream().write((start + "-").getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void a_client_that_is_refused_while_it_sends_can_read_the_refusal() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            beginSlowly(slow);
            try (Socket socket = connect()) {
                String head =
                        head("POST", "/api/segment/nuclei", "Content-Type: " + TYPE + "\r\nContent-Length: 400000\r\n");
                socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                for (int part = 0;
                        part < 4;
                        part++) { // so that a reset is noticed; with less than the silence that ends others
                    Thread.sleep(100);
                    socket.getOutputStream().write(new byte[100_000]);
                }
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 "); // 503, or 400 if the slow ones were disconnected before
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void slow_bodies_leave_room_for_probes_and_for_other_clients() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            beginSlowly(slow);
            assertThat(server.text("/health")).isEqualTo("ok");
            assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
            assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
            HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "p.png", picture);
            for (int k = 0;
                    k < 100 && answer.statusCode() == 503;
                    k++) { // the slow ones are disconnected after a second
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                Thread.sleep(100);
                answer = server.post("/api/segment/nuclei", "p.png", picture);
            }
            assertThat(answer.statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        Client.awaitEmpty(folder.resolve("work/staging"));
    }

    @ParameterizedTest
    @CsvSource({
        "/health, 200",
        "/api/models, 200",
        "/api/jobs/none, 404",
        "/api/nothing, 404",
        "/v2/models/none, 404",
        "/api/segment/nuclei, 405",
        "/api/jobs/x/files/0/mask.png, 404",
        "/openapi.yaml, 200"
    })
    void head_has_the_status_and_the_length_of_get(String path, int status) {
        HttpResponse<byte[]> head = server.send(server.request(path).method("HEAD", BodyPublishers.noBody()));
        HttpResponse<byte[]> get = server.get(path);
        assertThat(head.statusCode()).isEqualTo(status);
        assertThat(get.statusCode()).isEqualTo(status);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Type"))
                .isEqualTo(get.headers().firstValue("Content-Type"));
    }

    @Test
    void a_wrong_method_is_405_with_the_right_ones() {
        HttpResponse<byte[]> answer = server.get("/api/segment/nuclei");
        assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
        HttpResponse<byte[]> patch =
                server.send(server.request("/api/jobs").method("PATCH", BodyPublishers.ofByteArray(form)));
        assertThat(patch.statusCode()).isEqualTo(405);
        assertThat(patch.headers().firstValue("Allow")).hasValue("GET, HEAD, POST");
        assertThat(Client.json(patch).path("error").asText()).contains("no method PATCH");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/%zz, '', 400",
        "GET, /v2/%, '', 400",
        "GET, /api/models, 'X: a\u0001b\r\n', 400",
        "POST, /v2/models/nuclei/infer, 'Content-Length: x\r\n', 400",
        "POST, /v2/models/nuclei/infer, 'Content-Length: -1\r\n', 400",
        "POST, /v2/models/nuclei/infer, 'Content-Length: 1\r\nContent-Length: 2\r\n', 400",
        "POST, /v2/models/nuclei/infer, 'Transfer-Encoding: nonsense\r\n', 400",
        "POST, /v2/models/nuclei/infer, 'Content-Length: 9999999999\r\n', 413",
        "POST, /api/segment/nuclei, 'Content-Length: 9999999999\r\n', 413",
    })
    void what_reaches_no_route_is_answered_in_json(String method, String path, String more, int status)
            throws IOException {
        String answer = raw(head(method, path, more));
        assertThat(answer).startsWith("HTTP/1.1 " + status).contains("Content-Type: application/json", "\"error\":\"");
    }

    @Test
    void long_addresses_and_headers_are_414_and_431() throws IOException {
        assertThat(raw(head("GET", "/api/" + "a".repeat(40_000), "")))
                .startsWith("HTTP/1.1 414")
                .contains("\"error\"");
        assertThat(raw(head("GET", "/api/models", "X: " + "a".repeat(40_000) + "\r\n")))
                .startsWith("HTTP/1.1 431")
                .contains("\"error\"");
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static HttpResponse<byte[]> encoded(byte[] body, String encoding) {
        return server.send(server.request("/api/segment/nuclei")
                .header("Content-Type", TYPE)
                .header("Content-Encoding", encoding)
                .POST(BodyPublishers.ofByteArray(body)));
    }

    @Test
    void compressed_bodies_get_the_same_answer() throws IOException {
        byte[] plain = server.post("/api/segment/nuclei", "p.png", picture).body();
        var deflated = new ByteArrayOutputStream();
        try (var deflate = new DeflaterOutputStream(deflated)) {
            deflate.write(form);
        }
        assertThat(encoded(gzip(form), "gzip").body()).isEqualTo(plain);
        assertThat(encoded(gzip(form), "X-GZip").body()).isEqualTo(plain);
        assertThat(encoded(deflated.toByteArray(), "deflate").body()).isEqualTo(plain);
        assertThat(encoded(form, "identity").body()).isEqualTo(plain);
        assertThat(encoded(form, "br").statusCode()).isEqualTo(415);
        assertThat(encoded(form, "gzip").statusCode()).isEqualTo(400);
        assertThat(encoded(Arrays.copyOf(gzip(form), 100), "gzip").statusCode()).isEqualTo(400);
    }

    /** The client sends less than it announces and then waits; were it waited for, it would be ended as slow. */
    @ParameterizedTest
    @ValueSource(strings = {"/api/nothing", "/api/segment/none", "/api/segment/nuclei?atention=true"})
    void a_refusal_does_not_wait_for_a_compressed_body(String path) throws IOException {
        double slow = slowClients();
        byte[] body = gzip(form);
        String start = head(
                "POST",
                path,
                "Content-Type: " + TYPE + "\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n");
        try (Socket socket = connect()) {
            socket.getOutputStream().write(start.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body, 0, body.length / 2);
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 40").contains("Connection: close", "\"error\"");
        }
        assertThat(slowClients()).isEqualTo(slow);
    }

    private static double slowClients() {
        return server.text("/metrics")
                .lines()
                .filter(line -> line.startsWith("attunet_rejected") && line.contains("slow"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/segment/nuclei", "/v2/models/nuclei/infer", "/api/jobs"})
    void a_small_body_that_expands_beyond_the_limit_is_413(String path) throws IOException {
        byte[] bomb = gzip(Client.body(List.of(Client.Part.of("p.png", new byte[(int) MOST + 1]))));
        HttpResponse<byte[]> answer = server.send(server.request(path)
                .header("Content-Type", TYPE)
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(bomb)));
        assertThat(bomb.length).isLessThan(10_000);
        assertThat(answer.statusCode()).isEqualTo(413);
    }

    /** A compressed NIfTI file of zeros with uint8 voxels. */
    private static byte[] nifti(int x, int y, int z, float offset, int zeros) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(352 + zeros).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 348).putShort(40, (short) 3).putShort(42, (short) x).putShort(44, (short) y);
        file.putShort(46, (short) z)
                .putShort(70, (short) 2)
                .putShort(72, (short) 8)
                .putFloat(108, offset);
        for (int axis = 0; axis < 4; axis++) {
            file.putFloat(76 + 4 * axis, 1);
        }
        return gzip(file.put(344, "n+1\0".getBytes(StandardCharsets.US_ASCII)).array());
    }

    @Test
    void a_gap_of_gigabytes_before_the_voxels_is_refused() throws IOException {
        HttpResponse<byte[]> answer =
                server.post("/api/segment/nuclei", "gap.nii.gz", nifti(8, 8, 8, 4e10f, 40_000_000));
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(Client.json(answer).path("error").asText()).contains("vox_offset is 4.0E10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"half.hdr", "half.img", "HALF.IMG"})
    void half_of_a_pair_is_refused_by_name(String name) {
        byte[] half = new byte[400];
        if (name.equals("half.hdr")) {
            byte[] magic = "ni1\0".getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(magic, 0, half, 344, 4);
        }
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", name, half);
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(Client.json(answer).path("error").asText()).contains("half of a .hdr/.img pair", "convert the file");
    }

    @Test
    void thin_images_count_their_padding() throws IOException {
        // 500 slices of one voxel are computed as 500 slices of 112 x 112, the model's patch
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "thin.nii.gz", nifti(1, 1, 500, 352, 500));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(Client.json(answer).path("error").asText()).contains("6272000 voxels", "at most 2097152");
        String request = "{\"inputs\":[{\"name\":\"image\",\"shape\":[500,1,1,1],\"datatype\":\"BOOL\",\"data\":["
                + "1,".repeat(499) + "0]}]}";
        HttpResponse<byte[]> infer =
                server.send(server.request("/v2/models/nuclei/infer").POST(BodyPublishers.ofString(request)));
        assertThat(infer.statusCode()).isEqualTo(413);
        HttpResponse<byte[]> job = server.post("/api/segment/nuclei", "thin.nii.gz", nifti(1, 1, 100, 352, 100));
        assertThat(job.statusCode()).isEqualTo(202);
        String id = Client.json(job).path("id").asText();
        server.send(server.request("/api/jobs/" + id).DELETE());
        assertThat(server.ended(id).path("state").asText()).isIn("cancelled", "done", "");
    }

    @Test
    void names_beyond_ascii_come_back() {
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "患者 ü.png", picture);
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"____.png\"; filename*=UTF-8''%E6%82%A3%E8%80%85%20%C3%BC.png");
        String extended = "--x\r\nContent-Disposition: form-data; name=\"image\";"
                + " filename*=UTF-8''%E6%82%A3.png\r\n\r\n" + new String(picture, StandardCharsets.ISO_8859_1)
                + "\r\n--x--\r\n";
        HttpResponse<byte[]> other = server.send(server.request("/api/segment/nuclei")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofString(extended, StandardCharsets.ISO_8859_1)));
        assertThat(Client.json(other).path("results").path(0).path("name").asText())
                .isEqualTo("患");
    }

    @Test
    void unknown_parameters_are_refused() {
        for (String path : List.of("/api/segment/nuclei?atention=true", "/api/jobs?model=nuclei&x=1")) {
            HttpResponse<byte[]> answer = server.post(path, "p.png", picture);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(Client.json(answer).path("error").asText()).contains("unknown parameter", "uncertainty");
        }
        assertThat(server.get("/api/jobs?state=done").statusCode()).isEqualTo(400);
    }

    @Test
    void clients_that_leave_free_their_places() throws Exception {
        for (int k = 0; k < 30; k++) {
            try (Socket socket = connect()) {
                String start = head(
                        "POST",
                        "/api/segment/nuclei",
                        "Content-Type: " + TYPE + "\r\nContent-Length: " + form.length + "\r\n");
                socket.getOutputStream().write(start.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().write(form, 0, k % 2 == 0 ? form.length / 2 : form.length);
            }
        }
        Client.awaitEmpty(folder.resolve("work/staging"));
        assertThat(server.post("/api/segment/nuclei", "p.png", picture).statusCode())
                .isEqualTo(200);
        for (int k = 0; k < 1000 && !server.log().contains("broken_off"); k++) {
            Thread.sleep(20); // the server hears of them in its own time
        }
        assertThat(server.log()).contains("\"broken_off\":true");
        Client.awaitEmpty(folder.resolve("work/staging"));
    }
}
