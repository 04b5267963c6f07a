package org.attunet.server.monai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/** What clients of MONAI Label send beside files: the form's field {@code params}, and the query. */
final class RequestParams {
    private static final int LONGEST = 1 << 16;

    private RequestParams() {}

    /** The form's field {@code params}, an object of 64 KiB at most; an empty one where there is none. */
    static ObjectNode of(Context ctx) {
        String text = ctx.isMultipartFormData() ? part(ctx) : ctx.isFormUrlencoded() ? field(ctx) : null;
        return text == null || text.isBlank() ? JsonNodeFactory.instance.objectNode() : parse("params", text);
    }

    /** That part alone, after a look at its size: Javalin would read all fields of a form into memory. */
    private static @Nullable String part(Context ctx) {
        ctx.uploadedFileMap(); // has the form taken apart, larger parts on disk
        try {
            Part part = ctx.req().getPart("params");
            if (part == null) {
                return null;
            }
            if (part.getSize() > LONGEST) {
                throw new HttpFailure(413, "params has " + part.getSize() + " bytes; expected at most " + LONGEST);
            }
            return new String(part.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException | ServletException e) {
            throw HttpFailure.bad("the form can't be read; expected multipart/form-data");
        }
    }

    /** That field of a form in letters; Javalin would read a body of any length into memory for it. */
    private static @Nullable String field(Context ctx) {
        try {
            for (String field : text(ctx).split("&", -1)) {
                if (field.startsWith("params=")) {
                    return URLDecoder.decode(field.substring("params=".length()), StandardCharsets.UTF_8);
                }
            }
        } catch (IllegalArgumentException e) {
            throw HttpFailure.bad("the form's field params breaks off within a %; expected two hexadecimal digits");
        }
        return null;
    }

    /** A body of 64 KiB at most, of which no more is read. */
    private static String text(Context ctx) {
        try {
            byte[] bytes = ctx.bodyInputStream().readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new HttpFailure(413, "the body is longer than " + LONGEST + " bytes; expected at most those");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw HttpFailure.bad("the body breaks off; expected the whole of it as its headers announce");
        }
    }

    /** A body that is an object, or an empty one. */
    static ObjectNode body(Context ctx) {
        String text = text(ctx);
        return text.isBlank() ? JsonNodeFactory.instance.objectNode() : parse("the body", text);
    }

    private static ObjectNode parse(String what, String text) {
        if (text.length() > LONGEST) {
            throw new HttpFailure(413, what + " has " + text.length() + " characters; expected at most " + LONGEST);
        }
        try {
            JsonNode tree = Json.FOREIGN.readTree(text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw HttpFailure.bad(what + " is no JSON object; expected one, such as {}");
    }

    /** A parameter of the query that must be there. */
    static String needed(Context ctx, String name) {
        String value = ctx.queryParam(name);
        if (value == null || value.isEmpty()) {
            throw new HttpFailure(422, "the parameter " + name + " is missing; expected ?" + name + "=VALUE");
        }
        return value;
    }

    /** A parameter of the query, or what is usual. */
    static String of(Context ctx, String name, String usual) {
        String value = ctx.queryParam(name);
        return value == null || value.isEmpty() ? usual : value;
    }

    /** A parameter that is true or false. */
    static boolean flag(Context ctx, String name, boolean usual) {
        return Boolean.parseBoolean(of(ctx, name, Boolean.toString(usual)));
    }

    /** A whole number of the query that is not negative. */
    static int number(Context ctx, String name, int usual) {
        String value = of(ctx, name, Integer.toString(usual));
        if (!value.matches("\\d{1,9}")) {
            throw new HttpFailure(422, "the parameter " + name + " is no number; expected a whole number from 0");
        }
        return Integer.parseInt(value);
    }

    /** The one file of a form's part, or null. */
    static @Nullable UploadedFile file(Context ctx, String name) {
        return ctx.isMultipartFormData() ? ctx.uploadedFile(name) : null;
    }

    /** The one file of a form's part, or 422. */
    static UploadedFile neededFile(Context ctx, String name) {
        UploadedFile file = file(ctx, name);
        if (file == null) {
            throw new HttpFailure(
                    422, "the request holds no file \"" + name + "\"; expected one, as 'curl -F " + name + "=@FILE'");
        }
        return file;
    }
}
