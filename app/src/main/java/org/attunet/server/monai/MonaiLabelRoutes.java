package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.image.LabelSet;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.ServerLog;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.work.Backend;
import org.attunet.server.work.FolderLock;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.jspecify.annotations.Nullable;

/**
 * MONAI Label's REST API for its clients in 3D Slicer and OHIF: automatic segmentation, the next image to label, and labels
 * that are saved to a data set. Training, scoring and batches answer that they are not offered.
 */
public final class MonaiLabelRoutes implements AutoCloseable {
    private static final Map<String, String> STRATEGIES = new TreeMap<>(Map.of(
            "first", "The first image without a label",
            "random", "Any image without a label"));

    private final ServedModels models;
    private final ServerLog log;
    private final FolderLock lock;
    private final Sessions sessions;
    private final MonaiInferRoutes infer;
    private final ImageSource images;
    private final SessionRoutes session;

    /**
     * Opens the data store.
     *
     * @param data the data store's folder
     * @param pacs whose series are the images instead; null for those of the folder
     * @param mostSessions that may be open
     * @throws org.attunet.error.AttunetException if the data store is damaged, or another server has locked it
     */
    public MonaiLabelRoutes(
            Path data,
            @Nullable DicomWeb pacs,
            int mostSessions,
            Backend backend,
            ServerMetrics metrics,
            ServerLog log) {
        models = backend.models();
        this.log = log;
        var uploads = new VolumeUploads(
                backend.segmenter().mostVoxels(), backend.queue().limit());
        lock = FolderLock.take(data);
        try {
            if (pacs == null) {
                List<LabelSet> own =
                        ofVolumes(models).stream().map(ServedModel::labels).toList();
                DataStore store = DataStore.open(data, declared(own), uploads, log::info);
                images = new DataStoreRoutes(store, conflicts(models, store.labels(), log), backend.folder(), uploads);
            } else {
                LabelSet labels = labels(models);
                var studies = new Studies(pacs, backend.folder().root().resolve("studies"), uploads);
                images = new StudyRoutes(studies, conflicts(models, labels, log), backend.folder(), uploads);
            }
            sessions = new Sessions(backend.folder().root().resolve("sessions"), mostSessions);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
        infer = new MonaiInferRoutes(backend, metrics, images, sessions);
        session = new SessionRoutes(sessions, uploads);
    }

    private static LabelConflicts conflicts(ServedModels models, LabelSet declared, ServerLog log) {
        Map<String, LabelSet> labels = new TreeMap<>();
        ofVolumes(models).forEach(model -> labels.put(model.name(), model.labels()));
        LabelConflicts conflicts = LabelConflicts.of(declared, labels);
        if (!conflicts.conflicts().isEmpty()) {
            log.info("labels without names are refused: " + conflicts.text());
        } else if (!conflicts.byPosition()) {
            log.info("labels from OHIF are refused: it numbers them by position, the data store has " + declared);
        }
        return conflicts;
    }

    /** Returns the 3D models, which suit the data store's volumes, or all models if there are none. */
    private static List<ServedModel> ofVolumes(ServedModels models) {
        List<ServedModel> volumes =
                models.all().stream().filter(model -> model.dimension() == 3).toList();
        return volumes.isEmpty() ? models.all() : volumes;
    }

    /** Returns the labels of those models; if two differ in the meaning of a value or name, the first model counts. */
    private static LabelSet labels(ServedModels models) {
        Map<Integer, String> names = new HashMap<>();
        for (ServedModel model : ofVolumes(models)) {
            model.labels().asMap().forEach((value, name) -> {
                if (!names.containsValue(name)) {
                    names.putIfAbsent(value, name);
                }
            });
        }
        return LabelSet.of(names);
    }

    /**
     * The labels that a new data store declares: regions if labels of a model overlap, so that what is saved is learnt as that
     * model has learnt it. If two labels write one value or have one name, the first counts.
     *
     * @param models the labels of each model
     */
    static LabelSet declared(List<LabelSet> models) {
        List<LabelSet.Region> regions = new ArrayList<>();
        Set<Integer> values = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (LabelSet labels : models) {
            List<LabelSet.Region> added = labels.values().stream()
                    .map(value -> region(labels, value))
                    .filter(one -> !values.contains(one.value()) && !names.contains(one.name()))
                    .toList();
            regions.addAll(added);
            added.forEach(one -> {
                values.addAll(one.covers());
                names.add(one.name());
            });
        }
        if (models.stream().anyMatch(LabelSet::hasRegions)) {
            return LabelSet.regions(regions);
        }
        return LabelSet.of(regions.stream().collect(Collectors.toMap(LabelSet.Region::value, LabelSet.Region::name)));
    }

    private static LabelSet.Region region(LabelSet labels, int value) {
        return labels.regions().stream()
                .filter(region -> region.value() == value)
                .findFirst()
                .orElseGet(() -> new LabelSet.Region(value, labels.nameOf(labels.classOf(value)), Set.of(value)));
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/info/", this::info);
        // newer clients ask whether users have to log in
        routes.get("/auth/", ctx -> Replies.json(ctx, Json.object().put("enabled", false)));
        infer.addTo(routes);
        images.addTo(routes);
        session.addTo(routes);
        routes.post("/activelearning/{strategy}", this::next);
        routes.get("/logs/", this::logs);
        for (String path : List.of("/train/", "/scoring/", "/batch/infer/")) {
            String what = path.substring(1, path.length() - 1);
            routes.get(
                    path,
                    ctx -> { // 3D Slicer takes any 200 for a training in progress
                        throw HttpFailure.notFound("task of " + what, "this server offers none");
                    });
            Handler refuse = ctx -> {
                throw new HttpFailure(501, what + " is not offered; train on the data store with 'attunet train'");
            };
            routes.post(path, refuse);
            routes.post(path + "{model}", refuse);
            routes.delete(path, refuse);
        }
    }

    private void info(Context ctx) {
        ObjectNode json = Json.object().put("name", "attunet").put("description", "Attention U-Net for the JVM");
        json.put("version", String.valueOf(MonaiLabelRoutes.class.getPackage().getImplementationVersion()));
        // OHIF skips the first label as the background, 3D Slicer skips it by its name
        ArrayNode names = json.putArray("labels").add("background");
        images.labels().names().forEach(names::add);
        ObjectNode all = json.putObject("models");
        for (ServedModel model : models.all()) {
            ObjectNode entry = all.putObject(model.name()).put("type", "segmentation");
            ObjectNode labels = entry.putObject("labels");
            model.labels().asMap().forEach((value, name) -> labels.put(name, value));
            entry.put("dimension", model.dimension());
            String title = model.card().path("title").asText(model.name());
            entry.put("description", model.card().path("description").asText(title));
            entry.putObject("config").put("tta", false);
        }
        json.putObject("trainers");
        ObjectNode strategies = json.putObject("strategies");
        STRATEGIES.forEach((name, what) -> strategies.putObject(name).put("description", what));
        json.putObject("scoring");
        json.putObject("train_stats");
        Replies.json(ctx, json.set("datastore", images.stats()));
    }

    private void next(Context ctx) {
        String strategy = ctx.pathParam("strategy");
        if (!STRATEGIES.containsKey(strategy)) {
            throw HttpFailure.notFound("strategy of that name", "this server has " + STRATEGIES.keySet());
        }
        RequestParams.body(ctx);
        List<ObjectNode> unlabelled = images.unlabelled();
        int chosen = strategy.equals("first") || unlabelled.isEmpty()
                ? 0
                : ThreadLocalRandom.current().nextInt(unlabelled.size());
        Replies.json(ctx, unlabelled.isEmpty() ? Json.object() : unlabelled.get(chosen)); // empty: all are labelled
    }

    private void logs(Context ctx) {
        String lines = String.join("\n", log.last(RequestParams.number(ctx, "lines", 300)));
        if (RequestParams.flag(ctx, "text", false) || !RequestParams.flag(ctx, "html", true)) {
            ctx.contentType("text/plain; charset=utf-8").result(lines + "\n");
        } else {
            String escaped = lines.replace("&", "&amp;").replace("<", "&lt;");
            ctx.contentType("text/html; charset=utf-8")
                    .result("<!doctype html>\n<title>attunet: log</title>\n<pre>" + escaped + "\n</pre>\n");
        }
    }

    /** Ends all sessions, deletes their images and unlocks the data store's folder. */
    @Override
    public void close() {
        sessions.close();
        lock.close();
    }
}
