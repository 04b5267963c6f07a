package org.attunet.spark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * Files brought here for as long as they are worked with: those of the local file system where they are, others as copies
 * in a temporary folder, which {@link #close} deletes.
 */
public final class Here implements AutoCloseable {
    private final List<Path> files = new ArrayList<>();
    private @Nullable Path folder;

    /**
     * Brings files here.
     *
     * @throws AttunetException naming the file that can't be read
     */
    public Here(Storage storage, List<String> uris) {
        try {
            for (String uri : uris) {
                Path local = Storage.local(uri);
                if (local == null) {
                    local = folder().resolve(uri.substring(uri.lastIndexOf('/') + 1));
                    storage.fetch(uri, local);
                }
                files.add(local);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The files, in the order in which they were named. */
    public List<Path> files() {
        return List.copyOf(files);
    }

    /** A temporary folder of this work. */
    public Path folder() {
        if (folder == null) {
            try {
                folder = Files.createTempDirectory("attunet-");
            } catch (IOException e) {
                throw new AttunetException(
                        System.getProperty("java.io.tmpdir", "the folder for temporary files"),
                        "no folder can be made in it (" + e.getMessage() + ")",
                        "room for copies of scans",
                        "free space, or name another with -Djava.io.tmpdir",
                        e);
            }
        }
        return folder;
    }

    /** The SHA-256 of the files' contents one after the other, each after its length; 64 hexadecimal digits. */
    public String sha256() {
        MessageDigest digest = digest();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                digest.update(("#" + Files.size(file) + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                byte[] buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
            } catch (IOException e) {
                String found = Files.notExists(file)
                        ? "there is no such file"
                        : "it can't be read (" + e.getClass().getSimpleName() + ")";
                throw new AttunetException(
                        file.toString(), found, "a file that can be read", "check the path and its permissions", e);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A digest for SHA-256. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    /** Deletes the copies. */
    @Override
    public void close() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            folder.toFile().deleteOnExit();
        }
    }
}
