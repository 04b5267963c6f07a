package org.attunet.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.attunet.io.Yaml;

/** openapi.yaml, held against the responses of a server. */
final class ApiDescription {
    /** Failures that every route may have, which the document's introduction describes. */
    private static final Set<Integer> EVERYWHERE = Set.of(400, 401, 403, 405, 408, 421, 500, 503, 507);

    private final ObjectNode document;

    private ApiDescription(ObjectNode document) {
        this.document = document;
    }

    static ApiDescription read() {
        return new ApiDescription(document());
    }

    static ObjectNode document() {
        try (InputStream in = ApiDescription.class.getResourceAsStream("openapi.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Yaml.mapping(Path.of("openapi.yaml"), text, 1 << 20, "the server's description", "correct it");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns what the document doesn't say of a response; nothing for paths that it doesn't have. */
    List<String> missing(HttpResponse<byte[]> response) {
        String method = response.request().method().toLowerCase(Locale.ROOT);
        String path = response.request().uri().getRawPath();
        Optional<JsonNode> operation = operation(method, path);
        if (operation.isEmpty()) {
            return List.of();
        }
        String what = method + " " + path + " " + response.statusCode();
        JsonNode described = resolved(operation.get().path("responses").path(Integer.toString(response.statusCode())));
        if (described.isMissingNode()) {
            return EVERYWHERE.contains(response.statusCode()) ? List.of() : List.of(what);
        }
        String type = response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        JsonNode content = described.path("content");
        if (response.body().length > 0 && !content.has(type)) {
            return List.of(what + " as " + type);
        }
        JsonNode schema = content.path(type).path("schema");
        if (!type.equals("application/json") || schema.isMissingNode()) {
            return List.of();
        }
        return errors(schema, Client.json(response)).stream()
                .map(error -> what + ": " + error)
                .toList();
    }

    private Optional<JsonNode> operation(String method, String path) {
        return document.path("paths").properties().stream()
                .filter(entry -> entry.getValue().has(method))
                .filter(entry -> trimmed(path).matches(pattern(entry.getKey())))
                .min(Comparator.comparingInt(entry -> entry.getKey().split("\\{").length)) // the most literal
                .map(Map.Entry::getValue)
                .map(node -> node.path(method));
    }

    private static String pattern(String template) {
        return trimmed(template).replace(".", "\\.").replaceAll("\\{[^}]*}", "[^/]+");
    }

    private static String trimmed(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private List<String> errors(JsonNode schema, JsonNode json) {
        ObjectNode whole = resolved(schema).deepCopy();
        whole.set("components", document.path("components").deepCopy());
        close(whole);
        return SchemaRegistry.withDefaultDialect(Dialects.getOpenApi30()).getSchema(whole).validate(json).stream()
                .map(Error::toString)
                .toList();
    }

    /** Makes the properties that are described the only ones. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("properties").isObject() && !object.has("$ref")) {
            if (!object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
        }
        node.forEach(ApiDescription::close);
    }
}
