package org.attunet.spark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.FileUtils;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Local access to files: local files in place, others as copies in a temporary folder, which {@link #close} deletes. For one
 * thread.
 */
public final class LocalCopies implements AutoCloseable {
    private final Storage storage;
    private final Map<Path, String> files = new LinkedHashMap<>(); // local path to address
    private @Nullable Path folder;

    /** Starts without files. */
    public LocalCopies(Storage storage) {
        this.storage = storage;
    }

    /**
     * Makes a file, or a folder of a series with all that is in it, available and returns its local path.
     *
     * @throws AttunetException naming the file if it can't be read
     */
    public Path fetch(String uri) {
        Path local = Storage.local(uri);
        if (local == null) {
            // One folder each, since files of different folders may have the same name.
            Path own = WholeFile.makeFolder(folder().resolve(String.valueOf(files.size())));
            local = own.resolve(Storage.name(uri));
            if (!Images.isImage(local) && storage.isFolder(uri)) {
                fetchFolder(uri, local);
            } else {
                storage.fetch(uri, local);
                fetchOtherHalf(uri, own);
            }
        }
        files.put(local, uri);
        return local;
    }

    private void fetchFolder(String uri, Path to) {
        for (Storage.Found file : storage.below(uri)) {
            String name = file.uri().substring(uri.length() + 1);
            Path local = to.resolve(name).normalize();
            if (local.startsWith(to)) {
                WholeFile.makeFolder(local.resolveSibling(""));
                storage.fetch(file.uri(), local);
            }
        }
    }

    /** A pair .hdr/.img is named by one file and needs both. */
    private void fetchOtherHalf(String uri, Path own) {
        for (String name : Images.otherHalves(Storage.name(uri))) {
            String other = Storage.parent(uri) + "/" + name;
            if (storage.exists(other)) {
                storage.fetch(other, own.resolve(name));
                return;
            }
        }
    }

    /** Returns the local paths, in the order of the calls of {@link #fetch}. */
    public List<Path> files() {
        return List.copyOf(files.keySet());
    }

    /** Returns a failure's message with the original addresses in place of the copies' paths. */
    public String message(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        for (Map.Entry<Path, String> file : files.entrySet()) {
            if (Storage.local(file.getValue()) == null) {
                message = message.replace(file.getKey().toString(), file.getValue());
            }
        }
        return message;
    }

    /** Whether a path is in the temporary folder. */
    public boolean holds(String path) {
        return folder != null && path.startsWith(folder.toString());
    }

    /** Returns the temporary folder. */
    public Path folder() {
        if (folder == null) {
            try {
                folder = Files.createTempDirectory("attunet-");
            } catch (IOException e) {
                throw noRoom("copies of scans", e);
            }
        }
        return folder;
    }

    /** Returns the failure that the folder for temporary files can't take this content. */
    public static AttunetException noRoom(String content, IOException e) {
        return new AttunetException(
                System.getProperty("java.io.tmpdir", "the folder for temporary files"),
                "it can't be written to (" + e.getMessage() + ")",
                "room for " + content,
                "free space, or name another folder with -Djava.io.tmpdir",
                e);
    }

    /** Returns the SHA-256 of the files' contents in order, each after its length; 64 hexadecimal digits. */
    public String sha256() {
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (Path file : files.keySet().stream()
                .flatMap(file -> Images.files(file).stream())
                .toList()) {
            try (InputStream in = Files.newInputStream(file)) {
                digest.update(("#" + Files.size(file) + "\n").getBytes(StandardCharsets.US_ASCII));
                DigestUtils.updateDigest(digest, in);
            } catch (IOException e) {
                throw unreadable(file, "there is no such file", "a file that can be read", e);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Returns the failure that a local file can't be read; {@code missing} is what was found if it doesn't exist. */
    public static AttunetException unreadable(Path file, String missing, String expected, IOException e) {
        String found = Files.notExists(file)
                ? missing
                : "it can't be read (" + e.getClass().getSimpleName() + ")";
        return new AttunetException(file.toString(), found, expected, "check the path and its permissions", e);
    }

    /** Deletes the copies. */
    @Override
    public void close() {
        if (folder != null) {
            FileUtils.deleteQuietly(folder.toFile());
        }
    }
}
