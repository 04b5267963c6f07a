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
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Files of weights in the safetensors format: a length, a JSON header that gives each tensor's format, shape and place,
 * then the elements, little-endian.
 *
 * <p>The format's own rules are kept: the places cover the data without gap or overlap, names are unique. It has no
 * checksum, so a changed element is not noticed. Source: the format's description, huggingface/safetensors. All methods
 * may be called from any thread.
 */
public final class Safetensors {
    private static final int MAX_HEADER = 32 << 20;
    private static final String METADATA = "__metadata__";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(8).build())
            .build();

    /** A tensor as the header describes it: its place in bytes from the header's end. */
    private record Place(DType dtype, long[] shape, long begin, long end) {}

    private Safetensors() {}

    /** Whether a file begins as this format does; false where it can't be read. */
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
     * The weights in a file, in the order of its header, without wrappers' prefixes.
     *
     * @throws AttunetException when the file can't be read, is damaged, or holds a format that {@link DType} lacks
     */
    public static StateDict read(Path path) {
        try (CheckedFile file = CheckedFile.open(path)) {
            if (file.length() < 10) {
                throw file.broken("the file has " + file.length() + " bytes", "a .safetensors file");
            }
            long header = file.read(0, 8, "the header's length").getLong();
            if (header < 2 || header > file.length() - 8 || header > MAX_HEADER) {
                throw file.broken(
                        "its header would be " + header + " bytes of a file of " + file.length(),
                        "a .safetensors file with a header of at most " + MAX_HEADER + " bytes");
            }
            Map<String, Place> places = places(file, file.bytes(8, header, "the header"));
            requireCover(file, places, file.length() - 8 - header);
            Map<String, Weight> weights = new LinkedHashMap<>();
            places.forEach((name, place) -> weights.put(
                    name,
                    Weight.wrap(
                            place.dtype,
                            place.shape,
                            file.bytes(8 + header + place.begin, place.end - place.begin, StateDict.shown(name)))));
            return new StateDict(weights).withoutWrapperPrefixes();
        }
    }

    private static Map<String, Place> places(CheckedFile file, byte[] header) {
        Map<String, Place> places = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(header)) {
            require(file, header[0] == '{' && json.nextToken() == JsonToken.START_OBJECT, "is no JSON object");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                require(file, json.nextToken() == JsonToken.START_OBJECT, "has an entry that is no object");
                if (name.equals(METADATA)) {
                    json.skipChildren();
                } else {
                    places.put(name, place(file, json, StateDict.shown(name)));
                }
            }
            require(file, json.nextToken() == null, "goes on behind its end");
        } catch (IOException e) {
            throw new AttunetException(
                    file.file().toString(),
                    "its header is no valid JSON (" + firstLine(e) + ")",
                    "a .safetensors file",
                    "copy or download the file again",
                    e);
        }
        return places;
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static Place place(CheckedFile file, JsonParser json, String name) throws IOException {
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
                            "its header has a field " + StateDict.shown(field) + " for " + name,
                            "dtype, shape, offsets");
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw file.broken("its header has no dtype, shape or data_offsets for " + name, "all three");
        }
        long size = offsets[1] - offsets[0];
        DType known = known(file, dtype, name);
        long elements = Shapes.elements(shape);
        boolean fits = elements >= 0 && elements <= file.length() && elements * known.bytes() == size;
        require(file, fits, "gives " + name + " of shape " + Shapes.text(shape) + " a place of " + size + " bytes");
        return new Place(known, shape, offsets[0], offsets[1]);
    }

    private static DType known(CheckedFile file, String dtype, String name) {
        for (DType type : DType.values()) {
            if (type.name().equals(dtype)) {
                return type;
            }
        }
        throw new AttunetException(
                file.file(),
                "the weight " + name + " has the dtype " + StateDict.shown(dtype),
                "one of " + List.of(DType.values()),
                "convert it to float before it is saved");
    }

    private static long[] numbers(CheckedFile file, JsonParser json, String name) throws IOException {
        require(file, json.currentToken() == JsonToken.START_ARRAY, "has no list of numbers for " + name);
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(
                    file,
                    json.currentToken() == JsonToken.VALUE_NUMBER_INT && numbers.size() < 64,
                    "has something else than a few whole numbers for " + name);
            long number = json.getLongValue();
            require(file, number >= 0, "has a negative number for " + name);
            numbers.add(number);
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /** The places must follow on each other from the first byte to the last. */
    private static void requireCover(CheckedFile file, Map<String, Place> places, long dataBytes) {
        List<Place> sorted = new ArrayList<>(places.values());
        sorted.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
        long at = 0;
        for (Place place : sorted) {
            require(file, place.begin == at, "leaves a gap or an overlap at byte " + Math.min(at, place.begin));
            at = place.end;
        }
        require(file, at == dataBytes, "covers " + at + " bytes of data, the file has " + dataBytes);
    }

    private static void require(CheckedFile file, boolean kept, String broken) {
        if (!kept) {
            throw file.broken("its header " + broken, "a .safetensors file");
        }
    }

    /**
     * Writes weights; the header keeps their order.
     *
     * @throws AttunetException when the target can't be written
     */
    public static void write(StateDict weights, Path target) {
        // Wide elements come first in the data, so that each tensor is aligned to its own elements.
        List<Map.Entry<String, Weight>> laidOut =
                new ArrayList<>(weights.weights().entrySet());
        laidOut.sort(Comparator.comparingInt(entry -> -entry.getValue().dtype().bytes()));
        Map<String, Long> begins = new LinkedHashMap<>();
        long at = 0;
        for (Map.Entry<String, Weight> entry : laidOut) {
            begins.put(entry.getKey(), at);
            at += entry.getValue().bytes().remaining();
        }
        WholeFile.write(target, out -> {
            out.write(header(weights, begins));
            for (Map.Entry<String, Weight> entry : laidOut) {
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
                long[] place = {begin, begin + weight.bytes().remaining()};
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", weight.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(weight.shape(), 0, weight.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(place, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        // Spaces at the end let the data begin at a multiple of 8.
        while (text.size() % 8 != 0) {
            text.write(' ');
        }
        ByteBuffer whole = ByteBuffer.allocate(8 + text.size()).order(ByteOrder.LITTLE_ENDIAN);
        return whole.putLong(text.size()).put(text.toByteArray()).array();
    }
}
