package org.attunet.server.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.ServletInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.server.work.BusyException;
import org.attunet.server.work.InputException;

/**
 * Failures as answers: a status and one sentence, {@code {"error": "…", "detail": "…", "request_id": "…"}}. What the client
 * is not the reason of is told to the log with its stack, and to the client without details.
 */
public final class ErrorResponses {
    private static final String FULL = "the server's disk is full; try again later";
    private static final long MOST_UNREAD = 64L << 20;
    private static final Duration SILENCE = Duration.ofMillis(200);
    private static final String TOLD = "attunet.told";
    private static final String BODY_READ = "attunet.body";
    private static final Set<Integer> STRANGERS = Set.of(401, 403, 421);

    private final ServerLog log;
    private final ServerMetrics metrics;

    private ErrorResponses(ServerLog log, ServerMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /** Lets all routes answer their failures so. */
    public static void install(JavalinConfig config, ServerLog log, ServerMetrics metrics) {
        var failures = new ErrorResponses(log, metrics);
        config.routes.exception(Exception.class, failures::answer);
        config.router.javaLangErrorHandler((response, error) -> {
            failures.log.error("a request failed: " + trace(error));
            response.setStatus(500);
            response.setContentType("application/json");
            try {
                response.getOutputStream().write(("{\"error\": \"" + fault() + "\"}").getBytes(StandardCharsets.UTF_8));
            } catch (IOException | IllegalStateException e) {
                failures.log.error("its answer can't be written: " + trace(e));
            }
        });
        config.routes.error(404, ctx -> {
            if (ctx.attribute(TOLD) == null) {
                tell(ctx, 404, "there is nothing at this address for this method; see /openapi.yaml for what there is");
            }
        });
    }

    private void answer(Exception failure, Context ctx) {
        if (failure instanceof HttpFailure known) {
            tell(ctx, known.status(), String.valueOf(known.getMessage()));
        } else if (failure instanceof BusyException busy) {
            busy(ctx, busy);
        } else if (failure instanceof InputException input) {
            tell(ctx, status(input.fault()), String.valueOf(input.getMessage()));
        } else if (failure instanceof TimeoutException || failure instanceof CancellationException) {
            metrics.rejected("timeout");
            tell(
                    ctx,
                    503,
                    "the result was not ready within the server's time limit; send it to /api/jobs, where nobody"
                            + " has to wait");
        } else if (failure instanceof HttpResponseException javalin) {
            tell(ctx, javalin.getStatus(), String.valueOf(javalin.getMessage()));
        } else if (failure instanceof AttunetException own) {
            boolean full = causes(own).anyMatch(ErrorResponses::isFullDisk);
            log(ctx, String.valueOf(own.getMessage()));
            tell(ctx, full ? 507 : 500, full ? FULL : fault());
        } else {
            body(ctx, failure);
        }
        endBody(ctx);
    }

    /** Failures while the request's body was read, which Jetty wraps several times; and those of nobody's expectation. */
    private void body(Context ctx, Exception failure) {
        ctx.header("Connection", "close"); // nobody knows how much of the body is left
        if (causes(failure).anyMatch(ErrorResponses::isFullDisk)) {
            log(ctx, "an upload can't be kept: the disk is full");
            tell(ctx, 507, FULL);
        } else if (causes(failure).anyMatch(ErrorResponses::isTooLong)) {
            tell(
                    ctx,
                    413,
                    "the request is larger than the server takes; send fewer images at once, or have its --max-body"
                            + " raised");
        } else if (causes(failure).anyMatch(ErrorResponses::isClients)) {
            tell(ctx, 400, "the request breaks off or is damaged; expected the whole of it as its headers announce");
        } else {
            log(ctx, trace(failure));
            tell(ctx, 500, fault());
        }
    }

    private void log(Context ctx, String what) {
        log.write(log.line("error", "a request failed: " + what).put("request_id", RequestTrace.id(ctx)));
    }

    private static String fault() {
        return "a fault of the server, which its log tells under this request id";
    }

    private void busy(Context ctx, BusyException busy) {
        metrics.rejected(busy.stopping() ? "stopping" : "queue_full");
        ctx.header(Header.RETRY_AFTER, Integer.toString(busy.retryAfterSeconds()));
        String sentence = busy.getMessage() + "; try again in " + busy.retryAfterSeconds() + " s";
        tell(ctx, busy.stopping() ? 503 : 429, sentence);
    }

    private static int status(InputException.Fault fault) {
        return switch (fault) {
            case UNSUITABLE -> 422;
            case TOO_LARGE -> 413;
            case UNKNOWN_FORMAT -> 415;
        };
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    private static boolean isFullDisk(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof IOException
                && (message.contains("No space left")
                        || message.contains("Disk quota")
                        || message.contains("File too large"));
    }

    private static boolean isTooLong(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof IllegalStateException && message.startsWith("max ") && message.contains("exceeded");
    }

    /** What Jetty throws where a body ends early or can't be parsed. */
    private static boolean isClients(Throwable cause) {
        String name = cause.getClass().getName();
        return (cause instanceof IOException && (name.startsWith("org.eclipse.jetty") || cause instanceof EOFException))
                || name.endsWith("BadMessageException");
    }

    /** Notes that a request's body was read to its end, so that nothing of it is waited for. */
    public static void bodyRead(Context ctx) {
        ctx.attribute(BODY_READ, true);
    }

    /**
     * Reads what is left of a refused request's body, so that the client reads the answer before it sees the connection
     * closed; of a long or slow one a part, and then the client is told that the connection ends.
     */
    private static void endBody(Context ctx) {
        boolean none = ctx.req().getContentLengthLong() <= 0 && ctx.header("Transfer-Encoding") == null;
        if (none || ctx.attribute(BODY_READ) != null) {
            return;
        }
        ctx.header("Connection", "close");
        // Who may not ask anything is not listened to, and who asks before sending needn't send.
        if (STRANGERS.contains(ctx.statusCode()) || ctx.header("Expect") != null) {
            return;
        }
        try {
            ServletInputStream in = ctx.req().getInputStream();
            byte[] buffer = new byte[1 << 16];
            long last = System.nanoTime();
            for (long read = 0; read < MOST_UNREAD && !in.isFinished(); ) {
                if (in.available() > 0) { // else reading would wait as long as the client likes
                    read += Math.max(0, in.read(buffer));
                    last = System.nanoTime();
                } else if (System.nanoTime() - last > SILENCE.toNanos()) {
                    return;
                } else {
                    Thread.sleep(1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            return; // there is nothing to be read any more
        }
    }

    /** Answers with a sentence. */
    public static void tell(Context ctx, int status, String sentence) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("error", sentence);
        json.put("detail", sentence); // where clients of MONAI Label look for it
        json.put("request_id", RequestTrace.id(ctx));
        ctx.attribute(TOLD, true);
        ctx.status(status).contentType("application/json").result(json.toString());
    }

    /** The kinds of the failure and where it arose, without its messages, which may hold what a client sent. */
    static String trace(Throwable failure) {
        var text = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(text.length() == 0 ? "" : " from ")
                    .append(cause.getClass().getName());
            StackTraceElement[] stack = cause.getStackTrace();
            for (int k = 0; k < Math.min(6, stack.length); k++) {
                text.append(k == 0 ? " at " : " < ").append(stack[k]);
            }
        }
        return text.toString();
    }
}
