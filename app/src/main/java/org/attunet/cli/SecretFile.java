package org.attunet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/** Reads secrets from files, so that they appear in no command line; their content appears in no message. */
final class SecretFile {
    private static final int SHORTEST_KEY = 16;
    private static final long LONGEST = 4096;

    private SecretFile() {}

    /** Reads an API key: at least 16 visible ASCII characters in the file's first line. */
    static String key(Path file) {
        String key = password(file);
        if (key.length() < SHORTEST_KEY || !key.matches("[!-~]+")) {
            throw new AttunetException(
                    file,
                    key.length() < SHORTEST_KEY
                            ? "a key of " + key.length() + " characters"
                            : "a key with other characters",
                    "16 visible ASCII characters or more in the first line",
                    "make one with 'openssl rand -hex 32 > " + file + "'");
        }
        return key;
    }

    /** Reads a password: the file's first line. */
    static String password(Path file) {
        try {
            long size = Files.size(file);
            if (size > LONGEST) {
                throw new AttunetException(
                        file, "it has " + size + " bytes", "a line of text", "check that it is the right file");
            }
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.lines().findFirst().orElse("").strip();
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(),
                    "it can't be read (" + e.getClass().getSimpleName() + ")",
                    "a readable file with a secret in its first line",
                    "check the path and its permissions",
                    e);
        }
    }
}
