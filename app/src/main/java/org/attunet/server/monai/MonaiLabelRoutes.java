package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.attunet.image.LabelSet;
import org.attunet.server.ServerConfig;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerLog;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.FolderLock;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;

/**
 * MONAI Label's REST API for its clients in 3D Slicer and OHIF: automatic segmentation, the next image to label, and labels
 * that are saved to a data set. Training, scoring and batches are not offered, and say so.
 */
public final class MonaiLabelRoutes implements AutoCloseable {
    private static final Map<String, String> STRATEGIES = new TreeMap<>(Map.of(
            "first", "The first image without a label",
            "random", "Any image without a label"));

    private final ServedModels models;
    private final ServerLog log;
    private final FolderLock lock;
    private final DataStore store;
    private final Sessions sessions;
    private final MonaiInferRoutes infer;
    private final DataStoreRoutes datastore;
    private final SessionRoutes session;

    /**
     * Opens the data store that the configuration names.
     *
     * @throws org.attunet.error.AttunetException where the data store is damaged, or another server has it
     */
    public MonaiLabelRoutes(
            ServerConfig config,
            ServedModels models,
            WorkQueue compute,
            CaseSegmenter work,
            WorkFolder folder,
            ServerMetrics metrics,
            ServerLog log) {
        this.models = models;
        this.log = log;
        ServerConfig.Limits limits = config.limits();
        var data = config.data() == null ? folder.root().resolve("datastore") : config.data();
        var intake = new VolumeUploads(limits.mostVoxels(), limits.timeout());
        lock = FolderLock.take(data);
        try {
            store = DataStore.open(data, labels(models), intake, log::info);
            datastore = new DataStoreRoutes(store, numbering(models, store.labels(), log), folder, intake);
            sessions = new Sessions(folder.root().resolve("sessions"), limits.jobs());
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
        infer = new MonaiInferRoutes(models, compute, work, folder, metrics, store, sessions, limits.timeout());
        session = new SessionRoutes(sessions, intake);
    }

    private static LabelConflicts numbering(ServedModels models, LabelSet declared, ServerLog log) {
        Map<String, LabelSet> labels = new TreeMap<>();
        ofVolumes(models)
                .forEach(model ->
                        labels.put(model.name(), model.segmenter().model().labels()));
        LabelConflicts numbering = LabelConflicts.of(declared, labels);
        if (!numbering.conflicts().isEmpty()) {
            log.info("labels that tell no names are refused: " + numbering.told());
        } else if (!numbering.byPosition()) {
            log.info("labels from OHIF are refused: it numbers them by position, the data store has " + declared);
        }
        return numbering;
    }

    /** The models that the data store's volumes are for; all, where none is for volumes. */
    private static List<ServedModel> ofVolumes(ServedModels models) {
        List<ServedModel> volumes =
                models.all().stream().filter(model -> model.dimension() == 3).toList();
        return volumes.isEmpty() ? models.all() : volumes;
    }

    /** The labels of those models; where two give one value or name different meanings, the first model's is taken. */
    private static LabelSet labels(ServedModels models) {
        Map<Integer, String> names = new HashMap<>();
        for (ServedModel model : ofVolumes(models)) {
            model.segmenter().model().labels().asMap().forEach((value, name) -> {
                if (!names.containsValue(name)) {
                    names.putIfAbsent(value, name);
                }
            });
        }
        return LabelSet.of(names);
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/info/", this::info);
        // newer clients ask whether there are accounts to log in with
        routes.get(
                "/auth/",
                ctx -> SegmentRoutes.json(
                        ctx, JsonNodeFactory.instance.objectNode().put("enabled", false)));
        infer.addTo(routes);
        datastore.addTo(routes);
        session.addTo(routes);
        routes.post("/activelearning/{strategy}", this::next);
        routes.get("/logs/", this::logs);
        for (String path : List.of("/train/", "/scoring/", "/batch/infer/")) {
            String what = path.substring(1, path.length() - 1);
            routes.get(path, ctx -> {
                // 3D Slicer takes any 200 for a training under way
                throw HttpFailure.notFound("task of " + what, "this server offers none");
            });
            Consumer<Context> refuse = ctx -> {
                throw new HttpFailure(501, what + " is not offered; train on the data store with 'attunet train'");
            };
            routes.post(path, refuse::accept);
            routes.post(path + "{model}", refuse::accept);
            routes.delete(path, refuse::accept);
        }
    }

    private void info(Context ctx) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", "attunet").put("description", "Attention U-Net for the JVM");
        json.put("version", String.valueOf(MonaiLabelRoutes.class.getPackage().getImplementationVersion()));
        // OHIF leaves out the first for the background, 3D Slicer leaves it out by its name
        json.putArray("labels").add("background");
        store.labels().names().forEach(name -> json.withArray("labels").add(name));
        ObjectNode all = json.putObject("models");
        for (ServedModel model : models.all()) {
            ObjectNode one = all.putObject(model.name()).put("type", "segmentation");
            ObjectNode labels = one.putObject("labels");
            model.segmenter().model().labels().asMap().forEach((value, name) -> labels.put(name, value));
            one.put("dimension", model.dimension());
            String title = model.card().path("title").asText(model.name());
            one.put("description", model.card().path("description").asText(title));
            one.putObject("config").put("tta", false);
        }
        json.putObject("trainers");
        ObjectNode strategies = json.putObject("strategies");
        STRATEGIES.forEach((name, what) -> strategies.putObject(name).put("description", what));
        json.putObject("scoring");
        json.putObject("train_stats");
        json.set("datastore", datastore.stats());
        SegmentRoutes.json(ctx, json);
    }

    private void next(Context ctx) {
        String strategy = ctx.pathParam("strategy");
        if (!STRATEGIES.containsKey(strategy)) {
            throw HttpFailure.notFound("strategy of that name", "this server has " + STRATEGIES.keySet());
        }
        RequestParams.body(ctx);
        List<StoredImage> waiting = store.images().stream()
                .filter(image -> !image.labels().containsKey(DataStore.FINAL))
                .toList();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!waiting.isEmpty()) { // else an empty object tells that all are labelled
            int chosen =
                    strategy.equals("first") ? 0 : ThreadLocalRandom.current().nextInt(waiting.size());
            StoredImage image = waiting.get(chosen);
            // no path, checksum or address of an uploader's: clients open and load those
            for (String field : List.of("ts", "StudyInstanceUID", "SeriesInstanceUID")) {
                JsonNode value = image.info().path(field);
                if (value.asText().matches("[0-9.]{1,64}")) {
                    json.set(field, value);
                }
            }
            json.put("name", image.downloadName()).put("id", image.id());
        }
        SegmentRoutes.json(ctx, json);
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

    /** Ends all sessions, deletes their images, and gives the data store's folder free. */
    @Override
    public void close() {
        sessions.close();
        lock.close();
    }
}
