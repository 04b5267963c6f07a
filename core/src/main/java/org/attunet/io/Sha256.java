package org.attunet.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 hashes as 64 hexadecimal digits in lower case. */
public final class Sha256 {
    private Sha256() {}

    /**
     * {@return the hash of a text in UTF-8}
     *
     * @param text hashed in UTF-8
     */
    public static String hex(String text) {
        return hex(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * {@return the hash of bytes}
     *
     * @param content the bytes to hash
     */
    public static String hex(byte[] content) {
        try {
            return hex(new ByteArrayInputStream(content), content.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array can always be read
        }
    }

    /**
     * {@return the hash of a stream's next bytes, at most {@code most}; reads in blocks of 64 KiB and doesn't close the
     * stream}
     *
     * @param in the stream, which stays open
     * @param most the number of bytes beyond which it is refused
     * @throws IOException if it fails
     */
    public static String hex(InputStream in, long most) throws IOException {
        MessageDigest digest = digest();
        update(digest, in, most);
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * {@return the hash of the content of files, one after the other}
     *
     * @param files in their order
     * @throws IOException if one can't be read
     */
    public static String ofFiles(List<Path> files) throws IOException {
        MessageDigest digest = digest();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                update(digest, in, Long.MAX_VALUE);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, InputStream in, long most) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = most;
        for (int n; left > 0 && (n = in.read(buffer, 0, (int) Math.min(left, buffer.length))) >= 0; left -= n) {
            digest.update(buffer, 0, n);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
