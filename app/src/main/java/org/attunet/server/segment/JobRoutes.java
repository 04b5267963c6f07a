package org.attunet.server.segment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.Job;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.UploadFolder;
import org.attunet.server.work.WorkFolder;

/**
 * {@code /api/jobs}: images to segment while the client does something else. {@code POST} answers 202 with the job's
 * address, {@code GET} tells how far it is and what came of it, {@code DELETE} ends it or throws its results away.
 */
public final class JobRoutes {
    private final ServedModels models;
    private final CaseSegmenter work;
    private final WorkFolder folder;
    private final Jobs jobs;

    /** Routes to these jobs. */
    public JobRoutes(ServedModels models, CaseSegmenter work, WorkFolder folder, Jobs jobs) {
        this.models = models;
        this.work = work;
        this.folder = folder;
        this.jobs = jobs;
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.post("/api/jobs", this::submit);
        routes.get("/api/jobs", this::list);
        routes.get("/api/jobs/{id}", ctx -> SegmentRoutes.json(ctx, json(view(ctx))));
        routes.delete("/api/jobs/{id}", this::cancel);
        routes.get("/api/jobs/{id}/files/{case}/{file}", this::file);
    }

    private void submit(Context ctx) {
        String name = ctx.queryParam("model");
        if (name == null && models.all().size() > 1) { // a model by chance is none that a clinician wants
            throw HttpFailure.bad("the request names no model; expected ?model=NAME, as GET /api/models tells them");
        }
        ServedModel model = name == null ? models.first() : SegmentRoutes.model(models, name);
        CaseOptions options = SegmentRoutes.options(ctx);
        jobs.requireRoom();
        try (UploadFolder staged = folder.staging()) {
            List<ImageCase> cases = Uploads.store(ctx, staged.folder().resolve("input"), model.channels());
            cases.forEach(one -> work.check(model, one, options));
            accepted(ctx, new Jobs.View(jobs.submit(staged, model.name(), cases, options), 0));
        }
    }

    /** Answers 202 with the job's address. */
    static void accepted(Context ctx, Jobs.View view) {
        ctx.status(202).header(Header.LOCATION, "/api/jobs/" + view.job().id());
        ctx.header(Header.RETRY_AFTER, "1");
        SegmentRoutes.json(ctx, json(view));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("jobs");
        jobs.all()
                .forEach(view -> json.withArray("jobs")
                        .add(JsonNodeFactory.instance
                                .objectNode()
                                .put("id", view.job().id())
                                .put("model", view.job().model())
                                .put("state", view.job().state().word())
                                .put("progress", view.progress())
                                .put("created", view.job().created().toString())));
        SegmentRoutes.json(ctx, json);
    }

    private Jobs.View view(Context ctx) {
        return jobs.find(ctx.pathParam("id"))
                .orElseThrow(() -> HttpFailure.notFound("job of that id", "it may have expired or been removed"));
    }

    /** The job as clients see it: progress, and addresses of files in place of names. */
    private static ObjectNode json(Jobs.View view) {
        Job job = view.job();
        ObjectNode json = job.json();
        json.remove(List.of("cases", "attempts"));
        json.put("progress", view.progress());
        json.put("images", job.cases().size());
        String base = "/api/jobs/" + job.id();
        json.put("href", base);
        Instant started = job.started();
        if (job.state() == Job.State.RUNNING && started != null && view.progress() > 0) {
            double gone = Duration.between(started, Instant.now()).toMillis() / 1e3;
            json.put("seconds_left", gone * (1 - view.progress()) / view.progress());
        }
        json.withArray("results").forEach(result -> {
            if (result instanceof ObjectNode tree && tree.has("files")) {
                ObjectNode copy = tree.putObject("hrefs");
                tree.path("files").forEach(file -> copy.put(key(file.asText()), base + "/files/" + file.asText()));
            }
        });
        return json;
    }

    /** {@code 0/mask.nii.gz} to {@code mask}. */
    private static String key(String file) {
        return file.substring(file.indexOf('/') + 1).replaceFirst("\\.(nii\\.gz|nii|png|tif)$", "");
    }

    private void cancel(Context ctx) {
        if (!jobs.cancel(ctx.pathParam("id"))) {
            throw HttpFailure.notFound("job of that id", "it may have expired or been removed");
        }
        ctx.status(204);
    }

    private void file(Context ctx) {
        Job job = view(ctx).job();
        String name = ctx.pathParam("case") + "/" + ctx.pathParam("file");
        Path file = jobs.file(job.id(), name)
                .filter(Files::isRegularFile)
                .orElseThrow(() -> HttpFailure.notFound("such file of that job", "its results tell the files"));
        String stem = job.cases().get(Integer.parseInt(ctx.pathParam("case"))).id();
        SegmentRoutes.send(ctx, file, SegmentRoutes.named(stem, file));
    }
}
