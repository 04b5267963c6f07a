package org.attunet.server.inference;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example of extension_binary_data.md with this server's tensor names, byte for byte, and its three parameters. */
class BinaryInferTest {
    private static final String IMAGE = """
        {"inputs": [{"name": "image", "shape": [1, 1, 1, %d], "datatype": "%s",
                     "parameters": {"binary_data_size": %d}}]%s}\
        """;

    @TempDir
    private static Path folder;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder).serve(List.of(PointModel.served()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_documents_example_is_answered_byte_for_byte() throws Exception {
        String json = """
            {
              "model_name" : "points",
              "inputs" : [
                {
                  "name" : "image",
                  "shape" : [ 1, 1, 2, 2 ],
                  "datatype" : "UINT32",
                  "parameters" : {
                    "binary_data_size" : 16
                  }
                }
              ],
              "outputs" : [
                {
                  "name" : "labels",
                  "parameters" : {
                    "binary_data" : true
                  }
                }
              ]
            }\
            """;
        String head = "POST /v2/models/points/infer HTTP/1.1\r\nHost: localhost:8000\r\n"
                + "Content-Type: application/octet-stream\r\n"
                + "Inference-Header-Content-Length: " + json.length() + "\r\n"
                + "Content-Length: " + (json.length() + 16) + "\r\nConnection: close\r\n\r\n";
        byte[] data = HexFormat.of().parseHex("01000000" + "02000000" + "03000000" + "04000000");
        String reply = raw((head + json).getBytes(ISO_8859_1), data);

        int body = reply.indexOf("\r\n\r\n") + 4;
        String answered = "{\"model_name\":\"points\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"labels\","
                + "\"shape\":[1,2,2],\"datatype\":\"UINT16\",\"parameters\":{\"binary_data_size\":8}}]}";
        String headers = reply.substring(0, body).toLowerCase(Locale.ROOT);
        assertThat(headers)
                .startsWith("http/1.1 200 ok\r\n")
                .contains("content-type: application/octet-stream\r\n")
                .contains("inference-header-content-length: " + answered.length() + "\r\n")
                .contains("content-length: " + (answered.length() + 8) + "\r\n");
        assertThat(reply.substring(body)).isEqualTo(answered + "\0\0\0\0\7\0\7\0");
    }

    private static String raw(byte[]... parts) throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            for (byte[] part : parts) {
                out.write(part);
                out.flush();
            }
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), ISO_8859_1);
        }
    }

    /** The hexadecimal digits are little-endian; those of FP16 and FP32 are IEEE 754's own examples of each kind of number. */
    @ParameterizedTest
    @CsvSource({
        "UINT8, 0003ff, 0 3 255",
        "UINT16, 0000 0300 ffff, 0 3 65535",
        "UINT32, 00000000 00000080 00ffffff, 0 2147483648 4294967040",
        "INT8, 8003ff, -128 3 -1",
        "INT16, 0080 0300 ffff, -32768 3 -1",
        "INT32, 00000080 03000000 ffffffff, -2147483648 3 -1",
        "INT64, 0000000000000080 0300000000000000 ffffffffffffffff, -9223372036854775808 3 -1",
        "FP16, 003c 00c0 ff7b 0100 0084 5535 0080, 1 -2 65504 5.9604645e-8 -6.1035156e-5 0.33325195 0",
        "FP32, 0000803f 000000c0 abaaaa3e, 1 -2 0.33333334",
        "FP64, 000000000000f03f 00000000000000c0 555555555555d53f, 1 -2 0.33333334"
    })
    void every_datatype_is_read_little_endian(String datatype, String hex, String numbers) throws Exception {
        byte[] data = HexFormat.of().parseHex(hex.replace(" ", ""));
        double[] expected = Arrays.stream(numbers.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        Reply reply = Reply.post(server, "points", IMAGE.formatted(expected.length, datatype, data.length, ""), data);
        assertThat(reply.status()).as(reply.error()).isEqualTo(200);
        double[] probabilities = reply.values("probabilities");
        for (int i = 0; i < expected.length; i++) {
            float logit = (float) expected[i] - 2.5f;
            assertThat((float) probabilities[i]).isEqualTo((float) (1 / (1 + Math.exp(-logit))));
        }
    }

    @Test
    void binary_requests_and_replies_say_what_those_in_json_say() throws Exception {
        ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(2.7f).putFloat(0).putFloat(0.9f).putFloat(1.8f).putFloat(4.5f);
        String json = "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,5],\"datatype\":\"FP32\",\"data\":"
                + "[2.7,0,0.9,1.8,4.5]}]";
        Reply plain = Reply.post(server, "points", json + "}");
        Reply binaryIn = Reply.post(server, "points", IMAGE.formatted(5, "FP32", 20, ""), data.array());
        assertThat(binaryIn.json()).isEqualTo(plain.json());
        assertThat(binaryIn.headers().firstValue("Inference-Header-Content-Length"))
                .isEmpty();
        Reply binaryOut = Reply.post(server, "points", json + ",\"parameters\":{\"binary_data_output\":true}}");
        assertThat(binaryOut.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        assertThat(binaryOut.behind()).hasSize(10 + 20 + 4 + 20);
        for (JsonNode output : plain.json().path("outputs")) {
            String name = output.path("name").asText();
            assertThat(binaryOut.output(name).has("data")).isFalse();
            assertThat(binaryOut.values(name)).containsExactly(plain.values(name));
        }
    }

    @Test
    void binary_data_of_an_output_overrides_binary_data_output_of_the_request() throws Exception {
        Reply reply = Reply.post(server, "points", IMAGE.formatted(2, "UINT8", 2, """
            , "outputs": [{"name": "probabilities"},
                          {"name": "labels", "parameters": {"binary_data": false}},
                          {"name": "confidence", "parameters": {"binary_data": true}}],
              "parameters": {"binary_data_output": true}\
            """), new byte[] {9, 0});
        assertThat(reply.json().path("outputs").findValuesAsText("name"))
                .containsExactly("probabilities", "labels", "confidence");
        assertThat(reply.output("probabilities").path("parameters")).hasToString("{\"binary_data_size\":8}");
        assertThat(reply.output("labels").path("data")).hasToString("[7,0]");
        assertThat(reply.output("labels").has("parameters")).isFalse();
        assertThat(reply.behind()).hasSize(12);
        assertThat(reply.values("probabilities")).containsExactly(PointModel.probability(9), PointModel.probability(0));
    }

    @Test
    void a_client_that_takes_compressed_answers_gets_the_lengths_that_are_declared() throws Exception {
        byte[] image = new byte[4000];
        image[3999] = 9;
        String json = IMAGE.formatted(4000, "UINT8", 4000, ", \"parameters\": {\"binary_data_output\": true}");
        byte[] head = json.getBytes(ISO_8859_1);
        byte[] body = Arrays.copyOf(head, head.length + image.length);
        System.arraycopy(image, 0, body, head.length, image.length);
        var response = server.send(server.request("/v2/models/points/infer")
                .header("Accept-Encoding", "gzip")
                .header("Inference-Header-Content-Length", Integer.toString(head.length))
                .POST(BodyPublishers.ofByteArray(body)));
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        Reply reply = Reply.of(response);
        assertThat(reply.values("labels")[3999]).isEqualTo(7);
        assertThat(reply.behind()).hasSize(2 * 4000 + 4 * 4000 + 4 + 4 * 4000);
    }

    @Test
    void a_body_in_chunks_of_unknown_length_is_taken() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,1],\"datatype\":\"INT8\",\"data\":[4]}],"
                + "\"outputs\":[{\"name\":\"labels\"}]}";
        String head = String.join(
                "\r\n",
                "POST /v2/models/points/infer HTTP/1.1",
                "Host: localhost",
                "Transfer-Encoding: chunked",
                "Connection: close",
                "",
                "");
        String first = Integer.toHexString(10) + "\r\n" + json.substring(0, 10) + "\r\n";
        String rest = Integer.toHexString(json.length() - 10) + "\r\n" + json.substring(10) + "\r\n0\r\n\r\n";
        String reply = raw(head.getBytes(ISO_8859_1), first.getBytes(ISO_8859_1), rest.getBytes(ISO_8859_1));
        assertThat(reply).startsWith("HTTP/1.1 200").contains("\"data\":[7]");
        assertThat(new ObjectMapper()
                        .readTree(reply.substring(reply.indexOf('{')))
                        .path("model_name"))
                .hasToString("\"points\"");
    }
}
