package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** Checks the checksum of every chunk of a PNG file, which the JDK's decoder ignores. Source: PNG, section 5. */
final class PngIntegrity {
    private PngIntegrity() {}

    /** Refuses a file with a damaged chunk or without its last one. */
    static void check(Path file) throws IOException {
        long left = Files.size(file) - 8;
        byte[] buffer = new byte[1 << 13];
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(FileInput.open(file), 1 << 16))) {
            in.skipNBytes(8);
            String name;
            do {
                long length = left < 12 ? Long.MAX_VALUE : in.readInt() & 0xffffffffL;
                if (length > left - 12) {
                    throw new EOFException();
                }
                byte[] type = in.readNBytes(4);
                name = new String(type, StandardCharsets.ISO_8859_1);
                CRC32 crc = new CRC32();
                crc.update(type);
                for (long rest = length; rest > 0; ) {
                    int n = (int) Math.min(rest, buffer.length);
                    in.readFully(buffer, 0, n);
                    crc.update(buffer, 0, n);
                    rest -= n;
                }
                if ((int) crc.getValue() != in.readInt()) {
                    String shown = name.replaceAll("[^A-Za-z]", "?");
                    throw FileErrors.damaged(
                            file, "the checksum of its " + shown + " chunk is wrong", "an undamaged file");
                }
                left -= length + 12;
            } while (!name.equals("IEND"));
        }
    }
}
