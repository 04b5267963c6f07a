package org.attunet.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes safetensors files: the length of a JSON header, the header with each tensor's format, shape and byte
 * range, then the little-endian elements.
 *
 * <p>The format's rules are enforced: byte ranges cover the data without gap or overlap, names are unique. The format has
 * no checksum, so a changed element goes unnoticed. Source: huggingface/safetensors. Thread-safe.
 */
public final class Safetensors {
    private static final String A_FILE = "a .safetensors file";
    private static final int MAX_HEADER = 32 << 20;
    private static final int MAX_AXES = 64;
    private static final String METADATA = "__metadata__";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(8).build())
            .build();

    /** A tensor's entry in the header; the byte range counts from the header's end. */
    private record Entry(DType dtype, long[] shape, long begin, long end) {}

    private Safetensors() {}

    /** Whether a file begins like this format. */
    static boolean looksLike(Path path) {
        try (CheckedFile file = CheckedFile.open(path)) {
            if (file.length() < 10) {
                return false;
            }
            ByteBuffer start = file.read(0, 9, "the file's start");
            return start.get(8) == '{' && start.getLong(0) > 0 && start.getLong(0) <= file.length() - 8;
        }
    }

    /**
     * Reads the weights of a file in the order of its header, without wrappers' prefixes.
     *
     * @throws AttunetException if the file can't be read, is damaged, or has a format that {@link DType} lacks
     */
    public static StateDict read(Path path) {
        return read(path, header -> header.weights(header.entries)).withoutWrapperPrefixes();
    }

    /**
     * Reads the network in a file, whatever lies beside it.
     *
     * @param key parts of its prefix, such as {@code ema}; null if there is one alone or one that is no moving average
     * @return null if no known network is in the file
     */
    static @Nullable SavedNetwork network(Path path, @Nullable String key) {
        return read(path, header -> {
            SavedNames names = SavedNames.of(header.entries.keySet(), List.of());
            if (names.isEmpty()) {
                return null;
            }
            SavedNames.Chosen chosen = names.choose(header.file, key);
            return new SavedNetwork(header.weights(chosen.of(header.entries)), chosen.notes());
        });
    }

    /** A file's entries by name, and access to their elements, which begin at an offset. */
    private record Header(CheckedFile file, Map<String, Entry> entries, long offset) {
        StateDict weights(Map<String, Entry> some) {
            Map<String, Weight> weights = new LinkedHashMap<>();
            some.forEach((name, entry) -> {
                byte[] bytes = file.bytes(offset + entry.begin, entry.end - entry.begin, StateDict.printable(name));
                weights.put(name, Weight.wrap(entry.dtype, entry.shape, bytes));
            });
            return new StateDict(weights);
        }
    }

    private static <T extends @Nullable Object> T read(Path path, Function<Header, T> content) {
        try (CheckedFile file = CheckedFile.open(path)) {
            if (file.length() < 10) {
                throw file.broken("the file has " + file.length() + " bytes", A_FILE);
            }
            long header = file.read(0, 8, "the header's length").getLong();
            if (header < 2 || header > file.length() - 8 || header > MAX_HEADER) {
                throw file.broken(
                        "its header would be " + header + " bytes of a file of " + file.length(),
                        A_FILE + " with a header of at most " + MAX_HEADER + " bytes");
            }
            Map<String, Entry> entries = entries(file, file.bytes(8, header, "the header"));
            requireCover(file, entries, file.length() - 8 - header);
            return content.apply(new Header(file, entries, 8 + header));
        }
    }

    private static Map<String, Entry> entries(CheckedFile file, byte[] header) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(header)) {
            require(file, header[0] == '{' && json.nextToken() == JsonToken.START_OBJECT, "is no JSON object");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                require(file, json.nextToken() == JsonToken.START_OBJECT, "has an entry that is no object");
                if (name.equals(METADATA)) {
                    json.skipChildren();
                } else {
                    entries.put(name, entry(file, json, StateDict.printable(name)));
                }
            }
            require(file, json.nextToken() == null, "continues after its end");
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw file.broken("its header is no valid JSON (" + reason + ")", A_FILE, e);
        }
        return entries;
    }

    private static Entry entry(CheckedFile file, JsonParser json, String name) throws IOException {
        String dtype = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "dtype" -> {
                    require(file, value == JsonToken.VALUE_STRING, "has no dtype for " + name);
                    dtype = json.getText();
                }
                case "shape" -> shape = numbers(file, json, name);
                case "data_offsets" -> offsets = numbers(file, json, name);
                default ->
                    throw file.broken(
                            "its header has a field " + StateDict.printable(field) + " for " + name,
                            "dtype, shape, offsets");
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw file.broken("its header has no dtype, shape or data_offsets for " + name, "all three");
        }
        DType known = DType.ofSafetensorsName(dtype);
        if (known == null) {
            throw file.refused(
                    "the weight " + name + " has the dtype " + StateDict.printable(dtype),
                    "one of " + List.of(DType.values()),
                    "convert it to float before it is saved");
        }
        long size = offsets[1] - offsets[0];
        long elements = Shapes.elements(shape);
        boolean fits = elements >= 0 && elements <= file.length() && elements * known.bytes() == size;
        require(file, fits, "gives " + name + " of shape " + Shapes.text(shape) + " a place of " + size + " bytes");
        return new Entry(known, shape, offsets[0], offsets[1]);
    }

    private static long[] numbers(CheckedFile file, JsonParser json, String name) throws IOException {
        require(file, json.currentToken() == JsonToken.START_ARRAY, "has no list of numbers for " + name);
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            boolean accepted = json.currentToken() == JsonToken.VALUE_NUMBER_INT && numbers.size() < MAX_AXES;
            require(file, accepted, "has something else than a few whole numbers for " + name);
            require(file, json.getLongValue() >= 0, "has a negative number for " + name);
            numbers.add(json.getLongValue());
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private static void requireCover(CheckedFile file, Map<String, Entry> entries, long dataBytes) {
        List<Entry> sorted = entries.values().stream()
                .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList();
        long at = 0;
        for (Entry entry : sorted) {
            require(file, entry.begin == at, "leaves a gap or an overlap at byte " + Math.min(at, entry.begin));
            at = entry.end;
        }
        require(file, at == dataBytes, "covers " + at + " bytes of data, the file has " + dataBytes);
    }

    private static void require(CheckedFile file, boolean met, String fault) {
        if (!met) {
            throw file.broken("its header " + fault, A_FILE);
        }
    }

    /**
     * Writes weights; the header keeps their order.
     *
     * @throws AttunetException if the target can't be written
     */
    public static void write(StateDict weights, Path target) {
        // Wide elements come first in the data, so that each tensor is aligned to its element size.
        List<Map.Entry<String, Weight>> inData = weights.weights().entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> -entry.getValue().dtype().bytes()))
                .toList();
        Map<String, Long> begins = new LinkedHashMap<>();
        long at = 0;
        for (Map.Entry<String, Weight> entry : inData) {
            begins.put(entry.getKey(), at);
            at += entry.getValue().bytes().remaining();
        }
        WholeFile.write(target, out -> {
            out.write(header(weights, begins));
            for (Map.Entry<String, Weight> entry : inData) {
                entry.getValue().writeTo(out);
            }
        });
    }

    private static byte[] header(StateDict weights, Map<String, Long> begins) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator((OutputStream) text)) {
            json.writeStartObject();
            json.writeObjectFieldStart(METADATA);
            json.writeStringField("format", "pt");
            json.writeEndObject();
            for (Map.Entry<String, Weight> entry : weights.weights().entrySet()) {
                Weight weight = entry.getValue();
                long begin = begins.getOrDefault(entry.getKey(), 0L);
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", weight.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(weight.shape(), 0, weight.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, begin + weight.bytes().remaining()}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        while (text.size() % 8 != 0) { // aligns the data to 8 bytes
            text.write(' ');
        }
        ByteBuffer whole = ByteBuffer.allocate(8 + text.size()).order(ByteOrder.LITTLE_ENDIAN);
        return whole.putLong(text.size()).put(text.toByteArray()).array();
    }
}
