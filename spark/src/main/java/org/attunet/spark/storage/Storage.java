package org.attunet.spark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.commons.io.input.ProxyInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.util.SerializableConfiguration;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Files in any file system of Hadoop's ({@code hdfs:}, {@code s3a:}, {@code file:}, …). A path without a scheme belongs to the
 * file system for which Hadoop is configured. Local files are read and written in place, without Hadoop.
 *
 * <p>Serializable, so that it can be sent to tasks; thread-safe.
 */
public final class Storage implements Serializable {
    private static final int RENAME_ATTEMPTS = 10;

    private final SerializableConfiguration configuration;

    /** Uses a configuration of Hadoop's. */
    public Storage(Configuration configuration) {
        this.configuration = new SerializableConfiguration(configuration);
    }

    /**
     * A listed file.
     *
     * @param uri its full address
     * @param bytes its size
     */
    public record Found(String uri, long bytes) {}

    @FunctionalInterface
    private interface Action<T> {
        T apply(FileSystem system, Path path) throws IOException;
    }

    private <T> T read(String address, Action<T> action) {
        Path path = path(address);
        try {
            return action.apply(system(path), path);
        } catch (IOException e) {
            throw unreadable(address, e);
        }
    }

    private void write(String address, Action<?> action) {
        Path path = path(address);
        try {
            action.apply(system(path), path);
        } catch (IOException e) {
            throw unwritable(address, e);
        }
    }

    /** Returns the full address of what a user typed, with its scheme. */
    public String qualified(String address) {
        return read(address, FileSystem::makeQualified).toString();
    }

    /** Whether an address is that of a folder. */
    public boolean isFolder(String address) {
        return read(address, (system, path) -> {
            try {
                return system.getFileStatus(path).isDirectory();
            } catch (FileNotFoundException e) {
                return false;
            }
        });
    }

    /** Whether a file or folder has this address. */
    public boolean exists(String address) {
        return read(address, FileSystem::exists);
    }

    /** Returns the size of a file in bytes, or -1 if there is no such file or its size is unknown. */
    public long bytes(String address) {
        Path path = path(address);
        try {
            FileStatus status = system(path).getFileStatus(path);
            return status.isFile() ? status.getLen() : -1;
        } catch (IOException e) {
            return -1; // reading the file will report why
        }
    }

    /** Lists the files of a folder, without subfolders, or the single file of this address; sorted by name. */
    public List<Found> list(String address) {
        return files(address, FileSystem::listStatus);
    }

    /** Lists the files that match a pattern of Hadoop's ({@code * ? [a-z] {a,b}}), sorted by name. */
    public List<Found> glob(String pattern) {
        return files(pattern, FileSystem::globStatus);
    }

    private List<Found> files(String address, Action<FileStatus[]> listing) {
        return read(address, (system, path) -> {
            try {
                FileStatus[] listed = listing.apply(system, path);
                return Arrays.stream(listed == null ? new FileStatus[0] : listed)
                        .filter(FileStatus::isFile)
                        .map(file -> new Found(file.getPath().toString(), file.getLen()))
                        .sorted(Comparator.comparing(Found::uri))
                        .toList();
            } catch (FileNotFoundException e) {
                throw new AttunetException(
                        address, "no such file or folder", "scans that can be reached from here", "check the path", e);
            }
        });
    }

    /** Lists the files of a folder and the folders in it, sorted by address. */
    public List<Found> below(String address) {
        return read(address, (system, path) -> {
            List<Found> files = new ArrayList<>();
            RemoteIterator<LocatedFileStatus> all = system.listFiles(path, true);
            while (all.hasNext()) {
                FileStatus file = all.next();
                files.add(new Found(file.getPath().toString(), file.getLen()));
            }
            files.sort(Comparator.comparing(Found::uri));
            return files;
        });
    }

    /** Returns the full addresses of a folder's subfolders. */
    public List<String> folders(String address) {
        return read(
                address,
                (system, path) -> Arrays.stream(system.listStatus(path))
                        .filter(FileStatus::isDirectory)
                        .map(file -> file.getPath().toString())
                        .toList());
    }

    /** Returns the local path of a full address, or null if it belongs to another file system. */
    public static java.nio.file.@Nullable Path local(String uri) {
        java.net.URI parsed = path(uri).toUri();
        try {
            return "file".equals(parsed.getScheme()) ? java.nio.file.Path.of(parsed.getPath()) : null;
        } catch (InvalidPathException e) {
            throw invalid(uri, e);
        }
    }

    /** Returns the last part of an address. */
    public static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    /** Returns the folder of an address, without a slash at its end. */
    public static String parent(String uri) {
        return uri.substring(0, Math.max(0, uri.lastIndexOf('/')));
    }

    /** Whether a folder equals another or lies in it, following local symbolic links; both are full addresses. */
    public static boolean isWithin(String folder, String other) {
        java.nio.file.Path inner = local(folder);
        java.nio.file.Path outer = local(other);
        return (inner == null || outer == null)
                ? (folder + "/").startsWith(other + "/")
                : real(inner).startsWith(real(outer));
    }

    private static java.nio.file.Path real(java.nio.file.Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path;
        }
    }

    /** Escapes an address for readers that take every address for a pattern. */
    public static String literal(String uri) {
        return uri.replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1");
    }

    /**
     * Copies a file to the local file system.
     *
     * @throws AttunetException naming the address if it can't be read, or the local file if that can't be written
     */
    public void fetch(String uri, java.nio.file.Path to) {
        try (InputStream in = open(uri)) {
            Files.copy(in, to);
        } catch (IOException e) {
            throw unwritable(to.toString(), e);
        }
    }

    /** Opens a stream whose own failures are {@link AttunetException}s. */
    private InputStream open(String uri) {
        return read(uri, (system, path) -> {
            try {
                return new ProxyInputStream(system.open(path)) {
                    @Override
                    protected void handleIOException(IOException e) {
                        throw unreadable(uri, e);
                    }
                };
            } catch (FileNotFoundException e) {
                throw new AttunetException(uri, "there is no such file", "a file that exists", "check the path", e);
            }
        });
    }

    /** Returns the content of a small file, or null if there is none or it has more than {@code limit} bytes. */
    public byte @Nullable [] read(String uri, int limit) {
        byte[] content = read(uri, (system, path) -> {
            try (InputStream in = system.open(path)) {
                return in.readNBytes(limit + 1);
            } catch (FileNotFoundException e) {
                return new byte[limit + 1];
            }
        });
        return content.length > limit ? null : content;
    }

    /** Copies a local file to an address, whole or not at all; replaces an existing file. */
    public void store(java.nio.file.Path from, String uri) {
        write(uri, out -> Files.copy(from, out));
    }

    /** Writes a file, whole or not at all; replaces an existing one. */
    public void write(String uri, byte[] content) {
        write(uri, out -> out.write(content));
    }

    private void write(String uri, WholeFile.Body body) {
        java.nio.file.Path local = local(uri);
        if (local != null) {
            WholeFile.write(local, body);
            return;
        }
        write(uri, (system, target) -> {
            var part = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".part");
            try (OutputStream out = system.create(part, false)) {
                body.writeTo(out);
            } catch (IOException | RuntimeException e) {
                system.delete(part, false);
                throw e;
            }
            rename(system, part, target);
            return target;
        });
    }

    /** Renames in one step if the file system can; otherwise deletes the old file first. */
    private void rename(FileSystem system, Path from, Path to) throws IOException {
        try {
            FileContext.getFileContext(to.toUri(), configuration.value()).rename(from, to, Options.Rename.OVERWRITE);
            return;
        } catch (UnsupportedFileSystemException e) {
            // The file system has only Hadoop's older interface, in which most don't replace existing files.
        }
        for (int attempt = 0; attempt < RENAME_ATTEMPTS; attempt++) { // another writer may come between the two steps
            system.delete(to, false);
            if (system.rename(from, to)) {
                return;
            }
        }
        throw new IOException("it can't be renamed from " + from + ", which has the new content");
    }

    /** Deletes a file or a whole folder if it exists. */
    public void delete(String address) {
        write(address, (system, path) -> system.delete(path, true));
    }

    /** Makes a folder and its missing parents. */
    public void makeFolder(String address) {
        java.nio.file.Path local = local(address);
        if (local != null) {
            WholeFile.makeFolder(local);
            return;
        }
        write(address, (system, path) -> {
            if (!system.mkdirs(path)) {
                throw new IOException("the file system refuses it");
            }
            return path;
        });
    }

    private FileSystem system(Path path) throws IOException {
        try {
            return path.getFileSystem(configuration.value());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e); // such as an unknown host
        }
    }

    private static Path path(String address) {
        try {
            return new Path(address);
        } catch (IllegalArgumentException e) {
            throw invalid(address, e);
        }
    }

    private static AttunetException invalid(String address, IllegalArgumentException e) {
        return new AttunetException(
                address.isEmpty() ? "path" : address,
                "it is no path (" + e.getMessage() + ")",
                "a path or an address such as hdfs://host/folder",
                "correct it",
                e);
    }

    private static AttunetException unreadable(String address, IOException e) {
        return new AttunetException(
                address,
                "it can't be read (" + firstLine(e) + ")",
                "a file system that Hadoop reaches, and permission to read",
                "check the address, its permissions and Hadoop's configuration",
                e);
    }

    private static AttunetException unwritable(String address, IOException e) {
        return new AttunetException(
                address,
                String.valueOf(e.getMessage()).contains("No space left")
                        ? "the disk is full"
                        : "it can't be written (" + firstLine(e) + ")",
                "a folder that can be written to, with room",
                "free space, change the permissions or choose another output",
                e);
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
    }
}
