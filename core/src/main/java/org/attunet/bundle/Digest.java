package org.attunet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * What tells one content from another.
 *
 * @param sha256 the SHA-256 hash, 64 hexadecimal digits in lower case
 * @param crc the CRC-32, as zip files have it
 * @param bytes the length
 */
record Digest(String sha256, long crc, long bytes) {
    static Digest of(InputStream in) throws IOException {
        return copy(in, OutputStream.nullOutputStream());
    }

    static Digest of(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return new Digest(HexFormat.of().formatHex(algorithm().digest(content)), crc.getValue(), content.length);
    }

    /** Copies what is left of a stream. */
    static Digest copy(InputStream in, OutputStream out) throws IOException {
        MessageDigest sha = algorithm();
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long bytes = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            sha.update(buffer, 0, n);
            crc.update(buffer, 0, n);
            out.write(buffer, 0, n);
            bytes += n;
        }
        return new Digest(HexFormat.of().formatHex(sha.digest()), crc.getValue(), bytes);
    }

    private static MessageDigest algorithm() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
