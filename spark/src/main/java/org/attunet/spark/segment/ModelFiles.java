package org.attunet.spark.segment;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A bundle as it is broadcast to the executors: the content of one zip file, or of a folder's files; of a bundle that lies on
 * every machine already ({@code local:/opt/model.zip}), where it lies.
 *
 * @param address by which the user named it
 * @param place in the file system of each machine; null where the content comes along
 * @param files contents by the names under the bundle's folder; a zip file is one of the name ""
 * @param sha256 of names and contents, 64 hexadecimal digits
 */
public record ModelFiles(String address, @Nullable String place, Map<String, byte[]> files, String sha256)
        implements Serializable {
    private static final String EVERYWHERE = "local:";
    private static final long MOST_BYTES = 1L << 30; // a broadcast is one array of Java's

    /**
     * Reads a bundle whole.
     *
     * @param address of a zip file or a folder; as Spark has it, {@code local:} is a path on every machine
     */
    static ModelFiles read(Storage storage, String address) {
        if (address.startsWith(EVERYWHERE)) {
            String place = address.substring(EVERYWHERE.length());
            return new ModelFiles(address, place, new TreeMap<>(), read(storage, "file:" + place).sha256);
        }
        String uri = storage.qualified(address);
        Path local = Storage.local(uri);
        var files = new TreeMap<String, byte[]>();
        if (local != null) {
            files.putAll(content(local));
        } else if (storage.isFolder(uri)) {
            throw new AttunetException(
                    address,
                    "it is a folder, and not of the local file system",
                    "a bundle in a zip file",
                    "put the model there as one zip file");
        } else {
            try (var here = new LocalCopies(storage)) {
                files.put("", bytes(here.bring(uri)));
            }
        }
        return new ModelFiles(address, null, files, sha256(files));
    }

    private static Map<String, byte[]> content(Path bundle) {
        var files = new TreeMap<String, byte[]>();
        if (Files.isDirectory(bundle)) {
            inside(bundle)
                    .forEach(
                            file -> files.put(bundle.relativize(file).toString().replace('\\', '/'), bytes(file)));
        } else {
            files.put("", bytes(bundle));
        }
        return files;
    }

    private static List<Path> inside(Path folder) {
        if (!Bundle.looksLike(folder)) {
            throw new AttunetException(
                    folder,
                    "it is no bundle",
                    "a model's bundle, a zip file or a folder with rdf.yaml",
                    "export a run with 'attunet export " + folder + " -o model.zip' and give that");
        }
        try (Stream<Path> tree = Files.walk(folder, 3)) {
            return tree.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new AttunetException(
                        file,
                        "it has " + (Files.size(file) >> 20) + " MiB",
                        "a bundle of at most " + (MOST_BYTES >> 20) + " MiB, which is sent to each executor",
                        "export a smaller model");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static AttunetException unreadable(Path file, IOException e) {
        String found = Files.notExists(file)
                ? "there is no such file on the machine " + machine()
                : "it can't be read (" + e.getClass().getSimpleName() + ")";
        return new AttunetException(
                file.toString(), found, "a model's bundle", "check the path and its permissions", e);
    }

    private static String machine() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }

    private static String sha256(Map<String, byte[]> files) {
        MessageDigest digest = LocalCopies.digest();
        files.forEach((name, content) -> {
            digest.update((name + "#" + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Opens the bundle on this machine; the caller closes the segmenter.
     *
     * @param folder to which content that came along is written; needed no longer afterwards
     * @throws AttunetException naming the bundle, where the one that should lie here doesn't, is another, or can't be opened
     */
    Segmenter open(Path folder, SegmenterOptions options, OnnxOptions onnx, Precision precision) {
        Path here = place == null ? written(folder) : Path.of(place);
        if (place != null) {
            requireSame(here);
        }
        try {
            return Segmenter.open(here, options, onnx, precision);
        } catch (AttunetException e) {
            String subject = e.subject().replace(here.toString(), address);
            String found = e.found().replace(here.toString(), address);
            throw new AttunetException(subject, found, e.expected(), e.remedy(), e);
        }
    }

    /** The content as a file or folder. */
    private Path written(Path folder) {
        // The user's own name for it may be anything, ".." too.
        Path target = folder.resolve(files.containsKey("") ? "model.zip" : "model");
        files.forEach((inner, content) -> WholeFile.write(inner.isEmpty() ? target : target.resolve(inner), content));
        return target;
    }

    private void requireSame(Path here) {
        String digest = sha256(content(here));
        if (!digest.equals(sha256)) {
            throw new AttunetException(
                    address,
                    "this machine has a bundle with SHA-256 " + digest.substring(0, 12),
                    sha256.substring(0, 12) + ", as where the job was started",
                    "put the same bundle on every machine, or give its path without local: to have it sent");
        }
    }
}
