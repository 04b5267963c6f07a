package org.attunet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/** Secrets in files of their own, so that they stand in no command line; their content appears in no message. */
final class Secret {
    private static final int SHORTEST_KEY = 16;
    private static final long LONGEST = 4096;

    private Secret() {}

    /** A key for clients: at least 16 visible characters of ASCII in the file's first line. */
    static String key(Path file) {
        String key = firstLine(file);
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

    /** A password: the file's first line. */
    static String password(Path file) {
        return firstLine(file);
    }

    private static String firstLine(Path file) {
        try {
            if (Files.size(file) > LONGEST) {
                throw new AttunetException(
                        file,
                        "it has " + Files.size(file) + " bytes",
                        "a line of text",
                        "check that it is the right file");
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
