package org.attunet.bundle;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The files of a bundle, in a folder or in a zip file, read by name and never trusted: nothing is extracted, names that
 * lead elsewhere are refused, and no more bytes are taken than a file of its kind may have.
 *
 * <p>Nothing is held open between calls.
 */
final class BundleFiles {
    private static final int MOST_FILES = 1000;
    private static final int DEEPEST = 3;
    private static final String REMEDY = "export the model again, or copy the bundle again from where it is whole";

    private final Path place;
    private final boolean zip;
    /** Before each name in the zip: a folder that was packed as a whole, or nothing. */
    private final String prefix;

    private final Map<String, Long> sizes;
    /** The checksums that a zip tells; none in a folder. */
    private final Map<String, Long> checksums;

    private BundleFiles(Path place, boolean zip, String prefix, Map<String, Long> sizes, Map<String, Long> checksums) {
        this.place = place;
        this.zip = zip;
        this.prefix = prefix;
        this.sizes = Collections.unmodifiableMap(sizes);
        this.checksums = Collections.unmodifiableMap(checksums);
    }

    /**
     * Lists a bundle's files.
     *
     * @throws AttunetException where there is no bundle, the zip is damaged or has names that no bundle has
     */
    static BundleFiles open(Path place) {
        try {
            if (Files.isDirectory(place)) {
                return new BundleFiles(place, false, "", folder(place), Map.of());
            }
            if (!Files.exists(place)) {
                throw new AttunetException(
                        place, "there is nothing", "a model's folder or zip file", "correct the path");
            }
            try (ZipFile file = new ZipFile(place.toFile())) {
                return zip(place, file);
            }
        } catch (ZipException | IllegalArgumentException e) {
            throw new AttunetException(
                    place.toString(),
                    "it is no zip file, or a damaged or truncated one (" + e.getMessage() + ")",
                    "a whole zip file or a folder with " + BundleFile.RDF,
                    REMEDY,
                    e);
        } catch (IOException e) {
            throw unreadable(place, e);
        }
    }

    private static Map<String, Long> folder(Path place) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        if (!Files.isRegularFile(place.resolve(BundleFile.RDF))) {
            throw new AttunetException(
                    place,
                    "there is no " + BundleFile.RDF,
                    "a model's bundle",
                    "give the folder that it was exported to");
        }
        try (Stream<Path> found = Files.walk(place, DEEPEST)) {
            for (Path file : (Iterable<Path>) found::iterator) {
                String name = place.relativize(file).toString().replace('\\', '/');
                if (Files.isRegularFile(file) && !hidden(name)) {
                    sizes.put(name, Files.size(file));
                }
                requireFew(place, sizes.size());
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return sizes;
    }

    private static BundleFiles zip(Path place, ZipFile file) {
        requireFew(place, file.size());
        Map<String, Long> sizes = new TreeMap<>();
        Map<String, Long> checksums = new TreeMap<>();
        for (ZipEntry entry : Collections.list(file.entries())) {
            String name = entry.getName();
            requireInside(place, name);
            if (!entry.isDirectory() && !hidden(name) && sizes.put(name, entry.getSize()) != null) {
                throw new AttunetException(
                        place, "two entries are called \"" + shown(name) + "\"", "one of each name", REMEDY);
            }
            if (sizes.containsKey(name)) {
                checksums.put(name, entry.getCrc());
            }
        }
        String prefix = prefix(sizes);
        return new BundleFiles(place, true, prefix, without(prefix, sizes), without(prefix, checksums));
    }

    /** The folder that all entries lie in, where a whole folder was packed. */
    private static String prefix(Map<String, Long> sizes) {
        for (String name : sizes.keySet()) {
            int slash = name.indexOf('/');
            if (slash > 0 && name.substring(slash + 1).equals(BundleFile.RDF)) {
                String folder = name.substring(0, slash + 1);
                if (sizes.keySet().stream().allMatch(other -> other.startsWith(folder))) {
                    return folder;
                }
            }
        }
        return "";
    }

    private static Map<String, Long> without(String prefix, Map<String, Long> facts) {
        Map<String, Long> plain = new TreeMap<>();
        facts.forEach((name, fact) -> plain.put(name.substring(prefix.length()), fact));
        return plain;
    }

    private static void requireFew(Path place, int count) {
        if (count > MOST_FILES) {
            throw new AttunetException(
                    place, "more than " + MOST_FILES + " files", "a model's bundle of a few files", "give a bundle");
        }
    }

    /** What file managers leave behind. */
    private static boolean hidden(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        return last.startsWith(".") || last.equals("Thumbs.db") || name.startsWith("__MACOSX/");
    }

    private static void requireInside(Path place, String name) {
        boolean outside = name.isEmpty()
                || name.startsWith("/")
                || name.contains("\\")
                || name.contains(":")
                || name.chars().anyMatch(c -> c < ' ')
                || List.of(name.split("/", -1)).contains("..");
        if (outside) {
            throw new AttunetException(
                    place,
                    "an entry is called \"" + shown(name) + "\", which leads out of the bundle",
                    "plain names of files",
                    "don't use this file: it was made to write elsewhere");
        }
    }

    private static String shown(String name) {
        String clean = name.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > 100 ? clean.substring(0, 100) + "…" : clean;
    }

    /** The folder or zip file. */
    Path place() {
        return place;
    }

    /** What messages call a file of the bundle. */
    Path path(String name) {
        return place.resolve(name);
    }

    List<String> names() {
        return new ArrayList<>(sizes.keySet());
    }

    boolean has(String name) {
        return sizes.containsKey(name);
    }

    /** The bytes that a file has, or claims to have; 0 where there is none. */
    long size(String name) {
        return sizes.getOrDefault(name, 0L);
    }

    /**
     * A file's content.
     *
     * @param limit the most bytes that a file of its kind has
     * @throws AttunetException where the file is missing, larger, or damaged
     */
    byte[] read(String name, long limit) {
        long size = size(name);
        long most = Math.min(limit, Runtime.getRuntime().maxMemory());
        if (size > most || size < 0) {
            throw new AttunetException(
                    path(name),
                    size + " bytes",
                    "at most " + most + " bytes",
                    size > limit ? REMEDY : "give Java more memory with -Xmx");
        }
        try (InputStream in = stream(name)) {
            byte[] content = in.readNBytes((int) size);
            if (content.length < size || in.read() >= 0) {
                throw new AttunetException(path(name), content.length + " bytes", size + " bytes", REMEDY);
            }
            // Java's own reader leaves the zip's checksum aside.
            CRC32 crc = new CRC32();
            crc.update(content);
            if (checksums.getOrDefault(name, crc.getValue()) != crc.getValue()) {
                throw new AttunetException(
                        path(name), "its checksum in the zip file is wrong", "an undamaged zip file", REMEDY);
            }
            return content;
        } catch (IOException e) {
            throw unreadable(path(name), e);
        } catch (OutOfMemoryError e) {
            throw new AttunetException(
                    path(name).toString(), size + " bytes", "memory for them", "give Java more memory with -Xmx", e);
        }
    }

    /**
     * The digest of a file's content, whatever its size.
     *
     * @throws AttunetException where the file is missing or damaged
     */
    Digest digest(String name) {
        try (InputStream in = stream(name)) {
            return Digest.of(in);
        } catch (IOException e) {
            throw unreadable(path(name), e);
        }
    }

    /** A stream over a file's content, of no more bytes than the listing said; closing it closes all. */
    private InputStream stream(String name) throws IOException {
        if (!has(name)) {
            throw new AttunetException(path(name), "there is no such file", "a file of the bundle", REMEDY);
        }
        if (!zip) {
            return new Bounded(Files.newInputStream(place.resolve(name)), size(name), null);
        }
        ZipFile file = new ZipFile(place.toFile());
        try {
            ZipEntry entry = file.getEntry(prefix + name);
            if (entry == null) {
                throw new IOException("the file was changed meanwhile");
            }
            return new Bounded(file.getInputStream(entry), size(name), file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static AttunetException unreadable(Path file, IOException e) {
        return new AttunetException(file.toString(), "it can't be read (" + e + ")", "a whole file", REMEDY, e);
    }

    /** A stream that fails where more comes than was announced. */
    private static final class Bounded extends FilterInputStream {
        private final @Nullable Closeable owner;
        private long left;

        Bounded(InputStream in, long size, @Nullable Closeable owner) {
            super(in);
            this.left = size;
            this.owner = owner;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            count(Math.max(0, n));
            return n;
        }

        private void count(int n) throws IOException {
            left -= n;
            if (left < 0) {
                throw new IOException("it is longer than its archive says");
            }
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                if (owner != null) {
                    owner.close();
                }
            }
        }
    }
}
