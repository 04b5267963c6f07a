package org.attunet.server.work;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/** A folder that one server works in, held by a lock that ends with the process, however it ends. */
public final class FolderLock implements AutoCloseable {
    private static final String FILE = ".lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes a folder, which is made where it's missing.
     *
     * @throws AttunetException where another server has it
     */
    public static FolderLock take(Path folder) {
        WholeFile.makeFolder(folder);
        try {
            FileChannel channel =
                    FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tried(channel) == null) {
                channel.close();
                throw new AttunetException(
                        folder,
                        "another server works in it",
                        "a folder of its own",
                        "stop the other server, or name another folder");
            }
            return new FolderLock(channel);
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it can't be locked (" + e.getMessage() + ")",
                    "a folder that can be written to",
                    "correct its permissions, or name another folder",
                    e);
        }
    }

    private static @Nullable FileLock tried(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // a server of this very process has it
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AttunetException(
                    "folder lock", "it can't be given back (" + e + ")", "an open file", "report this", e);
        }
    }
}
