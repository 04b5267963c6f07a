package org.attunet.server.segment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.io.Images;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.CaseInput;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseResult;
import org.attunet.server.work.CaseWork;
import org.attunet.server.work.Compute;
import org.attunet.server.work.Job;
import org.attunet.server.work.JobFolder;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;

/**
 * {@code GET /api/models} and {@code POST /api/segment/{model}}: images as files of a multipart request, the masks as the
 * answer.
 *
 * <p>One image is answered with its mask; several, or one with maps beside the mask, with a zip; {@code Accept:
 * application/json} with volumes, confidence and times alone. {@code Prefer: respond-async}, or images of more voxels than
 * can be waited for, make a job of the request: 202 and its address.
 */
public final class SegmentRoutes {
    private final ServedModels models;
    private final Compute compute;
    private final CaseWork work;
    private final JobFolder folder;
    private final Jobs jobs;
    private final ServerMetrics metrics;
    private final Duration limit;
    private final long waitingVoxels;

    /**
     * @param limit how long a client waits at most
     * @param waitingVoxels of all images of a request together, from which on it becomes a job
     */
    public SegmentRoutes(
            ServedModels models,
            Compute compute,
            CaseWork work,
            JobFolder folder,
            Jobs jobs,
            ServerMetrics metrics,
            Duration limit,
            long waitingVoxels) {
        this.models = models;
        this.compute = compute;
        this.work = work;
        this.folder = folder;
        this.jobs = jobs;
        this.metrics = metrics;
        this.limit = limit;
        this.waitingVoxels = waitingVoxels;
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/api/models", this::list);
        routes.get(
                "/api/models/{model}",
                ctx -> json(ctx, model(models, ctx.pathParam("model")).card()));
        routes.post("/api/segment/{model}", this::segment);
    }

    /** The model of a name, or 404. */
    public static ServedModel model(ServedModels models, String name) {
        return models.named(name)
                .orElseThrow(() -> HttpFailure.notFound(
                        "model of that name",
                        "this server has "
                                + String.join(
                                        ", ",
                                        models.all().stream()
                                                .map(ServedModel::name)
                                                .toList())));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        models.all().forEach(model -> {
            ObjectNode card = model.card().deepCopy();
            card.remove("page");
            json.withArray("models").add(card);
        });
        json(ctx, json);
    }

    private void segment(Context ctx) throws Exception {
        ServedModel model = model(models, ctx.pathParam("model"));
        CaseOptions options = options(ctx);
        Path staged = folder.stage();
        boolean kept = false;
        try {
            List<CaseInput> cases = Uploads.store(ctx, staged.resolve("input"), model.channels());
            long voxels = 0;
            for (CaseInput one : cases) {
                voxels += work.check(model, one, options);
            }
            if (voxels > waitingVoxels || String.valueOf(ctx.header("Prefer")).contains("respond-async")) {
                Job job = jobs.submit(staged, model.name(), cases, options);
                kept = true;
                JobRoutes.accepted(ctx, new Jobs.View(job, 0));
                return;
            }
            long began = System.nanoTime();
            List<CaseResult> results = compute.request(() -> all(model, cases, staged, options, began), limit);
            answer(ctx, cases, results, options);
        } finally {
            if (!kept) {
                JobFolder.delete(staged);
            }
        }
    }

    private List<CaseResult> all(
            ServedModel model, List<CaseInput> cases, Path staged, CaseOptions options, long queuedAt) {
        double queued = (System.nanoTime() - queuedAt) / 1e9;
        List<CaseResult> results = new ArrayList<>();
        for (int k = 0; k < cases.size(); k++) {
            Path out = staged.resolve("result").resolve(Integer.toString(k));
            CaseResult result = work.run(model, cases.get(k), out, options, share -> Compute.checkWanted());
            result.summary().withObject("/seconds").put("queued", queued);
            metrics.segmented(
                    model.name(), result.summary().at("/seconds/segment").asDouble());
            results.add(result);
        }
        return results;
    }

    private static void answer(Context ctx, List<CaseInput> cases, List<CaseResult> results, CaseOptions options)
            throws IOException {
        if (wantsJson(ctx)) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            results.forEach(result -> json.withArray("results").add(result.summary()));
            json(ctx, json);
        } else if (results.size() == 1 && !options.moreThanMask()) {
            CaseResult only = results.get(0);
            ctx.header("Attunet-Confidence", String.format(Locale.ROOT, "%.4f", only.confidence()));
            send(ctx, only.mask(), cases.get(0).name() + Images.suffix(only.mask()));
        } else {
            ctx.contentType("application/zip");
            disposition(ctx, "masks.zip");
            ctx.result(zip(cases, results));
        }
    }

    private static byte[] zip(List<CaseInput> cases, List<CaseResult> results) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.setLevel(1); // masks are compressed already
            for (int k = 0; k < results.size(); k++) {
                String stem = results.size() == 1
                        ? cases.get(k).name()
                        : (k + 1) + "_" + cases.get(k).name();
                for (Path file : results.get(k).files()) {
                    String name = String.valueOf(file.getFileName());
                    zip.putNextEntry(
                            new ZipEntry(name.startsWith("mask") ? stem + name.substring(4) : stem + "_" + name));
                    Files.copy(file, zip);
                }
                json.withArray("results").add(results.get(k).summary());
            }
            zip.putNextEntry(new ZipEntry("results.json"));
            zip.write(json.toPrettyString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** What a request's parameters ask for beside the mask. */
    static CaseOptions options(Context ctx) {
        return new CaseOptions(
                flag(ctx, "probabilities"),
                flag(ctx, "attention"),
                flag(ctx, "uncertainty"),
                flag(ctx, "tta"),
                flag(ctx, "layers"));
    }

    private static boolean flag(Context ctx, String name) {
        String given = ctx.queryParam(name);
        if (given == null || given.equals("false") || given.equals("0")) {
            return false;
        }
        if (given.isEmpty() || given.equals("true") || given.equals("1")) {
            return true;
        }
        throw HttpFailure.bad(
                "the parameter " + name + " has a value that is neither true nor false; expected true or" + " false");
    }

    private static boolean wantsJson(Context ctx) {
        String accept = ctx.header(Header.ACCEPT);
        return accept != null && accept.contains("application/json");
    }

    /** Answers with a tree. */
    public static void json(Context ctx, com.fasterxml.jackson.databind.JsonNode json) {
        ctx.contentType("application/json").result(json.toString());
    }

    /** Answers with a file, under a name for the client. */
    public static void send(Context ctx, Path file, String name) {
        try {
            disposition(ctx, name);
            ctx.contentType(mediaType(name));
            long size = Files.size(file);
            if (size < 1 << 20) { // small enough to be gone from disk before the answer is
                ctx.result(Files.readAllBytes(file));
            } else {
                ctx.header(Header.CONTENT_LENGTH, Long.toString(size));
                ctx.result(Files.newInputStream(file)); // stays readable when the file is deleted
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void disposition(Context ctx, String name) {
        String ascii = name.replaceAll("[^A-Za-z0-9._-]", "_");
        ctx.header(Header.CONTENT_DISPOSITION, "attachment; filename=\"" + ascii + "\"");
    }

    private static String mediaType(String name) {
        return switch (Images.suffix(Path.of(name.replaceAll("[^A-Za-z0-9._-]", "_")))) {
            case ".png" -> "image/png";
            case ".tif" -> "image/tiff";
            case ".gz", ".nii.gz" -> "application/gzip";
            case ".zip" -> "application/zip";
            default -> "application/octet-stream";
        };
    }
}
