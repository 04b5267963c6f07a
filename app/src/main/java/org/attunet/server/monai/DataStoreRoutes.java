package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.UploadFolder;
import org.attunet.server.work.WorkFolder;

/** {@code /datastore/}: images, and the labels that clients save for them. */
record DataStoreRoutes(DataStore store, LabelConflicts conflicts, WorkFolder folder, VolumeUploads uploads)
        implements ImageSource {
    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/datastore/", ctx -> Replies.json(ctx, listing(RequestParams.query(ctx, "output", "stats"))));
        routes.put("/datastore/", this::add);
        routes.delete("/datastore/", this::remove);
        routes.get("/datastore/image", ctx -> {
            StoredImage image = image(ctx, "image");
            send(ctx, image, image.file());
        });
        routes.get("/datastore/image/info", ctx -> Replies.json(ctx, info(image(ctx, "image"))));
        routes.get("/datastore/label", ctx -> {
            StoredImage image = image(ctx, "label");
            send(ctx, image, label(ctx, image).file());
        });
        routes.get("/datastore/label/info", ctx -> {
            StoredImage image = image(ctx, "label");
            Replies.json(ctx, info(image, label(ctx, image)));
        });
        routes.put("/datastore/label", this::save);
        routes.delete("/datastore/label", ctx -> {
            store.removeLabel(RequestParams.required(ctx, "id"), RequestParams.required(ctx, "tag"));
            Replies.json(ctx, Json.object());
        });
    }

    private JsonNode listing(String output) {
        return switch (output) {
            case "stats" -> stats();
            case "all" -> all();
            case "train" -> train();
            default -> throw HttpFailure.unsuitable("the output is unknown", "stats, all or train");
        };
    }

    @Override
    public LabelSet labels() {
        return store.labels();
    }

    @Override
    public ImageCase image(String id, boolean series, Path upload) {
        StoredImage found = store.get(id);
        return new ImageCase(Uploads.stem(found.id()), List.of(store.path(found.file())));
    }

    @Override
    public List<ObjectNode> unlabelled() {
        return store.images().stream()
                .filter(image -> !image.labels().containsKey(DataStore.FINAL))
                .map(DataStoreRoutes::told)
                .toList();
    }

    private static ObjectNode told(StoredImage image) {
        ObjectNode json = Json.object();
        // no path, checksum or address from an uploader: clients open and load those
        for (String field : List.of("ts", "StudyInstanceUID", "SeriesInstanceUID")) {
            JsonNode value = image.info().path(field);
            if (value.asText().matches("[0-9.]{1,64}")) {
                json.set(field, value);
            }
        }
        return json.put("name", image.downloadName(image.suffix())).put("id", image.id());
    }

    @Override
    public ObjectNode stats() {
        int completed = 0;
        Map<String, Integer> tags = new TreeMap<>();
        var images = store.images();
        for (StoredImage image : images) {
            completed += image.labels().containsKey(DataStore.FINAL) ? 1 : 0;
            image.labels().keySet().forEach(tag -> tags.merge(tag, 1, Integer::sum));
        }
        ObjectNode json = Json.object().put("total", images.size()).put("completed", completed);
        tags.forEach(json.putObject("label_tags")::put);
        return json;
    }

    private ObjectNode all() {
        ObjectNode json = Json.object().put("name", "attunet");
        json.put("description", "the data set that this server saves labels to");
        json.put("images_dir", DataStoreFolder.IMAGES).put("labels_dir", "labels");
        ObjectNode objects = json.putObject("objects");
        for (StoredImage image : store.images()) {
            ObjectNode entry = objects.putObject(image.id());
            entry.putObject("image").put("ext", image.suffix()).set("info", info(image));
            ObjectNode labels = entry.putObject("labels");
            image.labels()
                    .forEach((tag, label) ->
                            labels.putObject(tag).put("ext", label.suffix()).set("info", info(image, label)));
        }
        return json;
    }

    private ArrayNode train() {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (StoredImage image : store.images()) {
            StoredImage.Label label = image.labels().get(DataStore.FINAL);
            if (label != null) {
                ObjectNode entry = json.addObject().put("image", image.file()).put("label", label.file());
                ObjectNode meta = entry.putObject("meta");
                meta.set("image", info(image));
                meta.set("label", info(image, label));
            }
        }
        return json;
    }

    private static ObjectNode info(StoredImage image) {
        return image.info().deepCopy().put("name", image.downloadName(image.suffix()));
    }

    private static ObjectNode info(StoredImage image, StoredImage.Label label) {
        return label.info().deepCopy().put("name", image.downloadName(label.suffix()));
    }

    private StoredImage image(Context ctx, String parameter) {
        return store.get(RequestParams.required(ctx, parameter));
    }

    private StoredImage.Label label(Context ctx, StoredImage image) {
        return store.label(image.id(), RequestParams.query(ctx, "tag", DataStore.FINAL));
    }

    private void send(Context ctx, StoredImage image, String file) {
        Path path = store.path(file);
        if (!Files.isRegularFile(path)) {
            throw HttpFailure.notFound("file of that name any more", "it was removed while the server ran");
        }
        if (RequestParams.flag(ctx, "check_only", false)) {
            Replies.json(ctx, Json.object());
        } else {
            Replies.file(ctx, path, image.downloadName(Images.suffix(path)));
        }
    }

    private void add(Context ctx) {
        UploadedFile file = RequestParams.requiredFile(ctx, "file");
        String id = RequestParams.query(ctx, "image", Uploads.stem(file.filename()));
        ObjectNode info = RequestParams.form(ctx);
        try (UploadFolder upload = folder.newUpload()) {
            store.add(id, uploads.storeImage(file, upload.path()), info);
        }
        Replies.json(ctx, Json.object().put("image", id));
    }

    private void remove(Context ctx) {
        String id = RequestParams.required(ctx, "id");
        switch (RequestParams.query(ctx, "type", "image")) {
            case "image" -> store.remove(id);
            case "label" -> store.removeLabel(id, RequestParams.query(ctx, "tag", DataStore.FINAL));
            default -> throw HttpFailure.unsuitable("the type is unknown", "image or label");
        }
        Replies.json(ctx, Json.object());
    }

    private void save(Context ctx) {
        StoredImage image = image(ctx, "image");
        UploadedFile file = RequestParams.requiredFile(ctx, "label");
        ObjectNode params = RequestParams.form(ctx);
        try (UploadFolder upload = folder.newUpload()) {
            LabelMap labels = uploads.readLabels(file, upload.path(), store.path(image.file()), conflicts, params);
            store.save(image, RequestParams.query(ctx, "tag", DataStore.FINAL), labels, params);
        }
        Replies.json(ctx, Json.object().put("image", image.id()).put("label", image.id()));
    }
}
