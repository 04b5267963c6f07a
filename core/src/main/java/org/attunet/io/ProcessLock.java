package org.attunet.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A lock on a file that one holder at a time has, released by the operating system when the process ends, however it ends.
 * The file names the process that holds it, and is deleted when the lock is released.
 */
public final class ProcessLock implements AutoCloseable {
    private static final int ATTEMPTS = 20;
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    /** Locked files of this process. Closing any channel to a locked file releases the lock, so none is opened twice. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Locks a file.
     *
     * @param file in an existing folder; created if it is missing
     * @param always whether to fail if the file system has no locks, as some that are mounted over a network; else the lock
     *     keeps out this process only
     * @return null if it is held by another process, or already by this one
     * @throws IOException if the file can't be opened or locked
     */
    public static @Nullable ProcessLock take(Path file, boolean always) throws IOException {
        Path real = Objects.requireNonNull(file.toAbsolutePath().getParent())
                .toRealPath()
                .resolve(file.getFileName());
        if (!HELD.add(real)) {
            return null;
        }
        ProcessLock taken = null;
        try {
            for (int attempt = 0; attempt < ATTEMPTS && taken == null; attempt++) {
                make(real);
                Object before = key(real);
                FileChannel channel = lock(real, always);
                // Another holder may have deleted the file since it was opened; then the lock is worth nothing.
                if (channel != null && Files.exists(real) && Objects.equals(before, key(real))) {
                    taken = new ProcessLock(real, channel);
                } else if (channel != null) {
                    channel.close();
                } else if (Files.exists(real)) {
                    return null;
                }
            }
            return taken;
        } finally {
            if (taken == null) {
                HELD.remove(real);
            }
        }
    }

    /** Creates the file unless it exists; in a folder that a group may write to, the group may take a lock that was left. */
    private static void make(Path file) throws IOException {
        try {
            InheritedAccess.newFile(file).close();
        } catch (FileAlreadyExistsException e) {
            return;
        }
        try {
            InheritedAccess.shareWithGroup(file);
        } catch (FileSystemException e) {
            // another holder has deleted it, or the file system keeps no such rights
        }
    }

    /** Identifies the file at a path without opening it, since closing it would release a lock; null if unsupported. */
    private static @Nullable Object key(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Opens and locks a file; null if another holds it, or it has been deleted. */
    private static @Nullable FileChannel lock(Path file, boolean always) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
        boolean locked = false;
        try {
            locked = lock(channel, always);
            return locked ? channel : null;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static boolean lock(FileChannel channel, boolean always) throws IOException {
        try {
            if (channel.tryLock() == null) {
                return false;
            }
            sign(channel);
            return true;
        } catch (OverlappingFileLockException e) { // locked through another class loader's copy of this class
            return false;
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) { // the file system has no locks
            if (always) {
                throw e;
            }
            return true;
        }
    }

    private static void sign(FileChannel channel) {
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(own().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            // The lock holds without a name, as on a full disk.
        }
    }

    private static String own() throws IOException {
        String host = Files.isReadable(HOST_NAME) ? Files.readString(HOST_NAME, StandardCharsets.UTF_8) : "";
        return "process " + ProcessHandle.current().pid() + (host.isBlank() ? "" : " on " + host.strip());
    }

    /**
     * {@return who holds a file, such as "process 4711 on host"; "another process" if that is unknown}
     *
     * @param file the file
     */
    public static String holder(Path file) {
        try {
            Path real = Objects.requireNonNull(file.toAbsolutePath().getParent())
                    .toRealPath()
                    .resolve(file.getFileName());
            if (HELD.contains(real)) { // reading it would release the lock
                return "this process";
            }
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return text.matches("process \\d{1,20}( on [\\w.-]{1,255})?") ? text : "another process";
        } catch (IOException e) {
            return "another process";
        }
    }

    /** Unlocks the file and deletes it. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(file); // before others can lock it
        } catch (IOException e) {
            // Windows deletes no open file; it then stays, unlocked
        }
        try {
            channel.close();
        } catch (IOException e) {
            // the lock ends with the process
        } finally {
            HELD.remove(file);
        }
    }
}
