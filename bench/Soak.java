import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * Honest and hostile clients at the same time, for minutes: whether every honest request is answered rightly, and whether the
 * server's memory, threads, files and folder stay as they are.
 *
 * <p>{@code java bench/Soak.java URL PID WORK MINUTES PICTURE VOLUME}: a server with the models nuclei and hippocampus, its
 * process and its {@code --work} folder. Prints a line of JSON a minute and one at the end; exits with 1 if an honest request
 * was answered wrongly. {@code soak.sh} starts the server too.
 */
public final class Soak {
    private static final String BOUNDARY = "soak-boundary-0123456789";
    private static final String MULTIPART = "multipart/form-data; boundary=" + BOUNDARY;
    private static final int MOST_TRIES = 20; // of an honest request that is refused with 429 or 503
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]{32})\"");
    private static final Pattern STATE = Pattern.compile("\"state\":\"(\\w+)\"");

    private final URI url;
    private final long pid;
    private final Path work;
    private final byte[] picture;
    private final byte[] volume;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, byte[]> expected = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
    private final long end;

    private Soak(String[] args) throws IOException {
        url = URI.create(args[0]);
        pid = Long.parseLong(args[1]);
        work = Path.of(args[2]);
        end = System.nanoTime() + (long) (Double.parseDouble(args[3]) * 60e9);
        picture = Files.readAllBytes(Path.of(args[4]));
        volume = Files.readAllBytes(Path.of(args[5]));
    }

    private boolean running() {
        return System.nanoTime() < end;
    }

    private void count(String what) {
        counts.computeIfAbsent(what, key -> new AtomicLong()).incrementAndGet();
    }

    // ---- honest clients ----

    private interface Request {
        HttpResponse<byte[]> send() throws IOException, InterruptedException;
    }

    /** Sends a request until it is not refused; its answer must be the first one's. */
    private byte[] honest(String name, int status, boolean same, Request request) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer = request.send();
            for (int k = 1; (answer.statusCode() == 503 || answer.statusCode() == 429) && k < MOST_TRIES; k++) {
                count("honest " + name + " retried");
                Thread.sleep(500);
                answer = request.send();
            }
            byte[] first = same ? expected.putIfAbsent(name, answer.body()) : null;
            boolean right = answer.statusCode() == status && (first == null || Arrays.equals(first, answer.body()));
            count("honest " + name + (right ? " right" : " WRONG"));
            if (!right) {
                System.err.println(name + ": " + answer.statusCode() + " "
                        + new String(answer.body(), 0, Math.min(300, answer.body().length), StandardCharsets.UTF_8));
            }
            return answer.body();
        } catch (IOException e) {
            count("honest " + name + " WRONG");
            System.err.println(name + ": " + e);
            return new byte[0];
        }
    }

    private HttpResponse<byte[]> post(String path, String type, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(Duration.ofMinutes(3))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return client.send(
                (headers.length == 0 ? request : request.headers(headers)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> ask(String method, String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(url.resolve(path))
                        .timeout(Duration.ofMinutes(1))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private void honestRound() throws InterruptedException, IOException {
        byte[] form = form("picture.png", picture);
        byte[] scan = form("scan.nii.gz", volume);
        byte[] zipped = gzip(form);
        honest("health", 200, true, () -> ask("GET", "/health"));
        honest("picture", 200, true, () -> post("/api/segment/nuclei", MULTIPART, form));
        byte[] again = honest(
                "gzip", 200, true, () -> post("/api/segment/nuclei", MULTIPART, zipped, "Content-Encoding", "gzip"));
        if (!Arrays.equals(again, expected.get("picture"))) {
            count("honest gzip WRONG");
        }
        honest("volume", 200, true, () -> post("/api/segment/hippocampus", MULTIPART, scan));
        honest("infer", 200, true, () -> post("/v2/models/hippocampus/infer", "application/json", INFER));
        honestJob(scan);
    }

    private void honestJob(byte[] scan) throws InterruptedException {
        byte[] accepted = honest("job", 202, false, () -> post("/api/jobs?model=hippocampus", MULTIPART, scan));
        Matcher id = ID.matcher(new String(accepted, StandardCharsets.UTF_8));
        if (!id.find()) {
            return;
        }
        String job = "/api/jobs/" + id.group(1);
        String state = "queued";
        for (int k = 0; k < 1200 && (state.equals("queued") || state.equals("running")); k++) {
            Thread.sleep(100);
            Matcher now = STATE.matcher(
                    new String(honest("poll", 200, false, () -> ask("GET", job)), StandardCharsets.UTF_8));
            state = now.find() ? now.group(1) : "";
        }
        honest("result", 200, true, () -> ask("GET", job + "/files/0/mask.nii.gz"));
        honest("delete", 204, true, () -> ask("DELETE", job));
    }

    private static final byte[] INFER =
            ("{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,2,2,3],\"datatype\":\"UINT64\","
                            + "\"data\":[1,5,2,9,0,1,0,0,0,1,2,3]}],\"outputs\":[{\"name\":\"labels\"}]}")
                    .getBytes(StandardCharsets.UTF_8);

    // ---- hostile clients ----

    private void hostileRound(Random random) throws IOException, InterruptedException {
        byte[] form = form("picture.png", picture);
        switch (random.nextInt(15)) {
            case 0 -> slowBodies(20 + random.nextInt(60));
            case 1 -> abandoned(form, random.nextInt(form.length)); // in the middle of the upload
            case 2 -> abandoned(form, form.length); // while it waits
            case 3 -> slowReader();
            case 4 -> hostile("bomb", "/v2/models/nuclei/infer", bomb(96), "Content-Encoding: gzip\r\n");
            case 5 -> hostile("gap", "/api/segment/hippocampus", form("gap.nii.gz", gap()), "");
            case 6 -> deletedJob("hippocampus", form("gap.nii.gz", gap()));
            case 7 -> hostile("thin", "/api/segment/nuclei", form("thin.nii.gz", slices(20_000)), "");
            case 8 -> {
                byte[] damaged = picture.clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
                hostile("damaged", "/api/segment/nuclei", form("damaged.png", damaged), "");
            }
            case 9 -> raw("nonsense", "NONSENSE " + random.nextInt() + "\r\n\r\n");
            case 10 -> raw("long header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");
            case 11 ->
                raw(
                        "too long",
                        "POST /api/segment/nuclei HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n");
            case 12 ->
                hostile("deep", "/v2/models/nuclei/infer", "[".repeat(100_000).getBytes(StandardCharsets.UTF_8), "");
            case 13 -> deletedJob("nuclei", form("thin.nii.gz", slices(3000)));
            default -> idle(100);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(url.getHost(), url.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static byte[] head(String path, long length, String more) {
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + MULTIPART + "\r\n" + more
                        + "Content-Length: " + length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Counts the status; a hostile request may be refused or served, but the server must not fail. */
    private void answered(String name, InputStream in) throws IOException {
        byte[] start = in.readNBytes(12);
        String status = start.length < 12 ? "closed" : new String(start, 9, 3, StandardCharsets.US_ASCII);
        count("hostile " + name + " " + status);
        in.skip(1 << 20);
    }

    private void hostile(String name, String path, byte[] body, String header) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(head(path, body.length, header));
            socket.getOutputStream().write(body);
            answered(name, socket.getInputStream());
        }
    }

    private void raw(String name, String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            answered(name, socket.getInputStream());
        }
    }

    private void slowBodies(int number) throws IOException, InterruptedException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int k = 0; k < number; k++) {
                sockets.add(connect());
                sockets.get(k).getOutputStream().write(head("/api/segment/nuclei", 100_000, ""));
            }
            for (int second = 0; second < 5; second++) {
                for (Socket socket : sockets) {
                    try {
                        socket.getOutputStream().write('-');
                    } catch (IOException closed) {
                        count("hostile slow closed");
                    }
                }
                Thread.sleep(1000);
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void abandoned(byte[] form, int sent) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(head("/api/segment/nuclei", form.length, ""));
            out.write(form, 0, sent);
            count("hostile abandoned");
        }
    }

    private void slowReader() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            socket.setReceiveBufferSize(1024);
            byte[] request = "GET /openapi.yaml HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                    .repeat(50)
                    .getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(request);
            for (int k = 0; k < 20; k++) {
                socket.getInputStream().read();
                Thread.sleep(100);
            }
            count("hostile slow reader");
        }
    }

    private void deletedJob(String model, byte[] form) throws IOException, InterruptedException {
        HttpResponse<byte[]> accepted = post("/api/jobs?model=" + model, MULTIPART, form);
        Matcher id = ID.matcher(new String(accepted.body(), StandardCharsets.UTF_8));
        count("hostile job " + accepted.statusCode());
        if (accepted.statusCode() == 202 && id.find()) {
            Thread.sleep(1000);
            ask("DELETE", "/api/jobs/" + id.group(1)); // cancels it
            Thread.sleep(1000);
            ask("DELETE", "/api/jobs/" + id.group(1));
        }
    }

    private void idle(int number) throws IOException, InterruptedException {
        List<Socket> sockets = new ArrayList<>();
        for (int k = 0; k < number; k++) {
            sockets.add(connect());
            sockets.get(k).getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
        }
        Thread.sleep(1000);
        for (Socket socket : sockets) {
            socket.close();
        }
        count("hostile idle");
    }

    private static byte[] form(String name, byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        out.write(content);
        out.write(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static byte[] gzip(byte[]... pieces) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            for (byte[] piece : pieces) {
                gzip.write(piece);
            }
        }
        return out.toByteArray();
    }

    private static byte[] bomb(int megabytes) throws IOException {
        byte[][] pieces = new byte[megabytes][];
        Arrays.fill(pieces, new byte[1 << 20]);
        return gzip(pieces);
    }

    /** A NIfTI-1 header of uint8 voxels. */
    private static ByteBuffer nifti(int x, int y, int z, float offset) {
        ByteBuffer head = ByteBuffer.allocate(352).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0, 348).putShort(40, (short) 3);
        head.putShort(42, (short) x).putShort(44, (short) y).putShort(46, (short) z);
        head.putShort(70, (short) 2).putShort(72, (short) 8).putFloat(108, offset);
        for (int axis = 0; axis < 4; axis++) {
            head.putFloat(76 + 4 * axis, 1);
        }
        return head.put(344, "n+1\0".getBytes(StandardCharsets.US_ASCII));
    }

    /** Voxels behind a gap of 60 MB, which is just allowed, or of 40 GB, which is not. */
    private static byte[] gap() throws IOException {
        return gzip(
                nifti(40, 40, 40, new Random().nextBoolean() ? 60 << 20 : 4e10f).array(), new byte[61 << 20]);
    }

    private static byte[] slices(int number) throws IOException {
        return gzip(nifti(1, 1, number, 352).array(), new byte[number]);
    }

    // ---- the server's state ----

    private String sample(double minutes) throws IOException, InterruptedException {
        new ProcessBuilder("jcmd", Long.toString(pid), "GC.run")
                .redirectErrorStream(true)
                .start()
                .waitFor();
        Map<String, Long> values = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:") || line.startsWith("Threads:")) {
                values.put(line.startsWith("V") ? "rss_kb" : "threads", Long.parseLong(line.replaceAll("\\D", "")));
            }
        }
        try (var open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            values.put("files_open", open.count());
        }
        values.put("files_in_work", files(work));
        double heap = new String(ask("GET", "/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        values.put("heap_kb", (long) heap / 1024);
        var json = new StringBuilder(String.format(Locale.ROOT, "{\"minute\":%.1f", minutes));
        values.forEach(
                (name, value) -> json.append(",\"").append(name).append("\":").append(value));
        return json.append('}').toString();
    }

    /** Counts the files in a folder; others may be deleted meanwhile. */
    private static long files(Path folder) throws IOException {
        var count = new AtomicLong();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                count.incrementAndGet();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return count.get();
    }

    private void repeat(String name, Step step) {
        while (running()) {
            try {
                step.run();
            } catch (IOException e) {
                count(name + " disconnected");
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private boolean run(int honest, int hostile) throws IOException, InterruptedException {
        honestRound(); // the expected answers, before anybody disturbs
        List<Thread> threads = new ArrayList<>();
        for (int k = 0; k < honest; k++) {
            threads.add(new Thread(() -> repeat("honest", this::honestRound)));
        }
        for (int k = 0; k < hostile; k++) {
            var random = new Random(k);
            threads.add(new Thread(() -> repeat("hostile", () -> {
                hostileRound(random);
                Thread.sleep(200);
            })));
        }
        threads.forEach(Thread::start);
        long start = System.nanoTime();
        while (running()) {
            System.out.println(sample((System.nanoTime() - start) / 60e9));
            Thread.sleep(Math.max(1, Math.min(60_000, (end - System.nanoTime()) / 1_000_000)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Thread.sleep(2000); // the last requests' files are deleted a moment after their answers
        System.out.println(sample((System.nanoTime() - start) / 60e9));
        var json = new StringBuilder("{");
        new TreeMap<>(counts)
                .forEach((name, number) -> json.append(json.length() == 1 ? "" : ",")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(number));
        System.out.println(json.append('}'));
        return counts.keySet().stream().noneMatch(name -> name.endsWith("WRONG"));
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        System.exit(new Soak(args).run(2, 2) ? 0 : 1);
    }
}
