package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Uploads;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.WorkFolder;

/** {@code /datastore/}: images, and the labels that people save for them. */
record DataStoreRoutes(DataStore store, LabelConflicts numbering, WorkFolder folder, VolumeUploads intake) {
    void addTo(RoutesConfig routes) {
        routes.get("/datastore/", this::tell);
        routes.put("/datastore/", this::add);
        routes.delete("/datastore/", this::remove);
        routes.get("/datastore/image", this::image);
        routes.get("/datastore/image/info", this::imageInfo);
        routes.get("/datastore/label", this::label);
        routes.get("/datastore/label/info", this::labelInfo);
        routes.put("/datastore/label", this::save);
        routes.delete("/datastore/label", this::removeLabel);
    }

    private void tell(Context ctx) {
        String output = RequestParams.of(ctx, "output", "stats");
        switch (output) {
            case "stats" -> SegmentRoutes.json(ctx, stats());
            case "all" -> SegmentRoutes.json(ctx, all());
            case "train" -> SegmentRoutes.json(ctx, train());
            default -> throw new HttpFailure(422, "the output is unknown; expected stats, all or train");
        }
    }

    /** How many images there are, how many have a label to train on, and how many labels have each tag. */
    ObjectNode stats() {
        int completed = 0;
        Map<String, Integer> tags = new TreeMap<>();
        var images = store.images();
        for (StoredImage image : images) {
            completed += image.labels().containsKey(DataStore.FINAL) ? 1 : 0;
            image.labels().keySet().forEach(tag -> tags.merge(tag, 1, Integer::sum));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("total", images.size()).put("completed", completed);
        ObjectNode counts = json.putObject("label_tags");
        tags.forEach(counts::put);
        return json;
    }

    private ObjectNode all() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", "attunet").put("description", "the data set that this server saves labels to");
        json.put("images_dir", DataStoreFolder.IMAGES).put("labels_dir", "labels");
        ObjectNode objects = json.putObject("objects");
        for (StoredImage image : store.images()) {
            ObjectNode one = objects.putObject(image.id());
            one.putObject("image").put("ext", image.suffix()).set("info", info(image));
            ObjectNode labels = one.putObject("labels");
            image.labels()
                    .forEach((tag, label) -> labels.putObject(tag)
                            .put("ext", Images.suffix(Path.of(label.file())))
                            .set("info", info(image, label)));
        }
        return json;
    }

    private ArrayNode train() {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (StoredImage image : store.images()) {
            StoredImage.Label label = image.labels().get(DataStore.FINAL);
            if (label != null) {
                ObjectNode meta = json.addObject()
                        .put("image", image.file())
                        .put("label", label.file())
                        .putObject("meta");
                meta.set("image", info(image));
                meta.set("label", info(image, label));
            }
        }
        return json;
    }

    /** What an image's client said of it, and the name that a download has. */
    static ObjectNode info(StoredImage image) {
        return image.info().deepCopy().put("name", image.downloadName());
    }

    private static ObjectNode info(StoredImage image, StoredImage.Label label) {
        return label.info().deepCopy().put("name", name(image, label));
    }

    private static String name(StoredImage image, StoredImage.Label label) {
        return Uploads.stem(image.id()) + Images.suffix(Path.of(label.file()));
    }

    private void add(Context ctx) {
        UploadedFile file = RequestParams.neededFile(ctx, "file");
        String id = RequestParams.of(ctx, "image", Uploads.stem(file.filename()));
        ObjectNode info = RequestParams.of(ctx);
        Path staged = folder.stage();
        try {
            store.add(id, intake.image(file, staged), info);
        } finally {
            WorkFolder.delete(staged);
        }
        SegmentRoutes.json(ctx, JsonNodeFactory.instance.objectNode().put("image", id));
    }

    private void remove(Context ctx) {
        String id = RequestParams.needed(ctx, "id");
        switch (RequestParams.of(ctx, "type", "image")) {
            case "image" -> store.remove(id);
            case "label" -> store.removeLabel(id, RequestParams.of(ctx, "tag", DataStore.FINAL));
            default -> throw new HttpFailure(422, "the type is unknown; expected image or label");
        }
        SegmentRoutes.json(ctx, JsonNodeFactory.instance.objectNode());
    }

    private void image(Context ctx) {
        StoredImage image = store.get(RequestParams.needed(ctx, "image"));
        send(ctx, store.path(image.file()), image.downloadName());
    }

    private void imageInfo(Context ctx) {
        SegmentRoutes.json(ctx, info(store.get(RequestParams.needed(ctx, "image"))));
    }

    private void label(Context ctx) {
        StoredImage image = store.get(RequestParams.needed(ctx, "label"));
        StoredImage.Label label = store.label(image.id(), RequestParams.of(ctx, "tag", DataStore.FINAL));
        send(ctx, store.path(label.file()), name(image, label));
    }

    private static void send(Context ctx, Path file, String name) {
        if (!Files.isRegularFile(file)) {
            throw HttpFailure.notFound("file of that name any more", "it was removed while the server ran");
        }
        if (RequestParams.flag(ctx, "check_only", false)) {
            SegmentRoutes.json(ctx, JsonNodeFactory.instance.objectNode());
        } else {
            SegmentRoutes.send(ctx, file, name);
        }
    }

    private void labelInfo(Context ctx) {
        StoredImage image = store.get(RequestParams.needed(ctx, "label"));
        StoredImage.Label label = store.label(image.id(), RequestParams.of(ctx, "tag", DataStore.FINAL));
        SegmentRoutes.json(ctx, info(image, label));
    }

    private void save(Context ctx) {
        StoredImage image = store.get(RequestParams.needed(ctx, "image"));
        UploadedFile file = RequestParams.neededFile(ctx, "label");
        ObjectNode params = RequestParams.of(ctx);
        Path staged = folder.stage();
        try {
            LabelMap labels = intake.labels(file, staged, store.path(image.file()), numbering, params);
            store.save(image, RequestParams.of(ctx, "tag", DataStore.FINAL), labels, params);
        } finally {
            WorkFolder.delete(staged);
        }
        SegmentRoutes.json(
                ctx,
                JsonNodeFactory.instance.objectNode().put("image", image.id()).put("label", image.id()));
    }

    private void removeLabel(Context ctx) {
        store.removeLabel(RequestParams.needed(ctx, "id"), RequestParams.needed(ctx, "tag"));
        SegmentRoutes.json(ctx, JsonNodeFactory.instance.objectNode());
    }
}
