package org.attunet.dicom.anonymise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.attunet.error.AttunetException;

/** The secret key of an {@link Anonymiser}, in a file of text that only its owner may read. */
public final class KeyFile {
    private static final int BYTES = 32;
    private static final int SHORTEST = 16;
    private static final int LONGEST = 4096;

    private KeyFile() {}

    /**
     * {@return the key in a file: what its first line says; a new one, which is written there, if there is no such file}
     *
     * @throws AttunetException if the file has fewer than 16 characters or can't be read or written
     */
    public static byte[] readOrCreate(Path file) {
        if (!Files.exists(file)) {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            String text = HexFormat.of().formatHex(random);
            OwnerFile.create(file, (text + "\n").getBytes(StandardCharsets.US_ASCII));
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        try {
            String line = Files.size(file) > LONGEST
                    ? ""
                    : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                            .lines()
                            .findFirst()
                            .orElse("")
                            .strip();
            if (line.length() < SHORTEST) {
                throw new AttunetException(
                        file, "no key", SHORTEST + " characters or more in its first line", "name a new file");
            }
            return line.getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(),
                    "it can't be read (" + e.getClass().getSimpleName() + ")",
                    "a readable file with a key",
                    "check the path and its permissions",
                    e);
        }
    }
}
