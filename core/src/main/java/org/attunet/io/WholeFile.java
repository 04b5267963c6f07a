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
 * Atomic file writes: content goes to a temporary file in the same folder, is forced to disk, then renamed to the target.
 *
 * <p>Readers of the target see either its old or its new content, whatever happens to the writer. Missing parent folders are
 * created; {@link InheritedAccess} limits the rights of both. If writing fails, the temporary file is removed and the old target stays; if the process is killed, a later write
 * to the same folder removes the temporary file ({@link Leftovers}). Any number of threads, processes and machines may write
 * at the same time, even the same target: the last one to finish wins.
 */
public final class WholeFile {

    private WholeFile() {}

    /** The content of a file. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes the content; the caller buffers and closes the stream.
         *
         * @param out the file
         * @throws IOException if it fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param target the file to write
     * @param body writes its content
     * @throws AttunetException naming the target if it can't be written (disk full, read-only folder); exceptions of the
     *     body other than {@link IOException} pass through
     */
    public static void write(Path target, Body body) {
        try {
            Path file = destination(target);
            Path folder = Objects.requireNonNullElse(file.getParent(), file); // a root is a folder, refused above
            InheritedAccess.newFolder(folder);
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

    /**
     * Writes a file with these bytes.
     *
     * @param target the file to write
     * @param content what the file gets
     */
    public static void write(Path target, byte[] content) {
        write(target, out -> out.write(content));
    }

    /**
     * Writes a file with this text in UTF-8.
     *
     * @param target the file to write
     * @param content what the file gets
     */
    public static void writeString(Path target, String content) {
        write(target, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates a folder and its missing parents; returns it.
     *
     * @param folder its path
     * @return the folder
     * @throws AttunetException naming the folder if that fails
     */
    public static Path makeFolder(Path folder) {
        try {
            return InheritedAccess.newFolder(folder);
        } catch (IOException e) {
            throw FileErrors.makingFolder(folder, e);
        }
    }

    /**
     * Moves a complete file to a target atomically, replacing it, and fsyncs the folder.
     *
     * @param from in the target's folder
     * @param target the file's new name
     * @throws AttunetException naming the target if that fails
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
     * Fsyncs a folder so that renames in it survive a crash; not the content of its files. Does nothing if unsupported.
     *
     * @param folder the folder
     */
    public static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Some systems can't open a folder. The content is on disk; only the name may be lost in a power failure.
        }
    }

    /**
     * Deletes a file if it exists.
     *
     * @param file the file, which may be missing
     * @throws AttunetException if it can't be deleted
     */
    public static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw FileErrors.writing(file, e);
        }
    }

    /** The file to replace: the target of a link, so that the link stays a link. */
    private static Path destination(Path target) throws IOException {
        boolean exists = Files.exists(target);
        if (exists && !Files.isRegularFile(target)) {
            // Renaming a file onto a device would remove the device for everybody.
            String found = Files.isDirectory(target) ? "it is a folder" : "it is a device or a pipe";
            throw new AttunetException(target, found, "a file name", "choose another name for the output");
        }
        return exists && Files.isSymbolicLink(target) ? target.toRealPath() : target.toAbsolutePath();
    }

    private static void fill(Path temporary, Body body) throws IOException {
        try (FileChannel channel = InheritedAccess.newFile(temporary);
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
