package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.LabelRange;
import org.attunet.io.NrrdLabels;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.SegmentedCase;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.UploadFolder;
import org.attunet.server.work.WorkFolder;
import org.attunet.server.work.WorkQueue;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /infer/{model}}: the mask of an image that is uploaded, of a session's, or of one in the data store. The
 * mask's values are the labels' own.
 */
record MonaiInferRoutes(
        ServedModels models,
        WorkQueue compute,
        CaseSegmenter work,
        WorkFolder folder,
        ServerMetrics metrics,
        DataStore store,
        Sessions sessions,
        Duration limit) {
    private static final List<String> EXTENSIONS = List.of(".nii.gz", ".nii", ".nrrd");

    /** A mask as the client wants it, and what is told beside it. */
    private record Answer(Path mask, ObjectNode params) {}

    /**
     * How the client wants the mask.
     *
     * @param suffix null for the image's own kind: compressed NIfTI for volumes
     * @param bits of an NRRD voxel
     */
    private record Wanted(@Nullable String suffix, int bits, boolean compressed, boolean mirror) {
        static Wanted of(ObjectNode params) {
            String suffix = params.path("result_extension").asText(null);
            if (suffix != null && !EXTENSIONS.contains(suffix)) {
                throw new HttpFailure(
                        422,
                        "the result_extension is none of those that are written; expected "
                                + String.join(", ", EXTENSIONS));
            }
            return new Wanted(
                    suffix,
                    params.path("result_dtype").asText().equals("uint8") ? 8 : 16,
                    params.path("result_compress").asBoolean(),
                    params.path("tta").asBoolean());
        }

        CaseOptions options() {
            return new CaseOptions(false, false, false, mirror, false);
        }
    }

    void addTo(RoutesConfig routes) {
        routes.post("/infer/{model}", this::infer);
    }

    private void infer(Context ctx) throws Exception {
        ServedModel model = SegmentRoutes.model(models, ctx.pathParam("model"));
        String output = RequestParams.of(ctx, "output", "all");
        if (!List.of("all", "image", "json").contains(output)) {
            throw new HttpFailure(422, "this output is not offered; expected all, image or json");
        }
        Wanted wanted = Wanted.of(RequestParams.of(ctx));
        if (RequestParams.file(ctx, "label") != null) {
            throw new HttpFailure(
                    422, "the request holds a label; expected an image alone, as models here take no hints");
        }
        try (UploadFolder staged = folder.staging()) {
            ImageCase input = input(ctx, model, staged.folder());
            work.check(model, input, wanted.options());
            long began = System.nanoTime();
            UploadFolder held = staged.hold();
            Answer answer = compute.request(
                    () -> segment(model, input, held.folder().resolve("result"), wanted, began), limit, held::close);
            switch (output) {
                case "json" -> SegmentRoutes.json(ctx, answer.params());
                case "image" -> SegmentRoutes.send(ctx, answer.mask(), name(input, answer));
                default -> MultipartReply.send(ctx, answer.params(), answer.mask(), name(input, answer));
            }
        }
    }

    private static String name(ImageCase input, Answer answer) {
        return input.id() + Images.suffix(answer.mask());
    }

    private ImageCase input(Context ctx, ServedModel model, Path staged) {
        List<UploadedFile> files = ctx.isMultipartFormData() ? ctx.uploadedFiles("file") : List.of();
        String session = RequestParams.of(ctx, "session_id", "");
        String image = RequestParams.of(ctx, "image", "");
        if (!session.isEmpty()) {
            Sessions.Session found = sessions.get(session, true);
            return new ImageCase(found.name(), List.of(found.image()));
        }
        if (files.size() > model.channels()) {
            throw new HttpFailure(
                    422,
                    "the request holds " + files.size() + " files \"file\"; expected at most " + model.channels()
                            + ", those of one image");
        }
        if (!files.isEmpty()) {
            return Uploads.store(files, staged.resolve("input"), model.channels())
                    .get(0);
        }
        if (image.isEmpty()) {
            throw new HttpFailure(
                    422, "the request names no image; expected a file, ?image=ID of the data store or ?session_id=ID");
        }
        StoredImage found = store.get(image);
        return new ImageCase(Uploads.stem(found.id()), List.of(store.path(found.file())));
    }

    private Answer segment(ServedModel model, ImageCase input, Path out, Wanted wanted, long began) {
        double queued = (System.nanoTime() - began) / 1e9;
        SegmentedCase result = work.run(model, input, out, wanted.options(), share -> WorkQueue.checkWanted());
        metrics.segmented(model.name(), result.summary().at("/seconds/segment").asDouble());
        LabelMap labels = Images.readLabels(result.mask());
        Path mask = write(labels, result.mask(), wanted);
        return new Answer(mask, params(model, labels, result, queued, (System.nanoTime() - began) / 1e9));
    }

    private static Path write(LabelMap labels, Path mask, Wanted wanted) {
        String suffix = wanted.suffix();
        boolean volume = Images.suffix(mask).startsWith(".nii");
        if (suffix == null) {
            suffix = volume ? ".nii.gz" : Images.suffix(mask);
        }
        if (suffix.equals(Images.suffix(mask))) {
            return mask;
        }
        Path converted = mask.resolveSibling("converted" + suffix);
        if (suffix.equals(".nrrd")) {
            if (labels.grid().dimension() != 3) {
                throw new HttpFailure(422, "the image is 2D, which .nrrd does not hold here; expected .nii.gz or none");
            }
            int bits = LabelRange.largest(labels) > 255 ? 16 : wanted.bits();
            NrrdLabels.write(labels, converted, bits, wanted.compressed());
        } else {
            Images.write(labels, converted);
        }
        return converted;
    }

    /** What 3D Slicer and OHIF read beside the mask: the labels' names, the times, the labels' centres in voxels. */
    private static ObjectNode params(
            ServedModel model, LabelMap labels, SegmentedCase result, double queued, double total) {
        LabelSet declared = model.segmenter().model().labels();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode names = json.putObject("label_names");
        declared.asMap().forEach((value, name) -> names.put(name, value));
        ObjectNode seconds = result.summary().withObject("/seconds");
        json.putObject("latencies")
                .put("queue", queued)
                .put("pre", seconds.path("read").asDouble())
                .put("infer", seconds.path("segment").asDouble())
                .put("write", seconds.path("write").asDouble())
                .put("total", total);
        centroids(json.putObject("centroids"), labels, declared.asMap());
        json.put("confidence", result.confidence());
        json.set("labels", result.summary().path("labels"));
        json.put("model", model.name()).put("model_version", model.version());
        return json;
    }

    private static void centroids(ObjectNode json, LabelMap labels, Map<Integer, String> names) {
        double[] sums = new double[4 << 16]; // of each label: voxels, x, y, z
        int sizeX = labels.grid().size(0);
        int sizeY = labels.grid().size(1);
        for (int i = 0; i < labels.voxels().length; i++) {
            int at = 4 * labels.label(i);
            sums[at]++;
            sums[at + 1] += i % sizeX;
            sums[at + 2] += i / sizeX % sizeY;
            sums[at + 3] += i / sizeX / sizeY;
        }
        names.forEach((value, name) -> {
            double voxels = sums[4 * value];
            if (voxels > 0) {
                var centre = json.putArray(name).add(value);
                for (int axis = 1; axis < 4; axis++) {
                    centre.add((int) (sums[4 * value + axis] / voxels));
                }
            }
        });
    }
}
