import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
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
    private final byte[] head;
    private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Double> seconds = new ConcurrentLinkedQueue<>();
    private final AtomicInteger different = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private volatile byte[] expected;

    private Load(URI uri, Path file) throws IOException {
        this.uri = uri;
        String type;
        String extra = "";
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
            extra = "Inference-Header-Content-Length: " + header.length + "\r\n";
        } else {
            byte[] content = Files.readAllBytes(file);
            byte[] start = ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"image.png\"\r\n"
                            + "Content-Type: application/octet-stream\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8);
            byte[] tail = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
            body = new byte[start.length + content.length + tail.length];
            System.arraycopy(start, 0, body, 0, start.length);
            System.arraycopy(content, 0, body, start.length, content.length);
            System.arraycopy(tail, 0, body, start.length + content.length, tail.length);
            type = "multipart/form-data; boundary=" + BOUNDARY;
        }
        head = ("POST " + uri.getPath() + " HTTP/1.1\r\nHost: " + uri.getHost() + "\r\nContent-Type: " + type
                        + "\r\nContent-Length: " + body.length + "\r\n" + extra + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Plain sockets: on a small machine the clients' own work would be measured with the server's. */
    private void client(long end) {
        while (System.nanoTime() < end) {
            try (var socket = new Socket(uri.getHost(), uri.getPort())) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                var in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
                while (System.nanoTime() < end) {
                    long began = System.nanoTime();
                    out.write(head);
                    out.write(body);
                    Answer answer = Answer.read(in);
                    count(answer);
                    if (answer.status == 200) {
                        seconds.add((System.nanoTime() - began) / 1e9);
                    }
                    if (answer.last) {
                        break;
                    }
                }
            } catch (IOException e) {
                broken.incrementAndGet();
            }
        }
    }

    /** An answer, read by its Content-Length. */
    private record Answer(int status, boolean last, byte[] body) {
        static Answer read(InputStream in) throws IOException {
            int status = 0;
            int length = 0;
            boolean last = false;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String lower = line.toLowerCase(Locale.ROOT);
                if (status == 0) {
                    status = Integer.parseInt(line.split(" ")[1]);
                } else if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).strip());
                } else if (lower.equals("connection: close")) {
                    last = true;
                }
            }
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                throw new IOException("the answer breaks off");
            }
            return new Answer(status, last, body);
        }

        private static String line(InputStream in) throws IOException {
            var text = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the connection ends");
                }
                if (c != '\r') {
                    text.append((char) c);
                }
            }
            return text.toString();
        }
    }

    private void count(Answer answer) {
        statuses.computeIfAbsent(answer.status, key -> new AtomicInteger()).incrementAndGet();
        if (answer.status == 200) {
            if (expected == null) {
                expected = answer.body;
            } else if (!Arrays.equals(expected, answer.body)) {
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
