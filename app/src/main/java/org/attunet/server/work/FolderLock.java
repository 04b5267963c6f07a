package org.attunet.server.work;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;

/**
 * An exclusive lock on a folder, held through a hidden file in it and released when the process ends, however it ends. Two
 * servers that write one index would lose each other's changes.
 */
public final class FolderLock implements AutoCloseable {
    private static final String FILE = ".server.lock";

    /** Locked folders of this process. Closing any channel to a locked file releases the lock, so none is opened twice. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks a folder, which is created if it is missing, and closes it to other users of the machine ({@link OwnerOnly}).
     *
     * @throws AttunetException if a server of this or another process has locked it, or it can't be locked
     */
    public static FolderLock take(Path folder) {
        WholeFile.makeFolder(folder);
        try {
            Path real = folder.toRealPath();
            if (!HELD.add(real)) {
                throw taken(folder);
            }
            FileChannel channel = null;
            boolean locked = false;
            try {
                channel = FileChannel.open(real.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                locked = channel.tryLock() != null;
                if (!locked) {
                    throw taken(folder);
                }
                OwnerOnly.close(real);
                return new FolderLock(real, channel);
            } finally {
                if (!locked) {
                    if (channel != null) {
                        channel.close(); // first, since closing releases any lock of this process
                    }
                    HELD.remove(real);
                }
            }
        } catch (OverlappingFileLockException e) { // locked through another class loader's copy of this class
            throw taken(folder);
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it can't be locked (" + e.getMessage() + ")",
                    "a writable folder on a disk that supports locks",
                    "check its permissions, or choose another folder",
                    e);
        }
    }

    private static AttunetException taken(Path folder) {
        return new AttunetException(
                folder,
                "another server works in it",
                "a folder of its own",
                "stop the other server, or choose another folder");
    }

    /** Unlocks the folder; the file stays, since another process may be about to lock it. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // the lock ends with the process
        } finally {
            HELD.remove(folder);
        }
    }
}
