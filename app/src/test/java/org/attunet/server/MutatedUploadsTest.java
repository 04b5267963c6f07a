package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every upload is answered with a sentence and leaves the server unchanged. */
class MutatedUploadsTest {
    private static final int BLIND = 450;

    @TempDir
    static Path folder;

    static LiveServer server;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder.resolve("work")).serve();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Valid files, one of each format; the second of a pair names the model. */
    private static List<byte[]> sound() {
        float[] values = new float[16 * 16 * 16];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 31 % 1000;
        }
        Image volume = Image.of(Grid.of(16, 16, 16), values);
        return List.of(
                Scans.picture("png", 40, 40, 1),
                Scans.picture("jpeg", 40, 40, 2),
                Scans.picture("tiff", 40, 40, 3),
                Scans.picture("bmp", 40, 40, 4),
                Scans.nifti(volume, ".nii"),
                Scans.nifti(volume, ".nii.gz"));
    }

    private static String path(byte[] file) {
        boolean nifti = file[0] == 0x1f || (file[0] == 92 && file[1] == 1);
        return "/api/segment/" + (nifti ? "hippocampus" : "nuclei");
    }

    /** Whether it is a sentence about the client's mistake, without paths of the server. */
    private static void refused(HttpResponse<byte[]> answer, String what) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as("%s: %s", what, body).isBetween(400, 499);
        JsonNode error = Client.json(answer).path("error");
        assertThat(error.asText()).as(what).hasSizeGreaterThan(20).doesNotContain(folder.toString(), "Exception");
    }

    private static void alive() {
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "p.png", Scans.picture("png", 40, 40, 1));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void blind_mutations_are_refused_or_computed_and_memory_stays_flat() throws Exception {
        var random = new Random(42);
        List<byte[]> sound = sound();
        long before = 0;
        int refused = 0;
        for (int k = 0; k < BLIND; k++) {
            byte[] original = sound.get(k % sound.size());
            byte[] mutated = mutated(original, random);
            HttpResponse<byte[]> answer = server.post(path(original), "scan", mutated);
            if (answer.statusCode() != 200) { // a flipped bit of a pixel is another picture, no damaged one
                refused(answer, "mutation " + k);
                refused++;
            }
            if (k == BLIND / 4) {
                before = used();
            }
        }
        assertThat(refused).isGreaterThan(BLIND / 2);
        assertThat(used() - before).as("bytes of heap").isLessThan(32L << 20);
        Client.awaitEmpty(folder.resolve("work/staging"));
        alive();
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] copy = original.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(copy, random.nextInt(copy.length));
            }
            case 1 -> { // the header is where lies are told
                for (int n = 0; n < 3; n++) {
                    copy[random.nextInt(Math.min(copy.length, 120))] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 2 -> {
                for (int n = 0; n < 20; n++) {
                    copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
                }
            }
            case 3 -> { // a hole
                int from = random.nextInt(copy.length);
                Arrays.fill(copy, from, Math.min(copy.length, from + 200), (byte) 0);
            }
            default -> { // a part twice
                int from = random.nextInt(copy.length / 2);
                System.arraycopy(copy, from, copy, copy.length / 2, Math.min(100, copy.length / 2));
                copy[0] ^= (byte) random.nextInt(2);
            }
        }
        return copy;
    }

    private static long used() {
        for (int k = 0; k < 3; k++) {
            System.gc();
        }
        Runtime java = Runtime.getRuntime();
        return java.totalMemory() - java.freeMemory();
    }

    @Test
    void truncated_files_are_refused() {
        for (byte[] original : sound()) {
            for (int keep : List.of(1, 3, 20, 100, original.length / 2, original.length - 1)) {
                if (original[0] == (byte) 0xff && keep == original.length - 1) {
                    continue; // a JPEG without half of its end mark holds its whole picture
                }
                refused(server.post(path(original), "scan", Arrays.copyOf(original, keep)), "first " + keep + " bytes");
            }
        }
        alive();
    }

    @Test
    void sizes_that_a_file_only_claims_are_refused_before_memory_is_taken() throws IOException {
        refused(server.post("/api/segment/nuclei", "huge.png", hugePng()), "100,000 x 100,000 PNG");
        // 645 x 645 x 645 voxels are more than the server accepts; 600 x 600 x 600 more than its memory holds.
        for (int side : List.of(645, 600, 1290)) {
            refused(server.post("/api/segment/hippocampus", "bomb.nii.gz", bomb(side, 40 << 20)), "bomb " + side);
        }
        alive();
    }

    @Test
    void names_with_path_characters_reach_no_path() throws IOException, InterruptedException {
        byte[] picture = Scans.picture("png", 40, 40, 1);
        List<String> before = listing();
        for (String name : List.of(
                "../../../../tmp/evil.png",
                "..\\..\\evil.png",
                "/etc/passwd.png",
                "C:\\evil.png",
                "a/b/c.png",
                "....png",
                ".png",
                "",
                "nul\u0000byte.png",
                "ünïcödé 患者.png",
                "<script>alert(1)</script>.png",
                "%2e%2e%2fevil.png",
                "x".repeat(5000) + ".png")) {
            HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", name, picture);
            if (answer.statusCode() != 200) {
                refused(answer, name);
                continue;
            }
            String told = answer.headers().firstValue("Content-Disposition").orElseThrow();
            assertThat(told)
                    .matches("attachment; filename=\"[A-Za-z0-9._-]+\"(; filename\\*=UTF-8''[A-Za-z0-9._%-]+)?")
                    .doesNotContain("..png");
            assertThat(told.length()).isLessThan(300);
        }
        assertThat(listing()).isEqualTo(before);
    }

    /** All files around the server's own folder. */
    private static List<String> listing() throws IOException, InterruptedException {
        Client.awaitEmpty(folder.resolve("work/staging")); // what is answered is removed a moment later
        List<String> names = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            files.filter(file -> !file.toString().contains("work/staging")).forEach(file -> names.add(file.toString()));
        }
        try (var files = Files.list(Path.of("/tmp"))) {
            files.filter(file -> file.toString().contains("evil")).forEach(file -> names.add(file.toString()));
        }
        return names;
    }

    @Test
    void wrong_content_types_and_broken_frames_are_refused() {
        byte[] picture = Scans.picture("png", 40, 40, 1);
        byte[] frame = Client.body(List.of(Client.Part.of("p.png", picture)));
        for (String type : List.of(
                "text/plain",
                "application/json",
                "image/png",
                "application/x-www-form-urlencoded",
                "multipart/mixed; boundary=x",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=another",
                "nonsense")) {
            refused(
                    server.send(server.request("/api/segment/nuclei")
                            .header("Content-Type", type)
                            .POST(BodyPublishers.ofByteArray(frame))),
                    type);
        }
        refused(
                server.send(server.request("/api/segment/nuclei").POST(BodyPublishers.ofByteArray(picture))),
                "no type");
        for (int keep = 0; keep < frame.length; keep += frame.length / 12) {
            refused(
                    server.send(server.request("/api/segment/nuclei")
                            .header("Content-Type", "multipart/form-data; boundary=----test-boundary-7d9f")
                            .POST(BodyPublishers.ofByteArray(Arrays.copyOf(frame, keep)))),
                    "frame of " + keep);
        }
        alive();
    }

    @Test
    void more_than_the_limit_is_refused_whatever_the_client_announces() {
        try (var small = new TestConfig(folder.resolve("small"))
                .sizes(100_000, 1000, 1000)
                .serve()) {
            HttpResponse<byte[]> answer = small.post("/api/segment/nuclei", "p.png", new byte[300_000]);
            assertThat(answer.statusCode()).isEqualTo(413);
            byte[] frame = Client.body(List.of(Client.Part.of("p.png", new byte[300_000])));
            HttpResponse<byte[]> chunked = small.send(small.request("/api/segment/nuclei")
                    .header("Content-Type", "multipart/form-data; boundary=----test-boundary-7d9f")
                    .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(frame))));
            assertThat(chunked.statusCode()).isEqualTo(413);
            HttpResponse<byte[]> voxels = small.post("/api/segment/nuclei", "p.png", Scans.picture("png", 40, 40, 1));
            assertThat(voxels.statusCode()).isEqualTo(413);
            assertThat(Client.json(voxels).path("error").asText()).contains("1600 voxels", "at most 1000");
        }
    }

    /** A PNG whose header claims 100,000 x 100,000 pixels, with a valid checksum. */
    private static byte[] hugePng() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        ByteBuffer header = ByteBuffer.allocate(13).putInt(100_000).putInt(100_000);
        header.put(new byte[] {8, 0, 0, 0, 0});
        chunk(out, "IHDR", header.array());
        var deflater = new Deflater();
        deflater.setInput(new byte[1000]);
        deflater.finish();
        byte[] data = new byte[100];
        chunk(out, "IDAT", Arrays.copyOf(data, deflater.deflate(data)));
        deflater.end();
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        var crc = new CRC32();
        crc.update(type.getBytes(StandardCharsets.US_ASCII));
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        out.writeBytes(type.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** A volume of so many zeros, compressed, whose header claims side x side x side voxels of 8 bits. */
    private static byte[] bomb(int side, int zeros) throws IOException {
        byte[] header = Scans.nifti(Image.of(Grid.of(2, 2, 2), new float[8]), ".nii");
        ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        for (int axis = 1; axis <= 3; axis++) {
            head.putShort(40 + 2 * axis, (short) side);
        }
        head.putShort(70, (short) 2); // uint8
        head.putShort(72, (short) 8);
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(header, 0, 352);
            byte[] block = new byte[1 << 16];
            for (int left = zeros; left > 0; left -= block.length) {
                gzip.write(block, 0, Math.min(left, block.length));
            }
        }
        return out.toByteArray();
    }
}
