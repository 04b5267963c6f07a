package org.attunet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;

/**
 * Writes a model as a bundle: a folder, or a zip file where the target's name ends with {@code .zip}.
 *
 * <p>The target appears whole or not at all. In a zip the models and the picture are stored, so that loading a model
 * inflates nothing; equal content gives equal bytes.
 */
public final class BundleWriter {
    private static final AtomicLong COUNTER = new AtomicLong();

    private BundleWriter() {}

    /**
     * Writes a bundle. A zip file replaces an older one; a folder must be new or empty.
     *
     * @throws AttunetException naming the target where it can't be written or is taken
     */
    public static void write(BundleContent content, Path target) {
        Map<String, Part> parts = new LinkedHashMap<>();
        files(content).forEach((name, payload) -> parts.put(name, part(target, name, payload)));
        Map<String, String> hashes = new LinkedHashMap<>();
        parts.forEach((name, part) -> hashes.put(name, part.digest.sha256()));
        Map<String, Part> all = new LinkedHashMap<>();
        all.put(BundleFile.RDF, part(target, BundleFile.RDF, Payload.of(RdfWriter.text(content, hashes))));
        all.putAll(parts);
        if (isZip(target)) {
            WholeFile.write(target, out -> zip(out, all, content.created()));
        } else {
            folder(target, all);
        }
    }

    /** A file of the bundle and what it holds. */
    private record Part(Payload payload, Digest digest) {
        boolean compresses(String name) {
            return !(name.endsWith(".onnx") || name.endsWith(".png"));
        }

        /** Copies the content and sees that it is what was hashed: it may have changed on disk meanwhile. */
        void copy(String name, OutputStream out) throws IOException {
            try (InputStream in = payload.open()) {
                if (!Digest.copy(in, out).equals(digest)) {
                    throw new AttunetException(
                            name,
                            "it changed while the bundle was written",
                            "a file that rests",
                            "write the bundle again");
                }
            }
        }
    }

    /** Whether a bundle of this name is a zip file. */
    static boolean isZip(Path target) {
        return target.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    private static Map<String, Payload> files(BundleContent content) {
        Map<String, Payload> files = new LinkedHashMap<>();
        files.put(BundleFile.CARD, Payload.of(CardPage.of(content)));
        if (content.cover() != null) {
            files.put(BundleFile.COVER, content.cover());
        }
        files.put(BundleFile.ONNX, content.onnx());
        if (content.int8() != null) {
            files.put(BundleFile.INT8, content.int8());
        }
        if (content.weights() != null) {
            files.put(BundleFile.WEIGHTS, content.weights());
        }
        files.put(BundleFile.TEST_INPUT, Payload.of(content.test().input().toBytes()));
        files.put(BundleFile.TEST_OUTPUT, Payload.of(content.test().output().toBytes()));
        return files;
    }

    private static Part part(Path target, String name, Payload payload) {
        try (InputStream in = payload.open()) {
            return new Part(payload, Digest.of(in));
        } catch (IOException e) {
            Path source = payload instanceof Payload.Disk disk ? disk.file() : target.resolve(name);
            throw new AttunetException(
                    source.toString(), "it can't be read (" + e + ")", "a readable file", "check the file", e);
        }
    }

    private static void zip(OutputStream out, Map<String, Part> parts, Instant time) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out); // the caller closes what lies below
        for (Map.Entry<String, Part> file : parts.entrySet()) {
            String name = file.getKey();
            Part part = file.getValue();
            ZipEntry entry = new ZipEntry(name);
            entry.setTimeLocal(time.atOffset(ZoneOffset.UTC).toLocalDateTime());
            if (!part.compresses(name)) {
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(part.digest.bytes());
                entry.setCrc(part.digest.crc());
            }
            zip.putNextEntry(entry);
            part.copy(name, zip);
            zip.closeEntry();
        }
        zip.finish();
    }

    private static void folder(Path target, Map<String, Part> parts) {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || absolute.getFileName() == null) {
            throw new AttunetException(target, "it is the root folder", "a new folder", "choose another output");
        }
        requireFree(target);
        WholeFile.makeFolder(parent);
        Path part = parent.resolve("." + absolute.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + ".part");
        boolean moved = false;
        try {
            WholeFile.makeFolder(part);
            for (Map.Entry<String, Part> file : parts.entrySet()) {
                String name = file.getKey();
                WholeFile.write(part.resolve(name), out -> file.getValue().copy(name, out));
            }
            Files.deleteIfExists(absolute);
            move(part, absolute);
            moved = true;
        } catch (IOException e) {
            throw new AttunetException(
                    target.toString(),
                    "the folder can't be written (" + e + ")",
                    "a new folder in a writable place",
                    "choose another output",
                    e);
        } finally {
            if (!moved) {
                remove(part);
            }
        }
    }

    private static void requireFree(Path target) {
        boolean taken = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (taken && Files.isDirectory(target)) {
            try (DirectoryStream<Path> inside = Files.newDirectoryStream(target)) {
                taken = inside.iterator().hasNext();
            } catch (IOException e) {
                throw new AttunetException(
                        target.toString(), "it can't be read (" + e + ")", "a new folder", "choose another output", e);
            }
        }
        if (taken) {
            throw new AttunetException(
                    target,
                    Files.isDirectory(target) ? "the folder is not empty" : "a file has this name",
                    "a new or empty folder, or a name that ends with .zip",
                    "choose another output, or remove this one");
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to);
        }
    }

    /** Removes what was written of a folder that failed. */
    private static void remove(Path folder) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> inside = Files.newDirectoryStream(folder)) {
            inside.forEach(files::add);
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // What failed first is what the user must hear of.
        }
    }
}
