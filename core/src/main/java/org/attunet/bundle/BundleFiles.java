package org.attunet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.attunet.error.AttunetException;
import org.attunet.io.Npy;
import org.attunet.io.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The files of a bundle, in a folder or in a zip file, read by name as untrusted input: nothing is extracted, names that
 * lead out of the bundle are refused, and sizes are limited.
 *
 * <p>No file stays open between calls.
 */
final class BundleFiles {
    static final String RDF = "rdf.yaml";
    static final String CARD = "README.md";
    static final String COVER = "cover.png";
    static final String ONNX = "model.onnx";
    static final String INT8 = "model_int8.onnx";
    static final String WEIGHTS = "weights.pt";
    static final String TEST_INPUT = "test_input.npy";
    static final String TEST_OUTPUT = "test_output.npy";
    static final String INT8_TEST_OUTPUT = "test_output_int8.npy";

    /** What a user can do about a damaged bundle. */
    static final String REMEDY = "export the model again, or copy the bundle again from an intact source";

    private static final long LARGEST_TENSOR = 1L << 30;
    private static final int MOST_FILES = 1000;
    private static final int DEEPEST = 3;

    private final Path place;
    private final boolean zip;
    private final String prefix; // the folder in the zip that holds all entries, or empty
    private final Map<String, Long> sizes;
    private final Map<String, Long> checksums; // the CRC-32 in a zip file's directory; empty for a folder

    private BundleFiles(Path place, boolean zip, String prefix, Map<String, Long> sizes, Map<String, Long> checksums) {
        this.place = place;
        this.zip = zip;
        this.prefix = prefix;
        this.sizes = Collections.unmodifiableMap(sizes);
        this.checksums = Collections.unmodifiableMap(checksums);
    }

    /** Returns whether a bundle of this name is a zip file. */
    static boolean isZip(Path target) {
        return target.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /**
     * Lists a bundle's files.
     *
     * @throws AttunetException if there is no bundle, or the zip file is damaged or has forbidden names
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
                    "it is not a zip file, or a damaged or truncated one (" + e.getMessage() + ")",
                    "a whole zip file or a folder with " + RDF,
                    REMEDY,
                    e);
        } catch (IOException e) {
            throw unreadable(place, e);
        }
    }

    private static Map<String, Long> folder(Path place) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        if (!Files.isRegularFile(place.resolve(RDF))) {
            throw new AttunetException(
                    place, "there is no " + RDF, "a model's bundle", "give the folder that it was exported to");
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
                throw damaged(place, "two entries are called \"" + shown(name) + "\"", "one of each name");
            }
            if (sizes.containsKey(name)) {
                checksums.put(name, entry.getCrc());
            }
        }
        String prefix = prefix(sizes);
        return new BundleFiles(place, true, prefix, without(prefix, sizes), without(prefix, checksums));
    }

    /** The folder that all entries are in, as if a whole folder was packed; empty if there is none. */
    private static String prefix(Map<String, Long> sizes) {
        return sizes.keySet().stream()
                .filter(name -> name.indexOf('/') > 0
                        && name.substring(name.indexOf('/') + 1).equals(RDF))
                .map(name -> name.substring(0, name.indexOf('/') + 1))
                .filter(folder -> sizes.keySet().stream().allMatch(other -> other.startsWith(folder)))
                .findFirst()
                .orElse("");
    }

    private static Map<String, Long> without(String prefix, Map<String, Long> byName) {
        Map<String, Long> plain = new TreeMap<>();
        byName.forEach((name, value) -> plain.put(name.substring(prefix.length()), value));
        return plain;
    }

    private static void requireFew(Path place, int count) {
        if (count > MOST_FILES) {
            throw new AttunetException(
                    place, "more than " + MOST_FILES + " files", "a model's bundle of a few files", "give a bundle");
        }
    }

    /** Returns whether a file is one that file managers leave behind. */
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

    /** The path of a file of the bundle for messages. */
    Path path(String name) {
        return place.resolve(name);
    }

    List<String> names() {
        return new ArrayList<>(sizes.keySet());
    }

    boolean has(String name) {
        return sizes.containsKey(name);
    }

    /** A file's size in bytes according to the listing; 0 if there is no such file. */
    long size(String name) {
        return sizes.getOrDefault(name, 0L);
    }

    /**
     * Reads a file.
     *
     * @param limit the largest size in bytes
     * @param sha256 the expected hash; null if none is declared
     * @throws AttunetException if the file is missing, larger, damaged, or has another hash
     */
    byte[] read(String name, long limit, @Nullable String sha256) {
        long size = size(name);
        long most = Math.min(limit, Runtime.getRuntime().maxMemory());
        if (size > most || size < 0) {
            throw new AttunetException(
                    path(name),
                    size + " bytes",
                    "at most " + most + " bytes",
                    size > limit ? REMEDY : "give Java more memory with -Xmx");
        }
        try {
            byte[] content = reading(name, in -> {
                byte[] read = in.readNBytes((int) size);
                requireEnd(in.read() < 0);
                return read;
            });
            check(name, content);
            requireHash(name, sha256, Sha256.hex(content));
            return content;
        } catch (OutOfMemoryError e) {
            throw new AttunetException(
                    path(name).toString(), size + " bytes", "memory for them", "give Java more memory with -Xmx", e);
        }
    }

    private void check(String name, byte[] content) {
        if (content.length < size(name)) {
            throw damaged(path(name), content.length + " bytes", size(name) + " bytes");
        }
        CRC32 crc = new CRC32(); // which ZipFile does not compare
        crc.update(content);
        if (checksums.getOrDefault(name, crc.getValue()) != crc.getValue()) {
            throw damaged(path(name), "its checksum in the zip file is wrong", "an undamaged zip file");
        }
    }

    /** Reads a tensor of at most 1 GiB, as {@link #read} does. */
    Npy readNpy(String name, @Nullable String sha256) {
        return Npy.read(path(name), read(name, LARGEST_TENSOR, sha256));
    }

    /**
     * Checks the hash of a file of any size.
     *
     * @throws AttunetException if the file is missing, damaged, or has another hash
     */
    void verify(String name, String sha256) {
        requireHash(name, sha256, reading(name, in -> {
            String hash = Sha256.hex(in, size(name));
            requireEnd(in.read() < 0);
            return hash;
        }));
    }

    private void requireHash(String name, @Nullable String expected, String found) {
        if (expected != null && !expected.equals(found)) {
            throw damaged(path(name), "its SHA-256 is " + found, expected + ", as in rdf.yaml");
        }
    }

    private interface Reader<T> {
        T read(InputStream in) throws IOException;
    }

    /** Applies a reader to the stream of a file, and closes the stream. */
    private <T> T reading(String name, Reader<T> reader) {
        if (!has(name)) {
            throw damaged(path(name), "there is no such file", "a file of the bundle");
        }
        try {
            if (!zip) {
                try (InputStream in = Files.newInputStream(path(name))) {
                    return reader.read(in);
                }
            }
            try (ZipFile file = new ZipFile(place.toFile())) {
                ZipEntry entry = file.getEntry(prefix + name);
                if (entry == null) {
                    throw new IOException("the file was changed meanwhile");
                }
                try (InputStream in = file.getInputStream(entry)) {
                    return reader.read(in);
                }
            }
        } catch (IOException e) {
            throw unreadable(path(name), e);
        }
    }

    private static void requireEnd(boolean ended) throws IOException {
        if (!ended) {
            throw new IOException("it is longer than its archive says");
        }
    }

    /** The error for a bundle that isn't as it was exported. */
    static AttunetException damaged(Path file, String found, String expected) {
        return new AttunetException(file, found, expected, REMEDY);
    }

    private static AttunetException unreadable(Path file, IOException e) {
        return new AttunetException(file.toString(), "it can't be read (" + e + ")", "a whole file", REMEDY, e);
    }
}
