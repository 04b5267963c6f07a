package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.zip.ZipException;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;

/** Failures of files, with a remedy: what the operating system and the decoders throw, and damaged content. */
final class FileErrors {
    static final String COPY_AGAIN = "copy or make the file again";

    private FileErrors() {}

    /** Content that contradicts itself or its format. */
    static AttunetException damaged(Path file, String found, String expected) {
        return new AttunetException(file, found, expected, COPY_AGAIN);
    }

    /** Data after the last voxel of a compressed file. */
    static AttunetException trailingData(Path file, Grid grid) {
        return damaged(file, "more data follow the voxels", "an end after the " + grid + " of the header");
    }

    /**
     * A file could not be read.
     *
     * @throws CancellationException if the thread was interrupted, for which the system closes its file
     */
    static AttunetException reading(Path file, Throwable cause) {
        requireOpen(cause);
        if (cause instanceof CancellationException cancelled) {
            throw cancelled;
        }
        if (cause instanceof AttunetException own) {
            // The subject may be a part of the image; the user knows the file.
            boolean named = own.subject().equals(file.toString());
            return named || own instanceof TooLargeException
                    ? own
                    : error(file, own.found(), own.expected(), own.remedy(), own);
        }
        if (cause instanceof NoSuchFileException) {
            return error(file, "there is no such file", "a file that exists", "check the path", cause);
        }
        if (cause instanceof AccessDeniedException) {
            return error(file, "it may not be read", "read permission", "change the file's permissions", cause);
        }
        if (Files.isDirectory(file)) {
            return error(file, "it is a folder", "a file", "name a file in it", cause);
        }
        if (cause instanceof EOFException) {
            return error(file, "it ends too early", "a whole file", COPY_AGAIN, cause);
        }
        if (cause instanceof OutOfMemoryError) {
            String found = "its content needs more memory than there is";
            return new TooLargeException(file, found, "a smaller image", "raise -Xmx", cause);
        }
        String found = cause instanceof ZipException ? "its compressed data are damaged (" : "it can't be decoded (";
        return error(file, found + text(cause) + ")", "an undamaged file", COPY_AGAIN, cause);
    }

    private static void requireOpen(Throwable cause) {
        if (cause instanceof ClosedByInterruptException) {
            throw Interruption.cancellation();
        }
    }

    /**
     * A file could not be written.
     *
     * @throws CancellationException if the thread was interrupted, for which the system closes its file
     */
    static AttunetException writing(Path file, IOException cause) {
        requireOpen(cause);
        String reason = text(cause).toLowerCase(Locale.ROOT);
        if (reason.contains("no space") || reason.contains("not enough space") || reason.contains("quota")) {
            return error(file, "the disk is full", "room for the file", "free some space or write elsewhere", cause);
        }
        if (reason.contains("too large")) {
            String remedy = "raise the limit (ulimit -f) or write elsewhere";
            return error(file, "it is larger than the system allows", "room for the file", remedy, cause);
        }
        if (cause instanceof AccessDeniedException || reason.contains("read-only") || reason.contains("permitted")) {
            String remedy = "choose another output folder or change its permissions";
            return error(file, "the folder may not be written to", "a writable folder", remedy, cause);
        }
        if (cause instanceof FileAlreadyExistsException) {
            return error(file, "a file is in its folder's place", "a folder", "choose another output folder", cause);
        }
        String found = "it can't be written (" + text(cause) + ")";
        return error(file, found, "a writable folder", "choose another output folder", cause);
    }

    /** A folder could not be created. */
    static AttunetException makingFolder(Path folder, IOException cause) {
        String reason = "the system refuses it";
        if (cause instanceof FileAlreadyExistsException) {
            reason = "a file is in its place";
        } else if (cause instanceof AccessDeniedException) {
            reason = "permission denied";
        } else if (cause instanceof FileSystemException f && f.getReason() != null) {
            reason = f.getReason();
        }
        String remedy = "choose another folder or correct its permissions";
        return error(folder, "the folder cannot be made (" + reason + ")", "a writable folder", remedy, cause);
    }

    /** Refuses content that is larger than this process' memory. */
    static void requireMemory(Path file, long bytes) {
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap) {
            throw new TooLargeException(
                    file,
                    "its voxels need " + (bytes >> 20) + " MiB",
                    "at most the " + (heap >> 20) + " MiB of this process",
                    "raise -Xmx or crop the image");
        }
    }

    private static AttunetException error(Path file, String found, String expected, String remedy, Throwable cause) {
        return new AttunetException(file.toString(), found, expected, remedy, cause);
    }

    private static String text(Throwable cause) {
        String message =
                cause instanceof FileSystemException f && f.getReason() != null ? f.getReason() : cause.getMessage();
        String name = cause.getClass().getSimpleName();
        return message == null ? name : cause instanceof IOException ? message : name + ": " + message;
    }
}
