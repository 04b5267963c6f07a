package org.attunet.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** A random-access file whose reads are compared with its length before memory is allocated. */
final class CheckedFile implements Closeable {
    /** The longest array that every JVM can allocate. */
    static final long MAX_ARRAY = Integer.MAX_VALUE - 8L;

    private final Path path;
    private final FileChannel channel;
    private final long length;

    private CheckedFile(Path path, FileChannel channel, long length) {
        this.path = path;
        this.channel = channel;
        this.length = length;
    }

    static CheckedFile open(Path path) {
        try {
            long length = Files.size(path);
            return new CheckedFile(path, FileChannel.open(path, StandardOpenOption.READ), length);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static AttunetException unreadable(Path path, IOException e) {
        String found = e instanceof NoSuchFileException ? "there is no such file" : "it cannot be read (" + e + ")";
        return new AttunetException(
                path.toString(), found, "a readable file of weights", "check the path and its permissions", e);
    }

    long length() {
        return length;
    }

    /** Reads a range as a little-endian buffer; {@code what} names the range in the message if the file is too short. */
    ByteBuffer read(long from, long count, String what) {
        return ByteBuffer.wrap(bytes(from, count, what)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads a range as an array, which belongs to the caller. */
    byte[] bytes(long from, long count, String what) {
        if (from < 0 || count < 0 || count > length || from > length - count) {
            throw broken(
                    what + " would be " + count + " bytes from offset " + from + ", the file has " + length,
                    "a whole file");
        }
        if (count > MAX_ARRAY) {
            throw broken(what + " has " + count + " bytes", "at most " + MAX_ARRAY + " bytes in one piece");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) count);
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, from + buffer.position()) < 0) {
                    throw broken("it became shorter while it was read", "a file that nothing else writes to");
                }
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return buffer.array();
    }

    /** An error about this file. */
    AttunetException refused(String found, String expected, String remedy) {
        return new AttunetException(path, found, expected, remedy);
    }

    /** An error about this file whose remedy is to fetch or save it again. */
    AttunetException broken(String found, String expected) {
        return broken(found, expected, null);
    }

    /** The same with the exception that led to it. */
    AttunetException broken(String found, String expected, @Nullable IOException cause) {
        String remedy = "copy or download the file again, or save it again";
        return new AttunetException(path.toString(), found, expected, remedy, cause);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }
}
