package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import org.attunet.error.AttunetException;

/** Checks the checksum of every chunk of a PNG file, which the JDK's decoder ignores. Source: PNG, section 5. */
final class PngIntegrity {
    private static final String EXIF = "eXIf";
    private static final Set<String> KEPT = Set.of(EXIF, "acTL");
    private static final int MOST_KEPT = 1 << 20;

    private PngIntegrity() {}

    /**
     * Refuses a file with a damaged chunk or without its last one, and animations.
     *
     * @return the EXIF data; empty if there are none
     */
    static byte[] check(Path file) throws IOException {
        byte[] exif = {};
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
                boolean kept = KEPT.contains(name) && length <= MOST_KEPT;
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                for (long rest = length; rest > 0; ) {
                    int n = (int) Math.min(rest, buffer.length);
                    in.readFully(buffer, 0, n);
                    crc.update(buffer, 0, n);
                    if (kept) {
                        content.write(buffer, 0, n);
                    }
                    rest -= n;
                }
                if ((int) crc.getValue() != in.readInt()) {
                    String shown = name.replaceAll("[^A-Za-z]", "?");
                    throw FileErrors.damaged(
                            file, "the checksum of its " + shown + " chunk is wrong", "an undamaged file");
                }
                if (kept && name.equals(EXIF)) {
                    exif = content.toByteArray();
                } else if (kept) {
                    requireOnePicture(file, content.toByteArray());
                }
                left -= length + 12;
            } while (!name.equals("IEND"));
            return exif;
        }
    }

    /** Refuses moving pictures: a chunk acTL begins with the number of frames. */
    private static void requireOnePicture(Path file, byte[] animation) {
        int frames = animation.length < 4 ? 1 : ByteBuffer.wrap(animation).getInt();
        if (frames != 1) {
            throw new AttunetException(
                    file, "it is an animation of " + frames + " frames", "one picture", "save its frames as files");
        }
    }
}
