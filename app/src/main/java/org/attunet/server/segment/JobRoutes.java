package org.attunet.server.segment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.attunet.io.ImageCase;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.work.Backend;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.Job;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.UploadFolder;

/**
 * {@code /api/jobs}: segmentation without a waiting client. {@code POST} answers 202 with the job's address, {@code GET}
 * returns its progress and results, {@code DELETE} cancels it or deletes its results.
 */
public record JobRoutes(Backend backend, Jobs jobs) {
    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.post("/api/jobs", this::submit);
        routes.get("/api/jobs", this::list);
        routes.get("/api/jobs/{id}", ctx -> Replies.json(ctx, json(view(ctx))));
        routes.delete("/api/jobs/{id}", this::cancel);
        routes.get("/api/jobs/{id}/files/{case}/{file}", this::file);
    }

    private void submit(Context ctx) {
        String name = ctx.queryParam("model");
        List<ServedModel> all = backend.models().all();
        if (name == null && all.size() > 1) { // no clinician wants a model by chance
            throw HttpFailure.bad("the request names no model", "?model=NAME, as GET /api/models lists them");
        }
        ServedModel model = name == null ? all.get(0) : SegmentRoutes.model(backend.models(), name);
        CaseOptions options = SegmentRoutes.options(ctx, "model");
        jobs.requireRoom();
        try (UploadFolder upload = backend.folder().newUpload()) {
            List<ImageCase> cases = SegmentRoutes.images(ctx, upload, model);
            cases.forEach(one -> backend.segmenter().check(model, one, options));
            sendAccepted(ctx, jobs.submit(upload, model.name(), cases, options));
        }
    }

    static void sendAccepted(Context ctx, Job job) {
        ctx.status(202).header(Header.LOCATION, "/api/jobs/" + job.id());
        ctx.header(Header.RETRY_AFTER, "1");
        Replies.json(ctx, json(new Jobs.View(job, 0)));
    }

    private void list(Context ctx) {
        SegmentRoutes.requireQuery(ctx, List.of());
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("jobs");
        for (Jobs.View view : jobs.all()) {
            Job job = view.job();
            list.addObject()
                    .put("id", job.id())
                    .put("model", job.model())
                    .put("state", job.state().word())
                    .put("progress", view.progress())
                    .put("created", job.created().toString());
        }
        Replies.json(ctx, json);
    }

    private Jobs.View view(Context ctx) {
        return jobs.find(ctx.pathParam("id")).orElseThrow(JobRoutes::notFound);
    }

    private static HttpFailure notFound() {
        return HttpFailure.notFound("job of that id", "it may have expired or been removed");
    }

    /** Returns the job for clients: with progress, and with the addresses of files. */
    private static ObjectNode json(Jobs.View view) {
        Job job = view.job();
        ObjectNode json = job.json();
        json.remove(List.of("cases", "attempts"));
        json.put("progress", view.progress());
        json.put("images", job.cases().size());
        String base = "/api/jobs/" + job.id();
        json.put("href", base);
        Instant started = job.status().started();
        if (job.state() == Job.State.RUNNING && started != null && view.progress() > 0) {
            double seconds = Duration.between(started, Instant.now()).toMillis() / 1e3;
            json.put("seconds_left", seconds * (1 - view.progress()) / view.progress());
        }
        json.withArray("results").forEach(result -> {
            if (result instanceof ObjectNode tree && tree.has("files")) {
                ObjectNode hrefs = tree.putObject("hrefs");
                for (JsonNode file : tree.path("files")) {
                    String name = file.asText();
                    String key = key(name); // a mask in two forms has two files of this name
                    hrefs.put(hrefs.has(key) ? name.substring(name.indexOf('/') + 1) : key, base + "/files/" + name);
                }
            }
        });
        return json;
    }

    /** Turns {@code 0/mask.nii.gz} into {@code mask}. */
    private static String key(String file) {
        return file.substring(file.indexOf('/') + 1).replaceFirst("\\.(nii\\.gz|nii|png|tif|dcm)$", "");
    }

    private void cancel(Context ctx) {
        if (!jobs.cancel(ctx.pathParam("id"))) {
            throw notFound();
        }
        ctx.status(204);
    }

    private void file(Context ctx) {
        Job job = view(ctx).job();
        String name = ctx.pathParam("case") + "/" + ctx.pathParam("file");
        Path file = jobs.file(job.id(), name)
                .filter(Files::isRegularFile)
                .orElseThrow(() -> HttpFailure.notFound("such file of that job", "its results list the files"));
        String stem = job.cases().get(Integer.parseInt(ctx.pathParam("case"))).id();
        Replies.file(ctx, file, SegmentRoutes.downloadName(stem, file));
    }
}
