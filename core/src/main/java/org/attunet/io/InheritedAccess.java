package org.attunet.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The access rights of new files and folders: at most those of the folder that they are created in, whatever the process'
 * umask allows. What is written into a folder that only its owner may read stays its owner's, also when it is moved elsewhere.
 */
public final class InheritedAccess {
    private InheritedAccess() {}

    /**
     * Creates a file, which must not exist, and returns a stream to write it.
     *
     * @param file the file
     * @return the stream
     * @throws IOException if it fails
     */
    public static OutputStream create(Path file) throws IOException {
        return Channels.newOutputStream(newFile(file));
    }

    static FileChannel newFile(Path file) throws IOException {
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return FileChannel.open(file, options, attributes(file, "rw-rw-rw-"));
    }

    /** Lets a file's group write to it if the group may write to its folder, whatever the umask; else changes nothing. */
    static void shareWithGroup(Path file) throws IOException {
        Path parent = existingParent(file);
        if (parent == null || !Files.getFileStore(parent).supportsFileAttributeView("posix")) {
            return;
        }
        if (Files.getPosixFilePermissions(parent).contains(PosixFilePermission.GROUP_WRITE)) {
            Set<PosixFilePermission> rights = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            rights.add(PosixFilePermission.GROUP_READ);
            rights.add(PosixFilePermission.GROUP_WRITE);
            Files.setPosixFilePermissions(file, rights);
        }
    }

    /** Creates a folder and its missing parents. */
    static Path newFolder(Path folder) throws IOException {
        return Files.createDirectories(folder, attributes(folder, "rwxrwxrwx"));
    }

    /** Returns the rights, less those of groups and others that may not enter the parent; none if there is no such system. */
    private static FileAttribute<?>[] attributes(Path file, String all) throws IOException {
        Path parent = existingParent(file);
        if (parent == null || !Files.getFileStore(parent).supportsFileAttributeView("posix")) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> enclosing = Files.getPosixFilePermissions(parent);
        Set<PosixFilePermission> rights = EnumSet.copyOf(PosixFilePermissions.fromString(all));
        for (String who : new String[] {"GROUP", "OTHERS"}) {
            if (enclosing.stream().noneMatch(right -> right.name().startsWith(who))) {
                rights.removeIf(right -> right.name().startsWith(who));
            }
        }
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)};
    }

    private static @Nullable Path existingParent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        while (parent != null && !Files.isDirectory(parent)) {
            parent = parent.getParent();
        }
        return parent;
    }
}
