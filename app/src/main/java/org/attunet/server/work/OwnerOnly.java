package org.attunet.server.work;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/** Hides what clients send from other users of the machine: folders get the mode 700, files 600. */
final class OwnerOnly {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private OwnerOnly() {}

    /**
     * Closes a folder and all in it; what isn't this user's own stays as it is, as does everything on systems without POSIX
     * permissions. Links are not followed.
     */
    static void close(Path folder) {
        set(folder, FOLDER); // first, so that nobody enters meanwhile
        try (Stream<Path> all = Files.walk(folder)) {
            all.forEach(path -> set(path, Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? FOLDER : FILE));
        } catch (IOException | UncheckedIOException e) {
            return; // the folder itself is closed
        }
    }

    private static void set(Path path, Set<PosixFilePermission> mode) {
        try {
            if (!Files.isSymbolicLink(path)
                    && !Files.getPosixFilePermissions(path).equals(mode)) {
                Files.setPosixFilePermissions(path, mode);
            }
        } catch (IOException | UnsupportedOperationException e) {
            return; // this is the administrator's task
        }
    }
}
