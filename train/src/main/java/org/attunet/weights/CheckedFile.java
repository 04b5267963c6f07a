package org.attunet.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.attunet.error.AttunetException;

/** A file that is read in pieces, each compared with the file's length before memory is taken for it. */
final class CheckedFile implements Closeable {
    /** The longest array that every JVM can make. */
    static final long MAX_PIECE = Integer.MAX_VALUE - 8L;

    private final Path file;
    private final FileChannel channel;
    private final long length;

    private CheckedFile(Path file, FileChannel channel, long length) {
        this.file = file;
        this.channel = channel;
        this.length = length;
    }

    static CheckedFile open(Path file) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            return new CheckedFile(file, channel, channel.size());
        } catch (IOException e) {
            if (channel != null) {
                closeQuietly(channel, e);
            }
            throw unreadable(file, e);
        }
    }

    private static void closeQuietly(FileChannel channel, IOException first) {
        try {
            channel.close();
        } catch (IOException e) {
            first.addSuppressed(e);
        }
    }

    private static AttunetException unreadable(Path file, IOException e) {
        String found = e instanceof NoSuchFileException ? "there is no such file" : "it cannot be read (" + e + ")";
        return new AttunetException(
                file.toString(), found, "a readable file of weights", "check the path and its permissions", e);
    }

    Path file() {
        return file;
    }

    long length() {
        return length;
    }

    /** The bytes from an offset on, little-endian; what is named in the message if the file ends before. */
    ByteBuffer read(long from, long count, String what) {
        return ByteBuffer.wrap(bytes(from, count, what)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same as an array that belongs to the caller. */
    byte[] bytes(long from, long count, String what) {
        if (from < 0 || count < 0 || count > length || from > length - count) {
            throw broken(
                    what + " would be " + count + " bytes from offset " + from + ", the file has " + length,
                    "a whole file");
        }
        if (count > MAX_PIECE) {
            throw broken(what + " has " + count + " bytes", "at most " + MAX_PIECE + " bytes in one piece");
        }
        byte[] bytes = new byte[(int) count];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, from + buffer.position()) < 0) {
                    throw broken("it became shorter while it was read", "a file that nothing else writes to");
                }
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return bytes;
    }

    /** A failure of this file whose remedy is to get it again. */
    AttunetException broken(String found, String expected) {
        return new AttunetException(file, found, expected, "copy or download the file again, or save it again");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }
}
