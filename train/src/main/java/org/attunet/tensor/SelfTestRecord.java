package org.attunet.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.io.CacheFolder;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The result of the self-test for one processor and version, in a file of the user's cache folder. A file of another
 * processor or version, or one that can't be read, counts as none.
 *
 * @param file with the result
 * @param machine processor and versions that the result holds for
 */
public record SelfTestRecord(Path file, String machine) {
    /** That of this machine. */
    public static SelfTestRecord here() {
        String machine = machine(Processor.here());
        return new SelfTestRecord(
                CacheFolder.path().resolve("libtorch-%08x.json".formatted(machine.hashCode())), machine);
    }

    private static String machine(Processor processor) {
        String attunet = SelfTest.class.getPackage().getImplementationVersion();
        return processor.name() + "; " + processor.cores() + " cores; " + String.join(" ", processor.flags())
                + "; libtorch " + libtorch() + "; attunet " + attunet;
    }

    /** The version of libtorch's build, or null if its jar does not say. */
    public static @Nullable String libtorch() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException e) {
            return null;
        }
    }

    /** The precautions on record; null if there is no result that holds here. */
    @Nullable
    Set<Precaution> read() {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            JsonNode root = JsonFile.read(file, "the result of a self-test");
            if (!root.path("machine").asText().equals(machine)
                    || !root.path("precautions").isArray()) {
                return null;
            }
            Set<Precaution> precautions = EnumSet.noneOf(Precaution.class);
            root.get("precautions").forEach(name -> precautions.add(Precaution.valueOf(name.asText())));
            return precautions;
        } catch (AttunetException | IllegalArgumentException unusable) {
            return null;
        }
    }

    /** Keeps a result; without a writable folder the next process tests again. */
    void write(SelfTest.Result result) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("machine", machine);
        root.put("tested", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        root.put("fault", result.fault());
        result.precautions().forEach(precaution -> root.withArray("precautions").add(precaution.name()));
        root.withArray("precautions");
        try {
            WholeFile.writeString(file, root.toPrettyString() + "\n");
        } catch (AttunetException readOnly) {
            System.getLogger(SelfTestRecord.class.getName())
                    .log(System.Logger.Level.DEBUG, "the self-test's result can't be kept", readOnly);
        }
    }

    /** Runs work while no other process of this user does; without a writable folder, or after a minute, at once. */
    <T> T locked(Supplier<T> work) {
        List<T> done = new ArrayList<>();
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        try {
            Files.createDirectories(file.getParent());
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock(channel)) {
                done.add(work.get());
            }
        } catch (IOException e) {
            if (done.isEmpty()) {
                done.add(work.get());
            }
        }
        return done.get(0);
    }

    /** The lock; null if another process has kept it for a minute, perhaps because it was stopped. */
    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        FileLock held = channel.tryLock();
        try {
            for (int k = 0; k < 600 && held == null; k++) {
                Thread.sleep(100);
                held = channel.tryLock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return held;
    }
}
