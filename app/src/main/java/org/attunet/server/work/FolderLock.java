package org.attunet.server.work;

import java.io.IOException;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.io.ProcessLock;
import org.attunet.io.WholeFile;

/**
 * An exclusive lock on a folder, held through a hidden file in it and released when the process ends, however it ends. Two
 * servers that write one index would lose each other's changes.
 */
public final class FolderLock implements AutoCloseable {
    private static final String FILE = ".server.lock";

    private final ProcessLock lock;

    private FolderLock(ProcessLock lock) {
        this.lock = lock;
    }

    /**
     * Locks a folder, which is created if it is missing, and closes it to other users of the machine ({@link OwnerOnly}).
     *
     * @throws AttunetException if a server of this or another process has locked it, or it can't be locked
     */
    public static FolderLock take(Path folder) {
        WholeFile.makeFolder(folder);
        try {
            ProcessLock lock = ProcessLock.take(folder.resolve(FILE), true);
            if (lock == null) {
                throw taken(folder);
            }
            OwnerOnly.close(folder.toRealPath());
            return new FolderLock(lock);
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

    /** Unlocks the folder. */
    @Override
    public void close() {
        lock.close();
    }
}
