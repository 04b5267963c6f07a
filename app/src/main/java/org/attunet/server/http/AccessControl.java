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
 * Who may ask what: the key, the names that the server answers under, the web origins that may use it; and the headers that
 * tell browsers to be careful.
 *
 * <p>A key is taken as {@code Authorization: Bearer KEY}, as {@code X-API-Key: KEY}, or as the password of HTTP's basic
 * authentication, which browsers ask people for. Without a key whoever reaches the server may use it; so that other
 * people's web pages don't, through a browser on the same machine, requests that a browser says to come from elsewhere are
 * refused, and names other than the allowed ones are not answered.
 *
 * @param key null where none is asked for
 * @param origins web origins that pages may call from, such as {@code https://viewer.example.org}
 * @param hosts names and addresses, without port, that the server answers under; empty for any
 */
public record AccessControl(@Nullable String key, List<String> origins, List<String> hosts) {
    /** What load balancers ask, which never asks for the key. */
    private static final Set<String> OPEN = Set.of("/v2/health/live", "/v2/health/ready", "/health");

    private static final String POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"
            + " 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' blob: data:;"
            + " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** Copies the lists. */
    public AccessControl {
        origins = List.copyOf(origins);
        hosts = List.copyOf(hosts);
    }

    /** Guards all routes; to be called before the routes are added. */
    public void install(JavalinConfig config) {
        config.routes.before(this::check);
        config.routes.options("/*", ctx -> ctx.status(204)); // a browser's preflight; the headers are set by check
    }

    private void check(Context ctx) {
        headers(ctx);
        if (OPEN.contains(ctx.path())) {
            return; // probes ask by whatever address they have
        }
        host(ctx);
        if (origin(ctx)) {
            return;
        }
        if (key != null && !authorised(ctx)) {
            ctx.header(Header.WWW_AUTHENTICATE, "Basic realm=\"attunet\", charset=\"UTF-8\"");
            throw new HttpFailure(
                    401, "this server asks for its key; send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'");
        }
    }

    private static void headers(Context ctx) {
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

    private void host(Context ctx) {
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

    /**
     * Lets the named origins in and foreign pages not.
     *
     * @return whether the request is a preflight, which carries no key
     */
    private boolean origin(Context ctx) {
        String origin = ctx.header(Header.ORIGIN);
        boolean allowed = origin != null && origins.contains(origin);
        if (allowed) {
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
                            + " Attunet-Confidence");
            return "OPTIONS".equals(ctx.req().getMethod());
        }
        boolean foreign =
                "cross-site".equals(ctx.header("Sec-Fetch-Site")) && !"navigate".equals(ctx.header("Sec-Fetch-Mode"));
        if (foreign || (origin != null && !sameOrigin(ctx, origin))) {
            throw new HttpFailure(
                    403, "pages of that origin may not use this server; have it started with --cors ORIGIN");
        }
        return false;
    }

    private static boolean sameOrigin(Context ctx, String origin) {
        String host = ctx.host();
        return host != null && (origin.equals("http://" + host) || origin.equals("https://" + host));
    }

    private boolean authorised(Context ctx) {
        String direct = ctx.header("X-API-Key");
        String header = ctx.header(Header.AUTHORIZATION);
        return (direct != null && isKey(direct)) || (header != null && isKey(ofHeader(header)));
    }

    private static String ofHeader(String header) {
        if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return header.substring(7).strip();
        }
        if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
            try {
                String pair = new String(
                        Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
                return pair.substring(pair.indexOf(':') + 1);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        return "";
    }

    /** Compares in the same time whatever was given. */
    private boolean isKey(String given) {
        return key != null
                && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Access[key " + (key == null ? "none" : "set") + ", origins " + origins + ", hosts " + hosts + "]";
    }
}
