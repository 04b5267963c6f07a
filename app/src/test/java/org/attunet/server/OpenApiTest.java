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
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.io.Yaml;
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
            HttpResponse<byte[]> answer = server.get("/openapi.yaml");
            assertThat(answer.statusCode()).isEqualTo(200);
            JsonNode document = yaml(answer.body());
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
        assertThat(schema().validate(document())).isEmpty();
    }

    /** The validator must be able to say no, or its yes would mean nothing. */
    @Test
    void a_comma_without_quotes_is_not_valid() throws IOException {
        ObjectNode document = document();
        document.withObject("/components/schemas/Result/properties/size").putNull("y and z");
        assertThat(schema().validate(document)).isNotEmpty();
    }

    @Test
    void every_reference_leads_to_something() throws IOException {
        JsonNode document = document();
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

    private static ObjectNode document() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("openapi.yaml")) {
            return yaml(in.readAllBytes());
        }
    }

    /** Without a slash at the end, since both forms are answered. */
    private static String normal(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static ObjectNode yaml(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Yaml.mapping(Path.of("openapi.yaml"), text, 1 << 20, "the server's description", "correct it");
    }
}
