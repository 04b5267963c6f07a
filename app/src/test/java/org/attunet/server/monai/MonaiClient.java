package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Requests exactly as MONAI Label's client for 3D Slicer sends them, and responses as it reads them. */
final class MonaiClient {
    /** The boundary of 3D Slicer's client. */
    private static final String LIMIT = "----------lImIt_of_THE_fIle_eW_$";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String server;

    MonaiClient(String server) {
        this.server = server;
    }

    /** A file of a request: the name that the client gives, and its content. */
    record Part(String filename, byte[] content) {}

    /** A response, with the form's fields and files if it is multipart. */
    record Reply(int status, String type, byte[] body, Map<String, String> form, Map<String, Part> files) {
        JsonNode json() throws IOException {
            return JSON.readTree(body);
        }

        JsonNode params() throws IOException {
            return JSON.readTree(form.get("params"));
        }

        /** The sentence of an error, where clients look for it. */
        String detail() throws IOException {
            return json().path("detail").asText();
        }
    }

    static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8); // as Python's quote_plus
    }

    Reply get(String path) throws Exception {
        return send(request(path).GET());
    }

    Reply delete(String path) throws Exception {
        return send(request(path).DELETE());
    }

    /** A JSON body, as the client posts the parameters of active learning. */
    Reply post(String path, String json) throws Exception {
        return send(request(path)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** A URL-encoded form, as a page or curl -d sends it. */
    Reply fields(String path, String body) throws Exception {
        return send(request(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** A form as 3D Slicer's client writes it by hand. */
    Reply form(String method, String path, Map<String, String> fields, Map<String, Part> files) throws Exception {
        var body = new ByteArrayOutputStream();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            line(body, "--" + LIMIT);
            line(body, "Content-Disposition: form-data; name=\"" + field.getKey() + "\"");
            line(body, "");
            line(body, field.getValue());
        }
        for (Map.Entry<String, Part> file : files.entrySet()) {
            line(body, "--" + LIMIT);
            line(
                    body,
                    "Content-Disposition: form-data; name=\"" + file.getKey() + "\"; filename=\""
                            + file.getValue().filename() + "\"");
            line(body, "Content-Type: application/octet-stream");
            line(body, "");
            body.write(file.getValue().content());
            line(body, "");
        }
        line(body, "--" + LIMIT + "--");
        line(body, "");
        return send(request(path)
                .header("content-type", "multipart/form-data; boundary=" + LIMIT)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    }

    private static void line(ByteArrayOutputStream body, String text) throws IOException {
        body.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    Reply upload(String id, byte[] image) throws Exception {
        return form(
                "PUT",
                "/datastore/?image=" + quoted(id),
                Map.of("params", "{\"client_id\": \"user-xyz\"}"),
                Map.of("file", new Part("/tmp/slicer-monai-label/tmp1a2b3c.nii.gz", image)));
    }

    Reply saveLabel(String id, String query, String params, String filename, byte[] label) throws Exception {
        return form(
                "PUT",
                "/datastore/label?image=" + quoted(id) + query,
                Map.of("params", params),
                Map.of("label", new Part(filename, label)));
    }

    Reply infer(String query, String params, Map<String, Part> files) throws Exception {
        return form("POST", "/infer/hippocampus?" + query, Map.of("params", params), files);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + path));
    }

    private Reply send(HttpRequest.Builder request) throws Exception {
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        String type = response.headers().firstValue("content-type").orElse("");
        var reply =
                new Reply(response.statusCode(), type, response.body(), new LinkedHashMap<>(), new LinkedHashMap<>());
        if (type.contains("multipart")) {
            split(reply);
        }
        return reply;
    }

    private static void split(Reply reply) {
        String boundary = "--" + reply.type().replaceFirst(".*boundary=", "");
        String text = new String(reply.body(), StandardCharsets.ISO_8859_1);
        String[] parts = text.split(boundary, -1);
        for (int k = 1; k < parts.length - 1; k++) {
            int end = parts[k].indexOf("\r\n\r\n");
            String head = parts[k].substring(0, end);
            byte[] content = parts[k].substring(end + 4, parts[k].length() - 2).getBytes(StandardCharsets.ISO_8859_1);
            String name = head.replaceAll("(?s).*; name=\"([^\"]*)\".*", "$1");
            if (head.contains("filename=")) {
                String filename = head.replaceAll("(?s).*filename=\"([^\"]*)\".*", "$1");
                reply.files().put(name, new Part(filename, content));
            } else {
                reply.form().put(name, new String(content, StandardCharsets.UTF_8));
            }
        }
    }
}
