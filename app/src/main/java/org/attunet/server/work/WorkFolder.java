package org.attunet.server.work;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;

/**
 * The folder that holds what the server keeps on disk: {@code staging/ID} for what is being uploaded, {@code jobs/ID} for
 * jobs ({@code job.json}, {@code input/}, {@code result/}). A job appears and goes by one renaming, so that it is there
 * whole or not at all, whenever the process ends.
 *
 * @param root the folder
 */
public record WorkFolder(Path root) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String FILE = "job.json";
    private static final String CANCELLED = "cancelled";

    /** Makes the folders and throws away uploads that the last process did not finish. */
    public static WorkFolder open(Path root) {
        var folder = new WorkFolder(root);
        WholeFile.makeFolder(folder.jobs());
        delete(folder.root.resolve("staging"));
        WholeFile.makeFolder(folder.root.resolve("staging"));
        return folder;
    }

    private Path jobs() {
        return root.resolve("jobs");
    }

    /** A name that nobody can guess: 128 random bits in hexadecimal digits. */
    public static String randomName() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Where a multipart request's parts are kept while it is read. */
    public Path parts() {
        return root.resolve("staging");
    }

    /** A new folder for an upload, to be closed; a job may keep it. */
    public UploadFolder staging() {
        return new UploadFolder(stage());
    }

    /** A new folder for an upload that one method alone works in, which deletes it. */
    public Path stage() {
        return WholeFile.makeFolder(root.resolve("staging").resolve(randomName()));
    }

    /** Makes a job of a staged folder whose {@code input/} holds the job's files. */
    void admit(UploadFolder staged, Job job) {
        write(staged.folder(), job);
        try {
            Files.move(staged.folder(), of(job.id()), StandardCopyOption.ATOMIC_MOVE);
            staged.keep();
        } catch (IOException e) {
            throw unwritable(of(job.id()), e);
        }
    }

    /** A job's own folder. */
    public Path of(String id) {
        return jobs().resolve(id);
    }

    /** Notes that a job's client wants it no more, so that no later process takes it up. */
    void cancel(String id) {
        WholeFile.write(of(id).resolve(CANCELLED), new byte[0]);
    }

    /** Whether a job's client wants it no more. */
    boolean isCancelled(String id) {
        return Files.exists(of(id).resolve(CANCELLED));
    }

    /** Throws the images away that a job was about: it has ended, and what they show is nobody's business longer. */
    void forgetInput(String id) {
        delete(of(id).resolve("input"));
    }

    /** Writes a job's state. */
    void save(Job job) {
        write(of(job.id()), job);
    }

    private static void write(Path folder, Job job) {
        JsonFile.write(folder.resolve(FILE), job.json());
    }

    /** All jobs, the oldest first; folders that hold none are left alone and reported. */
    List<Job> load(java.util.function.Consumer<AttunetException> damaged) {
        List<Job> jobs = new ArrayList<>();
        for (Path folder : list(jobs())) {
            String name = String.valueOf(folder.getFileName());
            if (name.startsWith(".")) {
                delete(folder); // half deleted when the process ended
                continue;
            }
            try {
                jobs.add(Job.of(JsonFile.read(folder.resolve(FILE), "a job as the server wrote it"), folder));
            } catch (AttunetException e) {
                damaged.accept(e);
            }
        }
        jobs.sort(Comparator.comparing(Job::created).thenComparing(Job::id));
        return jobs;
    }

    /** Removes a job with all its files. */
    void remove(String id) {
        Path hidden = jobs().resolve("." + id);
        try {
            Files.move(of(id), hidden, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            hidden = of(id);
        }
        delete(hidden);
    }

    /** Deletes a folder with all that is in it, as far as that can be done; links are not followed. */
    public static void delete(Path folder) {
        List<Path> paths;
        try (Stream<Path> all = Files.walk(folder)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException | UncheckedIOException e) {
            return; // it is gone, or the next start removes it
        }
        for (Path path : paths) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // The others go all the same, and the next start removes this one.
            }
        }
    }

    /** What lies in a folder, by name. */
    public static List<Path> list(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it can't be listed (" + e + ")",
                    "a readable folder",
                    "check its permissions",
                    e);
        }
    }

    private static AttunetException unwritable(Path folder, IOException e) {
        return new AttunetException(
                folder.toString(),
                "the job can't be kept (" + e.getMessage() + ")",
                "a folder on one disk with room",
                "free some space, or name another folder with --work",
                e);
    }
}
