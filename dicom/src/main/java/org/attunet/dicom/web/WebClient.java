package org.attunet.dicom.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one DICOMweb server, again if it is busy or the connection fails: all of them can be repeated, for what is
 * stored twice has the same identifiers. Thread-safe.
 *
 * <p>A redirection is followed within the server only, so that neither credentials nor images go elsewhere.
 */
final class WebClient {
    private static final Set<Integer> BUSY = Set.of(429, 502, 503, 504);
    private static final int MOST_REDIRECTIONS = 5;
    private static final long LEAST_RATE = 16 << 10; // bytes per second at which a body is sent

    private final WebAddress address;
    private final Credentials credentials;
    private final Patience patience;
    private final HttpClient http;

    /**
     * How long a client waits and how often it tries.
     *
     * @param connect for a connection
     * @param silence for the first byte of a response and for each further one
     * @param pause before the second try, twice that before the third, and so on
     * @param longest pause that a server may ask for
     * @param tries of a request, at least 1
     */
    record Patience(Duration connect, Duration silence, Duration pause, Duration longest, int tries) {
        static Patience of(WebLimits limits) {
            return new Patience(
                    Duration.ofSeconds(15),
                    limits.silence(),
                    Duration.ofSeconds(1),
                    limits.silence().dividedBy(2),
                    limits.tries());
        }
    }

    /**
     * A request.
     *
     * @param accept the media types that are understood
     * @param contentType of the body; null without one
     * @param body made anew for each try; null for GET
     */
    record Request(
            String path,
            String accept,
            @Nullable String contentType,
            @Nullable Supplier<BodyPublisher> body) {
        static Request get(String path, String accept) {
            return new Request(path, accept, null, null);
        }

        String method() {
            return body == null ? "GET" : "POST";
        }
    }

    /** What is done with a response; repeated if it throws an {@link IOException}, for the connection broke off then. */
    interface Reader<T> {
        T read(Response response) throws IOException;
    }

    WebClient(WebAddress address, Credentials credentials, Patience patience) {
        if (!credentials.isEmpty() && !address.isPrivate()) {
            throw new AttunetException(
                    address.root().toString(),
                    "credentials would be sent to it unencrypted",
                    "dicomweb+https, or this machine",
                    "use https, or give no credentials");
        }
        this.address = address;
        this.credentials = credentials;
        this.patience = patience;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .build();
    }

    /**
     * Sends a request and reads the response.
     *
     * @throws AttunetException if it fails for good
     */
    <T> T send(Request request, Reader<T> reader) {
        for (int attempt = 1; ; attempt++) {
            Interruption.check();
            boolean last = attempt == patience.tries();
            Duration pause = patience.pause().multipliedBy(1L << (attempt - 1));
            try (Response response = respond(request)) {
                if (!BUSY.contains(response.status()) || last) {
                    return reader.read(response);
                }
                pause = response.pause(pause);
                if (pause.compareTo(patience.longest()) > 0) {
                    return reader.read(response);
                }
            } catch (IOException e) {
                if (last || e instanceof SSLException) {
                    throw broken(e);
                }
            }
            sleep(pause);
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep((long) (pause.toMillis() * ThreadLocalRandom.current().nextDouble(1, 1.25)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Interruption.cancellation();
        }
    }

    private Response respond(Request request) throws IOException {
        URI uri = URI.create(request.path());
        for (int redirections = 0; ; redirections++) {
            HttpResponse<InputStream> response = exchange(uri, request);
            int status = response.statusCode();
            boolean elsewhere = status == 307 || status == 308 || (status / 100 == 3 && request.body() == null);
            String location = response.headers().firstValue("Location").orElse("");
            if (!elsewhere || location.isEmpty() || redirections == MOST_REDIRECTIONS) {
                return new Response(address, response, decoded(response));
            }
            response.body().close();
            uri = redirected(uri, location);
        }
    }

    private HttpResponse<InputStream> exchange(URI uri, Request request) throws IOException {
        BodyPublisher body = request.body() == null
                ? BodyPublishers.noBody()
                : request.body().get();
        Duration sending = Duration.ofSeconds(Math.max(0, body.contentLength()) / LEAST_RATE);
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri)
                .timeout(patience.silence().plus(sending))
                .header("Accept", request.accept());
        if (!credentials.isEmpty()) {
            builder.header("Authorization", credentials.header());
        }
        if (request.contentType() != null) {
            builder.header("Content-Type", request.contentType());
        }
        builder.method(request.method(), body);
        try {
            return http.send(builder.build(), info -> new BodyStream(patience.silence()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Interruption.cancellation();
        }
    }

    private URI redirected(URI from, String location) {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            to = URI.create("invalid:address");
        }
        boolean same = from.getScheme().equals(to.getScheme())
                && from.getRawAuthority().equalsIgnoreCase(String.valueOf(to.getRawAuthority()));
        if (!same) {
            throw new AttunetException(
                    address.root().toString(),
                    "it sends to another server (" + to.getScheme() + "://" + to.getRawAuthority() + ")",
                    "answers of this one",
                    "give the other's address if you trust it");
        }
        return to;
    }

    /** The body, decompressed if the server has compressed it unasked. */
    private static InputStream decoded(HttpResponse<InputStream> response) throws IOException {
        String encoding =
                response.headers().firstValue("Content-Encoding").orElse("").strip();
        if (!encoding.equalsIgnoreCase("gzip") && !encoding.equalsIgnoreCase("x-gzip")) {
            return response.body();
        }
        try {
            return new GZIPInputStream(response.body(), 1 << 16);
        } catch (IOException e) {
            response.body().close();
            throw e;
        }
    }

    private AttunetException broken(IOException e) {
        Throwable cause = e;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String detail = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String remedy = "check the address and the network, and try again";
        if (e instanceof SSLException) {
            remedy = "let Java trust its certificate (JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE), or use"
                    + " dicomweb+http if it has none";
        } else if (e instanceof HttpTimeoutException) {
            detail = "it doesn't answer in time";
        }
        return new AttunetException(
                address.root().toString(), "no whole answer comes (" + detail + ")", "a DICOMweb server", remedy, e);
    }
}
