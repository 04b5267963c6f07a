package org.attunet.spark.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * A folder as this process works with it: one of the local file system in place, another as a copy that is brought here
 * once for each process and, where asked, put back.
 *
 * <p>A data set is read by every rank, a run is written by the first alone. A local folder must be the same for all
 * machines that work with it.
 */
final class LocalFolder implements AutoCloseable {
    private static final int DEEPEST = 2; // a data set's images and masks lie one folder down
    private static final Map<String, LocalFolder> COPIES = new HashMap<>();

    private final Storage storage;
    private final String uri;
    private final boolean copied;
    private final Path path;
    private final Map<Path, Version> known = new HashMap<>();

    /** What tells that a file has changed. */
    private record Version(long bytes, FileTime time) {}

    private LocalFolder(Storage storage, String uri, boolean copied, Path path) {
        this.storage = storage;
        this.uri = uri;
        this.copied = copied;
        this.path = path;
    }

    /**
     * The folder at an address, copied here where it is elsewhere and this process has no copy yet; it stays until the process
     * ends.
     *
     * @throws AttunetException where there is no such folder
     */
    static LocalFolder once(Storage storage, String uri) {
        synchronized (COPIES) {
            LocalFolder known = COPIES.get(uri);
            if (known == null) {
                if (!storage.isFolder(uri)) {
                    throw new AttunetException(
                            uri, "there is no such folder", "a folder that this machine reaches", "check the path");
                }
                known = brought(storage, uri);
                COPIES.put(uri, known);
            }
            return known;
        }
    }

    /** The same, copied anew, to be closed; what is at the address may have changed, or not be there yet. */
    static LocalFolder brought(Storage storage, String uri) {
        Path local = Storage.local(uri);
        if (local != null) {
            return new LocalFolder(storage, uri, false, local);
        }
        LocalFolder folder;
        try {
            folder = new LocalFolder(storage, uri, true, Files.createTempDirectory("attunet-copy-"));
        } catch (IOException e) {
            throw noRoom(uri, e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(folder::close));
        try {
            if (storage.isFolder(uri)) {
                folder.fetch(uri, folder.path, 1);
            }
            return folder;
        } catch (IOException e) {
            folder.close();
            throw noRoom(uri, e);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static AttunetException noRoom(String uri, IOException e) {
        return new AttunetException(
                System.getProperty("java.io.tmpdir", "the folder for temporary files"),
                "no copy can be made in it (" + e.getMessage() + ")",
                "room for a copy of " + uri,
                "free space, or name another with -Djava.io.tmpdir",
                e);
    }

    /** Does work, and names this folder by its address in what the work throws. */
    <T> T naming(Supplier<T> work) {
        try {
            return work.get();
        } catch (AttunetException e) {
            if (!copied || !String.valueOf(e.getMessage()).contains(path.toString())) {
                throw e;
            }
            throw new AttunetException(told(e.subject()), told(e.found()), told(e.expected()), told(e.remedy()), e);
        }
    }

    private String told(String text) {
        return text.replace(path.toString(), uri);
    }

    /** Where it is in the local file system. */
    Path path() {
        return path;
    }

    private void fetch(String from, Path to, int depth) throws IOException {
        Files.createDirectories(to);
        for (Found file : storage.list(from)) {
            if (Storage.name(file.uri()).startsWith(".")) {
                continue; // what a writer that was killed has left
            }
            Path target = to.resolve(Storage.name(file.uri()));
            storage.fetch(file.uri(), target);
            known.put(target, version(target));
        }
        if (depth < DEEPEST) {
            for (String folder : storage.folders(from)) {
                fetch(folder, to.resolve(Storage.name(folder)), depth + 1);
            }
        }
    }

    /**
     * Puts back what has changed since it was brought here or last put back, in the order in which it was written, so that a
     * checkpoint never comes before what it relies on; what is gone here goes there. Nothing where it is in place.
     */
    void putBack() {
        if (!copied) {
            return;
        }
        try (Stream<Path> listed = Files.list(path)) {
            Map<Path, Version> now = new LinkedHashMap<>();
            for (Path file : listed.filter(Files::isRegularFile).sorted().toList()) {
                now.put(file, version(file));
            }
            List<Path> byTime = new ArrayList<>(now.keySet());
            byTime.sort(Comparator.comparing(file -> version(now, file).time()));
            for (Path file : byTime) {
                Version version = version(now, file);
                if (!version.equals(known.get(file))) {
                    storage.store(file, uri + "/" + file.getFileName());
                    known.put(file, version);
                }
            }
            for (Path gone : known.keySet().stream().filter(Files::notExists).toList()) {
                storage.delete(uri + "/" + gone.getFileName());
                known.remove(gone);
            }
        } catch (IOException e) {
            throw new AttunetException(
                    path.toString(),
                    "it can't be listed (" + e.getMessage() + ")",
                    "the copy of " + uri,
                    "start the training again with --resume",
                    e);
        }
    }

    private static Version version(Map<Path, Version> versions, Path file) {
        return Objects.requireNonNull(versions.get(file));
    }

    private static Version version(Path file) throws IOException {
        return new Version(Files.size(file), Files.getLastModifiedTime(file));
    }

    /** Removes the copy. */
    @Override
    public void close() {
        if (copied && Files.exists(path)) {
            LocalCopies.remove(path);
        }
    }
}
