package org.attunet.spark.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.attunet.error.AttunetException;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * Local access to a folder: a local one in place, another as a copy, whose changes can be stored back. Every rank reads the
 * data set; only the first one writes the run. A local folder must be the same on all machines of the job.
 */
final class LocalFolder implements AutoCloseable {
    private static final int MAX_DEPTH = 2; // a data set's images and masks lie one folder down
    private static final Map<String, LocalFolder> SHARED = new HashMap<>();

    private final Storage storage;
    private final String uri;
    private final boolean copied;
    private final Path path;
    private final Map<Path, Version> known = new HashMap<>();

    /** Differs if a file has changed. */
    private record Version(long bytes, FileTime time) {
        static Version of(Path file) throws IOException {
            return new Version(Files.size(file), Files.getLastModifiedTime(file));
        }
    }

    private LocalFolder(Storage storage, String uri, boolean copied, Path path) {
        this.storage = storage;
        this.uri = uri;
        this.copied = copied;
        this.path = path;
    }

    /**
     * Returns the folder at an address, copied once for this process and kept until it ends.
     *
     * @throws AttunetException if there is no such folder
     */
    static LocalFolder shared(Storage storage, String uri) {
        synchronized (SHARED) {
            LocalFolder shared = SHARED.get(uri);
            if (shared == null) {
                if (!storage.isFolder(uri)) {
                    throw new AttunetException(
                            uri, "there is no such folder", "a folder that this machine reaches", "check the path");
                }
                shared = open(storage, uri);
                SHARED.put(uri, shared);
            }
            return shared;
        }
    }

    /** Returns the folder at an address, with a fresh copy if it isn't local; it need not exist. The caller closes it. */
    static LocalFolder open(Storage storage, String uri) {
        Path local = Storage.local(uri);
        if (local != null) {
            return new LocalFolder(storage, uri, false, local);
        }
        LocalFolder folder = null;
        try {
            folder = new LocalFolder(storage, uri, true, Files.createTempDirectory("attunet-copy-"));
            Runtime.getRuntime().addShutdownHook(new Thread(folder::close));
            if (storage.isFolder(uri)) {
                folder.fetch(uri, folder.path, 1);
            }
            return folder;
        } catch (IOException | RuntimeException e) {
            if (folder != null) {
                folder.close();
            }
            throw e instanceof RuntimeException own ? own : LocalCopies.noRoom("a copy of " + uri, (IOException) e);
        }
    }

    /** Runs work whose failures name this folder by its address rather than by its copy's path. */
    <T> T withAddress(Supplier<T> work) {
        try {
            return work.get();
        } catch (AttunetException e) {
            if (!copied || !String.valueOf(e.getMessage()).contains(path.toString())) {
                throw e;
            }
            throw new AttunetException(
                    addressed(e.subject()), addressed(e.found()), addressed(e.expected()), addressed(e.remedy()), e);
        }
    }

    private String addressed(String text) {
        return text.replace(path.toString(), uri);
    }

    /** Returns the local path. */
    Path path() {
        return path;
    }

    private void fetch(String from, Path to, int depth) throws IOException {
        Files.createDirectories(to);
        for (Found file : storage.list(from)) {
            if (Storage.name(file.uri()).startsWith(".")) {
                continue; // left behind by a writer that was killed
            }
            Path target = to.resolve(Storage.name(file.uri()));
            storage.fetch(file.uri(), target);
            known.put(target, Version.of(target));
        }
        if (depth < MAX_DEPTH) {
            for (String folder : storage.folders(from)) {
                fetch(folder, to.resolve(Storage.name(folder)), depth + 1);
            }
        }
    }

    /**
     * Stores the files of a copied folder that have changed since it was copied or last stored, and deletes those that are gone.
     * Files are stored in the order of their last changes, so that a checkpoint never precedes what it relies on.
     */
    void store() {
        if (!copied) {
            return;
        }
        try (Stream<Path> listed = Files.list(path)) {
            Map<Path, Version> changed = new HashMap<>();
            for (Path file : listed.filter(Files::isRegularFile).toList()) {
                Version version = Version.of(file);
                if (!version.equals(known.get(file))) {
                    changed.put(file, version);
                }
            }
            Comparator<Map.Entry<Path, Version>> byTime =
                    Comparator.comparing(file -> file.getValue().time());
            for (var file : changed.entrySet().stream()
                    .sorted(byTime.thenComparing(Map.Entry.comparingByKey()))
                    .toList()) {
                storage.store(file.getKey(), uri + "/" + file.getKey().getFileName());
                known.put(file.getKey(), file.getValue());
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

    /** Deletes the copy. */
    @Override
    public void close() {
        if (copied) {
            FileUtils.deleteQuietly(path.toFile());
        }
    }
}
