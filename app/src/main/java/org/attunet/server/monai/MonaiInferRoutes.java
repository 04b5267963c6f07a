package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.attunet.error.Interruption;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.NrrdLabels;
import org.attunet.io.SeriesResult;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.Backend;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.SegmentedCase;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.UploadFolder;
import org.jspecify.annotations.Nullable;

/** {@code POST /infer/{model}}: the mask of an upload, of a session's image or of one in the data store. */
record MonaiInferRoutes(Backend backend, ServerMetrics metrics, ImageSource images, Sessions sessions) {
    private static final List<String> EXTENSIONS = List.of(".nii.gz", ".nii", ".nrrd");

    private static final String DICOM = "dicom_seg";

    /** The mask in the requested format, and the values that are sent with it. */
    private record Answer(Path mask, ObjectNode params) {}

    void addTo(RoutesConfig routes) {
        routes.post("/infer/{model}", this::infer);
    }

    private void infer(Context ctx) throws Exception {
        ServedModel model = SegmentRoutes.model(backend.models(), ctx.pathParam("model"));
        String output = RequestParams.query(ctx, "output", "all");
        if (!List.of("all", "image", "json", DICOM).contains(output)) {
            throw HttpFailure.unsuitable("this output is not offered", "all, image, json or " + DICOM);
        }
        ObjectNode params = RequestParams.form(ctx);
        String suffix = params.path("result_extension").asText(null);
        if (suffix != null && !EXTENSIONS.contains(suffix)) {
            throw HttpFailure.unsuitable("the result_extension is unknown", String.join(", ", EXTENSIONS));
        }
        boolean dicom = output.equals(DICOM);
        CaseOptions options = CaseOptions.mask(
                params.path("tta").asBoolean(), dicom ? SeriesResult.Kind.SEG : SeriesResult.Kind.NIFTI);
        if (RequestParams.file(ctx, "label") != null) {
            throw HttpFailure.unsuitable(
                    "the request holds a label", "an image alone, since these models accept no hints");
        }
        try (UploadFolder upload = backend.folder().newUpload()) {
            ImageCase input = input(ctx, model, upload.path(), dicom);
            if (dicom && !input.isSeries()) {
                throw HttpFailure.unsuitable(
                        "the image isn't DICOM, to which a DICOM SEG refers", "a DICOM series, or another output");
            }
            CaseSegmenter.Cost cost = backend.segmenter().check(model, input, options);
            long start = System.nanoTime();
            Path out = upload.hold().path().resolve("result");
            Answer answer = backend.queue()
                    .request(
                            () -> {
                                double queued = (System.nanoTime() - start) / 1e9;
                                SegmentedCase result = backend.segmenter()
                                        .run(model, input, cost, out, options, progress -> Interruption.check());
                                metrics.segmented(model.name(), result.seconds("segment"));
                                if (dicom) {
                                    return new Answer(result.mask(), Json.object());
                                }
                                LabelMap labels = Images.readLabels(result.mask());
                                Path mask = write(labels, result.mask(), suffix, params);
                                double total = (System.nanoTime() - start) / 1e9;
                                return new Answer(mask, params(model, labels, result, queued, total));
                            },
                            upload::close);
            String name = input.id() + Images.suffix(answer.mask());
            switch (output) {
                case "json" -> Replies.json(ctx, answer.params());
                case "image", DICOM -> Replies.file(ctx, answer.mask(), name);
                default -> Replies.parts(ctx, answer.params(), answer.mask(), name);
            }
        }
    }

    private ImageCase input(Context ctx, ServedModel model, Path upload, boolean dicom) {
        List<UploadedFile> files = ctx.isMultipartFormData() ? ctx.uploadedFiles("file") : List.of();
        String session = RequestParams.query(ctx, "session_id", "");
        String image = RequestParams.query(ctx, "image", "");
        if (!session.isEmpty()) {
            Sessions.Session found = sessions.get(session, true);
            return new ImageCase(found.name(), List.of(found.image()));
        }
        if (files.size() > model.channels()) {
            throw HttpFailure.unsuitable(
                    "the request holds " + files.size() + " files \"file\"",
                    "at most " + model.channels() + ", those of one image");
        }
        if (!files.isEmpty()) {
            List<ImageCase> cases = Uploads.store(files, upload.resolve("input"), model.channels());
            if (cases.size() > 1 && cases.get(0).isSeries()) {
                throw HttpFailure.unsuitable("the DICOM files are " + cases.size() + " volumes", "those of one");
            }
            return cases.get(0);
        }
        if (image.isEmpty()) {
            throw HttpFailure.unsuitable(
                    "the request names no image", "a file, ?image=ID of the data store or ?session_id=ID");
        }
        return images.image(image, dicom, upload);
    }

    /** Writes a mask in the requested format; without one, volumes become compressed NIfTI and pictures stay as they are. */
    private static Path write(LabelMap labels, Path mask, @Nullable String requested, ObjectNode params) {
        String own = Images.suffix(mask);
        String suffix = Objects.requireNonNullElse(requested, own.startsWith(".nii") ? ".nii.gz" : own);
        if (suffix.equals(own)) {
            return mask;
        }
        Path converted = mask.resolveSibling("converted" + suffix);
        if (!suffix.equals(".nrrd")) {
            Images.write(labels, converted);
        } else if (labels.grid().dimension() == 3) {
            boolean bytes = params.path("result_dtype").asText().equals("uint8") && labels.largest() <= 255;
            boolean compressed = params.path("result_compress").asBoolean();
            NrrdLabels.write(labels, converted, bytes ? 8 : 16, compressed);
        } else {
            throw HttpFailure.unsuitable("the image is 2D, which .nrrd can't hold here", ".nii.gz or none");
        }
        return converted;
    }

    /** Returns what 3D Slicer and OHIF read beside the mask: label names, times, and the labels' centres in voxels. */
    private static ObjectNode params(
            ServedModel model, LabelMap labels, SegmentedCase result, double queued, double total) {
        ObjectNode json = Json.object();
        ObjectNode names = json.putObject("label_names");
        model.labels().asMap().forEach((value, name) -> names.put(name, value));
        json.putObject("latencies")
                .put("queue", queued)
                .put("pre", result.seconds("read"))
                .put("infer", result.seconds("segment"))
                .put("write", result.seconds("write"))
                .put("total", total);
        centroids(json.putObject("centroids"), labels, model.labels());
        json.set("confidence", result.summary().path("confidence"));
        json.set("novelty", result.summary().path("novelty"));
        json.set("unlike_training_data", result.summary().path("unlike_training_data"));
        json.set("warnings", result.warnings());
        json.set("labels", result.summary().path("labels"));
        return json.put("model", model.name()).put("model_version", model.version());
    }

    private static void centroids(ObjectNode json, LabelMap labels, LabelSet names) {
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
        names.asMap().forEach((value, name) -> {
            double[] all = new double[4];
            boolean[] covered = names.covered(value); // a label that overlaps others has several values
            for (int k = 0; k < sums.length; k++) {
                all[k % 4] += covered[k / 4] ? sums[k] : 0;
            }
            if (all[0] > 0) {
                ArrayNode centre = json.putArray(name).add(value);
                for (int axis = 1; axis < 4; axis++) {
                    centre.add((int) (all[axis] / all[0]));
                }
            }
        });
    }
}
