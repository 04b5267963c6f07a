package org.attunet.server.page;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/**
 * The pages for people: the viewer at {@code /} with its files under {@code /page}, the samples that it offers at {@code
 * /samples}, and the API's description, {@code /openapi.yaml}, with a page to read and try it at {@code /docs}.
 *
 * <p>Files are known by their names: a path that names no file of the list leads to 404 and never to the disk. Nothing that
 * the pages load comes from another server.
 */
public final class PageRoutes {
    private static final String OURS = "org/attunet/server/page/";
    private static final String DESCRIPTION = "org/attunet/server/openapi.yaml";

    /** What {@code /page} serves. */
    private static final Set<String> PAGE = Set.of(
            "app.js",
            "api.js",
            "colours.js",
            "dom.js",
            "findings.js",
            "input.js",
            "keys.js",
            "models.js",
            "run.js",
            "scan.js",
            "stage.js",
            "voxels.js",
            "style.css",
            "favicon.svg",
            "niivue.umd.js",
            "niivue.LICENSE");

    /** What {@code /docs} serves of our own, and of Swagger UI. */
    private static final Set<String> DOCS = Set.of("docs.js", "docs.css");

    private static final Set<String> SWAGGER = Set.of("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png");

    private final Map<String, PageFile> files = new ConcurrentHashMap<>();
    private final SampleImages samples = new SampleImages();

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/", ctx -> file(OURS + "index.html").answer(ctx));
        routes.get("/page/{file}", ctx -> listed(ctx, PAGE, OURS));
        routes.get("/docs", ctx -> file(OURS + "docs.html").answer(ctx));
        routes.get("/docs/{file}", this::docs);
        routes.get("/openapi.yaml", ctx -> file(DESCRIPTION).answer(ctx));
        routes.get("/samples", this::list);
        routes.get("/samples/{name}", this::sample);
    }

    private PageFile file(String resource) {
        return files.computeIfAbsent(resource, PageFile::of);
    }

    private void listed(Context ctx, Set<String> names, String folder) {
        String name = ctx.pathParam("file");
        if (!names.contains(name)) {
            throw HttpFailure.notFound("such file of the pages", "the viewer is at /, the API's description at /docs");
        }
        file(folder + name).answer(ctx);
    }

    private void docs(Context ctx) {
        if (DOCS.contains(ctx.pathParam("file"))) {
            listed(ctx, DOCS, OURS);
        } else {
            listed(ctx, SWAGGER, Swagger.FOLDER);
        }
    }

    private void list(Context ctx) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("samples");
        samples.all().forEach(sample -> json.withArray("samples").add(sample.json()));
        ctx.contentType("application/json").result(json.toString());
    }

    private void sample(Context ctx) {
        Sample sample = samples.named(ctx.pathParam("name"))
                .orElseThrow(() -> HttpFailure.notFound("sample of that name", "GET /samples lists them"));
        ctx.header(Header.CONTENT_DISPOSITION, "attachment; filename=\"" + sample.file() + "\"");
        ctx.contentType(sample.mediaType()).result(samples.content(sample));
    }

    /** Where Swagger UI lies in its own archive, whose folder is named after its version. */
    private static final class Swagger {
        private static final String FOLDER = "META-INF/resources/webjars/swagger-ui/" + version() + "/";

        private static String version() {
            String resource = "META-INF/maven/org.webjars/swagger-ui/pom.properties";
            try (InputStream in = PageRoutes.class.getClassLoader().getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException("the program lacks Swagger UI");
                }
                Properties properties = new Properties();
                properties.load(in);
                return properties.getProperty("version");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
