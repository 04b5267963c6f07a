package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.attunet.server.http.Replies;
import org.attunet.server.work.WorkFolder;

/**
 * A response in two parts, {@code params} as JSON and {@code image} as a file. OHIF matches the headers literally, splits at
 * the boundary as the content type spells it, and takes the first empty line for the end of a part's headers.
 */
final class MultipartReply {
    private MultipartReply() {}

    static void send(Context ctx, JsonNode params, Path file, String name) {
        String boundary = WorkFolder.randomName();
        byte[] start = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"params\"\r\n"
                        + "Content-Type: application/json\r\n\r\n" + params + "\r\n--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + Replies.ascii(name)
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
}
