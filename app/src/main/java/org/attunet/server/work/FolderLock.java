package org.attunet.server.work;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * A folder that one server at a time works in: a lock on a hidden file in it, which ends with the process however that ends.
 * Of two servers that write one index each would lose what the other adds.
 */
public final class FolderLock implements AutoCloseable {
    private static final String FILE = ".server.lock";

    /** Of this process: closing any channel to a locked file ends the process's lock, so none is opened a second time. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Takes a folder, which is made where it's missing.
     *
     * @throws AttunetException where a server of this process or of another has it, or where it can't be locked
     */
    public static FolderLock take(Path folder) {
        if (!Files.exists(folder)) {
            WholeFile.makeFolder(folder);
            forOwnerAlone(folder);
        }
        try {
            Path real = folder.toRealPath();
            if (!HELD.add(real)) {
                throw taken(folder);
            }
            boolean locked = false;
            FileChannel channel = null;
            try {
                channel = FileChannel.open(real.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                locked = channel.tryLock() != null;
            } finally {
                if (!locked) {
                    close(channel);
                    HELD.remove(real);
                }
            }
            if (!locked) {
                throw taken(folder);
            }
            return new FolderLock(real, channel);
        } catch (OverlappingFileLockException e) { // of another class loader's copy of this class
            throw taken(folder);
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it can't be locked (" + e.getMessage() + ")",
                    "a writable folder on a disk that has locks",
                    "check its permissions, or name another folder",
                    e);
        }
    }

    /** What clients send is for nobody else on the machine. */
    private static void forOwnerAlone(Path folder) {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException | UnsupportedOperationException e) {
            // The system has other ways, and its administrator knows them.
        }
    }

    private static void close(@Nullable FileChannel channel) throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private static AttunetException taken(Path folder) {
        return new AttunetException(
                folder,
                "another server works in it",
                "a folder of its own",
                "stop the other server, or name another folder");
    }

    /** Gives the folder free; the file stays, for another process may be about to lock it. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock ends with the process.
        } finally {
            HELD.remove(folder);
        }
    }
}
