package org.attunet.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed requests: each is answered with one sentence that says what was found and what was expected. */
class MalformedInferTest {
    private static final String GOOD =
            "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,2,2],\"datatype\":\"UINT8\",\"data\":[1,2,3,4]}]}";

    @TempDir
    private static Path folder;

    private static LiveServer server;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder).sizes(1 << 20, 10_000, 10_000).serve(List.of(PointModel.served()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void the_server_still_answers_and_has_logged_no_fault() throws Exception {
        assertThat(Reply.post(server, "points", GOOD).values("labels")).containsExactly(0, 0, 7, 7);
        assertThat(server.log()).doesNotContain("\"level\":\"error\"");
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("", "the request is missing; expected an object"),
                arguments("nonsense", "JSON"),
                arguments("[]", "the request is an array; expected an object"),
                arguments("{", "JSON"),
                arguments(GOOD + GOOD, "more behind its JSON"),
                arguments(GOOD.substring(0, 60), "JSON"),
                arguments("{}", "no input; expected one named \"image\""),
                arguments("{\"inputs\":[]}", "no input"),
                arguments("{\"inputs\":7}", "inputs is a number; expected an array"),
                arguments("{\"inputs\":[null]}", "an input is null; expected an object"),
                arguments(GOOD.replace("}]}", "},{\"name\":\"image\"}]}"), "several inputs"),
                arguments(GOOD.replace("image", "input0"), "named \"input0\"; expected \"image\""),
                arguments(GOOD.replace("\"name\":\"image\",", ""), "without a name"),
                arguments(GOOD.replace("\"image\"", "3"), "name is a number; expected a string"),
                arguments(GOOD.replace("\"shape\":[1,1,2,2],", ""), "no shape"),
                arguments(GOOD.replace("\"datatype\":\"UINT8\",", ""), "no datatype"),
                arguments(GOOD.replace(",\"data\":[1,2,3,4]", ""), "neither data nor"),
                arguments(GOOD.replace("\"data\":", "\"data\":[1,2,3,4],\"data\":"), "Duplicate"),
                arguments(GOOD.replace("UINT8", "BOOL"), "\"2\"; expected whole numbers from 0 to 1"),
                arguments(GOOD.replace("UINT8", "BYTES"), "expected one of"),
                arguments(GOOD.replace("UINT8", "FP16"), "FP16 in JSON; expected FP16 as binary"),
                arguments(GOOD.replace("[1,1,2,2]", "[4]"), "shape [4]; expected [batch, channels, height, width]"),
                arguments(GOOD.replace("[1,1,2,2]", "[2,2]"), "shape [2, 2]; expected"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,1,1,2,2]"), "more than 5 numbers"),
                arguments(GOOD.replace("[1,1,2,2]", "[]"), "its shape is []"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,2,1,2]"), "2 channels"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,2,0]"), "\"0\"; expected whole numbers of 1 or more"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,-2,-2]"), "\"-2\"; expected"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,2,2.0]"), "\"2.0\"; expected"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,2,\"2\"]"), "expected whole numbers"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,2,null]"), "expected whole numbers"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,2,3]"), "has 4 elements; expected 6"),
                arguments(GOOD.replace("[1,1,2,2]", "[1,1,1,3]"), "has 4 elements; expected 3"),
                arguments(GOOD.replace("[1,2,3,4]", "[]"), "has 0 elements"),
                arguments(GOOD.replace("[1,2,3,4]", "[[1,2],[3,4]]"), "nested as [2, 2]; expected a flat array"),
                arguments(GOOD.replace("[1,2,3,4]", "[[[[1,2],[3]]]]"), "arrays of 2 and of 1 elements"),
                arguments(GOOD.replace("[1,2,3,4]", "[[[[1,2],[3,4]]],[]]"), "arrays of 1 and of 0 elements"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,[2],3,4]"), "numbers at depth 1 and at depth 2"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,4,[]]"), "flat array"),
                arguments(GOOD.replace("[1,2,3,4]", "1"), "is no array"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,256]"), "\"256\"; expected whole numbers from 0 to 255"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,-1]"), "\"-1\"; expected whole numbers from 0 to 255"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,4.5]"), "\"4.5\"; expected whole numbers"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,true]"), "\"true\"; expected whole numbers"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,\"4\"]"), "expected whole numbers"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,{}]"), "expected whole numbers"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,null]"), "\"null\"; expected whole numbers"),
                arguments(GOOD.replace("[1,2,3,4]", "[1,2,3,NaN]"), "JSON"),
                arguments(GOOD.replace("UINT8", "FP32").replace("4]", "1e39]"), "\"1e39\"; expected numbers within"),
                arguments(GOOD.replace("UINT8", "FP64").replace("4]", "1e999]"), "\"1e999\"; expected numbers within"),
                arguments(GOOD.replace("UINT8", "INT64").replace("4]", "9223372036854775808]"), "expected whole"),
                arguments(GOOD.replace("]}]}", "]}],\"id\":4}"), "the id is a number; expected a string"),
                arguments(GOOD.replace("]}]}", "]}],\"outputs\":{}}"), "outputs is an object; expected an array"),
                arguments(
                        GOOD.replace("]}]}", "]}],\"outputs\":[{}]}"),
                        "an output without a name; expected one of labels"),
                arguments(
                        output("\"name\":\"mask\""),
                        "named \"mask\"; expected one of labels, probabilities, confidence"),
                arguments(output("\"name\":\"labels\"},{\"name\":\"labels\""), "labels twice"),
                arguments(output("\"name\":\"labels\",\"parameters\":3"), "parameters is a number; expected an object"),
                arguments(output("\"name\":\"labels\",\"parameters\":{\"binary_data\":1}"), "binary_data is a number"),
                arguments(output("\"name\":\"labels\",\"parameters\":{\"classification\":2}"), "an extension"),
                arguments(parameter("\"binary_data_output\":\"yes\""), "is a string; expected true or false"),
                arguments(parameter("\"own\":[1]"), "\"own\" is an array; expected a string"),
                arguments(parameter("\"own\":null"), "\"own\" is null; expected"),
                arguments(parameter("\"spacing\":1"), "spacing is a number; expected a string"),
                arguments(parameter("\"spacing\":\"1\""), "\"1\"; expected 2 numbers"),
                arguments(parameter("\"spacing\":\"1,1,1\""), "expected 2 numbers"),
                arguments(parameter("\"spacing\":\"1,x\""), "expected 2 numbers"),
                arguments(parameter("\"spacing\":\"1,-1\""), "expected 2 numbers"),
                arguments(parameter("\"spacing\":\"1,NaN\""), "expected 2 numbers"),
                arguments(parameter("\"spacing\":\"1,1e-300\""), "expected 2 numbers"));
    }

    private static Arguments arguments(String request, String sentence) {
        return Arguments.of(request, sentence);
    }

    private static String output(String members) {
        return GOOD.replace("]}]}", "]}],\"outputs\":[{" + members + "}]}");
    }

    private static String parameter(String member) {
        return GOOD.replace("]}]}", "]}],\"parameters\":{" + member + "}}");
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrong_json_is_400_and_says_what_was_expected(String request, String sentence) throws Exception {
        Reply reply = Reply.post(server, "points", request);
        assertThat(reply.status()).as(reply.json().toString()).isEqualTo(400);
        assertThat(reply.error()).contains(sentence);
        assertThat(reply.error().lines()).hasSize(1);
        assertThat(reply.error().length()).isLessThan(600);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1,1,4294967296,4294967296]",
                "[9223372036854775807,1,1,1]",
                "[18446744073709551615,1,1,2]",
                "[1,1,99999999999999999999999999,1]",
                "[1,1,2147483647,2147483647,2147483647]",
                "[65536,1,65536,65536,65536]",
                "[1,1,1000000,1000000]"
            })
    void a_shape_that_promises_more_than_came_is_400(String shape) throws Exception {
        Reply inJson = Reply.post(server, "points", GOOD.replace("[1,1,2,2]", shape));
        assertThat(inJson.status()).isEqualTo(400);
        assertThat(inJson.error()).contains("has 4 elements; expected");
        Reply inBinary = Reply.post(
                server,
                "points",
                GOOD.replace("[1,1,2,2]", shape)
                        .replace("\"data\":[1,2,3,4]", "\"parameters\":{\"binary_data_size\":4}"),
                new byte[4]);
        assertThat(inBinary.status()).isEqualTo(400);
        assertThat(inBinary.error()).contains("binary_data_size of 4 bytes; expected 1 bytes for each");
    }

    @Test
    void an_image_of_more_voxels_than_the_server_takes_is_413() throws Exception {
        String request = GOOD.replace("[1,1,2,2]", "[2,1,101,50]")
                .replace("\"data\":[1,2,3,4]", "\"parameters\":{\"binary_data_size\":10100}");
        Reply reply = Reply.post(server, "points", request, new byte[10_100]);
        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.error()).contains("10100 voxels; expected at most 10000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"inputs\":[", "{\"inputs\":[{\"datatype\":\"FP32\",\"data\":["})
    void nesting_a_hundred_thousand_deep_is_refused(String start) throws Exception {
        String request = start
                + start.substring(start.length() - (start.startsWith("{\"a") ? 5 : 1))
                        .repeat(100_000);
        Reply reply = Reply.post(server, "points", request);
        assertThat(reply.status()).isIn(400, 413);
        assertThat(reply.error().length()).isLessThan(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{%s}", "{\"a\":{%s}}", "{\"a\":[[{\"b\":{}},{%s}]]}", "{\"inputs\":[{\"name\":\"image\",%s}]}"})
    void an_object_of_more_than_256_members_is_413(String request) throws Exception {
        String most = members(request.contains("name") ? 255 : 256);
        Reply taken = Reply.post(server, "points", request.formatted(most));
        assertThat(taken.error()).containsPattern("no input|no shape");
        Reply refused = Reply.post(server, "points", request.formatted(most + ",\"more\":0"));
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.error()).contains("an object of more than 256 members; expected at most that many");
    }

    private static String members(int count) {
        return IntStream.range(0, count).mapToObj(k -> "\"m" + k + "\":{}").collect(Collectors.joining(","));
    }

    @Test
    void a_body_longer_than_the_server_takes_is_413_with_and_without_a_length_declared() throws Exception {
        byte[] body = new byte[(1 << 20) + 1];
        Arrays.fill(body, (byte) ' ');
        var told = server.request("/v2/models/points/infer").POST(BodyPublishers.ofByteArray(body));
        assertTooLong(server.send(told));
        var untold = server.request("/v2/models/points/infer")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
        assertTooLong(server.send(untold));
    }

    private static void assertTooLong(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("longer than 1048576 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, gzip"})
    void a_body_compressed_in_an_unknown_way_is_415(String coding) throws Exception {
        Reply reply = Reply.of(server.send(server.request("/v2/models/points/infer")
                .header("Content-Encoding", coding)
                .POST(BodyPublishers.ofString(GOOD))));
        assertThat(reply.status()).isEqualTo(415);
        assertThat(reply.headers().firstValue("Accept-Encoding")).hasValue("gzip, deflate");
        assertThat(reply.error()).contains("expected gzip, deflate");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, '\"-1\"; expected the length of the JSON'",
        "x, '\"x\"; expected the length of the JSON'",
        "99999, '\"99999\"; expected the length'",
        "99999999999999999999999, expected the length",
        "0, is 0",
        "1, JSON",
        "50, JSON"
    })
    void a_wrong_length_of_the_json_is_400(String length, String sentence) throws Exception {
        Reply reply = Reply.of(server.send(server.request("/v2/models/points/infer")
                .header("Inference-Header-Content-Length", length)
                .POST(BodyPublishers.ofString(GOOD))));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).contains(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 4, 3, the body has 3 bytes behind its JSON; expected 4",
        "UINT8, 4, 5, the body has 5 bytes behind its JSON; expected 4",
        "UINT8, 4, 0, the body has 0 bytes behind its JSON; expected 4",
        "FP32, 4, 4, binary_data_size of 4 bytes; expected 4 bytes for each of 4 elements",
        "FP32, 17, 17, binary_data_size of 17 bytes; expected 4 bytes",
        "UINT8, -1, 4, expected whole numbers of 0 or more",
        "UINT8, 4.0, 4, expected whole numbers of 0 or more",
        "UINT8, 9223372036854775807, 4, expected 9223372036854775807",
        "UINT8, true, 4, expected whole numbers of 0 or more"
    })
    void binary_data_of_another_length_than_declared_is_400(String type, String told, int sent, String sentence)
            throws Exception {
        String request = GOOD.replace("UINT8", type)
                .replace("\"data\":[1,2,3,4]", "\"parameters\":{\"binary_data_size\":" + told + "}");
        Reply reply = Reply.post(server, "points", request, new byte[sent]);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).contains(sentence);
        Reply both = Reply.post(
                server, "points", GOOD.replace("]}]}", "],\"parameters\":{\"binary_data_size\":4}}]}"), new byte[4]);
        assertThat(both.error()).contains("both data and the parameter binary_data_size");
    }

    @Test
    void binary_numbers_that_are_none_are_400() throws Exception {
        String request = GOOD.replace("[1,1,2,2]", "[1,1,1,2]");
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e300}) {
            byte[] doubles = ByteBuffer.allocate(16)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(1)
                    .putDouble(value)
                    .array();
            Reply reply = Reply.post(server, "points", binary(request, "FP64", 16), doubles);
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.error()).contains("element 1 is").contains("expected finite numbers");
        }
        byte[] halves = {0, 0x3c, 0, 0x7c}; // 1 and infinity
        assertThat(Reply.post(server, "points", binary(request, "FP16", 4), halves)
                        .error())
                .contains("element 1 is Infinity");
    }

    private static String binary(String request, String datatype, int size) {
        return request.replace("UINT8", datatype)
                .replace("\"data\":[1,2,3,4]", "\"parameters\":{\"binary_data_size\":" + size + "}");
    }

    @Test
    void requests_with_damage_anywhere_are_answered_and_never_a_fault_of_the_server() throws Exception {
        var random = new Random(17);
        byte[] json = output("\"name\":\"labels\",\"parameters\":{\"binary_data\":true}")
                .replace("]}]}", "]}],\"id\":\"1\",\"parameters\":{\"spacing\":\"1,1\"}}")
                .getBytes(StandardCharsets.UTF_8);
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (int k = 0; k < 400; k++) {
            byte[] damaged = Arrays.copyOf(json, random.nextInt(8) == 0 ? random.nextInt(json.length) : json.length);
            for (int n = 1 + random.nextInt(3); n > 0 && damaged.length > 0; n--) {
                byte other = random.nextBoolean() ? (byte) random.nextInt() : json[random.nextInt(json.length)];
                damaged[random.nextInt(damaged.length)] = other;
            }
            var request = server.request("/v2/models/points/infer").POST(BodyPublishers.ofByteArray(damaged));
            if (random.nextInt(4) == 0) {
                request.header("Inference-Header-Content-Length", Integer.toString(random.nextInt(json.length + 9)));
            }
            Reply reply = Reply.of(server.send(request));
            statuses.merge(reply.status(), 1, Integer::sum);
            assertThat(reply.status())
                    .as(new String(damaged, StandardCharsets.ISO_8859_1))
                    .isIn(200, 400, 413);
            assertThat(reply.status() == 200 || !reply.error().isBlank()).isTrue();
        }
        assertThat(statuses.keySet()).contains(200, 400);
    }
}
