package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of an inference request as a stream: nothing but the input's elements, as plain numbers, a few short values
 * and the names of the open objects' members are ever in memory. Members that the protocol doesn't know are skipped.
 */
final class InferenceRequestReader {
    /** What the protocol's extensions would do that this server doesn't have: leaving it out would answer another question. */
    private static final Set<String> FOREIGN =
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
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // names that clients make up are not to be collected
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final JsonParser json;
    private final Set<String> known;
    private final InferenceMemory.Part memory;

    private @Nullable String id;
    private @Nullable String spacing;
    private boolean binaryOutput;
    private boolean hasInputs;
    private final List<InferenceRequest.Output> outputs = new ArrayList<>();

    private @Nullable String name;
    private long @Nullable [] shape;
    private @Nullable TensorDatatype datatype;
    private long binarySize = -1;
    private boolean hasData;
    private @Nullable JsonValues numbers;

    private @Nullable String wanted; // the output that is being read
    private @Nullable Boolean wantedBinary;

    private InferenceRequestReader(JsonParser json, Set<String> known, InferenceMemory.Part memory) {
        this.json = json;
        this.known = known;
        this.memory = memory;
    }

    /**
     * Reads a request.
     *
     * @param length the bytes of the JSON at the beginning of the body
     * @param known the names of the model's outputs
     * @throws HttpFailure 400 where it is none
     */
    static InferenceRequest read(RequestBody body, long length, Set<String> known, InferenceMemory.Part memory) {
        InferenceRequestReader first = read(body, length, known, memory, null);
        boolean again = first.hasData && first.numbers == null; // the data came before its type did, as JSON allows
        return (again ? read(body, length, known, memory, first.datatype) : first).request();
    }

    private static InferenceRequestReader read(
            RequestBody body,
            long length,
            Set<String> known,
            InferenceMemory.Part memory,
            @Nullable TensorDatatype datatype) {
        try (var json = new CountingParser(JSON.createParser(body.stream(0, length)), DEEPEST)) {
            var reader = new InferenceRequestReader(json, known, memory);
            reader.datatype = datatype;
            json.nextToken();
            reader.object("the request", reader::member);
            if (json.nextToken() != null) {
                throw HttpFailure.bad("the request has more behind its JSON object; expected the object alone, or"
                        + " Inference-Header-Content-Length with its length in bytes");
            }
            return reader;
        } catch (JsonProcessingException e) {
            String reason =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
            throw HttpFailure.bad("the request is not the JSON that was expected: " + shortened(reason));
        } catch (IOException e) { // of characters that are none, since memory doesn't fail
            throw HttpFailure.bad("the request's JSON can't be read as text; expected UTF-8");
        }
    }

    private InferenceRequest request() {
        if (!hasInputs || name == null) {
            throw HttpFailure.bad("the request has no input; expected one named \"" + ModelTensors.INPUT + "\"");
        }
        if (shape == null || datatype == null) {
            throw HttpFailure.bad("the input has no " + (shape == null ? "shape" : "datatype")
                    + "; expected name, shape, datatype and data or binary_data_size");
        }
        if (hasData == (binarySize >= 0)) {
            throw HttpFailure.bad("the input has " + (hasData ? "both data and" : "neither data nor")
                    + " the parameter binary_data_size; expected one of the two");
        }
        var input = new InferenceRequest.Input(shape, datatype, binarySize, numbers);
        return new InferenceRequest(id, spacing, binaryOutput, input, outputs);
    }

    private void member(String key) throws IOException {
        switch (key) {
            case "id" -> id = string("the id");
            case "parameters" -> object("parameters", this::parameter);
            case "inputs" -> {
                hasInputs = true;
                array("inputs", this::input);
            }
            case "outputs" -> array("outputs", this::output);
            default -> json.skipChildren();
        }
    }

    private void parameter(String key) throws IOException {
        switch (key) {
            case "spacing" -> spacing = string("the parameter spacing");
            case "binary_data_output" -> binaryOutput = flag("the parameter binary_data_output");
            default -> foreign(key);
        }
    }

    private void input() throws IOException {
        if (name != null) {
            throw HttpFailure.bad("the request has several inputs; expected one, \"" + ModelTensors.INPUT + "\"");
        }
        object("an input", this::inputMember);
        if (!ModelTensors.INPUT.equals(name)) {
            throw HttpFailure.bad("the request has an input "
                    + (name == null ? "without a name" : "named " + quoted(name)) + "; expected \"" + ModelTensors.INPUT
                    + "\"");
        }
    }

    private void inputMember(String key) throws IOException {
        switch (key) {
            case "name" -> name = string("the input's name");
            case "datatype" -> datatype = TensorDatatype.named(string("the input's datatype"));
            case "shape" -> {
                var sizes = new ArrayList<Long>();
                array("the input's shape", () -> size(sizes));
                shape = sizes.stream().mapToLong(Long::longValue).toArray();
            }
            case "parameters" -> object("the input's parameters", this::inputParameter);
            case "data" -> data();
            default -> json.skipChildren();
        }
    }

    private void inputParameter(String key) throws IOException {
        if (key.equals("binary_data_size")) {
            binarySize = number("binary_data_size", 0);
        } else {
            foreign(key);
        }
    }

    private void size(List<Long> sizes) throws IOException {
        if (sizes.size() == MOST_AXES) {
            throw HttpFailure.bad("the input's shape has more than " + MOST_AXES
                    + " numbers; expected [batch, channels, height, width] or [batch, channels, depth, height, width]");
        }
        sizes.add(number("the input's shape", 1));
    }

    private void data() throws IOException {
        hasData = true;
        if (datatype == TensorDatatype.FP16) {
            throw HttpFailure.bad("the input's data is FP16 in JSON; expected FP16 as binary data, or FP32");
        }
        if (datatype == null) {
            json.skipChildren();
        } else {
            numbers = JsonValues.read(json, datatype, memory);
        }
    }

    private void output() throws IOException {
        wanted = null;
        wantedBinary = null;
        object("an output", this::outputMember);
        String output = wanted;
        if (output == null || !known.contains(output)) {
            throw HttpFailure.bad("the request asks for an output "
                    + (output == null ? "without a name" : "named " + quoted(output)) + "; expected of "
                    + String.join(", ", known));
        }
        if (outputs.stream().anyMatch(other -> other.name().equals(output))) {
            throw HttpFailure.bad("the request asks for the output " + output + " twice; expected it once");
        }
        outputs.add(new InferenceRequest.Output(output, wantedBinary));
    }

    private void outputMember(String key) throws IOException {
        switch (key) {
            case "name" -> wanted = string("an output's name");
            case "parameters" -> object("an output's parameters", this::outputParameter);
            default -> json.skipChildren();
        }
    }

    private void outputParameter(String key) throws IOException {
        if (key.equals("binary_data")) {
            wantedBinary = flag("binary_data");
        } else {
            foreign(key);
        }
    }

    /** A parameter of somebody else, which the protocol has servers ignore unless it changes what is answered. */
    private void foreign(String key) {
        JsonToken token = json.currentToken();
        if (token == null || !token.isScalarValue() || token == JsonToken.VALUE_NULL) {
            throw HttpFailure.bad(
                    "the parameter " + quoted(key) + " is " + found() + "; expected a string, a number, true or false");
        }
        if (FOREIGN.contains(key)) {
            throw HttpFailure.bad("the parameter " + key + " belongs to an extension that this server doesn't have;"
                    + " expected those of binary_tensor_data");
        }
    }

    /** Reads an object member by member; the reader of a member stands on its value and leaves it behind whole. */
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
        JsonToken token = json.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw HttpFailure.bad(what + " is " + found() + "; expected true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    private long number(String what, long least) throws IOException {
        boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
        if (whole && json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            whole = json.getBigIntegerValue().signum() > 0;
            if (whole) {
                return Long.MAX_VALUE; // more than there can be, which what came will show
            }
        }
        if (!whole || json.getLongValue() < least) {
            throw HttpFailure.bad(
                    what + " holds " + quoted(json.getText()) + "; expected whole numbers of " + least + " or more");
        }
        return json.getLongValue();
    }

    private void require(JsonToken token, String what, String expected) {
        if (json.currentToken() != token) {
            throw HttpFailure.bad(what + " is " + found() + "; expected " + expected);
        }
    }

    /** What the parser stands on, without its value. */
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

    /** A client's own word in a sentence. */
    static String quoted(String word) {
        return '"' + shortened(word) + '"';
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 97) + "...";
    }

    private interface Member {
        void read(String key) throws IOException;
    }

    private interface Element {
        void read() throws IOException;
    }
}
