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
import org.attunet.bundle.Bundle;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.spark.storage.Here;
import org.attunet.spark.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A bundle as it is broadcast to the executors: the content of one zip file, or of a folder's files; of a bundle that lies on
 * every machine already ({@code local:/opt/model.zip}), where it lies.
 *
 * @param name of the bundle's file or folder
 * @param place in the file system of each machine; null where the content comes along
 * @param files contents by the names under the bundle's folder; a zip file is one of the name ""
 * @param sha256 of names and contents, 64 hexadecimal digits
 */
public record ModelFiles(String name, @Nullable String place, Map<String, byte[]> files, String sha256)
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
            ModelFiles content = read(storage, "file:" + place);
            return new ModelFiles(content.name, place, Map.of(), content.sha256);
        }
        String uri = storage.qualified(address);
        Path local = Storage.local(uri);
        Map<String, byte[]> files = new TreeMap<>();
        if (local != null && Files.isDirectory(local)) {
            for (Path file : inside(local)) {
                files.put(local.relativize(file).toString().replace('\\', '/'), bytes(file));
            }
        } else {
            try (var here = new Here(storage, List.of(uri))) {
                files.put("", bytes(here.files().get(0)));
            }
        }
        String name = uri.replaceAll("/+$", "");
        return new ModelFiles(name.substring(name.lastIndexOf('/') + 1), null, files, sha256(files));
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
                ? "there is no such file"
                : "it can't be read (" + e.getClass().getSimpleName() + ")";
        return new AttunetException(
                file.toString(), found, "a model's bundle", "check the path and its permissions", e);
    }

    private static String sha256(Map<String, byte[]> files) {
        MessageDigest digest = Here.digest();
        files.forEach((name, content) -> {
            digest.update((name + "#" + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * The bundle's place on this machine.
     *
     * @param folder to which content that came along is written
     * @throws AttunetException where the bundle that should lie here doesn't, or is another
     */
    Path here(Storage storage, Path folder) {
        if (place != null) {
            String found = read(storage, "file:" + place).sha256;
            if (!found.equals(sha256)) {
                throw new AttunetException(
                        place,
                        "this machine has a bundle with SHA-256 " + found.substring(0, 12),
                        sha256.substring(0, 12) + ", as where the job was started",
                        "put the same bundle on every machine, or give its path without local: to have it sent");
            }
            return Path.of(place);
        }
        Path target = folder.resolve(name);
        files.forEach((inner, content) -> WholeFile.write(inner.isEmpty() ? target : target.resolve(inner), content));
        return target;
    }
}
