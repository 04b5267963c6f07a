package org.attunet.spark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Files brought here for as long as they are worked with: those of the local file system where they are, others as copies
 * in a temporary folder, which {@link #close} deletes.
 */
public final class LocalCopies implements AutoCloseable {
    private final Storage storage;
    private final Map<Path, String> files = new LinkedHashMap<>(); // to the address that each came from
    private @Nullable Path folder;

    /** With no file yet. */
    public LocalCopies(Storage storage) {
        this.storage = storage;
    }

    /**
     * Brings a file here.
     *
     * @return where it is
     * @throws AttunetException naming the file that can't be read
     */
    public Path bring(String uri) {
        Path local = Storage.local(uri);
        if (local == null) {
            // A folder for each, since files of different folders may have one name.
            Path own = WholeFile.makeFolder(folder().resolve(String.valueOf(files.size())));
            local = own.resolve(Storage.name(uri));
            storage.fetch(uri, local);
        }
        files.put(local, uri);
        return local;
    }

    /** The files, in the order in which they were named. */
    public List<Path> files() {
        return List.copyOf(files.keySet());
    }

    /** A text about the files here, with the addresses that they came from in place of the copies' own. */
    public String told(String text) {
        String told = text;
        for (Map.Entry<Path, String> file : files.entrySet()) {
            told = Storage.local(file.getValue()) == null
                    ? told.replace(file.getKey().toString(), file.getValue())
                    : told;
        }
        return told;
    }

    /** Whether a path is in the temporary folder. */
    public boolean holds(String path) {
        return folder != null && path.startsWith(folder.toString());
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
        for (Path file : files.keySet()) {
            try (InputStream in = Files.newInputStream(file)) {
                digest.update(("#" + Files.size(file) + "\n").getBytes(StandardCharsets.US_ASCII));
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
        if (folder != null) {
            remove(folder);
        }
    }

    /** Removes a temporary folder with all that is in it; what can't be removed now goes, if it can, when the process ends. */
    public static void remove(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            folder.toFile().deleteOnExit();
        }
    }
}
