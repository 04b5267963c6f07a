package org.attunet.server.http;

import org.attunet.io.Json;
import org.attunet.server.work.WorkFolder;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Responses to requests that reach no route, such as unreadable ones: JSON in the form of {@link ErrorResponses}. */
public final class JsonErrors extends ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        write(response, sentence(code, message), callback);
    }

    /** Writes the body of a response whose status is set. */
    static void write(Response response, String sentence, Callback callback) {
        String id = WorkFolder.randomName();
        headers(response.getHeaders());
        response.getHeaders().put("X-Request-Id", id);
        Content.Sink.write(response, true, body(sentence, id), callback);
    }

    private static void headers(HttpFields.Mutable fields) {
        fields.put(HttpHeader.CONTENT_TYPE, "application/json");
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        fields.put("X-Content-Type-Options", "nosniff");
    }

    private static String sentence(int status, @Nullable String reason) {
        String found = reason == null || reason.isBlank() ? "" : " (" + reason + ")";
        return switch (status) {
            case 413, 503 -> reason == null ? "the server can't take the request now" : reason;
            case 414 -> "the address is too long; expected at most 16 KiB for it and the headers";
            case 431 -> "the headers are too long; expected at most 16 KiB for them and the address";
            case 400 -> "the request can't be read" + found + "; expected HTTP/1.1 with valid escapes and lengths";
            case 505 -> "the request has another version of HTTP; expected HTTP/1.1";
            default -> status < 500 ? "the request can't be served" + found : "an internal error of the server";
        };
    }

    static String body(String sentence, String id) {
        return Json.object()
                .put("error", sentence)
                .put("detail", sentence)
                .put("request_id", id)
                .toString();
    }
}
