package org.attunet.spark.segment;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
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
 * A bundle as it is broadcast to the executors: its content, or its path if every machine has it already ({@code
 * local:/opt/model.zip}).
 *
 * @param address as the user typed it
 * @param place the path on every machine; null if the content is included
 * @param files contents by name within the bundle's folder; a zip file has the name ""
 * @param sha256 of names and contents, 64 hexadecimal digits
 */
public record ModelFiles(String address, @Nullable String place, Map<String, byte[]> files, String sha256)
        implements Serializable {
    private static final String EVERYWHERE = "local:";
    private static final long MAX_BYTES = 1L << 30; // a broadcast is one Java array

    /**
     * Reads a whole bundle.
     *
     * @param address of a zip file or a folder; {@code local:} is a path on every machine, as in Spark
     */
    static ModelFiles read(Storage storage, String address) {
        if (address.startsWith(EVERYWHERE)) {
            String place = address.substring(EVERYWHERE.length());
            return new ModelFiles(address, place, new TreeMap<>(), read(storage, "file:" + place).sha256);
        }
        String uri = storage.qualified(address);
        Path local = Storage.local(uri);
        Map<String, byte[]> files;
        if (local != null) {
            files = content(local);
        } else if (storage.isFolder(uri)) {
            throw new AttunetException(
                    address,
                    "it is a folder, and not of the local file system",
                    "a bundle in a zip file",
                    "put the model there as one zip file");
        } else {
            try (var copies = new LocalCopies(storage)) {
                files = content(copies.fetch(uri));
            }
        }
        return new ModelFiles(address, null, files, sha256(files));
    }

    private static Map<String, byte[]> content(Path bundle) {
        if (Files.isDirectory(bundle) && !Bundle.looksLike(bundle)) {
            throw new AttunetException(
                    bundle,
                    "it is no bundle",
                    "a model's bundle, a zip file or a folder with rdf.yaml",
                    "export a run with 'attunet export " + bundle + " -o model.zip' and give that");
        }
        var files = new TreeMap<String, byte[]>();
        try (Stream<Path> tree = Files.walk(bundle, 3)) { // of a file: itself, with the name ""
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                files.put(bundle.relativize(file).toString().replace('\\', '/'), bytes(file));
            }
        } catch (IOException e) {
            throw unreadable(bundle, e);
        }
        return files;
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new AttunetException(
                        file,
                        "it has " + (Files.size(file) >> 20) + " MiB",
                        "a bundle of at most " + (MAX_BYTES >> 20) + " MiB, which is sent to each executor",
                        "export a smaller model");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static AttunetException unreadable(Path file, IOException e) {
        String machine = SparkEnv.get().blockManager().blockManagerId().host();
        return LocalCopies.unreadable(file, "there is no such file on the machine " + machine, "a model's bundle", e);
    }

    private static String sha256(Map<String, byte[]> files) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        files.forEach((name, content) -> {
            digest.update((name + "#" + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Opens the bundle on this machine; the caller closes the segmenter.
     *
     * @param folder for included content, which is no longer needed after the call
     * @throws AttunetException naming the bundle if this machine lacks it, has another one, or can't open it
     */
    Segmenter open(Path folder, SegmenterOptions options, OnnxOptions onnx, Precision precision) {
        Path local = place == null ? written(folder) : Path.of(place);
        if (place != null) {
            requireSame(local);
        }
        try {
            return Segmenter.open(local, options, onnx, precision);
        } catch (AttunetException e) {
            String subject = e.subject().replace(local.toString(), address);
            String found = e.found().replace(local.toString(), address);
            throw new AttunetException(subject, found, e.expected(), e.remedy(), e);
        }
    }

    private Path written(Path folder) {
        // Not under the user's name for it, which may be anything, even "..".
        Path target = folder.resolve(files.containsKey("") ? "model.zip" : "model");
        files.forEach((name, content) -> WholeFile.write(name.isEmpty() ? target : target.resolve(name), content));
        return target;
    }

    private void requireSame(Path local) {
        String digest = sha256(content(local));
        if (!digest.equals(sha256)) {
            throw new AttunetException(
                    address,
                    "this machine has a bundle with SHA-256 " + digest.substring(0, 12),
                    sha256.substring(0, 12) + ", as on the machine that started the job",
                    "put the same bundle on every machine, or give its path without local: to have it sent");
        }
    }
}
