package org.attunet.dicom.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.jspecify.annotations.Nullable;

/** A server's response, to be closed. */
final class Response implements AutoCloseable {
    private static final int MOST_JSON = 1 << 26;
    private static final Pattern PARAMETER =
            Pattern.compile(";\\s*([!#-'*+.^_`|~0-9A-Za-z-]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;]*))");

    private final WebAddress address;
    private final HttpResponse<InputStream> response;
    private final InputStream body;

    Response(WebAddress address, HttpResponse<InputStream> response, InputStream body) {
        this.address = address;
        this.response = response;
        this.body = body;
    }

    int status() {
        return response.statusCode();
    }

    InputStream body() {
        return body;
    }

    private String contentType() {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    /** The media type in lower case, without parameters. */
    String mediaType() {
        return contentType().replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    /** A parameter of the media type (RFC 9110, 5.6.6); null if it isn't there. */
    @Nullable
    String parameter(String name) {
        Matcher parameter = PARAMETER.matcher(contentType());
        while (parameter.find()) {
            if (parameter.group(1).equalsIgnoreCase(name)) {
                String quoted = parameter.group(2);
                return quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
            }
        }
        return null;
    }

    /** How long the server asks to wait; otherwise if it doesn't say. */
    Duration pause(Duration otherwise) {
        String text = response.headers().firstValue("Retry-After").orElse("").strip();
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration left = Duration.between(ZonedDateTime.now(date.getZone()), date);
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeException e) {
            return otherwise;
        }
    }

    /** Reads a body of JSON. */
    JsonNode json() throws IOException {
        byte[] bytes = body.readNBytes(MOST_JSON + 1);
        if (bytes.length > MOST_JSON) {
            throw failure(
                    "an answer of more than " + (MOST_JSON >> 20) + " MiB of JSON", "a shorter one", "ask for less");
        }
        try {
            JsonNode json = bytes.length == 0 ? null : Json.FOREIGN.readTree(bytes);
            return json == null ? Json.object() : json;
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw unlike("application/dicom+json");
        }
    }

    /** The failure of a response of another kind than the one that was asked for. */
    AttunetException unlike(String expected) {
        String type = mediaType().matches("[a-z0-9.+/-]{1,80}") ? mediaType() : "something";
        return failure(
                "it answers " + type,
                expected,
                "check the address: what comes before /studies is the server's DICOMweb service, such as"
                        + " https://host/dicom-web");
    }

    /** The failure of a response whose status is no success. */
    AttunetException refusal() {
        return switch (status()) {
            case 401, 407 ->
                failure(
                        "it asks for credentials, or knows other ones (status " + status() + ")",
                        "credentials that it accepts",
                        "put USER:PASSWORD or a token into a file or variable for them");
            case 403 ->
                failure(
                        "it doesn't allow this (status 403)",
                        "rights for it",
                        "ask who looks after the server for them");
            case 404, 410 ->
                failure(
                        "it doesn't have this (status " + status() + ")",
                        "a study or series that it has",
                        "check the identifiers, and that what comes before /studies is the server's DICOMweb service");
            case 413 ->
                failure("it finds the files too large (status 413)", "files that it takes", "have its limit raised");
            case 429, 502, 503, 504 ->
                failure("it is too busy or can't be reached (status " + status() + ")", "an answer", "try again later");
            default -> failure("it answers status " + status(), "success", "see the server's log for the reason");
        };
    }

    AttunetException failure(String found, String expected, String remedy) {
        return new AttunetException(address.root().toString(), found, expected, remedy);
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
