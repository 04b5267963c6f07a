package org.attunet.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.attunet.bundle.Bundle;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.attunet.server.work.ServedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Server metadata, health and model metadata as in inference_rest.md. */
class MetadataTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void the_server_reports_its_name_version_and_extensions_and_that_it_is_live_and_ready() throws Exception {
        try (var server = new TestConfig(folder).serve(List.of(PointModel.served()))) {
            JsonNode metadata = json(server.get("/v2"), 200);
            assertThat(metadata.fieldNames()).toIterable().containsExactly("name", "version", "extensions");
            assertThat(metadata.path("name").asText()).isEqualTo("attunet");
            assertThat(metadata.path("version").isTextual()).isTrue();
            assertThat(metadata.path("extensions")).hasToString("[\"binary_tensor_data\"]");
            assertThat(json(server.get("/v2/"), 200)).isEqualTo(metadata);
            assertThat(json(server.get("/v2/health/live"), 200)).hasToString("{\"live\":true}");
            assertThat(json(server.get("/v2/health/ready"), 200)).hasToString("{\"live\":true}");
            assertThat(json(server.get("/v2/models/points/ready"), 200))
                    .hasToString("{\"name\":\"points\",\"ready\":true}");
            assertThat(json(server.get("/v2/models/points/versions/1/ready"), 200))
                    .hasToString("{\"name\":\"points\",\"ready\":true}");
        }
    }

    @Test
    void a_model_of_planes_reports_its_tensors() throws Exception {
        Path file = Path.of("..", "models", "nuclei.zip");
        try (var server = new TestConfig(folder).serve("nuclei")) {
            JsonNode metadata = json(server.get("/v2/models/nuclei"), 200);
            String version = Bundle.open(file).version();
            assertThat(metadata.path("name").asText()).isEqualTo("nuclei");
            assertThat(metadata.path("versions")).hasToString("[\"" + version + "\"]");
            assertThat(metadata.path("platform").asText()).isEqualTo("onnx_onnxv1");
            int channels = Bundle.open(file).model().shape().channels();
            assertThat(metadata.path("inputs")).hasSize(1);
            assertTensor(metadata.path("inputs").get(0), "image", "FP32", "[-1," + channels + ",-1,-1]");
            JsonNode outputs = metadata.path("outputs");
            assertTensor(outputs.get(0), "labels", "UINT16", "[-1,-1,-1]");
            assertTensor(outputs.get(1), "probabilities", "FP32", "[-1,1,-1,-1]");
            assertTensor(outputs.get(2), "confidence", "FP32", "[-1]");
            assertTensor(outputs.get(3), "attention_Att5", "FP32", "[-1,-1,-1,-1]");
            assertThat(json(server.get("/v2/models/nuclei/versions/" + version), 200))
                    .isEqualTo(metadata);
        }
    }

    @Test
    void a_model_of_volumes_reports_its_tensors() throws Exception {
        try (var server = new TestConfig(folder).serve("hippocampus")) {
            JsonNode metadata = json(server.get("/v2/models/hippocampus"), 200);
            assertTensor(metadata.path("inputs").get(0), "image", "FP32", "[-1,1,-1,-1,-1]");
            assertTensor(metadata.path("outputs").get(0), "labels", "UINT16", "[-1,-1,-1,-1]");
            assertTensor(metadata.path("outputs").get(1), "probabilities", "FP32", "[-1,3,-1,-1,-1]");
        }
    }

    private static void assertTensor(JsonNode tensor, String name, String datatype, String shape) {
        assertThat(tensor.path("name").asText()).isEqualTo(name);
        assertThat(tensor.path("datatype").asText()).isEqualTo(datatype);
        assertThat(tensor.path("shape")).hasToString(shape);
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/models/other, model",
        "/v2/models/other/ready, model",
        "/v2/models/points/versions/2, version",
        "/v2/models/points/versions/2/ready, version"
    })
    void what_is_not_there_is_404_with_an_error(String path, String word) throws Exception {
        try (var server = new TestConfig(folder).serve(List.of(PointModel.served()))) {
            assertThat(json(server.get(path), 404).path("error").asText()).contains("there is no " + word);
            HttpResponse<byte[]> infer = server.send(
                    server.request("/v2/models/points/versions/2/infer").POST(BodyPublishers.ofString("{}")));
            assertThat(json(infer, 404).path("error").asText()).contains("version");
        }
    }

    @Test
    void a_server_that_is_stopping_is_live_but_not_ready_and_answers_what_it_took_in() throws Exception {
        var computing = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        ServedModel slow = PointModel.served(() -> {
            computing.countDown();
            await(mayEnd);
        });
        var server = new TestConfig(folder).serve(List.of(slow));
        String request = "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,1,1],\"datatype\":\"UINT8\",\"data\":[3]}]}";
        var taken = CompletableFuture.supplyAsync(() -> posted(server, request));
        computing.await();
        var closed = CompletableFuture.runAsync(server::close);
        while (server.get("/v2/health/ready").statusCode() == 200) {
            Thread.onSpinWait();
        }
        assertThat(json(server.get("/v2/health/ready"), 503)).hasToString("{\"live\":false}");
        assertThat(json(server.get("/v2/models/points/ready"), 503))
                .hasToString("{\"name\":\"points\",\"ready\":false}");
        assertThat(json(server.get("/v2/health/live"), 200)).hasToString("{\"live\":true}");
        Reply refused = posted(server, request);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.error()).contains("stopping");
        mayEnd.countDown();
        assertThat(taken.get().values("labels")).containsExactly(7);
        closed.get();
    }

    private static Reply posted(LiveServer server, String request) {
        try {
            return Reply.post(server, "points", request);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response, int status) throws Exception {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        return JSON.readTree(response.body());
    }
}
