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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.JsonFile;
import org.attunet.io.WholeFile;

/**
 * The server's folder on disk: {@code staging/ID} for uploads in progress, {@code jobs/ID} for jobs ({@code job.json}, {@code
 * input/}, {@code result/}). A job appears and disappears by one rename, so it exists completely or not at all, whenever the
 * process ends.
 *
 * @param root the folder
 */
public record WorkFolder(Path root) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String FILE = "job.json";
    private static final String CANCELLED = "cancelled";

    /** Creates the folders and deletes uploads that the last process did not finish. */
    public static WorkFolder open(Path root) {
        var folder = new WorkFolder(root);
        WholeFile.makeFolder(folder.jobs());
        delete(folder.staging());
        WholeFile.makeFolder(folder.staging());
        return folder;
    }

    private Path jobs() {
        return root.resolve("jobs");
    }

    /** Returns the folder for the parts of multipart requests and for uploads. */
    public Path staging() {
        return root.resolve("staging");
    }

    /** Returns 128 random bits in hexadecimal digits, a name that nobody can guess. */
    public static String randomName() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Creates a folder for an upload, to be closed; a job may take it over. */
    public UploadFolder newUpload() {
        return new UploadFolder(WholeFile.makeFolder(staging().resolve(randomName())));
    }

    /** Turns an upload, whose {@code input/} holds the job's files, into the job's folder. */
    void admit(UploadFolder upload, Job job) {
        JsonFile.write(upload.path().resolve(FILE), job.json());
        try {
            Files.move(upload.path(), of(job.id()), StandardCopyOption.ATOMIC_MOVE);
            upload.moved();
        } catch (IOException e) {
            throw new AttunetException(
                    of(job.id()).toString(),
                    "the job can't be stored (" + e.getMessage() + ")",
                    "a folder on one disk with free space",
                    "free some space, or choose another folder with --work",
                    e);
        }
    }

    /** Returns a job's own folder. */
    public Path of(String id) {
        return jobs().resolve(id);
    }

    /** Notes that a job was cancelled, so that no later process resumes it. */
    void cancel(String id) {
        WholeFile.write(of(id).resolve(CANCELLED), new byte[0]);
    }

    boolean isCancelled(String id) {
        return Files.exists(of(id).resolve(CANCELLED));
    }

    /** Deletes the images of a job that has ended, for privacy. */
    void deleteInput(String id) {
        delete(of(id).resolve("input"));
    }

    void save(Job job) {
        JsonFile.write(of(job.id()).resolve(FILE), job.json());
    }

    /** Returns all jobs, the oldest first; folders without a valid job are left alone and reported. */
    List<Job> load(Consumer<AttunetException> damaged) {
        List<Job> jobs = new ArrayList<>();
        for (Path folder : list(jobs())) {
            if (String.valueOf(folder.getFileName()).startsWith(".")) {
                delete(folder); // partly deleted when the process ended
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

    /** Deletes a folder recursively, as far as possible; links are not followed. */
    public static void delete(Path folder) {
        List<Path> paths;
        try (Stream<Path> all = Files.walk(folder)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException | UncheckedIOException e) {
            return; // already gone, or the next start removes it
        }
        for (Path path : paths) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // go on with the others; the next start removes this one
            }
        }
    }

    /** Lists a folder by name. */
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
}
