package org.attunet.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads a zip of stored (uncompressed) entries, as PyTorch writes it; every returned byte has passed its CRC-32.
 *
 * <p>{@code java.util.zip} is no substitute: {@code ZipFile} neither checks the CRC-32 of stored entries nor compares the
 * directory's names with those of the local headers, and {@code ZipInputStream} can't read PyTorch's data descriptors.
 * Names are keys here and never become paths. Sizes are compared with the file's before memory is allocated. Source:
 * PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (ends of it).
 */
final class ZipArchive {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END_64_BYTES = 56;
    private static final int LOCATOR_BYTES = 20;
    private static final int MAX_ENTRIES = 200_000;
    private static final long MAX_DIRECTORY = 64L << 20;
    private static final long MAX_32 = 0xffffffffL; // in a 32-bit field: the value is in a 64-bit field
    private static final int CHECKED_BYTES = 1 << 16;
    private static final String WHOLE = "a whole zip";

    /** An entry: the offset of its content in the file, its size and CRC-32, and whether it is stored unchanged. */
    private record Entry(String name, long start, long size, int crc, boolean stored) {
        String printable() {
            return "its entry " + StateDict.printable(name);
        }
    }

    private final CheckedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> verified = new HashSet<>();
    private boolean hasChecksums;

    ZipArchive(CheckedFile file) {
        this.file = file;
        ByteBuffer directory = directory();
        while (directory.remaining() >= CENTRAL_BYTES && directory.getInt(directory.position()) == CENTRAL) {
            Entry entry = entry(directory);
            if (entries.put(entry.name, entry) != null) {
                throw file.broken("the zip has two entries " + StateDict.printable(entry.name), "each name once");
            }
            if (entries.size() > MAX_ENTRIES) {
                throw file.broken("the zip has too many entries", "at most " + MAX_ENTRIES);
            }
            // PyTorch can leave checksums out (set_crc32_options); then all of them are zero.
            hasChecksums |= entry.crc != 0;
        }
        if (directory.hasRemaining()) {
            throw file.broken("the zip's directory is damaged after " + entries.size() + " entries", WHOLE);
        }
    }

    /** Whether a file with these first bytes is a zip. */
    static boolean isZip(ByteBuffer start) {
        return start.remaining() >= 4 && start.getInt(start.position()) == LOCAL;
    }

    Set<String> names() {
        return entries.keySet();
    }

    /** The size of an entry's content in bytes, or -1 if there is no such entry. */
    long size(String name) {
        Entry entry = entries.get(name);
        return entry == null ? -1 : entry.size;
    }

    /** Reads a whole entry of at most {@code limit} bytes; returns null if there is no such entry. */
    @Nullable
    ByteBuffer read(String name, long limit) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.size > limit) {
            throw file.broken(entry.printable() + " has " + entry.size + " bytes", "at most " + limit + " bytes there");
        }
        return ByteBuffer.wrap(bytes(name, 0, entry.size));
    }

    /** Reads a part of an entry; the first read verifies the whole entry. */
    byte[] bytes(String name, long from, long count) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw file.broken("it has no entry " + StateDict.printable(name), "every part that its index names");
        }
        if (!entry.stored) {
            throw file.refused(
                    entry.printable() + " is compressed or encrypted",
                    "stored entries, as PyTorch writes them",
                    "save the weights with torch.save again, without another zip program");
        }
        if (from < 0 || count < 0 || from > entry.size || count > entry.size - from) {
            throw file.broken(entry.printable() + " has only " + entry.size + " bytes", "a whole file");
        }
        byte[] content = file.bytes(entry.start + from, count, "the entry " + StateDict.printable(name));
        if (hasChecksums && verified.add(name)) {
            verify(entry, count == entry.size ? content : null);
        }
        return content;
    }

    private void verify(Entry entry, byte @Nullable [] whole) {
        CRC32 crc = new CRC32();
        if (whole != null) {
            crc.update(whole);
        } else {
            for (long at = 0; at < entry.size; at += CHECKED_BYTES) {
                long count = Math.min(CHECKED_BYTES, entry.size - at);
                crc.update(file.read(entry.start + at, count, StateDict.printable(entry.name)));
            }
        }
        if ((int) crc.getValue() != entry.crc) {
            throw file.broken(
                    String.format(
                            "%s has CRC-32 %08x, the zip says %08x",
                            entry.printable(), crc.getValue(), entry.crc & MAX_32),
                    "content that matches its checksum");
        }
    }

    /** Parses an entry of the central directory and its local header. */
    private Entry entry(ByteBuffer in) {
        int at = in.position();
        int nameBytes = u16(in, at + 28);
        int extraBytes = u16(in, at + 30);
        int total = CENTRAL_BYTES + nameBytes + extraBytes + u16(in, at + 32);
        if (in.remaining() < total) {
            throw file.broken("the zip's directory ends within an entry", WHOLE);
        }
        byte[] name = new byte[nameBytes];
        in.get(at + CENTRAL_BYTES, name);
        boolean stored = (u16(in, at + 8) & 1) == 0 && u16(in, at + 10) == 0; // not encrypted, method 0
        ByteBuffer wide =
                wideField(in.slice(at + CENTRAL_BYTES + nameBytes, extraBytes).order(in.order()));
        long size = wide(u32(in, at + 24), wide);
        long packed = wide(u32(in, at + 20), wide);
        long header = wide(u32(in, at + 42), wide);
        String text = new String(name, StandardCharsets.UTF_8);
        if (size < 0 || packed < 0 || packed > file.length() || (stored && size != packed)) {
            throw file.broken(
                    "its entry " + StateDict.printable(text) + " claims " + size + " bytes",
                    "at most the file's own size");
        }
        in.position(at + total);
        return new Entry(text, contentStart(header, name), size, in.getInt(at + 16), stored);
    }

    /**
     * The offset of an entry's content: after its local header, whose extra field differs from the directory's. The names
     * in both must agree, since the directory has no checksum and a damaged name would hide an entry.
     */
    private long contentStart(long header, byte[] name) {
        ByteBuffer local = file.read(header, (long) LOCAL_BYTES + name.length, "the header of an entry");
        byte[] localName = new byte[name.length];
        local.get(LOCAL_BYTES, localName);
        if (local.getInt(0) != LOCAL || u16(local, 26) != name.length || !Arrays.equals(localName, name)) {
            throw file.broken("the zip's directory names an entry that is not where it says", WHOLE);
        }
        return header + LOCAL_BYTES + name.length + u16(local, 28);
    }

    /** The 64-bit sizes among an entry's extra fields; empty if there are none. */
    private static ByteBuffer wideField(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = u16(extra, extra.position());
            int bytes = u16(extra, extra.position() + 2);
            extra.position(extra.position() + 4);
            if (bytes > extra.remaining()) {
                break;
            }
            if (id == 1) {
                return extra.slice(extra.position(), bytes).order(extra.order());
            }
            extra.position(extra.position() + bytes);
        }
        return ByteBuffer.allocate(0);
    }

    /** A 32-bit field's value, or the next 64-bit one if the field refers to it. */
    private long wide(long narrow, ByteBuffer wide) {
        if (narrow == MAX_32 && wide.remaining() < Long.BYTES) {
            throw file.broken("a 64-bit size is missing in the zip's directory", WHOLE);
        }
        return narrow == MAX_32 ? wide.getLong() : narrow;
    }

    /** The central directory, found from the file's end. */
    private ByteBuffer directory() {
        long tailBytes = Math.min(file.length(), END_BYTES + 0xffffL);
        long tailStart = file.length() - tailBytes;
        ByteBuffer tail = file.read(tailStart, tailBytes, "the end of the zip");
        for (int at = (int) tailBytes - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) == tailBytes) {
                return directory(tail, at, tailStart);
            }
        }
        throw file.broken("the zip's end is missing, the file was cut off at " + file.length() + " bytes", WHOLE);
    }

    private ByteBuffer directory(ByteBuffer tail, int end, long tailStart) {
        long size = u32(tail, end + 12);
        long offset = u32(tail, end + 16);
        int locator = end - LOCATOR_BYTES;
        if (locator >= 0 && tail.getInt(locator) == LOCATOR_64) {
            ByteBuffer wide = file.read(tail.getLong(locator + 8), END_64_BYTES, "the zip's 64-bit end");
            if (wide.getInt(0) != END_64) {
                throw file.broken("the zip's 64-bit end is not where it should be", WHOLE);
            }
            size = wide.getLong(40);
            offset = wide.getLong(48);
        }
        long endStart = tailStart + end;
        if (size < 0 || offset < 0 || size > endStart || offset > endStart - size) {
            throw file.broken("the zip's directory would lie outside the file", WHOLE);
        }
        if (size > MAX_DIRECTORY) {
            throw file.broken("the zip's directory has " + size + " bytes", "at most 64 MiB");
        }
        return file.read(offset, size, "the zip's directory");
    }

    private static int u16(ByteBuffer in, int at) {
        return in.getShort(at) & 0xffff;
    }

    private static long u32(ByteBuffer in, int at) {
        return in.getInt(at) & MAX_32;
    }
}
