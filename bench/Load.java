import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that each send an image, wait for the answer and send the next, for a while: what a server does under load.
 *
 * <p>{@code java bench/Load.java URL FILE CLIENTS SECONDS}: URL is a server's {@code /api/segment/MODEL} or {@code
 * /v2/models/MODEL/infer}; to the latter a 256 x 256 picture of 3 channels is sent as a binary tensor and FILE is not read.
 * Prints one JSON object. Answers are compared with the first: all must be the same.
 */
public final class Load {
    private static final String BOUNDARY = "load-boundary-0123456789";

    private final URI uri;
    private final byte[] body;
    private final String type;
    private final String headerLength;
    private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Double> seconds = new ConcurrentLinkedQueue<>();
    private final AtomicInteger different = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private volatile byte[] expected;

    private Load(URI uri, Path file) throws IOException {
        this.uri = uri;
        if (uri.getPath().endsWith("/infer")) {
            byte[] header = ("{\"inputs\":[{\"name\":\"image\",\"shape\":[1,3,256,256],\"datatype\":\"UINT8\",\"parameters\":"
                            + "{\"binary_data_size\":196608}}],\"outputs\":[{\"name\":\"labels\",\"parameters\":{\"binary_data\":"
                            + "true}}]}")
                    .getBytes(StandardCharsets.UTF_8);
            body = Arrays.copyOf(header, header.length + 3 * 256 * 256);
            for (int i = header.length; i < body.length; i++) {
                int pixel = (i - header.length) % (256 * 256);
                double wave = Math.sin(pixel % 256 / 9.0) * Math.sin(pixel / 256 / 9.0);
                body[i] = (byte) (40 + (wave > 0.5 ? 150 : 0));
            }
            type = "application/octet-stream";
            headerLength = Integer.toString(header.length);
        } else {
            byte[] content = Files.readAllBytes(file);
            byte[] head = ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"image.png\"\r\n"
                            + "Content-Type: application/octet-stream\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8);
            byte[] tail = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
            body = new byte[head.length + content.length + tail.length];
            System.arraycopy(head, 0, body, 0, head.length);
            System.arraycopy(content, 0, body, head.length, content.length);
            System.arraycopy(tail, 0, body, head.length + content.length, tail.length);
            type = "multipart/form-data; boundary=" + BOUNDARY;
            headerLength = "";
        }
    }

    private void client(long end) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        while (System.nanoTime() < end) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", type)
                    .POST(BodyPublishers.ofByteArray(body));
            if (!headerLength.isEmpty()) {
                request.header("Inference-Header-Content-Length", headerLength);
            }
            long began = System.nanoTime();
            try {
                HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
                count(answer);
                if (answer.statusCode() == 200) {
                    seconds.add((System.nanoTime() - began) / 1e9);
                }
            } catch (IOException e) {
                broken.incrementAndGet();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void count(HttpResponse<byte[]> answer) {
        statuses.computeIfAbsent(answer.statusCode(), key -> new AtomicInteger()).incrementAndGet();
        if (answer.statusCode() == 200) {
            if (expected == null) {
                expected = answer.body();
            } else if (!Arrays.equals(expected, answer.body())) {
                different.incrementAndGet();
            }
        }
    }

    public static void main(String[] args) throws Exception {
        var load = new Load(URI.create(args[0]), Path.of(args[1]));
        int clients = Integer.parseInt(args[2]);
        double span = Double.parseDouble(args[3]);
        load.client(System.nanoTime() + 3_000_000_000L); // warms the server up
        load.statuses.clear();
        load.seconds.clear();
        long began = System.nanoTime();
        long end = began + (long) (span * 1e9);
        List<Thread> threads = new ArrayList<>();
        for (int k = 0; k < clients; k++) {
            Thread thread = new Thread(() -> load.client(end));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double taken = (System.nanoTime() - began) / 1e9;
        double[] sorted = load.seconds.stream().mapToDouble(d -> d).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "{\"clients\": %d, \"seconds\": %.1f, \"answers\": %d, \"per_second\": %.2f, \"median_s\": %.4f, \"p90_s\": %.4f,"
                        + " \"p99_s\": %.4f, \"max_s\": %.4f, \"statuses\": \"%s\", \"different\": %d, \"broken\": %d}%n",
                clients,
                taken,
                sorted.length,
                sorted.length / taken,
                at(sorted, 0.5),
                at(sorted, 0.9),
                at(sorted, 0.99),
                at(sorted, 1),
                new TreeMap<>(load.statuses),
                load.different.get(),
                load.broken.get());
    }

    private static double at(double[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
