package org.attunet.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.server.work.WorkFolder;

/** Responses in the forms that all routes share: JSON and files. */
public final class Replies {
    private Replies() {}

    /** Sends a JSON tree. */
    public static void json(Context ctx, JsonNode json) {
        ctx.contentType("application/json").result(json.toString());
    }

    /** Returns an object with a list as its only member. */
    public static ObjectNode list(String name, Stream<? extends JsonNode> elements) {
        return Json.object().set(name, Json.OWN.valueToTree(elements.toList()));
    }

    /** Sends a file as a download of this name; the file may be deleted as soon as this method has returned. */
    public static void file(Context ctx, Path file, String name) {
        String ascii = ascii(name);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); // closed with the response stream
            ctx.header(Header.CONTENT_LENGTH, Long.toString(channel.size()));
            ctx.header(Header.CONTENT_DISPOSITION, "attachment; " + fileName(name));
            ctx.contentType(mediaType(Images.suffix(Path.of(ascii)))).result(Channels.newInputStream(channel));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends two parts, {@code params} as JSON and {@code image} as a file. OHIF matches the headers literally, splits at the
     * boundary as the content type spells it, and takes the first empty line for the end of a part's headers.
     */
    public static void parts(Context ctx, JsonNode params, Path file, String name) {
        String boundary = WorkFolder.randomName();
        byte[] start = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"params\"\r\n"
                        + "Content-Type: application/json\r\n\r\n" + params + "\r\n--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + ascii(name)
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
        try {
            long length = start.length + Files.size(file) + end.length;
            InputStream image = Files.newInputStream(file); // stays readable when the file is deleted
            ctx.contentType("multipart/form-data; boundary=" + boundary);
            ctx.header(Header.CONTENT_LENGTH, Long.toString(length));
            ctx.result(new SequenceInputStream(Collections.enumeration(
                    List.of(new ByteArrayInputStream(start), image, new ByteArrayInputStream(end)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the parameters for a name: in ASCII, and whole by RFC 6266 and 8187 if that differs. */
    private static String fileName(String name) {
        String plain = "filename=\"" + ascii(name) + "\"";
        if (ascii(name).equals(name)) {
            return plain;
        }
        StringBuilder encoded = new StringBuilder(plain).append("; filename*=UTF-8''");
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean direct = c < 128 && ascii(String.valueOf(c)).charAt(0) == c;
            encoded.append(direct ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", b & 0xff));
        }
        return encoded.toString();
    }

    /** Returns a file name in the characters that a header may hold unquoted. */
    private static String ascii(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    private static String mediaType(String suffix) {
        return switch (suffix) {
            case ".png" -> "image/png";
            case ".tif" -> "image/tiff";
            case ".gz", ".nii.gz" -> "application/gzip";
            case ".zip" -> "application/zip";
            case ".dcm" -> "application/dicom";
            default -> "application/octet-stream";
        };
    }
}
