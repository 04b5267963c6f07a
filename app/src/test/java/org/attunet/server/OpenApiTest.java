package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** openapi.yaml describes exactly the server's routes. */
class OpenApiTest {
    private static final List<String> PARTS_OF_PAGES = List.of("GET /page/{file}", "GET /docs/{file}");

    @TempDir
    private Path folder;

    @Test
    void the_document_has_every_route_and_no_other() {
        try (var server = new TestConfig(folder).serve()) {
            assertThat(server.get("/openapi.yaml").statusCode()).isEqualTo(200);
            JsonNode document = ApiDescription.document();
            List<String> documented = new ArrayList<>();
            for (var path : document.path("paths").properties()) {
                for (var method : path.getValue().properties()) {
                    documented.add(method.getKey().toUpperCase(Locale.ROOT) + " " + normal(path.getKey()));
                    method.getValue()
                            .path("tags")
                            .forEach(tag -> assertThat(document.path("tags").findValuesAsText("name"))
                                    .contains(tag.asText()));
                    assertThat(method.getValue().path("summary").asText())
                            .as(path.getKey())
                            .isNotBlank();
                    assertThat(method.getValue().path("responses"))
                            .as(path.getKey())
                            .isNotEmpty();
                }
            }
            List<String> served = Routes.of(server).stream()
                    .map(route -> route.method() + " " + normal(route.path()))
                    .filter(route -> !PARTS_OF_PAGES.contains(route))
                    .distinct()
                    .toList();
            assertThat(documented).containsExactlyInAnyOrderElementsOf(served);
        }
    }

    @Test
    void the_document_is_valid_by_the_schema_of_openapi() throws IOException {
        assertThat(schema().validate(ApiDescription.document())).isEmpty();
    }

    /** The validator must be able to say no, or its yes would mean nothing. */
    @Test
    void a_comma_without_quotes_is_not_valid() throws IOException {
        ObjectNode document = ApiDescription.document();
        document.withObject("/components/schemas/Result/properties/size").putNull("y and z");
        assertThat(schema().validate(document)).isNotEmpty();
    }

    @Test
    void responses_have_the_statuses_the_types_and_the_keys_that_the_document_says() {
        ApiDescription description = ApiDescription.read();
        try (var server = new TestConfig(folder).serve()) {
            byte[] picture = Scans.picture("png", 64, 64, 1);
            String job = "/api/jobs/"
                    + Client.json(server.post("/api/jobs?model=nuclei", "a.png", picture))
                            .path("id")
                            .asText();
            server.ended(job.substring("/api/jobs/".length()));
            List<HttpResponse<byte[]>> responses = new ArrayList<>(List.of(
                    server.post("/api/segment/nuclei", "a.png", picture),
                    server.post("/api/segment/nuclei", "a.png", picture, "Accept", "application/json"),
                    server.post("/api/segment/nuclei?uncertainty=true", "a.png", picture),
                    server.post("/api/segment/nuclei", "a.png", picture, "Prefer", "respond-async"),
                    server.post("/api/segment/hippocampus", "a.png", picture),
                    server.post("/api/segment/nuclei", "a.png", new byte[] {1, 2, 3}),
                    server.post("/api/segment/nothing", "a.png", picture),
                    server.post("/api/segment/nuclei?tta=perhaps", "a.png", picture),
                    server.post("/api/jobs", "a.png", picture),
                    server.post("/api/jobs?model=nuclei", "a.png", picture),
                    infer(server, "nuclei", "[1,1,2,2]"),
                    infer(server, "nuclei", "[1,1,2,3]"),
                    infer(server, "nothing", "[1,1,2,2]"),
                    server.send(server.request("/train/").POST(BodyPublishers.ofString("{}")))));
            Stream.of(
                            "/api/models /api/models/nuclei /api/models/nothing /api/jobs /api/jobs/nothing /v2 /v2/health/live"
                                    + " /v2/health/ready /v2/models/nuclei /v2/models/nuclei/ready /v2/models/nothing /samples"
                                    + " /samples/nuclei /samples/nothing / /docs /openapi.yaml /health /metrics /info/ /auth/"
                                    + " /datastore/ /datastore/?output=all /datastore/image?image=x /datastore/label?label=x"
                                    + " /session/x /logs/ /train/")
                    .flatMap(paths -> Stream.of(paths.split(" ")))
                    .map(server::get)
                    .forEach(responses::add);
            responses.add(server.get(job));
            responses.add(server.get(job + "/files/0/mask.png"));
            responses.add(server.get(job + "/files/0/other.png"));
            responses.add(server.send(server.request(job).DELETE()));
            assertThat(responses.stream().flatMap(response -> description.missing(response).stream()))
                    .isEmpty();
        }
    }

    private static HttpResponse<byte[]> infer(LiveServer server, String model, String shape) {
        String body = "{\"inputs\":[{\"name\":\"image\",\"shape\":" + shape
                + ",\"datatype\":\"UINT8\",\"data\":[1,2,3,4]}],\"outputs\":[{\"name\":\"labels\"}]}";
        return server.send(server.request("/v2/models/" + model + "/infer").POST(BodyPublishers.ofString(body)));
    }

    @Test
    void every_reference_leads_to_something() {
        JsonNode document = ApiDescription.document();
        document.findValuesAsText("$ref")
                .forEach(ref -> assertThat(document.at(ref.substring(1)).isMissingNode())
                        .as(ref)
                        .isFalse());
    }

    /** The schema that the OpenAPI Initiative publishes for version 3.0 (Apache-2.0). */
    private static Schema schema() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("openapi-3.0-schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
                    .getSchema(new ObjectMapper().readTree(in));
        }
    }

    /** Without a slash at the end, since both forms are answered. */
    private static String normal(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
