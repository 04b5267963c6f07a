package org.attunet.spark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.util.SerializableConfiguration;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Files under addresses that Hadoop knows: {@code hdfs:}, {@code s3a:}, {@code file:} and so on, a path without a scheme
 * being of the file system that Hadoop is configured for. Files of the local file system are read and written in place,
 * without Hadoop.
 *
 * <p>Serializable, so that tasks have it; any number of threads may use it.
 */
public final class Storage implements Serializable {
    private static final int RENAMES = 10;

    private final SerializableConfiguration configuration;

    /** Storage by a configuration of Hadoop. */
    public Storage(Configuration configuration) {
        this.configuration = new SerializableConfiguration(configuration);
    }

    /**
     * A file that was found.
     *
     * @param uri its full address
     * @param bytes its size
     */
    public record Found(String uri, long bytes) {}

    /** What becomes of a listing's failure. */
    @FunctionalInterface
    private interface Listing {
        FileStatus[] of(FileSystem system, org.apache.hadoop.fs.Path path) throws IOException;
    }

    /** The full address of what a user wrote, with its scheme. */
    public String qualified(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            return system(path).makeQualified(path).toString();
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    /** Whether an address is a folder. */
    public boolean isFolder(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            return system(path).getFileStatus(path).isDirectory();
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    /** Whether something has this address. */
    public boolean exists(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            return system(path).exists(path);
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    /** The size of a file in bytes, or -1 where there is no such file or it can't be asked for. */
    public long bytes(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            FileStatus status = system(path).getFileStatus(path);
            return status.isFile() ? status.getLen() : -1;
        } catch (IOException e) {
            return -1; // whoever reads the file tells why
        }
    }

    /** The files that lie in a folder, or the one that is named; by name, without subfolders. */
    public List<Found> list(String address) {
        return found(address, FileSystem::listStatus);
    }

    /** The full addresses of the folders in a folder. */
    public List<String> folders(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            List<String> folders = new ArrayList<>();
            for (FileStatus file : system(path).listStatus(path)) {
                if (file.isDirectory()) {
                    folders.add(file.getPath().toString());
                }
            }
            return folders;
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    /** The files that a pattern of Hadoop's ({@code * ? [a-z] {a,b}}) matches, by name. */
    public List<Found> glob(String pattern) {
        return found(pattern, FileSystem::globStatus);
    }

    private List<Found> found(String address, Listing listing) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            List<Found> files = new ArrayList<>();
            FileStatus[] listed = listing.of(system(path), path);
            for (FileStatus file : listed == null ? new FileStatus[0] : listed) {
                if (file.isFile()) {
                    files.add(new Found(file.getPath().toString(), file.getLen()));
                }
            }
            files.sort((a, b) -> a.uri().compareTo(b.uri()));
            return files;
        } catch (FileNotFoundException e) {
            throw new AttunetException(
                    address, "no such file or folder", "scans that can be reached from here", "check the path", e);
        } catch (IOException e) {
            throw unreachable(address, e);
        }
    }

    /** The place of a full address in the local file system; null where it is of another. */
    public static @Nullable Path local(String uri) {
        java.net.URI parsed = path(uri).toUri();
        try {
            return "file".equals(parsed.getScheme()) ? Path.of(parsed.getPath()) : null;
        } catch (InvalidPathException e) {
            throw noPath(uri, e);
        }
    }

    /** The last name of an address. */
    public static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    /** The folder of an address, without a slash at its end. */
    public static String parent(String uri) {
        return uri.substring(0, Math.max(0, uri.lastIndexOf('/')));
    }

    /** Whether a folder is another one or in it, also by symbolic links of the local file system; both full addresses. */
    public boolean isWithin(String folder, String other) {
        Path here = local(folder);
        Path there = local(other);
        return (here == null || there == null)
                ? (folder + "/").startsWith(other + "/")
                : real(here).startsWith(real(there));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path;
        }
    }

    /** An address as a pattern that matches it alone, for readers that take every address for a pattern. */
    public static String literal(String uri) {
        return uri.replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1");
    }

    /**
     * Copies a file from where it is to the local file system.
     *
     * @throws AttunetException naming the address where it can't be read, the local file where that can't be written
     */
    public void fetch(String uri, Path to) {
        org.apache.hadoop.fs.Path path = path(uri);
        try (InputStream in = system(path).open(path)) {
            byte[] buffer = new byte[1 << 16];
            try (OutputStream out = created(to)) {
                for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                    put(out, buffer, n, to);
                }
            }
        } catch (FileNotFoundException e) {
            throw new AttunetException(uri, "there is no such file", "a file that exists", "check the path", e);
        } catch (IOException e) {
            throw unreachable(uri, e);
        }
    }

    private static OutputStream created(Path file) {
        try {
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw unwritable(file.toString(), e);
        }
    }

    private static void put(OutputStream out, byte[] buffer, int count, Path file) {
        try {
            out.write(buffer, 0, count);
        } catch (IOException e) {
            throw unwritable(file.toString(), e);
        }
    }

    /**
     * The content of a small file, or null where there is none.
     *
     * @param most bytes that it may have; where it has more it counts as none
     */
    public byte @Nullable [] read(String uri, int most) {
        org.apache.hadoop.fs.Path path = path(uri);
        try (InputStream in = system(path).open(path)) {
            byte[] bytes = in.readNBytes(most + 1);
            return bytes.length > most ? null : bytes;
        } catch (FileNotFoundException e) {
            return null;
        } catch (IOException e) {
            throw unreachable(uri, e);
        }
    }

    /** Puts a file where the address says, whole or not at all, in place of one that is there. */
    public void store(Path from, String uri) {
        write(uri, out -> Files.copy(from, out));
    }

    /** Writes a file, whole or not at all. */
    public void write(String uri, byte[] content) {
        write(uri, out -> out.write(content));
    }

    private void write(String uri, WholeFile.Body body) {
        Path here = local(uri);
        if (here != null) {
            WholeFile.write(here, body);
            return;
        }
        org.apache.hadoop.fs.Path target = path(uri);
        var part = new org.apache.hadoop.fs.Path(
                target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".part");
        try {
            FileSystem system = system(target);
            try (OutputStream out = system.create(part, false)) {
                body.writeTo(out);
            } catch (IOException | RuntimeException e) {
                system.delete(part, false);
                throw e;
            }
            rename(system, part, target);
        } catch (IOException e) {
            throw unwritable(uri, e);
        }
    }

    /** Deletes a file or a whole folder; nothing where there is none. */
    public void delete(String address) {
        org.apache.hadoop.fs.Path path = path(address);
        try {
            system(path).delete(path, true);
        } catch (IOException e) {
            throw unwritable(address, e);
        }
    }

    /** Makes a folder and those above it. */
    public void makeFolder(String address) {
        Path here = local(address);
        if (here != null) {
            WholeFile.makeFolder(here);
            return;
        }
        org.apache.hadoop.fs.Path path = path(address);
        try {
            if (!system(path).mkdirs(path)) {
                throw new IOException("the file system refuses it");
            }
        } catch (IOException e) {
            throw unwritable(address, e);
        }
    }

    /** In one step where the file system knows how; else the new file stays under its other name until the old one is gone. */
    private void rename(FileSystem system, org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
            throws IOException {
        try {
            FileContext.getFileContext(to.toUri(), configuration.value()).rename(from, to, Options.Rename.OVERWRITE);
            return;
        } catch (UnsupportedFileSystemException e) {
            // An older way to plug in a file system; most don't replace what is there.
        }
        // Between the two steps another writer may be faster.
        for (int trial = 0; trial < RENAMES; trial++) {
            system.delete(to, false);
            if (system.rename(from, to)) {
                return;
            }
        }
        throw new IOException("it can't be renamed from " + from + ", where the new content is");
    }

    private FileSystem system(org.apache.hadoop.fs.Path path) throws IOException {
        try {
            return path.getFileSystem(configuration.value());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e); // a host that nobody knows, for one
        }
    }

    private static org.apache.hadoop.fs.Path path(String address) {
        try {
            return new org.apache.hadoop.fs.Path(address);
        } catch (IllegalArgumentException e) {
            throw noPath(address, e);
        }
    }

    private static AttunetException noPath(String address, IllegalArgumentException e) {
        return new AttunetException(
                address.isEmpty() ? "path" : address,
                "it is no path (" + e.getMessage() + ")",
                "a path or an address such as hdfs://host/folder",
                "correct it",
                e);
    }

    private static AttunetException unreachable(String address, IOException e) {
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
        int end = message.indexOf('\n');
        return e.getClass().getSimpleName() + ": " + (end < 0 ? message : message.substring(0, end));
    }
}
