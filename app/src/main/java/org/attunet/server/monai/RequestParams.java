package org.attunet.server.monai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/** The parameters of MONAI Label's clients: the form field {@code params}, the query and the files of a form. */
final class RequestParams {
    private static final int LONGEST = 1 << 16;

    private RequestParams() {}

    /** Returns the form field {@code params}, an object of at most 64 KiB; an empty object if there is none. */
    static ObjectNode form(Context ctx) {
        String text = ctx.isMultipartFormData() ? part(ctx) : ctx.isFormUrlencoded() ? field(ctx) : null;
        return parse("params", text);
    }

    /** Reads that part alone, after checking its size: Javalin would read all form fields into memory. */
    private static @Nullable String part(Context ctx) {
        ctx.uploadedFileMap(); // has the form parsed, with larger parts on disk
        try {
            Part part = ctx.req().getPart("params");
            return part == null ? null : text("params", part.getInputStream());
        } catch (IOException | ServletException e) {
            throw HttpFailure.bad("the form can't be read", "multipart/form-data");
        }
    }

    /** Reads that field of a URL-encoded form; Javalin would read a body of any length into memory. */
    private static @Nullable String field(Context ctx) {
        try {
            for (String field : text("the body", ctx.bodyInputStream()).split("&", -1)) {
                if (field.startsWith("params=")) {
                    return URLDecoder.decode(field.substring("params=".length()), StandardCharsets.UTF_8);
                }
            }
            return null;
        } catch (IllegalArgumentException e) {
            throw HttpFailure.bad("the form's field params breaks off within a %", "two hexadecimal digits");
        }
    }

    /** Returns a body that is a JSON object of at most 64 KiB, or empty. */
    static ObjectNode body(Context ctx) {
        return parse("the body", text("the body", ctx.bodyInputStream()));
    }

    private static String text(String what, InputStream in) {
        try {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw HttpFailure.tooLarge(what + " is too long", "at most " + LONGEST + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw HttpFailure.bad(what + " breaks off", "all of it as its headers announce");
        }
    }

    private static ObjectNode parse(String what, @Nullable String text) {
        try {
            if (text == null || text.isBlank()) {
                return Json.object();
            }
            JsonNode tree = Json.FOREIGN.readTree(text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // reported below
        }
        throw HttpFailure.bad(what + " is no JSON object", "one, such as {}");
    }

    /** Returns a query parameter, or throws 422. */
    static String required(Context ctx, String name) {
        String value = query(ctx, name, "");
        if (value.isEmpty()) {
            throw HttpFailure.unsuitable("the parameter " + name + " is missing", "?" + name + "=VALUE");
        }
        return value;
    }

    /** Returns a query parameter, or the default if it is missing or empty. */
    static String query(Context ctx, String name, String otherwise) {
        String value = ctx.queryParam(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    static boolean flag(Context ctx, String name, boolean otherwise) {
        return Boolean.parseBoolean(query(ctx, name, Boolean.toString(otherwise)));
    }

    /** Returns a query parameter that is a whole number, 0 or more. */
    static int number(Context ctx, String name, int otherwise) {
        String value = query(ctx, name, Integer.toString(otherwise));
        if (!value.matches("\\d{1,9}")) {
            throw HttpFailure.unsuitable("the parameter " + name + " is no number", "a whole number from 0");
        }
        return Integer.parseInt(value);
    }

    static @Nullable UploadedFile file(Context ctx, String name) {
        return ctx.isMultipartFormData() ? ctx.uploadedFile(name) : null;
    }

    /** Returns the first file of a form's part, or throws 422. */
    static UploadedFile requiredFile(Context ctx, String name) {
        UploadedFile file = file(ctx, name);
        if (file == null) {
            throw HttpFailure.unsuitable(
                    "the request holds no file \"" + name + "\"", "one, as 'curl -F " + name + "=@FILE'");
        }
        return file;
    }
}
