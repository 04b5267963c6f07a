package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/** JSON files of at most 64 MiB, read and written as trees. */
public final class JsonFile {
    private static final long LARGEST = 64L << 20;

    private JsonFile() {}

    /**
     * Reads a file that attunet can write again.
     *
     * @param file the file
     * @param what the expected content, for the failure, such as "a run's result"
     * @return the content
     * @throws AttunetException if it can't be read or isn't JSON
     */
    public static JsonNode read(Path file, String what) {
        return read(file, what, "restore it, or delete it to have it made anew");
    }

    /**
     * Reads a file that attunet wrote.
     *
     * @param file the file
     * @param what the expected content, for the failure
     * @param remedy for the failure
     * @return the content
     * @throws AttunetException if it can't be read or isn't JSON
     */
    public static JsonNode read(Path file, String what, String remedy) {
        return read(Json.OWN, file, what, remedy);
    }

    /**
     * Reads a file of another program; of duplicate keys, the last one counts.
     *
     * @param file the file
     * @param what the expected content, for the failure
     * @param remedy for the failure
     * @return the content
     * @throws AttunetException if it can't be read or isn't JSON
     */
    public static JsonNode readForeign(Path file, String what, String remedy) {
        return read(Json.FOREIGN, file, what, remedy);
    }

    private static JsonNode read(JsonMapper mapper, Path file, String what, String remedy) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new AttunetException(file, "it has " + Files.size(file) + " bytes", what, remedy);
            }
            JsonNode tree = mapper.readTree(Files.readAllBytes(file));
            if (tree.isMissingNode()) {
                throw new AttunetException(file, "it is empty", what, remedy);
            }
            return tree;
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
            String found = "it is not JSON (" + line + e.getOriginalMessage() + ")";
            throw new AttunetException(file.toString(), found, what, remedy, e);
        } catch (IOException e) {
            String found = "it can't be read (" + e.getMessage() + ")";
            throw new AttunetException(file.toString(), found, what, remedy, e);
        }
    }

    /**
     * Writes a tree, indented; the file appears whole or not at all.
     *
     * @param file the file
     * @param tree the content
     */
    public static void write(Path file, JsonNode tree) {
        WholeFile.writeString(file, tree.toPrettyString() + "\n");
    }
}
