package org.attunet.server.page;

import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.attunet.io.Sha256;

/**
 * A static file of the pages, held in memory. Browsers cache it but revalidate on each use, so a new version of the server
 * takes effect at once and an unchanged file costs no transfer.
 *
 * @param type the content type
 * @param content the bytes, not a copy
 * @param compressed the bytes after gzip, not a copy
 * @param tag the weak entity tag, which identifies the content whatever its encoding
 */
record PageFile(String type, byte[] content, byte[] compressed, String tag) {
    /**
     * Reads a resource of this program, which must exist.
     *
     * @param resource the full name, {@code org/attunet/…}
     */
    static PageFile of(String resource) {
        var compressed = new ByteArrayOutputStream();
        try (InputStream in = open(resource);
                var gzip = new GZIPOutputStream(compressed)) {
            byte[] content = in.readAllBytes();
            gzip.write(content);
            gzip.finish();
            String tag = "W/\"" + Sha256.hex(content).substring(0, 24) + "\"";
            return new PageFile(type(resource), content, compressed.toByteArray(), tag);
        } catch (IOException e) {
            throw new IllegalStateException(resource, e);
        }
    }

    /** Opens a resource of this program or its libraries, which must exist. */
    static InputStream open(String resource) {
        return Objects.requireNonNull(
                PageFile.class.getClassLoader().getResourceAsStream(resource), () -> "the program lacks " + resource);
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

    /** Sends the file, or 304 if the client's copy is current. */
    void send(Context ctx) {
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
