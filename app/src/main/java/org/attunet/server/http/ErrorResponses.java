package org.attunet.server.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.ServletInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.attunet.server.work.BusyException;
import org.attunet.server.work.InputException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Turns failures into responses: a status and one sentence, {@code {"error": "…", "detail": "…", "request_id": "…"}}. Failures
 * that the client hasn't caused are logged with their stack and sent without details.
 *
 * @param methods returns the methods of a path that have a route
 */
public record ErrorResponses(ServerLog log, ServerMetrics metrics, Function<String, List<String>> methods) {
    private static final String INTERNAL = "an internal error of the server, logged under this request id";
    private static final long MOST_UNREAD = 64L << 20;
    private static final Duration SILENCE = Duration.ofMillis(200);
    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(2);
    private static final String SENT = "attunet.error";
    private static final String BODY_READ = "attunet.body";
    private static final Set<Integer> STRANGERS = Set.of(401, 403, 421);

    /** Handles the failures of all routes. */
    public void install(JavalinConfig config) {
        config.routes.exception(Exception.class, (failure, ctx) -> {
            handle(failure, ctx);
            drainBody(ctx);
        });
        config.router.javaLangErrorHandler((response, error) -> {
            log.error("a request failed: " + trace(error));
            response.setStatus(500);
            response.setContentType("application/json");
            try {
                response.getOutputStream()
                        .write(("{\"error\": \"" + INTERNAL + "\"}").getBytes(StandardCharsets.UTF_8));
            } catch (IOException | IllegalStateException e) {
                log.error("its response can't be written: " + trace(e));
            }
        });
        config.routes.error(404, ctx -> {
            if (ctx.attribute(SENT) == null) {
                sendNoRoute(ctx);
                drainBody(ctx);
            }
        });
        config.routes.options(
                "/*",
                ctx -> { // preflights too; AccessControl has set their headers
                    List<String> known = methods.apply(ctx.path());
                    if (!known.isEmpty()) {
                        ctx.status(204).header(Header.ALLOW, String.join(", ", known));
                    } else {
                        ctx.status(404);
                    }
                });
    }

    private void sendNoRoute(Context ctx) {
        List<String> known = methods.apply(ctx.path());
        if (known.isEmpty()) {
            send(ctx, 404, "there is nothing at this address; /openapi.yaml lists the routes");
            return;
        }
        String list = String.join(", ", known);
        ctx.header(Header.ALLOW, list);
        send(
                ctx,
                405,
                "this address has no method " + (isKnown(ctx) ? ctx.req().getMethod() : "of that name") + "; expected "
                        + list);
    }

    private static boolean isKnown(Context ctx) {
        return ctx.req().getMethod().matches("GET|HEAD|POST|PUT|DELETE|PATCH|TRACE|CONNECT");
    }

    /** Refuses, before they are read, bodies that are too long or compressed in an unknown way. */
    public static void checkBody(Context ctx, long mostBytes) {
        if (ctx.req().getContentLengthLong() > mostBytes) {
            throw new HttpFailure(413, Exchange.tooLong(mostBytes));
        }
        String encoding = ctx.header(Header.CONTENT_ENCODING); // known ones are removed when the body is expanded
        if (!InflatedBody.encoding(encoding).isEmpty() && ctx.req().getContentLengthLong() != 0) {
            ctx.header(Header.ACCEPT_ENCODING, InflatedBody.ACCEPTED);
            throw new HttpFailure(
                    415,
                    "the body has a Content-Encoding that this server can't read; expected " + InflatedBody.ACCEPTED);
        }
    }

    private void handle(Exception failure, Context ctx) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof HttpFailure known) {
            send(ctx, known.status(), message);
        } else if (failure instanceof HttpResponseException javalin) {
            send(ctx, javalin.getStatus(), message);
        } else if (failure instanceof InputException input) {
            int status = switch (input.fault()) {
                case UNSUITABLE -> 422;
                case TOO_LARGE -> 413;
                case UNKNOWN_FORMAT -> 415;
            };
            send(ctx, status, message);
        } else if (failure instanceof BusyException busy) {
            metrics.rejected(busy.isStopping() ? "stopping" : "queue_full");
            ctx.header(Header.RETRY_AFTER, Integer.toString(busy.retryAfterSeconds()));
            send(ctx, busy.isStopping() ? 503 : 429, message + "; try again in " + busy.retryAfterSeconds() + " s");
        } else if (failure instanceof TimeoutException || failure instanceof CancellationException) {
            metrics.rejected("timeout");
            send(ctx, 503, "the result was not ready within the server's time limit; send the image to /api/jobs");
        } else {
            handleUnexpected(failure, ctx);
        }
    }

    /** Handles the server's own failures, and those of reading a body, which Jetty wraps several times. */
    private void handleUnexpected(Exception failure, Context ctx) {
        boolean own = failure instanceof AttunetException;
        String reason = own ? String.valueOf(failure.getMessage()) : trace(failure);
        if (!own) {
            ctx.header("Connection", "close"); // the rest of the body may be unread
        }
        Optional<BodyException> body = causes(failure)
                .filter(BodyException.class::isInstance)
                .map(BodyException.class::cast)
                .findFirst();
        if (body.isPresent()) {
            bodyRead(ctx); // the rest is not worth waiting for
            send(ctx, body.get().status(), String.valueOf(body.get().getMessage()));
        } else if (causes(failure).anyMatch(ErrorResponses::isFullDisk)) {
            log(ctx, own ? reason : "an upload can't be stored: the disk is full");
            send(ctx, 507, "the server's disk is full; try again later");
        } else if (!own && causes(failure).anyMatch(ErrorResponses::isTooLong)) {
            String remedy = "send fewer images at once, DICOM as a zip, or have its --max-body raised";
            send(ctx, 413, "the request is larger than the server accepts; " + remedy);
        } else if (!own && causes(failure).anyMatch(ErrorResponses::isBrokenBody)) {
            send(ctx, 400, "the request breaks off or is damaged; expected all of it as its headers announce");
        } else {
            log(ctx, reason);
            send(ctx, 500, INTERNAL);
        }
    }

    private void log(Context ctx, String what) {
        log.write(log.line("error", "a request failed: " + what).put("request_id", RequestTrace.id(ctx)));
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    private static boolean isFullDisk(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof IOException
                && Stream.of("No space left", "Disk quota", "File too large").anyMatch(message::contains);
    }

    private static boolean isTooLong(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        boolean bytes = message.startsWith("max ") && message.contains("exceeded");
        return cause instanceof IllegalStateException && (bytes || message.startsWith("Form with too many"));
    }

    /** Whether it is what Jetty throws if a body ends early or can't be parsed. */
    private static boolean isBrokenBody(Throwable cause) {
        String name = cause.getClass().getName();
        return (cause instanceof IOException && (name.startsWith("org.eclipse.jetty") || cause instanceof EOFException))
                || cause instanceof ZipException
                || name.endsWith("BadMessageException");
    }

    /** Notes that a request's body was read to its end, so that a failure doesn't wait for more of it. */
    public static void bodyRead(Context ctx) {
        ctx.attribute(BODY_READ, true);
    }

    /**
     * Reads the rest of a refused request's body, so that the client sees the response before the connection closes. Of a
     * long or slow body only a part is read, and the response announces that the connection closes.
     */
    private static void drainBody(Context ctx) {
        boolean none = ctx.req().getContentLengthLong() <= 0 && ctx.header("Transfer-Encoding") == null;
        if (none || ctx.attribute(BODY_READ) != null) {
            return;
        }
        ctx.header("Connection", "close");
        // Nothing is read from clients without access, and clients that ask before sending needn't send.
        if (STRANGERS.contains(ctx.statusCode()) || ctx.header("Expect") != null) {
            return;
        }
        try {
            Unread body = unread(ctx);
            byte[] buffer = new byte[1 << 16];
            long last = System.nanoTime();
            long end = last + LONGEST_DRAIN.toNanos();
            for (long read = 0; read < MOST_UNREAD && System.nanoTime() <= end; ) {
                int n = body.take(buffer);
                if (n > 0) {
                    read += n;
                    last = System.nanoTime();
                } else if (n < 0 || System.nanoTime() - last > SILENCE.toNanos()) {
                    return;
                } else {
                    Thread.sleep(1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            return; // nothing is left to read
        }
    }

    /** A body whose reading never waits for the client. */
    private interface Unread {
        /** Reads what has come, at most the buffer's length or one chunk; returns the number of bytes, -1 at the end. */
        int take(byte[] buffer) throws IOException;
    }

    private static Unread unread(Context ctx) throws IOException {
        if (ctx.req().getAttribute(InflatedBody.AS_SENT) instanceof Request request) {
            return buffer -> { // expanding would wait for the client until it finds the end
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    return 0;
                }
                int n = chunk.remaining();
                boolean end = chunk.isLast() || Content.Chunk.isFailure(chunk);
                chunk.release();
                return end ? -1 : n;
            };
        }
        ServletInputStream in = ctx.req().getInputStream();
        return buffer -> in.isFinished() ? -1 : in.available() > 0 ? Math.max(0, in.read(buffer)) : 0;
    }

    private static void send(Context ctx, int status, String sentence) {
        ctx.attribute(SENT, true);
        ctx.status(status);
        Replies.json(
                ctx,
                Json.object()
                        .put("error", sentence)
                        .put("detail", sentence) // where clients of MONAI Label look for it
                        .put("request_id", RequestTrace.id(ctx)));
    }

    /** Returns the failure's types and places, without its messages, which may hold a client's data. */
    private static String trace(Throwable failure) {
        return causes(failure)
                .map(cause -> cause.getClass().getName()
                        + Arrays.stream(cause.getStackTrace())
                                .limit(6)
                                .map(String::valueOf)
                                .reduce((one, next) -> one + " < " + next)
                                .map(stack -> " at " + stack)
                                .orElse(""))
                .collect(Collectors.joining(" from "));
    }
}
