package org.attunet.dicom.anonymise;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.attunet.error.AttunetException;

/** Files that only their owner may read, from their first byte on. */
final class OwnerFile {
    private OwnerFile() {}

    /**
     * Writes a new file whole or not at all.
     *
     * @throws AttunetException if there is one already, or it can't be written
     */
    static void create(Path file, byte[] content) {
        Path absolute = file.toAbsolutePath();
        Path part = absolute.resolveSibling("." + absolute.getFileName() + ".part");
        FileAttribute<?>[] owners =
                absolute.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        try {
            Files.deleteIfExists(part);
            try (FileChannel out =
                    FileChannel.open(part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owners)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            if (Files.exists(absolute)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.move(part, absolute);
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(),
                    "it can't be written (" + e.getClass().getSimpleName() + ")",
                    "a file in a writable folder",
                    "check the path and its permissions",
                    e);
        } finally {
            removed(part);
        }
    }

    static AttunetException exists(Path file) {
        return new AttunetException(file, "it exists", "a new file", "choose another name, or remove it");
    }

    private static void removed(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            // the failure that matters is thrown already
        }
    }
}
