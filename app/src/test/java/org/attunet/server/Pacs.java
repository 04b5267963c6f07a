package org.attunet.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;

/** An archive in memory that speaks as much DICOMweb as the tests need, to one user. */
public final class Pacs implements AutoCloseable {
    public static final String LOGIN = "doctor:s3cret";

    private volatile boolean full;
    private final HttpServer server;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private int downloads;

    /** Starts an archive with these files. */
    public Pacs(List<Path> first) throws IOException {
        for (Path file : first) {
            put(Files.readAllBytes(file));
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/dicom-web", this::answer);
        server.start();
    }

    public String address() {
        return "dicomweb+http://127.0.0.1:" + server.getAddress().getPort() + "/dicom-web";
    }

    public String series(String series) {
        return address() + "/studies/" + DicomScans.STUDY + "/series/" + series;
    }

    /** The files of a modality, in the order in which they came. */
    public synchronized List<byte[]> files(String modality) {
        return files.values().stream()
                .filter(file -> set(file).text(Tag.MODALITY).equals(modality))
                .toList();
    }

    /** How often a series was fetched. */
    public synchronized int downloads() {
        return downloads;
    }

    /** Lets it store nothing more. */
    public void takeNothing() {
        full = true;
    }

    private synchronized void put(byte[] file) {
        files.put(set(file).text(Tag.SOP_INSTANCE_UID), file);
    }

    private static DataSet set(byte[] file) {
        try {
            Path path = Files.createTempFile("pacs", ".dcm");
            Files.write(path, file);
            DataSet set = DicomFile.read(path).elements();
            Files.delete(path);
            return set;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath().replace("/dicom-web", "");
            String login = "Basic " + Base64.getEncoder().encodeToString(LOGIN.getBytes(StandardCharsets.UTF_8));
            if (!login.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
            } else if (full && exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(403, -1);
            } else if (exchange.getRequestMethod().equals("POST")) {
                String type = exchange.getRequestHeaders().getFirst("Content-Type");
                store(body, type.substring(type.indexOf("boundary=") + 9));
                send(exchange, "application/dicom+json", "{}".getBytes(StandardCharsets.UTF_8));
            } else if (path.endsWith("/series")) {
                send(
                        exchange,
                        "application/dicom+json",
                        found(exchange.getRequestURI().getQuery()));
            } else if (path.endsWith("/metadata")) {
                send(exchange, "application/dicom+json", metadata(path.replaceAll(".*/series/|/metadata", "")));
            } else {
                send(exchange, "multipart/related; boundary=b", parts(path.replaceAll(".*/series/", "")));
            }
        }
    }

    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private void store(byte[] body, String boundary) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        for (String part : text.split("(\r\n)?--" + boundary)) {
            int head = part.indexOf("\r\n\r\n");
            if (head > 0) {
                put(part.substring(head + 4).getBytes(StandardCharsets.ISO_8859_1));
            }
        }
    }

    private synchronized byte[] parts(String series) {
        downloads++;
        var all = new ByteArrayOutputStream();
        for (byte[] file : files.values()) {
            if (set(file).text(Tag.SERIES_INSTANCE_UID).equals(series)) {
                all.writeBytes("--b\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                all.writeBytes(file);
                all.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
        if (all.size() > 0) {
            all.writeBytes("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return all.toByteArray();
    }

    private synchronized byte[] found(String query) {
        Map<String, List<DataSet>> series = files.values().stream()
                .map(Pacs::set)
                .filter(set -> matches(set, query))
                .collect(Collectors.groupingBy(
                        set -> set.text(Tag.SERIES_INSTANCE_UID), LinkedHashMap::new, Collectors.toList()));
        return series.values().stream()
                .map(sets -> String.format(
                        "{%s,%s,%s,\"00201209\":{\"vr\":\"IS\",\"Value\":[%d]},\"00100010\":{\"vr\":\"PN\",\"Value\":[{}]}}",
                        value(sets.get(0), Tag.MODALITY),
                        value(sets.get(0), Tag.STUDY_INSTANCE_UID),
                        value(sets.get(0), Tag.SERIES_INSTANCE_UID),
                        sets.size()))
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean matches(DataSet set, String query) {
        Map<String, Integer> known = Map.of("Modality", Tag.MODALITY, "SeriesInstanceUID", Tag.SERIES_INSTANCE_UID);
        for (String term : Objects.toString(query, "").split("&")) {
            Integer tag = known.get(term.replaceAll("=.*", ""));
            if (tag != null && !set.text(tag).equals(term.replaceAll(".*=", ""))) {
                return false;
            }
        }
        return true;
    }

    private static String value(DataSet set, int tag) {
        return String.format("\"%08X\":{\"vr\":\"UI\",\"Value\":[\"%s\"]}", tag, set.text(tag));
    }

    private synchronized byte[] metadata(String series) {
        for (byte[] file : files.values()) {
            DataSet set = set(file);
            if (set.text(Tag.SERIES_INSTANCE_UID).equals(series)) {
                String referenced = set.items(0x0008_1115).stream()
                        .map(item -> "{" + value(item, Tag.SERIES_INSTANCE_UID) + "}")
                        .collect(Collectors.joining(","));
                return ("[{" + value(set, Tag.SERIES_INSTANCE_UID) + ",\"00081115\":{\"vr\":\"SQ\",\"Value\":["
                                + referenced + "]}}]")
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
        return new byte[0];
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
