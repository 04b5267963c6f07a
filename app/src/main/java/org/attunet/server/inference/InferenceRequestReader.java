package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.HeapMemory;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of an inference request as a stream: memory holds only the input's elements, as plain numbers, a few short
 * values and the member names of the open objects. Members that the protocol doesn't define are skipped.
 */
final class InferenceRequestReader {
    /** Parameters of extensions that this server lacks: ignoring them would answer a different question. */
    private static final Set<String> UNSUPPORTED =
            Set.of("classification", "shared_memory_region", "shared_memory_offset", "shared_memory_byte_size");

    private static final int MOST_AXES = 5;
    private static final int DEEPEST = 32;
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(1 << 16)
                    .maxNameLength(1 << 10)
                    .maxNumberLength(1000)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // don't collect names that clients make up
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final JsonParser json;
    private final Set<String> known;
    private final HeapMemory.Share memory;

    private @Nullable String id;
    private @Nullable String spacing;
    private boolean binaryOutput;
    private boolean hasInputs;
    private final Map<String, @Nullable Boolean> outputs = new LinkedHashMap<>(); // to whether it is wanted as binary

    private @Nullable String name;
    private long @Nullable [] shape;
    private @Nullable TensorDatatype datatype;
    private long binarySize = -1;
    private boolean hasData;
    private @Nullable JsonValues values;

    private @Nullable String output; // the one that is being read
    private @Nullable Boolean outputBinary;

    private InferenceRequestReader(JsonParser json, Set<String> known, HeapMemory.Share memory) {
        this.json = json;
        this.known = known;
        this.memory = memory;
    }

    /**
     * Reads a request.
     *
     * @param length the bytes of the JSON at the start of the body
     * @param known the names of the model's outputs
     * @throws HttpFailure 400 if it is not a valid request
     */
    static InferenceRequest read(RequestBody body, long length, Set<String> known, HeapMemory.Share memory) {
        InferenceRequestReader first = read(body, length, known, memory, null);
        boolean again = first.hasData && first.values == null; // the data came before its type, as JSON allows
        return (again ? read(body, length, known, memory, first.datatype) : first).request();
    }

    private static InferenceRequestReader read(
            RequestBody body,
            long length,
            Set<String> known,
            HeapMemory.Share memory,
            @Nullable TensorDatatype datatype) {
        try (var json = new CountingParser(JSON.createParser(body.stream(0, length)))) {
            var reader = new InferenceRequestReader(json, known, memory);
            reader.datatype = datatype;
            json.nextToken();
            reader.object("the request", reader::member);
            if (json.nextToken() != null) {
                throw HttpFailure.bad(
                        "the request has more behind its JSON object",
                        "the object alone, or Inference-Header-Content-Length with its length in bytes");
            }
            return reader;
        } catch (StreamConstraintsException e) {
            throw HttpFailure.tooLarge("the request's JSON exceeds a limit", shortened(e.getOriginalMessage()));
        } catch (JsonProcessingException e) {
            String reason =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
            throw new HttpFailure(400, "the request is not the JSON that was expected: " + shortened(reason));
        } catch (IOException e) { // invalid characters: reading memory doesn't fail
            throw HttpFailure.bad("the request's JSON can't be read as text", "UTF-8");
        }
    }

    private InferenceRequest request() {
        if (!hasInputs || name == null) {
            throw HttpFailure.bad("the request has no input", "one named \"" + ModelTensors.INPUT + "\"");
        }
        if (shape == null || datatype == null) {
            throw HttpFailure.bad(
                    "the input has no " + (shape == null ? "shape" : "datatype"),
                    "name, shape, datatype and data or binary_data_size");
        }
        if (hasData == (binarySize >= 0)) {
            throw HttpFailure.bad(
                    "the input has " + (hasData ? "both data and" : "neither data nor")
                            + " the parameter binary_data_size",
                    "one of the two");
        }
        if (outputs.isEmpty()) {
            known.forEach(all -> outputs.put(all, null));
        }
        List<InferenceRequest.Output> wanted = new ArrayList<>();
        outputs.forEach((key, binary) ->
                wanted.add(new InferenceRequest.Output(key, Objects.requireNonNullElse(binary, binaryOutput))));
        var input = new InferenceRequest.Input(shape, datatype, binarySize, values);
        return new InferenceRequest(id, spacing, input, wanted);
    }

    private void member(String key) throws IOException {
        switch (key) {
            case "id" -> id = string("the id");
            case "parameters" ->
                parameters(
                        "parameters",
                        Map.of(
                                "spacing", () -> spacing = string("the parameter spacing"),
                                "binary_data_output", () -> binaryOutput = flag("the parameter binary_data_output")));
            case "inputs" -> {
                hasInputs = true;
                array("inputs", this::input);
            }
            case "outputs" -> array("outputs", this::output);
            default -> json.skipChildren();
        }
    }

    private void input() throws IOException {
        String expected = "\"" + ModelTensors.INPUT + "\"";
        if (name != null) {
            throw HttpFailure.bad("the request has several inputs", "one, " + expected);
        }
        object("an input", this::inputMember);
        if (!ModelTensors.INPUT.equals(name)) {
            throw HttpFailure.bad("the request has an input " + named(name), expected);
        }
    }

    private void inputMember(String key) throws IOException {
        switch (key) {
            case "name" -> name = string("the input's name");
            case "datatype" -> datatype = TensorDatatype.named(string("the input's datatype"));
            case "shape" -> {
                List<Long> sizes = new ArrayList<>();
                array("the input's shape", () -> size(sizes));
                shape = sizes.stream().mapToLong(Long::longValue).toArray();
            }
            case "parameters" ->
                parameters(
                        "the input's parameters",
                        Map.of("binary_data_size", () -> binarySize = number("binary_data_size", 0)));
            case "data" -> data();
            default -> json.skipChildren();
        }
    }

    private void size(List<Long> sizes) throws IOException {
        if (sizes.size() == MOST_AXES) {
            throw HttpFailure.bad(
                    "the input's shape has more than " + MOST_AXES + " numbers",
                    "[batch, channels, height, width] or [batch, channels, depth, height, width]");
        }
        sizes.add(number("the input's shape", 1));
    }

    private void data() throws IOException {
        hasData = true;
        if (datatype != null && datatype.binaryOnly()) {
            throw HttpFailure.bad(
                    "the input's data is " + datatype + " in JSON", datatype + " as binary data, or FP32");
        }
        if (datatype == null) {
            json.skipChildren();
        } else {
            values = JsonValues.read(json, datatype, memory);
        }
    }

    private void output() throws IOException {
        output = null;
        outputBinary = null;
        object("an output", this::outputMember);
        if (output == null || !known.contains(output)) {
            throw HttpFailure.bad(
                    "the request asks for an output " + named(output), "one of " + String.join(", ", known));
        }
        if (outputs.containsKey(output)) {
            throw HttpFailure.bad("the request asks for the output " + output + " twice", "it once");
        }
        outputs.put(output, outputBinary);
    }

    private void outputMember(String key) throws IOException {
        switch (key) {
            case "name" -> output = string("an output's name");
            case "parameters" ->
                parameters("an output's parameters", Map.of("binary_data", () -> outputBinary = flag("binary_data")));
            default -> json.skipChildren();
        }
    }

    private void parameters(String what, Map<String, Element> known) throws IOException {
        object(what, key -> known.getOrDefault(key, () -> unknownParameter(key)).read());
    }

    /** Ignores a parameter that the protocol doesn't define, unless ignoring it would change the answer. */
    private void unknownParameter(String key) {
        JsonToken token = json.currentToken();
        if (token == null || !token.isScalarValue() || token == JsonToken.VALUE_NULL) {
            throw HttpFailure.bad(
                    "the parameter " + quoted(key) + " is " + found(), "a string, a number, true or false");
        }
        if (UNSUPPORTED.contains(key)) {
            throw HttpFailure.bad(
                    "the parameter " + key + " belongs to an extension that this server doesn't have",
                    "those of binary_tensor_data");
        }
    }

    /** Reads an object member by member; the reader of a member starts at its value and consumes all of it. */
    private void object(String what, Member member) throws IOException {
        require(JsonToken.START_OBJECT, what, "an object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            member.read(key);
        }
    }

    private void array(String what, Element element) throws IOException {
        require(JsonToken.START_ARRAY, what, "an array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            element.read();
        }
    }

    private String string(String what) throws IOException {
        require(JsonToken.VALUE_STRING, what, "a string");
        return json.getText();
    }

    private boolean flag(String what) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_TRUE) {
            require(JsonToken.VALUE_FALSE, what, "true or false");
        }
        return json.currentToken() == JsonToken.VALUE_TRUE;
    }

    private long number(String what, long least) throws IOException {
        boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
        if (!whole || json.getBigIntegerValue().compareTo(BigInteger.valueOf(least)) < 0) {
            throw HttpFailure.bad(what + " holds " + quoted(json.getText()), "whole numbers of " + least + " or more");
        }
        // Larger ones are more than can exist, as the comparison with the data shows.
        return json.getBigIntegerValue().min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }

    private void require(JsonToken token, String what, String expected) {
        if (json.currentToken() != token) {
            throw HttpFailure.bad(what + " is " + found(), expected);
        }
    }

    /** Returns the kind of the current token, without its value. */
    private String found() {
        JsonToken token = json.currentToken();
        if (token == null) {
            return "missing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_NULL -> "null";
            default -> "true or false";
        };
    }

    private static String named(@Nullable String name) {
        return name == null ? "without a name" : "named " + quoted(name);
    }

    /** Quotes a client's word for a sentence, shortened to 100 characters. */
    static String quoted(String word) {
        return '"' + shortened(word) + '"';
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 97) + "...";
    }

    /**
     * A JSON parser that limits the number of members of an object. Duplicate detection keeps the names of all members of each
     * open object, skipped ones too, and a hostile body may consist of nothing but names.
     */
    private static final class CountingParser extends JsonParserDelegate {
        /** The most members of one object: with names of 1024 characters in 32 nested objects they take 16 MiB at most. */
        private static final int MOST_MEMBERS = 256;

        private final int[] members = new int[DEEPEST + 2];
        private int depth;

        CountingParser(JsonParser parser) {
            super(parser);
        }

        @Override
        public @Nullable JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if (token == JsonToken.FIELD_NAME) {
                if (++members[depth] > MOST_MEMBERS) {
                    throw HttpFailure.tooLarge(
                            "the request has an object of more than " + MOST_MEMBERS + " members",
                            "at most that many, and only those of the protocol");
                }
            } else if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                members[++depth] = 0;
            } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                depth--;
            }
            return token;
        }

        @Override
        public JsonParser skipChildren() throws IOException {
            JsonToken token = currentToken();
            if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                int outside = depth - 1;
                while (depth > outside && nextToken() != null) {} // if the body breaks off, the next read reports it
            }
            return this;
        }
    }

    private interface Member {
        void read(String key) throws IOException;
    }

    private interface Element {
        void read() throws IOException;
    }
}
