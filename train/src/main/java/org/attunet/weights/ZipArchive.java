package org.attunet.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a zip file whose content is stored, not compressed, as PyTorch writes it; every byte that is handed
 * out has passed its CRC-32.
 *
 * <p>Names are keys here and never become paths. Sizes are compared with the file's before memory is taken. Source:
 * PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (ends of it).
 */
final class ZipArchive {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR_BYTES = 20;
    private static final int MAX_ENTRIES = 200_000;
    private static final int CHECK_BYTES = 1 << 16;

    /** One entry: where its content stands, its size and CRC-32, and whether the content is what was put in. */
    private record Entry(String name, long start, long size, int crc, boolean stored) {}

    private final CheckedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> checked = new HashSet<>();
    private boolean hasChecksums;

    ZipArchive(CheckedFile file) {
        this.file = file;
        ByteBuffer directory = directory();
        while (directory.remaining() >= 46 && directory.getInt(directory.position()) == CENTRAL) {
            Entry entry = entry(directory);
            if (entries.put(entry.name, entry) != null) {
                throw file.broken("the zip has two entries " + StateDict.shown(entry.name), "each name once");
            }
            if (entries.size() > MAX_ENTRIES) {
                throw file.broken("the zip has too many entries", "at most " + MAX_ENTRIES);
            }
            // PyTorch can be told to leave checksums out (set_crc32_options); then all of them are zero.
            hasChecksums |= entry.crc != 0;
        }
        if (directory.hasRemaining()) {
            throw file.broken("the zip's directory is damaged after " + entries.size() + " entries", "a whole zip");
        }
    }

    /** Whether the file begins as a zip does. */
    static boolean isZip(ByteBuffer start) {
        return start.remaining() >= 4 && start.getInt(start.position()) == LOCAL;
    }

    Set<String> names() {
        return entries.keySet();
    }

    /** The size of an entry's content in bytes, or -1 where there is no such entry. */
    long size(String name) {
        Entry entry = entries.get(name);
        return entry == null ? -1 : entry.size;
    }

    /** A whole entry, checked, or null where there is none; larger ones than the limit are refused. */
    @Nullable
    ByteBuffer read(String name, long limit) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.size > limit) {
            throw file.broken(
                    "its entry " + StateDict.shown(name) + " has " + entry.size + " bytes",
                    "at most " + limit + " bytes there");
        }
        return ByteBuffer.wrap(bytes(name, 0, entry.size));
    }

    /** A part of an entry; the whole entry is checked when it is read for the first time. */
    byte[] bytes(String name, long from, long count) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw file.broken("it has no entry " + StateDict.shown(name), "every part that its index names");
        }
        if (!entry.stored) {
            throw new AttunetException(
                    file.file(),
                    "its entry " + StateDict.shown(name) + " is compressed or encrypted",
                    "stored entries, as PyTorch writes them",
                    "save the weights with torch.save again, without another zip program");
        }
        if (from < 0 || count < 0 || from > entry.size || count > entry.size - from) {
            throw file.broken(
                    "its entry " + StateDict.shown(name) + " has only " + entry.size + " bytes", "a whole file");
        }
        byte[] content = file.bytes(entry.start + from, count, "the entry " + StateDict.shown(name));
        if (hasChecksums && checked.add(name)) {
            check(entry, count == entry.size ? content : null);
        }
        return content;
    }

    private void check(Entry entry, byte @Nullable [] whole) {
        CRC32 crc = new CRC32();
        if (whole != null) {
            crc.update(whole);
        } else {
            for (long at = 0; at < entry.size; at += CHECK_BYTES) {
                crc.update(file.read(
                        entry.start + at, Math.min(CHECK_BYTES, entry.size - at), StateDict.shown(entry.name)));
            }
        }
        if ((int) crc.getValue() != entry.crc) {
            throw file.broken(
                    String.format(
                            "its entry %s has CRC-32 %08x, the zip says %08x",
                            StateDict.shown(entry.name), crc.getValue(), entry.crc & 0xffffffffL),
                    "content that matches its checksum");
        }
    }

    /**
     * The offset of an entry's content: behind its local header, whose extra field is not the directory's. The names in
     * both must agree, since the directory has no checksum and a damaged name would hide an entry.
     */
    private long start(long header, byte[] name) {
        ByteBuffer local = file.read(header, 30L + name.length, "the header of an entry");
        byte[] repeated = new byte[name.length];
        local.get(30, repeated);
        if (local.getInt(0) != LOCAL
                || (local.getShort(26) & 0xffff) != name.length
                || !Arrays.equals(repeated, name)) {
            throw file.broken("the zip's directory names an entry that is not where it says", "a whole zip");
        }
        return header + 30 + name.length + (local.getShort(28) & 0xffff);
    }

    private Entry entry(ByteBuffer in) {
        int at = in.position();
        int nameBytes = in.getShort(at + 28) & 0xffff;
        int extraBytes = in.getShort(at + 30) & 0xffff;
        int total = 46 + nameBytes + extraBytes + (in.getShort(at + 32) & 0xffff);
        if (in.remaining() < total) {
            throw file.broken("the zip's directory ends within an entry", "a whole zip");
        }
        byte[] name = new byte[nameBytes];
        in.get(at + 46, name);
        String text = new String(name, StandardCharsets.UTF_8);
        boolean stored = (in.getShort(at + 8) & 1) == 0 && in.getShort(at + 10) == 0;
        long packed = in.getInt(at + 20) & 0xffffffffL;
        long size = in.getInt(at + 24) & 0xffffffffL;
        long header = in.getInt(at + 42) & 0xffffffffL;
        ByteBuffer wide = wide(in.slice(at + 46 + nameBytes, extraBytes).order(in.order()));
        size = size == 0xffffffffL ? next(wide) : size;
        packed = packed == 0xffffffffL ? next(wide) : packed;
        header = header == 0xffffffffL ? next(wide) : header;
        if (size < 0 || packed < 0 || packed > file.length() || (stored && size != packed)) {
            throw file.broken(
                    "its entry " + StateDict.shown(text) + " claims " + size + " bytes", "at most the file's own size");
        }
        in.position(at + total);
        return new Entry(text, start(header, name), size, in.getInt(at + 16), stored);
    }

    /** The 64-bit sizes among an entry's extra fields; empty where there are none. */
    private ByteBuffer wide(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int bytes = extra.getShort() & 0xffff;
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

    private long next(ByteBuffer wide) {
        if (wide.remaining() < 8) {
            throw file.broken("a 64-bit size is missing in the zip's directory", "a whole zip");
        }
        return wide.getLong();
    }

    /** The central directory, found from the file's end. */
    private ByteBuffer directory() {
        long tailBytes = Math.min(file.length(), END_BYTES + 0xffffL);
        long tailStart = file.length() - tailBytes;
        ByteBuffer tail = file.read(tailStart, tailBytes, "the end of the zip");
        for (int at = (int) tailBytes - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END && at + END_BYTES + (tail.getShort(at + 20) & 0xffff) == tailBytes) {
                return directory(tail, at, tailStart);
            }
        }
        throw file.broken(
                "the zip's end is missing, the file was cut off at " + file.length() + " bytes", "a whole zip");
    }

    private ByteBuffer directory(ByteBuffer tail, int end, long tailStart) {
        long size = tail.getInt(end + 12) & 0xffffffffL;
        long offset = tail.getInt(end + 16) & 0xffffffffL;
        int locator = end - LOCATOR_BYTES;
        if (locator >= 0 && tail.getInt(locator) == LOCATOR_64) {
            ByteBuffer wide = file.read(tail.getLong(locator + 8), 56, "the zip's 64-bit end");
            if (wide.getInt(0) != END_64) {
                throw file.broken("the zip's 64-bit end is not where it should be", "a whole zip");
            }
            size = wide.getLong(40);
            offset = wide.getLong(48);
        }
        long end32 = tailStart + end;
        if (size < 0 || offset < 0 || size > end32 || offset > end32 - size) {
            throw file.broken("the zip's directory would lie outside the file", "a whole zip");
        }
        if (size > 64L << 20) {
            throw file.broken("the zip's directory has " + size + " bytes", "at most 64 MiB");
        }
        return file.read(offset, size, "the zip's directory");
    }
}
