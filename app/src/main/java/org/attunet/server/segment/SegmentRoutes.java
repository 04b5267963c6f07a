package org.attunet.server.segment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.Job;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.SegmentedCase;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.UploadFolder;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;

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
    private final WorkQueue compute;
    private final CaseSegmenter work;
    private final WorkFolder folder;
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
            WorkQueue compute,
            CaseSegmenter work,
            WorkFolder folder,
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
        boolean async = String.valueOf(ctx.header("Prefer")).contains("respond-async");
        if (async) {
            jobs.requireRoom();
        } else {
            compute.requireRoom();
        }
        try (UploadFolder staged = folder.staging()) {
            List<ImageCase> cases = Uploads.store(ctx, staged.folder().resolve("input"), model.channels());
            long voxels = 0;
            for (ImageCase one : cases) {
                voxels += work.check(model, one, options);
            }
            if (async || voxels > waitingVoxels) {
                Job job = jobs.submit(staged, model.name(), cases, options);
                JobRoutes.accepted(ctx, new Jobs.View(job, 0));
                return;
            }
            long began = System.nanoTime();
            UploadFolder held = staged.hold();
            List<SegmentedCase> results =
                    compute.request(() -> all(model, cases, held.folder(), options, began), limit, held::close);
            answer(ctx, cases, results, staged.folder(), options);
        }
    }

    private List<SegmentedCase> all(
            ServedModel model, List<ImageCase> cases, Path staged, CaseOptions options, long queuedAt) {
        double queued = (System.nanoTime() - queuedAt) / 1e9;
        List<SegmentedCase> results = new ArrayList<>();
        for (int k = 0; k < cases.size(); k++) {
            Path out = staged.resolve("result").resolve(Integer.toString(k));
            SegmentedCase result = work.run(model, cases.get(k), out, options, share -> WorkQueue.checkWanted());
            result.summary().withObject("/seconds").put("queued", queued);
            metrics.segmented(
                    model.name(), result.summary().at("/seconds/segment").asDouble());
            results.add(result);
        }
        return results;
    }

    private static void answer(
            Context ctx, List<ImageCase> cases, List<SegmentedCase> results, Path folder, CaseOptions options)
            throws IOException {
        if (wantsJson(ctx)) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            results.forEach(result -> json.withArray("results").add(result.summary()));
            json(ctx, json);
        } else if (results.size() == 1 && !options.moreThanMask()) {
            SegmentedCase only = results.get(0);
            ctx.header("Attunet-Confidence", String.format(Locale.ROOT, "%.4f", only.confidence()));
            send(ctx, only.mask(), cases.get(0).id() + Images.suffix(only.mask()));
        } else {
            send(ctx, zip(cases, results, folder.resolve("masks.zip")), "masks.zip");
        }
    }

    /** All results in one file on disk, since they may be more than memory should hold. */
    private static Path zip(List<ImageCase> cases, List<SegmentedCase> results, Path file) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        try (var zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            zip.setLevel(1); // masks are compressed already
            for (int k = 0; k < results.size(); k++) {
                String stem = results.size() == 1
                        ? cases.get(k).id()
                        : (k + 1) + "_" + cases.get(k).id();
                for (Path result : results.get(k).files()) {
                    zip.putNextEntry(new ZipEntry(named(stem, result)));
                    Files.copy(result, zip);
                }
                json.withArray("results").add(results.get(k).summary());
            }
            zip.putNextEntry(new ZipEntry("results.json"));
            zip.write(json.toPrettyString().getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    /** What a client's image gives a result its name: {@code mask.png} becomes {@code STEM.png}. */
    static String named(String stem, Path result) {
        String ours = String.valueOf(result.getFileName());
        return ours.startsWith("mask") ? stem + ours.substring(4) : stem + "_" + ours;
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

    /** Answers with a file, under a name for the client; the file may be deleted as soon as this method has returned. */
    public static void send(Context ctx, Path file, String name) {
        try {
            disposition(ctx, name);
            ctx.contentType(mediaType(name));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); // closed with the answer's stream
            ctx.header(Header.CONTENT_LENGTH, Long.toString(channel.size()));
            ctx.result(Channels.newInputStream(channel));
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
