package org.attunet.bundle;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/** The content of a file that goes into a bundle, in memory or on disk. */
public sealed interface Payload {
    /** Bytes in memory; they are not copied and shall not change. */
    static Payload of(byte[] bytes) {
        return new Memory(bytes);
    }

    /** A text, in UTF-8. */
    static Payload of(String text) {
        return new Memory(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A file's content, read when the bundle is written.
     *
     * @throws AttunetException where there is no such file
     */
    static Payload of(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AttunetException(file, "there is no such file", "a file for the bundle", "check the path");
        }
        return new Disk(file);
    }

    /** A stream over the content, which the caller closes. */
    InputStream open() throws IOException;

    /** Content in memory. */
    record Memory(byte[] bytes) implements Payload {
        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }

    /** Content of a file. */
    record Disk(Path file) implements Payload {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
