package org.attunet.annotation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.io.Json;

/** JSON of other programs read element by element, since annotations of a data set are larger than memory. */
final class JsonStream {
    private JsonStream() {}

    /** What is read from a parser. */
    interface Reading<T> {
        T of(JsonParser json) throws IOException;
    }

    /** What is done with an element of an array; the parser is at its first token, and is left at its last. */
    interface Element {
        void read(JsonParser json) throws IOException;
    }

    /**
     * Reads a file.
     *
     * @param what the expected content, for failures
     */
    static <T> T read(Path file, String what, Reading<T> reading) {
        try (JsonParser json = Json.FOREIGN.getFactory().createParser(file.toFile())) {
            json.enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature()); // QuPath up to 0.3 measures NaN
            return reading.of(json);
        } catch (IOException | RuntimeException e) {
            throw failure(file, what, e);
        }
    }

    /** Reads each element of the array whose first token a parser is at. */
    static void elements(JsonParser json, Element element) throws IOException {
        while (json.nextToken() != JsonToken.END_ARRAY) {
            Interruption.check();
            if (json.currentToken() == null) {
                throw new IllegalStateException("it ends too early");
            }
            element.read(json);
        }
    }

    /** The value that a parser is at, as a tree. */
    static JsonNode tree(JsonParser json) throws IOException {
        return Json.FOREIGN.readTree(json);
    }

    private static RuntimeException failure(Path file, String what, Exception e) {
        if (e instanceof AttunetException || e instanceof CancellationException) {
            return (RuntimeException) e;
        }
        String found = "it can't be read (" + Outlines.reason(e) + ")";
        if (e instanceof JsonProcessingException json) {
            String line = json.getLocation() == null
                    ? ""
                    : "line " + json.getLocation().getLineNr() + ": ";
            found = "it is not JSON (" + line + json.getOriginalMessage() + ")";
        } else if (!Files.isRegularFile(file)) {
            found = Files.exists(file) ? "it is no file" : "there is no such file";
        }
        return new AttunetException(file.toString(), found, what, "export the objects again", e);
    }

    /**
     * A ring or polygon in a flat array of x and y.
     *
     * @throws AttunetException if it isn't an array of an even number of numbers
     */
    static double[] numbers(Path file, JsonNode array) {
        double[] values = new double[array.size()];
        boolean valid = array.isArray() && values.length > 0 && values.length % 2 == 0;
        for (int i = 0; i < values.length && valid; i++) {
            valid = array.get(i).isNumber();
            values[i] = array.get(i).doubleValue();
        }
        if (!valid) {
            throw outline(file);
        }
        return values;
    }

    static AttunetException outline(Path file) {
        return new AttunetException(
                file,
                "an object's outline isn't a list of coordinates",
                "x and y of its corners in turn",
                "export the objects again");
    }

    /** A text of other programs for messages and tables: one line of at most 100 characters. */
    static String text(JsonNode node) {
        String text = node.asText("").replaceAll("\\p{Cntrl}", " ").strip();
        return text.length() > 100 ? text.substring(0, 100) : text;
    }
}
