package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.UploadedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.web.FoundSeries;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Lattice;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.SeriesResult;
import org.attunet.io.StoredSeries;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.work.UploadFolder;
import org.attunet.server.work.WorkFolder;

/**
 * {@code /datastore/} over the studies of a PACS: images are series by their identifiers, labels are DICOM segmentations that
 * refer to them. Images can't be added, nor anything deleted.
 */
record StudyRoutes(Studies studies, LabelConflicts conflicts, WorkFolder folder, VolumeUploads uploads)
        implements ImageSource {
    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/datastore/", ctx -> Replies.json(ctx, listing(RequestParams.query(ctx, "output", "stats"))));
        routes.get("/datastore/image", this::sendImage);
        routes.get("/datastore/image/info", ctx -> {
            Replies.json(ctx, info(studies.find(RequestParams.required(ctx, "image"))));
        });
        routes.get("/datastore/label", this::sendLabel);
        routes.get("/datastore/label/info", ctx -> Replies.json(ctx, info(label(ctx))));
        routes.put("/datastore/label", this::save);
        Handler refuse = ctx -> {
            throw new HttpFailure(403, "images come to the PACS and go from it by other ways; expected labels to save");
        };
        routes.put("/datastore/", refuse);
        routes.delete("/datastore/", refuse);
        routes.delete("/datastore/label", refuse);
    }

    @Override
    public LabelSet labels() {
        return conflicts.declared();
    }

    @Override
    public ImageCase image(String id, boolean series, Path upload) {
        Studies.Fetched fetched = studies.fetch(id, upload);
        return series ? fetched.asSeries() : fetched.asVolume();
    }

    @Override
    public ObjectNode stats() {
        List<FoundSeries> images = studies.images();
        Map<String, FoundSeries> labels = studies.labels();
        long completed =
                images.stream().filter(one -> labels.containsKey(one.uid())).count();
        ObjectNode json = Json.object().put("total", images.size()).put("completed", completed);
        json.putObject("label_tags").put(DataStore.FINAL, completed);
        return json;
    }

    @Override
    public List<ObjectNode> unlabelled() {
        Map<String, FoundSeries> labels = studies.labels();
        return studies.images().stream()
                .filter(one -> !labels.containsKey(one.uid()))
                .map(one -> info(one).put("id", one.uid()))
                .toList();
    }

    private JsonNode listing(String output) {
        return switch (output) {
            case "stats" -> stats();
            case "all" -> all();
            case "train" -> JsonNodeFactory.instance.arrayNode(); // training reads folders
            default -> throw HttpFailure.unsuitable("the output is unknown", "stats, all or train");
        };
    }

    private ObjectNode all() {
        ObjectNode json = Json.object().put("name", "attunet");
        json.put("description", "the series of a PACS, to which this server saves labels");
        ObjectNode objects = json.putObject("objects");
        Map<String, FoundSeries> labels = studies.labels();
        for (FoundSeries one : studies.images()) {
            ObjectNode entry = objects.putObject(one.uid());
            entry.putObject("image").put("ext", ".nii.gz").set("info", info(one));
            ObjectNode own = entry.putObject("labels");
            FoundSeries label = labels.get(one.uid());
            if (label != null) {
                own.putObject(DataStore.FINAL).put("ext", ".nii.gz").set("info", info(label));
            }
        }
        return json;
    }

    private static ObjectNode info(FoundSeries series) {
        return Json.object()
                .put("SeriesInstanceUID", series.uid())
                .put("StudyInstanceUID", series.studyUid())
                .put("Modality", series.modality())
                .put("name", series.uid() + ".nii.gz");
    }

    private FoundSeries label(Context ctx) {
        FoundSeries label = studies.labels().get(RequestParams.required(ctx, "label"));
        if (label == null || !RequestParams.query(ctx, "tag", DataStore.FINAL).equals(DataStore.FINAL)) {
            throw HttpFailure.notFound("label of that tag for that image", "GET /datastore/?output=all lists the tags");
        }
        return label;
    }

    private void sendImage(Context ctx) {
        String id = RequestParams.required(ctx, "image");
        if (RequestParams.flag(ctx, "check_only", false)) {
            studies.find(id);
            Replies.json(ctx, Json.object());
            return;
        }
        try (UploadFolder upload = folder.newUpload()) {
            Replies.file(ctx, studies.fetch(id, upload.path()).volume(), id + ".nii.gz");
        }
    }

    private void sendLabel(Context ctx) {
        FoundSeries label = label(ctx);
        if (RequestParams.flag(ctx, "check_only", false)) {
            Replies.json(ctx, Json.object());
            return;
        }
        String id = RequestParams.required(ctx, "label");
        try (UploadFolder upload = folder.newUpload()) {
            StoredSeries series = studies.fetch(id, upload.path()).asSeries().series();
            Path file = studies.label(label, upload.path().resolve("label"));
            LabelMap mask = series.mask(file, labels()).labels();
            Path volume = upload.path().resolve("label.nii.gz");
            Images.write(Studies.rowsFromTheTop(mask.grid()).apply(mask), volume);
            Replies.file(ctx, volume, id + ".nii.gz");
        }
    }

    private void save(Context ctx) {
        String id = RequestParams.required(ctx, "image");
        UploadedFile file = RequestParams.requiredFile(ctx, "label");
        ObjectNode params = RequestParams.form(ctx);
        if (!RequestParams.query(ctx, "tag", DataStore.FINAL).equals(DataStore.FINAL)) {
            throw HttpFailure.unsuitable("a label of another tag", "final, which is stored in the PACS");
        }
        try (UploadFolder upload = folder.newUpload()) {
            Studies.Fetched fetched = studies.fetch(id, upload.path());
            LabelMap labels = uploads.readLabels(file, upload.path(), fetched.volume(), conflicts, params);
            StoredSeries series = fetched.asSeries().series();
            LabelMap mask = Lattice.turn(labels.grid(), series.header().grid())
                    .orElseThrow(() -> new AttunetException(
                            id, "the label lies elsewhere", "the image's voxels", "send the label of this image"))
                    .apply(labels);
            var result =
                    new SeriesResult(mask, labels(), "", Json.object(), null, Map.of(), Set.of(SeriesResult.Kind.SEG));
            series.write(result, upload.path().resolve("label.dcm")).forEach(studies::store);
        }
        Replies.json(ctx, Json.object().put("image", id).put("label", id));
    }
}
