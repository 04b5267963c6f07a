package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON mappers of the project, for use from any thread. */
public final class Json {
    /**
     * Reads and writes attunet's own JSON: refuses duplicate keys, unknown keys of records and text after the value.
     * Keys may be missing, since older versions did not write all of them.
     */
    public static final JsonMapper OWN = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Reads like {@link #OWN}, but refuses missing keys, null for a number and values of another kind ("1" for 1). */
    public static final JsonMapper EXACT = OWN.rebuild()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    /** Reads the JSON of other programs: of duplicate keys, the last one counts. */
    public static final JsonMapper FOREIGN = new JsonMapper();

    private Json() {}

    /** {@return an empty JSON object} */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * {@return a record or tree as JSON of one line, in UTF-8}
     *
     * @param value a tree or a record
     */
    public static byte[] bytes(Object value) {
        try {
            return OWN.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values can always be written", e);
        }
    }

    /**
     * {@return a tree as JSON of one line in ASCII, as a header of HTTP can hold it}
     *
     * @param value a tree
     */
    public static String ascii(JsonNode value) {
        try {
            return OWN.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("trees can always be written", e);
        }
    }

    /**
     * {@return a record or tree as indented JSON}
     *
     * @param value a tree or a record
     */
    public static String pretty(Object value) {
        try {
            return OWN.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values can always be written", e);
        }
    }
}
