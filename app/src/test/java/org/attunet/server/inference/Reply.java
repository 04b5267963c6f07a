package org.attunet.server.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.attunet.server.LiveServer;

/**
 * A response, parsed as the protocol's documents say.
 *
 * @param json the whole body, or as much as the header says
 * @param behind the binary data after it
 */
record Reply(int status, HttpHeaders headers, JsonNode json, byte[] behind) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Reply of(HttpResponse<byte[]> response) throws IOException {
        byte[] body = response.body();
        int length = response.headers()
                .firstValue("Inference-Header-Content-Length")
                .map(Integer::parseInt)
                .orElse(body.length);
        return new Reply(
                response.statusCode(),
                response.headers(),
                JSON.readTree(body, 0, length),
                Arrays.copyOfRange(body, length, body.length));
    }

    /** The answer to a request in JSON alone. */
    static Reply post(LiveServer server, String model, String json) throws IOException, InterruptedException {
        return of(server.send(server.request("/v2/models/" + model + "/infer").POST(BodyPublishers.ofString(json))));
    }

    /** The answer to a request with binary data behind its JSON. */
    static Reply post(LiveServer server, String model, String json, byte[] behind)
            throws IOException, InterruptedException {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(head, head.length + behind.length);
        System.arraycopy(behind, 0, body, head.length, behind.length);
        return of(server.send(server.request("/v2/models/" + model + "/infer")
                .header("Inference-Header-Content-Length", Integer.toString(head.length))
                .POST(BodyPublishers.ofByteArray(body))));
    }

    JsonNode output(String name) {
        for (JsonNode output : json.path("outputs")) {
            if (output.path("name").asText().equals(name)) {
                return output;
            }
        }
        throw new AssertionError("no output " + name + " in " + json);
    }

    String error() {
        return json.path("error").asText();
    }

    /** An output's elements, from wherever they stand, as exactly as their type holds them. */
    double[] values(String name) {
        JsonNode output = output(name);
        if (output.has("data")) {
            double[] values = new double[output.path("data").size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = output.path("data").get(i).floatValue(); // labels below 2^24 too
            }
            return values;
        }
        int start = 0;
        for (JsonNode other : json.path("outputs")) {
            if (other.path("name").asText().equals(name)) {
                break;
            }
            start += other.path("parameters").path("binary_data_size").asInt();
        }
        int size = output.path("parameters").path("binary_data_size").asInt();
        ByteBuffer bytes = ByteBuffer.wrap(behind, start, size).order(ByteOrder.LITTLE_ENDIAN);
        boolean labels = output.path("datatype").asText().equals("UINT16");
        double[] values = new double[size / (labels ? 2 : 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = labels ? Short.toUnsignedInt(bytes.getShort()) : bytes.getFloat();
        }
        return values;
    }
}
