package org.attunet.server.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Access to the server: the key, the host names that it answers under, the web origins that may call it, and the security
 * headers for browsers.
 *
 * <p>The key is accepted as {@code Authorization: Bearer KEY}, as {@code X-API-Key: KEY}, or as the password of HTTP basic
 * authentication, which browsers prompt for. Without a key everyone who reaches the server may use it. To keep foreign web
 * pages from doing so through a browser on the same machine, cross-site requests of browsers and unknown host names are
 * refused.
 *
 * @param key null for none
 * @param origins web origins that may call the server, such as {@code https://viewer.example.org}
 * @param hosts names and addresses, without port, that the server answers under; empty for any
 */
public record AccessControl(@Nullable String key, List<String> origins, List<String> hosts) {
    /** Routes for health probes, which need no key. */
    private static final Set<String> OPEN = Set.of("/v2/health/live", "/v2/health/ready", "/health");

    private static final String POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
            + " 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' blob: data:;"
            + " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** Copies the lists. */
    public AccessControl {
        origins = List.copyOf(origins);
        hosts = List.copyOf(hosts);
    }

    /** Returns the access of clients on this machine, without a key. */
    public static AccessControl local() {
        return new AccessControl(null, List.of(), List.of("127.0.0.1", "localhost", "[::1]"));
    }

    /** Guards all routes; to be called before the routes are added. */
    public void install(JavalinConfig config) {
        config.routes.before(this::check);
    }

    private void check(Context ctx) {
        setHeaders(ctx);
        if (OPEN.contains(ctx.path())) {
            return; // probes use whatever address they have
        }
        requireHost(ctx);
        if (isPreflight(ctx)) {
            return;
        }
        if (key != null && !hasKey(ctx)) {
            ctx.header(Header.WWW_AUTHENTICATE, "Basic realm=\"attunet\", charset=\"UTF-8\"");
            throw new HttpFailure(
                    401, "this server requires its key; send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'");
        }
    }

    private static void setHeaders(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("X-Frame-Options", "DENY");
        ctx.header("Referrer-Policy", "no-referrer");
        ctx.header("Cross-Origin-Opener-Policy", "same-origin");
        ctx.header("Cache-Control", "no-store");
        if (ctx.req().isSecure()) {
            ctx.header("Strict-Transport-Security", "max-age=31536000");
        }
    }

    private void requireHost(Context ctx) {
        String given = ctx.host();
        if (hosts.isEmpty() || given == null) {
            return;
        }
        String name = given.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        if (!hosts.contains(name)) {
            throw new HttpFailure(
                    421, "this server doesn't answer under that name; have it started with --allowed-host NAME");
        }
    }

    /** Admits the allowed origins and refuses other pages; returns whether the request is a preflight, which has no key. */
    private boolean isPreflight(Context ctx) {
        String origin = ctx.header(Header.ORIGIN);
        if (origin != null && origins.contains(origin)) {
            ctx.header(Header.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            ctx.res().addHeader(Header.VARY, Header.ORIGIN);
            ctx.header(Header.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE");
            ctx.header(
                    Header.ACCESS_CONTROL_ALLOW_HEADERS,
                    "Authorization, X-API-Key, Content-Type, Accept, Prefer, X-Request-Id,"
                            + " Inference-Header-Content-Length");
            ctx.header(
                    Header.ACCESS_CONTROL_EXPOSE_HEADERS,
                    "Location, Retry-After, X-Request-Id, Content-Disposition, Inference-Header-Content-Length,"
                            + " Attunet-Confidence, Attunet-Warnings");
            return "OPTIONS".equals(ctx.req().getMethod());
        }
        boolean foreign =
                "cross-site".equals(ctx.header("Sec-Fetch-Site")) && !"navigate".equals(ctx.header("Sec-Fetch-Mode"));
        if (foreign || (origin != null && !isSameOrigin(ctx, origin))) {
            throw new HttpFailure(
                    403, "pages of that origin may not use this server; have it started with --cors ORIGIN");
        }
        return false;
    }

    private static boolean isSameOrigin(Context ctx, String origin) {
        String host = ctx.host();
        return host != null && (origin.equals("http://" + host) || origin.equals("https://" + host));
    }

    private boolean hasKey(Context ctx) {
        String direct = ctx.header("X-API-Key");
        String header = ctx.header(Header.AUTHORIZATION);
        return (direct != null && isKey(direct)) || (header != null && isKey(keyOf(header)));
    }

    private static String keyOf(String header) {
        if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return header.substring(7).strip();
        }
        if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
            try {
                byte[] pair = Base64.getDecoder().decode(header.substring(6).strip());
                return new String(pair, StandardCharsets.UTF_8).replaceFirst("(?s)^[^:]*:", "");
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        return "";
    }

    /** Compares in constant time. */
    private boolean isKey(String given) {
        return key != null
                && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "AccessControl[key " + (key == null ? "none" : "set") + ", origins " + origins + ", hosts " + hosts
                + "]";
    }
}
