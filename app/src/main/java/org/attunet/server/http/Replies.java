package org.attunet.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.attunet.io.Images;

/** Responses in the forms that all routes share: JSON and files. */
public final class Replies {
    private Replies() {}

    /** Sends a JSON tree. */
    public static void json(Context ctx, JsonNode json) {
        ctx.contentType("application/json").result(json.toString());
    }

    /** Sends a file as a download of this name; the file may be deleted as soon as this method has returned. */
    public static void file(Context ctx, Path file, String name) {
        String ascii = ascii(name);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); // closed with the response stream
            ctx.header(Header.CONTENT_LENGTH, Long.toString(channel.size()));
            ctx.header(Header.CONTENT_DISPOSITION, "attachment; filename=\"" + ascii + "\"");
            ctx.contentType(mediaType(Images.suffix(Path.of(ascii)))).result(Channels.newInputStream(channel));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a file name in the characters that a header may hold unquoted. */
    public static String ascii(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    private static String mediaType(String suffix) {
        return switch (suffix) {
            case ".png" -> "image/png";
            case ".tif" -> "image/tiff";
            case ".gz", ".nii.gz" -> "application/gzip";
            case ".zip" -> "application/zip";
            default -> "application/octet-stream";
        };
    }
}
