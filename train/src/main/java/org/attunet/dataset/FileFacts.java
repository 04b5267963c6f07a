package org.attunet.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.CacheFolder;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.Sha256;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * What was found in the files of a data set, remembered so that the next command needn't read them again: one file for each
 * set in the user's cache folder, the {@value #MOST_SETS} latest of them.
 *
 * <p>A fact holds as long as size, times of content and of attributes, and number of the file are the same, and the program's
 * version. Files that changed less than two seconds before they were read are not remembered: a second change in the same
 * instant wouldn't show. Names of files are kept as hashes. A cache that can't be read or written is none. Thread-safe.
 */
final class FileFacts {
    /** To be raised whenever what is found in an unchanged file changes. */
    private static final int VERSION = 1;

    private static final int MOST_SETS = 50;
    private static final long MOST_BYTES = 64 << 20;
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final String SUFFIX = ".facts";
    private static final String OFF = "ATTUNET_NO_CACHE";

    private final @Nullable Path file;
    private final Supplier<Instant> now;
    private final JsonNode known;
    private final Map<String, ObjectNode> kept = new ConcurrentHashMap<>();

    /**
     * @param file of the facts; null to remember nothing
     * @param now the time
     */
    FileFacts(@Nullable Path file, Supplier<Instant> now) {
        this.file = file;
        this.now = now;
        this.known = file == null ? Json.object() : read(file);
    }

    /** Those of a data set. */
    static FileFacts of(Path root) {
        String off = System.getenv(OFF);
        boolean none = off != null && !off.isEmpty() && !off.equals("0");
        String name = key(root).substring(0, Split.HASH_DIGITS) + SUFFIX;
        return new FileFacts(none ? null : CacheFolder.path().resolve("data").resolve(name), Instant::now);
    }

    /**
     * What is known of a file, else what is found in it now.
     *
     * @param kind of fact, one name for each type
     * @param lasting whether a fact may be remembered
     */
    <T> T of(String kind, Path subject, Class<T> type, Supplier<T> found, Predicate<T> lasting) {
        String stamp = file == null ? null : stamp(subject);
        if (stamp == null) {
            return found.get();
        }
        String key = kind + " " + key(subject);
        JsonNode before = known.path(key);
        if (before.path("stamp").asText().equals(stamp)) {
            try {
                T fact = Json.EXACT.treeToValue(before.get("fact"), type);
                if (fact != null) {
                    kept.put(key, (ObjectNode) before);
                    return fact;
                }
            } catch (JsonProcessingException | IllegalArgumentException | AttunetException e) {
                // found again
            }
        }
        T fact = found.get();
        if (lasting.test(fact) && stamp.equals(stamp(subject))) {
            ObjectNode entry = Json.object().put("stamp", stamp);
            entry.set("fact", Json.EXACT.valueToTree(fact));
            kept.put(key, entry);
        }
        return fact;
    }

    /** Remembers the facts that were asked for, in place of those before. */
    void save() {
        if (file == null || kept.isEmpty()) {
            return;
        }
        ObjectNode facts = Json.object();
        new TreeMap<>(kept).forEach(facts::set);
        if (facts.equals(known)) {
            return;
        }
        try {
            String text = facts.toString();
            WholeFile.writeString(file, head(text) + "\n" + text);
            tidy(file.toAbsolutePath().getParent());
        } catch (AttunetException | IOException | UncheckedIOException e) {
            System.getLogger(FileFacts.class.getName())
                    .log(System.Logger.Level.DEBUG, "what was found in the data can't be kept", e);
        }
    }

    private static String head(String text) {
        return "attunet " + VERSION + " " + FileFacts.class.getPackage().getImplementationVersion() + " "
                + Sha256.hex(text);
    }

    private static JsonNode read(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
                String[] parts = Files.readString(file).split("\n", 2);
                if (parts.length == 2 && parts[0].equals(head(parts[1]))) {
                    return Json.EXACT.readTree(parts[1]);
                }
            }
        } catch (IOException e) {
            // as if there were none
        }
        return Json.object();
    }

    private static void tidy(@Nullable Path folder) throws IOException {
        if (folder == null) {
            return;
        }
        List<Path> sets;
        try (Stream<Path> files = Files.list(folder)) {
            sets = files.filter(one -> one.toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparing((Path one) -> one.toFile().lastModified())
                            .reversed())
                    .toList();
        }
        for (Path old : sets.subList(Math.min(MOST_SETS, sets.size()), sets.size())) {
            Files.deleteIfExists(old);
        }
    }

    private static String key(Path path) {
        return Sha256.hex(path.toAbsolutePath().normalize().toString());
    }

    /** Size, times and number of a file, or of both of a pair; null if it can't be told whether it changes. */
    private @Nullable String stamp(Path subject) {
        try {
            StringBuilder stamp = new StringBuilder();
            for (Path one : Images.files(subject)) {
                Map<String, Object> unix = Files.readAttributes(one, "unix:size,lastModifiedTime,ctime,ino,dev");
                for (String time : List.of("lastModifiedTime", "ctime")) {
                    Instant changed = ((FileTime) Objects.requireNonNull(unix.get(time))).toInstant();
                    if (changed.plus(SETTLED).isAfter(now.get())) {
                        return null;
                    }
                    stamp.append(changed).append(' ');
                }
                stamp.append(unix.get("size")).append(' ').append(unix.get("dev"));
                stamp.append(' ').append(unix.get("ino")).append(';');
            }
            return stamp.toString();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException | AttunetException e) {
            return null; // other systems than Linux and macOS don't tell when a file's attributes changed
        }
    }
}
