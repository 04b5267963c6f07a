package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.io.Images;
import org.attunet.predict.Segmenter;
import org.attunet.server.Client;
import org.attunet.server.LiveServer;
import org.attunet.server.Scans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process: killed, told to stop, out of disk, its model replaced. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
class ServeCommandTest {
    private static final Pattern ADDRESS = Pattern.compile("the page is at http://127\\.0\\.0\\.1:(\\d+)/");

    /** How many different volumes there are. */
    private static final int SEEDS = 3;

    @TempDir
    private Path folder;

    private ProgramProcess serve(List<String> before, Object... options) throws IOException {
        List<Object> words = new ArrayList<>(List.of("serve", "--port", "0", "--work", folder.resolve("work")));
        words.addAll(List.of(options));
        List<String> command = new ArrayList<>(before);
        command.addAll(ProgramProcess.command(words.toArray()));
        return ProgramProcess.start(folder, command);
    }

    private ProgramProcess serve() throws IOException {
        return serve(List.of(), LiveServer.MODELS.resolve("hippocampus.zip"));
    }

    private static Client client(ProgramProcess server) throws IOException, InterruptedException {
        return new Client(server.await("address", () -> {
            Matcher matcher = ADDRESS.matcher(Files.readString(server.err()));
            return matcher.find() ? Integer.valueOf(matcher.group(1)) : null;
        }));
    }

    private static byte[] scan(int seed) {
        return Scans.nifti(Scans.volume(seed), ".nii.gz");
    }

    private static String submit(Client client, int seed) {
        HttpResponse<byte[]> answer = client.post("/api/jobs", "scan.nii.gz", scan(seed));
        assertThat(answer.statusCode()).isEqualTo(202);
        return Client.json(answer).path("id").asText();
    }

    private short[] voxels(byte[] mask) throws IOException {
        return Images.readLabels(Files.write(folder.resolve("mask.nii.gz"), mask))
                .voxels();
    }

    private void sameMask(byte[] mask, int seed, Segmenter segmenter) throws IOException {
        assertThat(voxels(mask))
                .isEqualTo(segmenter.segment(Scans.volume(seed)).labels().voxels());
    }

    @Test
    void killed_with_twenty_jobs_in_the_queue_it_finishes_them_all_after_its_restart() throws Exception {
        List<String> ids = new ArrayList<>();
        // One worker on one thread: twenty volumes take it longer than sending them.
        try (ProgramProcess first =
                serve(List.of(), LiveServer.MODELS.resolve("hippocampus.zip"), "--workers", "1", "--threads", "1")) {
            Client client = client(first);
            for (int k = 0; k < 20; k++) {
                ids.add(submit(client, k % SEEDS));
            }
            first.process().destroyForcibly().waitFor();
        }
        long waiting = 0;
        for (String id : ids) {
            String told = Files.readString(folder.resolve("work/jobs/" + id + "/job.json"));
            waiting += told.contains("\"state\" : \"queued\"") || told.contains("\"state\" : \"running\"") ? 1 : 0;
        }
        assertThat(waiting).as("jobs that had not ended").isPositive();
        try (ProgramProcess second = serve();
                Segmenter segmenter = LiveServer.segmenter("hippocampus")) {
            Client client = client(second);
            List<short[]> expected = new ArrayList<>();
            for (int seed = 0; seed < SEEDS; seed++) {
                expected.add(segmenter.segment(Scans.volume(seed)).labels().voxels());
            }
            for (int k = 0; k < ids.size(); k++) {
                JsonNode job = client.ended(ids.get(k));
                assertThat(job.path("state").asText()).as(job.toString()).isEqualTo("done");
                byte[] mask =
                        client.get(job.at("/results/0/hrefs/mask").asText()).body();
                assertThat(voxels(mask)).isEqualTo(expected.get(k % SEEDS));
            }
        }
    }

    @Test
    void told_to_stop_under_load_it_answers_all_that_it_has_taken_in() throws Exception {
        var lost = new ConcurrentLinkedQueue<String>();
        var begun = new CountDownLatch(4);
        Program ended;
        try (ProgramProcess server = serve()) {
            Client client = client(server);
            List<Thread> threads = new ArrayList<>();
            for (int k = 0; k < 8; k++) {
                byte[] scan = scan(k);
                threads.add(new Thread(() -> {
                    while (true) {
                        try (var socket = new Socket(InetAddress.getLoopbackAddress(), client.port())) {
                            HttpRaw raw = HttpRaw.post(socket, "/api/segment/hippocampus", scan);
                            if (raw.body().length == 0) {
                                lost.add(raw.head());
                            }
                            if (raw.status() != 200) {
                                assertThat(raw.status()).isEqualTo(503);
                                return;
                            }
                            begun.countDown();
                        } catch (IOException refused) {
                            return; // the door was closed before the request was sent
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            begun.await();
            server.process().destroy(); // SIGTERM
            for (Thread thread : threads) {
                thread.join();
            }
            ended = server.end();
        }
        assertThat(lost).isEmpty();
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("\"stopped\"");
        // Every request that it read was answered: none of them ended otherwise.
        assertThat(ended.err().lines().filter(line -> line.contains("/api/segment")))
                .allMatch(line -> line.contains("\"status\":200") || line.contains("\"status\":503"));
    }

    @Test
    void clients_that_leave_full_disks_and_replaced_models_do_it_no_harm() throws Exception {
        Path model = folder.resolve("model.zip");
        Files.copy(LiveServer.MODELS.resolve("hippocampus.zip"), model);
        // No file may be larger than 40 MB: what a full disk does to larger uploads, small ones still find room.
        List<String> limited = List.of("bash", "-c", "ulimit -f 40000; exec \"$0\" \"$@\"");
        try (ProgramProcess server = serve(limited, model);
                Segmenter segmenter = LiveServer.segmenter("hippocampus")) {
            Client client = client(server);
            clientsThatLeaveInTheMiddleOfAnUploadLeaveNothing(client);
            sameMask(client.post("/api/segment/model", "scan.nii.gz", scan(1)).body(), 1, segmenter);
            aFullDiskIsReported(client);
            assertThat(client.get("/metrics").statusCode()).isEqualTo(200);
            Files.copy(LiveServer.MODELS.resolve("nuclei.zip"), model, StandardCopyOption.REPLACE_EXISTING);
            sameMask(client.post("/api/segment/model", "scan.nii.gz", scan(1)).body(), 1, segmenter);
            Files.delete(model);
            sameMask(client.post("/api/segment/model", "scan.nii.gz", scan(2)).body(), 2, segmenter);
            assertThat(Client.json(client.get("/api/models/model"))
                            .path("title")
                            .asText())
                    .isEqualTo("Hippocampus in MR");
        }
    }

    private void clientsThatLeaveInTheMiddleOfAnUploadLeaveNothing(Client client) throws Exception {
        byte[] frame = Client.body(List.of(Client.Part.of("scan.nii.gz", new byte[4 << 20])));
        for (int k = 0; k < 10; k++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), client.port())) {
                String head = "POST /api/segment/model HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
                        + frame.length
                        + "\r\nContent-Type: multipart/form-data; boundary=----test-boundary-7d9f\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(frame, 0, frame.length / 2);
                socket.getOutputStream().flush();
            }
        }
        Client.awaitEmpty(folder.resolve("work/staging"));
    }

    private void aFullDiskIsReported(Client client) throws Exception {
        for (String path : List.of("/api/segment/model", "/api/jobs")) {
            HttpResponse<byte[]> answer = client.post(path, "scan.nii", large());
            assertThat(answer.statusCode())
                    .as(new String(answer.body(), StandardCharsets.UTF_8))
                    .isEqualTo(507);
            assertThat(Client.json(answer).path("error").asText()).contains("disk is full");
        }
        Client.awaitEmpty(folder.resolve("work/staging"));
    }

    /** A volume of 62 MB. */
    private static byte[] large() {
        float[] values = new float[250 * 250 * 250];
        return Scans.nifti(org.attunet.image.Image.of(org.attunet.image.Grid.of(250, 250, 250), values), ".nii");
    }

    @Test
    void keys_come_from_files_and_short_ones_are_refused() throws Exception {
        Path shortKey = Files.writeString(folder.resolve("short.txt"), "secret\n");
        Program refused = Program.run(
                "serve",
                LiveServer.MODELS.resolve("nuclei.zip"),
                "--port",
                "0",
                "--work",
                folder.resolve("w"),
                "--api-key-file",
                shortKey);
        refused.refused(shortKey, "a key of 6 characters", "16 visible ASCII characters", "openssl rand");
        assertThat(refused.err()).doesNotContain("secret");
        Path key = Files.writeString(folder.resolve("key.txt"), "0123456789abcdef0123\n");
        try (ProgramProcess server =
                serve(List.of(), LiveServer.MODELS.resolve("nuclei.zip"), "--api-key-file", key, "--json")) {
            Client client = client(server);
            assertThat(new ObjectMapper()
                            .readTree(Files.readString(server.out()))
                            .path("port")
                            .asInt())
                    .isEqualTo(client.port());
            assertThat(client.get("/api/models").statusCode()).isEqualTo(401);
            assertThat(client.send(client.request("/api/models").header("X-API-Key", "0123456789abcdef0123"))
                            .statusCode())
                    .isEqualTo(200);
            server.process().destroy();
            assertThat(server.end().err()).doesNotContain("0123456789abcdef");
        }
    }

    @Test
    void a_port_that_is_taken_is_reported_in_a_sentence() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program refused = Program.run(
                    "serve",
                    LiveServer.MODELS.resolve("nuclei.zip"),
                    "--port",
                    taken.getLocalPort(),
                    "--work",
                    folder.resolve("w"));
            refused.refused(
                    Path.of("127.0.0.1:" + taken.getLocalPort()), "can't listen there", "a free port", "--port");
        }
    }
}
