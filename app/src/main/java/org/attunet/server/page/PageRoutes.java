package org.attunet.server.page;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;

/**
 * The pages for people: the viewer at {@code /} with its files under {@code /page}, sample images at {@code /samples}, and
 * the API description {@code /openapi.yaml} with Swagger UI at {@code /docs}.
 *
 * <p>Only listed files are served: any other path is 404 and never reaches the disk. The pages load nothing from other
 * servers.
 */
public final class PageRoutes {
    private static final String FOLDER = "org/attunet/server/page/";

    /** The files under {@code /page}. */
    private static final Set<String> PAGE =
            Set.of(("app.js api.js colours.js dom.js findings.js flat.js frames.js graphics.js input.js keys.js kind.js"
                            + " layer.js markings.js models.js objects.js run.js scan.js stage.js voxels.js style.css"
                            + " favicon.svg niivue.umd.js niivue.LICENSE")
                    .split(" "));

    /** The project's own files under {@code /docs}, and those of Swagger UI. */
    private static final Set<String> DOCS = Set.of("docs.js", "docs.css");

    private static final Set<String> SWAGGER = Set.of("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png");

    private final Map<String, PageFile> files = new ConcurrentHashMap<>();
    private final SampleImages samples = new SampleImages();

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/", ctx -> send(ctx, FOLDER + "index.html"));
        routes.get("/page/{file}", ctx -> sendListed(ctx, PAGE, FOLDER));
        routes.get("/docs", ctx -> send(ctx, FOLDER + "docs.html"));
        routes.get("/docs/{file}", ctx -> {
            boolean own = DOCS.contains(ctx.pathParam("file"));
            sendListed(ctx, own ? DOCS : SWAGGER, own ? FOLDER : Swagger.FOLDER);
        });
        routes.get("/openapi.yaml", ctx -> send(ctx, "org/attunet/server/openapi.yaml"));
        routes.get(
                "/samples",
                ctx -> Replies.json(
                        ctx, Replies.list("samples", samples.all().stream().map(SampleImages.Sample::json))));
        routes.get("/samples/{name}", this::sample);
    }

    private void send(Context ctx, String resource) {
        files.computeIfAbsent(resource, PageFile::of).send(ctx);
    }

    private void sendListed(Context ctx, Set<String> names, String folder) {
        String name = ctx.pathParam("file");
        if (!names.contains(name)) {
            throw HttpFailure.notFound("such file of the pages", "the viewer is at /, the API's description at /docs");
        }
        send(ctx, folder + name);
    }

    private void sample(Context ctx) {
        SampleImages.Sample sample = samples.named(ctx.pathParam("name"))
                .orElseThrow(() -> HttpFailure.notFound("sample of that name", "GET /samples lists them"));
        ctx.header(Header.CONTENT_DISPOSITION, "attachment; filename=\"" + sample.file() + "\"");
        ctx.contentType(sample.file().endsWith(".png") ? "image/png" : "application/gzip");
        ctx.result(samples.content(sample));
    }

    /** The folder of Swagger UI in its own archive, which is named after its version. */
    private static final class Swagger {
        private static final String FOLDER = "META-INF/resources/webjars/swagger-ui/" + version() + "/";

        private static String version() {
            try (InputStream in = PageFile.open("META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
                Properties properties = new Properties();
                properties.load(in);
                return properties.getProperty("version");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
