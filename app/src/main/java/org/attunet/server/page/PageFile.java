package org.attunet.server.page;

import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/**
 * A file of the pages, held in memory. Browsers keep it, but ask each time whether it is still the same: so a new version
 * of the server is seen at once, and an old one costs no transfer.
 *
 * @param type the content type
 * @param content the bytes, not a copy
 * @param compressed the same by gzip, not a copy
 * @param tag the entity tag: it says which content it is, whatever the compression on the way
 */
record PageFile(String type, byte[] content, byte[] compressed, String tag) {
    /**
     * Reads a resource of this program.
     *
     * @param resource its whole name, {@code org/attunet/…}; it must be there
     */
    static PageFile of(String resource) {
        try (InputStream in = PageFile.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its own resource " + resource);
            }
            byte[] content = in.readAllBytes();
            return new PageFile(type(resource), content, gzip(content), tag(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "png" -> "image/png";
            case "yaml" -> "application/yaml; charset=utf-8"; // RFC 9512
            default -> "text/plain; charset=utf-8";
        };
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "W/\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    /** Answers with the file, or says that the client has it already. */
    void answer(Context ctx) {
        ctx.header(Header.CACHE_CONTROL, "no-cache").header(Header.ETAG, tag);
        ctx.res().addHeader(Header.VARY, Header.ACCEPT_ENCODING);
        String known = ctx.header(Header.IF_NONE_MATCH);
        if (known != null && known.contains(tag.substring(2))) { // quoted, so no tag is part of another
            ctx.status(304);
            return;
        }
        ctx.contentType(type);
        String accepted = ctx.header(Header.ACCEPT_ENCODING);
        if (accepted != null && accepted.contains("gzip")) {
            ctx.header(Header.CONTENT_ENCODING, "gzip").result(compressed);
        } else {
            ctx.result(content);
        }
    }
}
