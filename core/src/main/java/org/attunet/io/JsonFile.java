package org.attunet.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** Small JSON files of ours, read as trees. */
public final class JsonFile {
    private static final long LARGEST = 64L << 20;

    private JsonFile() {}

    /**
     * The tree in a file of at most 64 MiB.
     *
     * @param what the file is expected to be, for the failure, such as "a run's result"
     * @throws AttunetException where it can't be read or is no JSON
     */
    public static JsonNode read(Path file, String what) {
        try {
            if (Files.size(file) > LARGEST) {
                throw broken(file, "it has " + Files.size(file) + " bytes", what, null);
            }
            JsonNode tree = new ObjectMapper().readTree(Files.readAllBytes(file));
            if (tree.isMissingNode()) {
                throw broken(file, "it is empty", what, null);
            }
            return tree;
        } catch (IOException e) {
            String reason = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw broken(file, "it can't be read (" + reason + ")", what, e);
        }
    }

    /** Writes a tree for people to read, whole or not at all. */
    public static void write(Path file, JsonNode tree) {
        WholeFile.writeString(file, tree.toPrettyString() + "\n");
    }

    private static AttunetException broken(Path file, String found, String what, @Nullable Throwable cause) {
        return new AttunetException(
                file.toString(), found, what, "restore it, or delete it to have it made anew", cause);
    }
}
