package org.attunet.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.io.Sha256;
import org.attunet.io.WholeFile;

/**
 * Writes a model as a bundle: a folder, or a zip file if the target's name ends with {@code .zip}.
 *
 * <p>The target appears whole or not at all. In a zip file the picture is stored uncompressed, and so are models that
 * packing makes hardly smaller: they load faster. Equal content gives equal bytes.
 */
public final class BundleWriter {
    private static final AtomicLong COUNTER = new AtomicLong();

    private BundleWriter() {}

    /**
     * Writes a bundle. An existing zip file is replaced; a folder must be new or empty.
     *
     * @param content what the bundle holds
     * @param target a folder, or a file that ends with {@code .zip}
     * @throws AttunetException if the target can't be written or is taken
     */
    public static void write(BundleContent content, Path target) {
        Map<String, byte[]> files = files(content);
        if (BundleFiles.isZip(target)) {
            WholeFile.write(target, out -> zip(out, files, content.publication().created()));
        } else {
            folder(target, files);
        }
    }

    private static Map<String, byte[]> files(BundleContent content) {
        BundleContent.Weights weights = content.weights();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(BundleFiles.RDF, new byte[0]); // the first entry; its content needs the others' hashes
        files.put(BundleFiles.CARD, CardPage.of(content).getBytes(StandardCharsets.UTF_8));
        if (content.publication().cover() != null) {
            files.put(BundleFiles.COVER, content.publication().cover());
        }
        byte[] onnx = content.file(Precision.FP32);
        files.put(BundleFiles.ONNX, onnx);
        BundleContent.Quantised int8 = weights.int8();
        if (int8 != null) {
            files.put(BundleFiles.INT8, content.file(Precision.INT8));
            if (int8.testOutput() != null) {
                files.put(BundleFiles.INT8_TEST_OUTPUT, int8.testOutput().toBytes());
            }
        }
        if (weights.stateDict() != null) {
            files.put(BundleFiles.WEIGHTS, weights.stateDict());
        }
        files.put(BundleFiles.TEST_INPUT, content.test().input().toBytes());
        files.put(BundleFiles.TEST_OUTPUT, content.test().output().toBytes());
        Map<String, String> hashes = new LinkedHashMap<>();
        files.forEach((name, bytes) -> hashes.put(name, Sha256.hex(bytes)));
        hashes.remove(BundleFiles.RDF);
        files.put(
                BundleFiles.RDF,
                RdfWriter.text(content, hashes, PortableModel.opset(onnx)).getBytes(StandardCharsets.UTF_8));
        return files;
    }

    private static void zip(OutputStream out, Map<String, byte[]> files, Instant time) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out); // the caller closes the stream below
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String name = file.getKey();
            ZipEntry entry = new ZipEntry(name);
            entry.setTimeLocal(time.atOffset(ZoneOffset.UTC).toLocalDateTime());
            if (name.endsWith(".png") || (name.endsWith(".onnx") && !packs(file.getValue()))) {
                CRC32 crc = new CRC32();
                crc.update(file.getValue());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                entry.setCrc(crc.getValue());
            }
            zip.putNextEntry(entry);
            zip.write(file.getValue());
            zip.closeEntry();
        }
        zip.finish();
    }

    /** Returns whether packing makes a model a quarter smaller: if its weights are of half precision. */
    private static boolean packs(byte[] model) {
        int length = Math.min(model.length, 1 << 20);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(model, (model.length - length) / 2, length);
            deflater.finish();
            byte[] packed = new byte[length];
            return deflater.deflate(packed) < length / 4 * 3;
        } finally {
            deflater.end();
        }
    }

    private static void folder(Path target, Map<String, byte[]> files) {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || absolute.getFileName() == null) {
            throw new AttunetException(target, "it is the root folder", "a new folder", "choose another output");
        }
        try {
            requireFree(target);
            WholeFile.makeFolder(parent);
            Path part = parent.resolve("." + absolute.getFileName() + "."
                    + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + ".part");
            try {
                WholeFile.makeFolder(part);
                files.forEach((name, bytes) -> WholeFile.write(part.resolve(name), bytes));
                Files.deleteIfExists(absolute);
                WholeFile.move(part, absolute);
            } finally {
                delete(part); // it exists only if writing failed
            }
        } catch (IOException e) {
            throw new AttunetException(
                    target.toString(),
                    "the folder can't be written (" + e + ")",
                    "a new folder in a writable place",
                    "choose another output",
                    e);
        }
    }

    private static void requireFree(Path target) throws IOException {
        boolean taken = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (taken && Files.isDirectory(target)) {
            try (Stream<Path> inside = Files.list(target)) {
                taken = inside.findAny().isPresent();
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

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> inside = Files.list(folder)) {
            for (Path file : (Iterable<Path>) inside::iterator) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }
}
