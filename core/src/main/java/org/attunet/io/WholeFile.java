package org.attunet.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.attunet.error.AttunetException;

/**
 * Files that appear whole or not at all: written under a temporary name in the same folder, forced to disk, then moved
 * into place in one step.
 *
 * <p>Whoever reads the target sees its old content or its new content, whatever happens to the writer. Missing parent
 * folders are made. Where the writing fails the temporary file is removed and the old target stays; where the process
 * was killed, a later write to the same folder removes what it left ({@link Leftovers}). Any number of threads, processes
 * and machines may write at a time, also to one target: the last to finish wins.
 */
public final class WholeFile {

    private WholeFile() {}

    /** What a file shall hold. */
    @FunctionalInterface
    public interface Body {
        /** Writes the content; the stream is buffered and closed by the caller. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file from a body.
     *
     * @throws AttunetException naming the target where it can't be written (disk full, read-only folder); exceptions of
     *     the body other than {@link IOException} pass through
     */
    public static void write(Path target, Body body) {
        try {
            Path file = destination(target);
            Path folder = Objects.requireNonNullElse(file.getParent(), file); // a root is a folder, refused above
            Files.createDirectories(folder);
            Leftovers.removeFrom(folder);
            Path temporary = Leftovers.temporaryFor(file);
            boolean moved = false;
            try {
                fill(temporary, body);
                rename(temporary, file);
                moved = true;
            } finally {
                if (!moved) {
                    Files.deleteIfExists(temporary);
                }
                Leftovers.finished(temporary);
            }
            force(folder);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
    }

    /** Writes a file that holds these bytes. */
    public static void write(Path target, byte[] content) {
        write(target, out -> out.write(content));
    }

    /** Writes a file that holds this text in UTF-8. */
    public static void writeString(Path target, String content) {
        write(target, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a folder, and those above it, where it is missing; returns it.
     *
     * @throws AttunetException naming the folder where that can't be done
     */
    public static Path makeFolder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw FileErrors.makingFolder(folder, e);
        }
    }

    /**
     * Moves a file that is on disk into place in one step, instead of one that stands there, and makes that durable.
     *
     * @param from in the target's own folder
     * @throws AttunetException naming the target where it can't be put there
     */
    public static void move(Path from, Path target) {
        try {
            rename(from, target);
        } catch (IOException e) {
            throw FileErrors.writing(target, e);
        }
        force(Objects.requireNonNullElse(target.toAbsolutePath().getParent(), target));
    }

    /**
     * Makes durable what files and folders a folder has under which names; not what is in them. Not every system lets a
     * folder be opened, and none needs it to be correct.
     */
    public static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The content is on disk; only the name may be lost if the power fails within seconds.
        }
    }

    /**
     * Deletes a file where there is one.
     *
     * @throws AttunetException where it can't be deleted
     */
    public static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw FileErrors.writing(file, e);
        }
    }

    /** Where the content goes: a link's own target, so that the link stays a link. */
    private static Path destination(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new AttunetException(target, "it is a folder", "a file name", "choose another name for the output");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            // Moving a file into its place would take the device from everybody.
            throw new AttunetException(
                    target, "it is a device or a pipe", "a file name", "choose another name for the output");
        }
        boolean link = Files.isSymbolicLink(target) && Files.exists(target);
        return link ? target.toRealPath() : target.toAbsolutePath();
    }

    private static void fill(Path temporary, Body body) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
            body.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    private static void rename(Path temporary, Path file) throws IOException {
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
