package org.attunet.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inference as in inference_rest.md: its example with this server's tensor names, tensor data, ids, outputs. */
class JsonInferTest {
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
    void the_documents_example_is_answered_as_the_document_says() throws Exception {
        Reply reply = Reply.post(server, "points", """
            {
              "id" : "42",
              "inputs" : [
                {
                  "name" : "image",
                  "shape" : [ 1, 1, 2, 2 ],
                  "datatype" : "UINT32",
                  "data" : [ 1, 2, 3, 4 ]
                }
              ],
              "outputs" : [
                {
                  "name" : "labels"
                }
              ]
            }
            """);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(reply.json())
                .hasToString("{\"model_name\":\"points\",\"model_version\":\"1\",\"id\":\"42\",\"outputs\":["
                        + "{\"name\":\"labels\",\"shape\":[1,2,2],\"datatype\":\"UINT16\",\"data\":[0,0,7,7]}]}");
    }

    @Test
    void without_outputs_all_that_the_metadata_declares_are_returned() throws Exception {
        String request =
                "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";
        Reply reply = Reply.post(server, "points", request);
        assertThat(reply.json().has("id")).isFalse();
        assertThat(reply.json().path("outputs").findValuesAsText("name"))
                .containsExactly("labels", "probabilities", "confidence", "attention_Att2");
        assertThat(reply.output("probabilities").path("shape")).hasToString("[1,1,1,4]");
        assertThat(reply.values("probabilities"))
                .containsExactly(
                        PointModel.probability(1),
                        PointModel.probability(2),
                        PointModel.probability(3),
                        PointModel.probability(4));
        assertThat(reply.output("confidence").path("shape")).hasToString("[1]");
        assertThat(reply.values("attention_Att2")).containsExactly(0.25, 0.25, 0.25, 0.25);
        String none = request.replace("}]}", "}],\"outputs\":[]}");
        assertThat(Reply.post(server, "points", none).json()).isEqualTo(reply.json());
    }

    @Test
    void an_empty_mask_has_no_confidence_and_a_warning() throws Exception {
        Reply reply = Reply.post(
                server,
                "points",
                "{\"inputs\":[{\"name\":\"image\",\"shape\":[2,1,1,2],\"datatype\":\"FP32\",\"data\":[0,1,0,4]}]}");
        assertThat(reply.values("confidence")[0]).isEqualTo(-1);
        assertThat(reply.values("confidence")[1]).isPositive();
        assertThat(reply.json().path("parameters").path("warnings").asText())
                .isEqualTo("image 0: empty mask: no voxel has a label");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ 1, 2, 4, 5, 0, 3 ]",
                "[ [ 1, 2, 4, 5, 0, 3 ] ]",
                "[[[[1, 2, 4], [5, 0, 3]]]]",
                "[[[[1.0, 2e0, 0.4e1], [50E-1, -0, 3.00]]]]"
            })
    void tensor_data_is_flat_or_nested_as_the_tensor_is(String data) throws Exception {
        Reply reply = Reply.post(
                server,
                "points",
                "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,2,3],\"datatype\":\"FP32\",\"data\":" + data + "}]}");
        if (data.startsWith("[ [")) { // neither
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.error()).contains("[1, 6]").contains("[1, 1, 2, 3]");
        } else {
            assertThat(reply.output("labels").path("shape")).hasToString("[1,2,3]");
            assertThat(reply.values("labels")).containsExactly(0, 0, 7, 7, 0, 7);
        }
    }

    @Test
    void members_may_come_in_any_order_and_unknown_ones_are_skipped() throws Exception {
        Reply reply = Reply.post(server, "points", """
            {"outputs": [{"parameters": {}, "name": "labels", "extra": [1]}], "model_name": "other",
             "inputs": [{"data": [[[[0.5, 16777217.5]]]], "extra": {"a": [[]]}, "shape": [1, 1, 1, 2],
                         "datatype": "FP64", "name": "image", "parameters": {}}],
             "parameters": {"priority": 3, "sequence_id": 0, "own": "x"}, "id": ""}
            """);
        assertThat(reply.values("labels")).containsExactly(0, 7);
        assertThat(reply.json().path("id").isTextual()).isTrue();
        assertThat(reply.json().path("model_name").asText()).isEqualTo("points");
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 0, 255",
        "UINT16, 0, 65535",
        "UINT32, 0, 4294967295",
        "INT8, -128, 127",
        "INT16, -32768, 32767",
        "INT32, -2147483648, 2147483647",
        "INT64, -9223372036854775808, 9223372036854775807",
        "FP32, -1e30, 1e30",
        "FP64, -1e30, 1e30"
    })
    void every_numeric_datatype_holds_its_whole_range(String datatype, String least, String most) throws Exception {
        Reply reply = Reply.post(
                server,
                "points",
                "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,2],\"datatype\":\"" + datatype + "\",\"data\":["
                        + least + "," + most + "]}]}");
        assertThat(reply.status()).as(reply.error()).isEqualTo(200);
        assertThat(reply.values("labels")).containsExactly(0, 7);
    }

    @Test
    void a_batch_is_answered_image_by_image() throws Exception {
        Reply reply = Reply.post(
                server,
                "points",
                "{\"inputs\":[{\"name\":\"image\",\"shape\":[3,1,1,2],\"datatype\":\"INT16\",\"data\":[1,3,3,1,1,1]}]}");
        assertThat(reply.output("labels").path("shape")).hasToString("[3,1,2]");
        assertThat(reply.values("labels")).containsExactly(0, 7, 7, 0, 0, 0);
        assertThat(reply.output("probabilities").path("shape")).hasToString("[3,1,1,2]");
        assertThat(reply.output("confidence").path("shape")).hasToString("[3]");
        assertThat(reply.values("confidence")[0]).isEqualTo(reply.values("confidence")[1]);
        assertThat(reply.output("attention_Att2").path("shape")).hasToString("[3,1,1,2]");
    }

    @Test
    void a_model_of_planes_takes_a_volume_slice_by_slice() throws Exception {
        Reply reply = Reply.post(server, "points", """
            {"inputs": [{"name": "image", "shape": [1, 1, 3, 1, 2], "datatype": "UINT8",
                         "data": [[[[[0, 9]], [[9, 0]], [[0, 0]]]]]}],
             "parameters": {"spacing": "0.5,0.5,2"}}
            """);
        assertThat(reply.output("labels").path("shape")).hasToString("[1,3,1,2]");
        assertThat(reply.values("labels")).containsExactly(0, 7, 7, 0, 0, 0);
        assertThat(reply.output("probabilities").path("shape")).hasToString("[1,1,3,1,2]");
    }

    @Test
    void the_same_address_with_the_version_infers_the_same() throws Exception {
        String request = "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,1],\"datatype\":\"FP32\",\"data\":[3]}]}";
        assertThat(Reply.post(server, "points/versions/1", request).json())
                .isEqualTo(Reply.post(server, "points", request).json());
    }
}
