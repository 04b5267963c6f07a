package org.attunet.server.segment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.Interruption;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.InheritedAccess;
import org.attunet.io.Json;
import org.attunet.io.PixelSize;
import org.attunet.io.SeriesResult;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.Backend;
import org.attunet.server.work.CaseOptions;
import org.attunet.server.work.CaseSegmenter;
import org.attunet.server.work.Jobs;
import org.attunet.server.work.ObjectForm;
import org.attunet.server.work.SegmentedCase;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.UploadFolder;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/models} and {@code POST /api/segment/{model}}, which takes images as files of a multipart request.
 *
 * <p>The response to one image is its mask; to several, or one with maps, a zip; with {@code Accept: application/json} the
 * volumes, confidence and times alone. {@code Prefer: respond-async}, or images of more than {@code waitingVoxels}, turn the
 * request into a job, answered with 202 and its address.
 *
 * @param waitingVoxels of all images of a request together
 */
public record SegmentRoutes(Backend backend, Jobs jobs, ServerMetrics metrics, long waitingVoxels) {
    private static final List<String> OPTIONS =
            List.of("probabilities", "attention", "uncertainty", "tta", "layers", "objects", "pixel_size", "as");

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/api/models", this::list);
        routes.get(
                "/api/models/{model}",
                ctx -> Replies.json(
                        ctx, model(backend.models(), ctx.pathParam("model")).card()));
        routes.post("/api/segment/{model}", this::segment);
    }

    /** Returns the model of a name, or throws 404. */
    public static ServedModel model(ServedModels models, String name) {
        return models.named(name).orElseThrow(() -> {
            List<String> names = models.all().stream().map(ServedModel::name).toList();
            return HttpFailure.notFound("model of that name", "this server has " + String.join(", ", names));
        });
    }

    private void list(Context ctx) {
        requireQuery(ctx, List.of());
        Stream<ObjectNode> cards = backend.models().all().stream()
                .map(model -> model.card().deepCopy().without("page"));
        Replies.json(ctx, Replies.list("models", cards));
    }

    private void segment(Context ctx) throws Exception {
        ServedModel model = model(backend.models(), ctx.pathParam("model"));
        CaseOptions options = options(ctx);
        boolean async = String.valueOf(ctx.header("Prefer")).contains("respond-async");
        if (async) {
            jobs.requireRoom();
        } else {
            backend.queue().requireRoom();
        }
        try (UploadFolder upload = backend.folder().newUpload()) {
            List<ImageCase> cases = images(ctx, upload, model);
            List<CaseSegmenter.Cost> costs = cases.stream()
                    .map(one -> backend.segmenter().check(model, one, options))
                    .toList();
            double voxels =
                    costs.stream().mapToDouble(CaseSegmenter.Cost::voxels).sum();
            if (async || voxels > waitingVoxels) {
                JobRoutes.sendAccepted(ctx, jobs.submit(upload, model.name(), cases, options));
                return;
            }
            long start = System.nanoTime();
            Path out = upload.hold().path().resolve("result");
            List<SegmentedCase> results =
                    backend.queue().request(() -> segment(model, cases, costs, out, options, start), upload::close);
            send(ctx, cases, results, upload.path(), options);
        }
    }

    /** Stores the images of a request; refuses options in its form, which would be ignored. */
    static List<ImageCase> images(Context ctx, UploadFolder upload, ServedModel model) {
        List<ImageCase> cases = Uploads.store(ctx, upload.path().resolve("input"), model.channels());
        for (String field : ctx.formParamMap().keySet()) {
            if (OPTIONS.contains(field)) {
                throw HttpFailure.bad(
                        "the form has a field " + field, field + " in the query, as POST …?" + field + "=… has it");
            }
        }
        return cases;
    }

    private List<SegmentedCase> segment(
            ServedModel model,
            List<ImageCase> cases,
            List<CaseSegmenter.Cost> costs,
            Path out,
            CaseOptions options,
            long start) {
        double queued = (System.nanoTime() - start) / 1e9;
        List<SegmentedCase> results = new ArrayList<>();
        for (int k = 0; k < cases.size(); k++) {
            Path folder = out.resolve(Integer.toString(k));
            SegmentedCase result = backend.segmenter()
                    .run(model, cases.get(k), costs.get(k), folder, options, share -> Interruption.check());
            result.summary().withObject("/seconds").put("queued", queued);
            metrics.segmented(model.name(), result.seconds("segment"));
            results.add(result);
        }
        return results;
    }

    private static void send(
            Context ctx, List<ImageCase> cases, List<SegmentedCase> results, Path folder, CaseOptions options)
            throws IOException {
        String accept = ctx.header(Header.ACCEPT);
        if (accept != null && accept.contains("application/json")) {
            Replies.json(ctx, json(results));
        } else if (results.size() == 1
                && (accept == null || !accept.contains("application/zip"))
                && !options.moreThanMask()
                && results.get(0).single()) {
            SegmentedCase only = results.get(0);
            only.confidence()
                    .ifPresent(value -> ctx.header("Attunet-Confidence", String.format(Locale.ROOT, "%.4f", value)));
            if (!only.warnings().isEmpty()) {
                ctx.header("Attunet-Warnings", Json.ascii(only.warnings()));
            }
            only.objects().ifPresent(count -> ctx.header("Attunet-Objects", Integer.toString(count)));
            Replies.file(ctx, only.answer(), cases.get(0).id() + Images.suffix(only.answer()));
        } else {
            Replies.file(ctx, zip(cases, results, folder.resolve("masks.zip")), "masks.zip");
        }
    }

    private static ObjectNode json(List<SegmentedCase> results) {
        return Replies.list("results", results.stream().map(SegmentedCase::summary));
    }

    /** Writes all results to one file on disk, since they may exceed the memory. */
    private static Path zip(List<ImageCase> cases, List<SegmentedCase> results, Path file) throws IOException {
        try (var zip = new ZipOutputStream(new BufferedOutputStream(InheritedAccess.create(file), 1 << 16))) {
            zip.setLevel(1); // masks are compressed already
            for (int k = 0; k < results.size(); k++) {
                String stem = (results.size() == 1 ? "" : (k + 1) + "_")
                        + cases.get(k).id();
                for (Path result : results.get(k).files()) {
                    zip.putNextEntry(new ZipEntry(downloadName(stem, result)));
                    Files.copy(result, zip);
                }
            }
            zip.putNextEntry(new ZipEntry("results.json"));
            zip.write(json(results).toPrettyString().getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    /** Returns the name of a result file for the client: {@code STEM.png} for {@code mask.png}, else {@code STEM_FILE}. */
    static String downloadName(String stem, Path result) {
        String file = String.valueOf(result.getFileName());
        return file.startsWith("mask") ? stem + file.substring("mask".length()) : stem + "_" + file;
    }

    /** Reads the options from the query, which may have other parameters with these names only. */
    static CaseOptions options(Context ctx, String... others) {
        List<String> known = new ArrayList<>(OPTIONS);
        known.addAll(List.of(others));
        requireQuery(ctx, known);
        return new CaseOptions(
                flag(ctx, "probabilities"),
                flag(ctx, "attention"),
                flag(ctx, "uncertainty"),
                flag(ctx, "tta"),
                flag(ctx, "layers"),
                pixelSize(ctx),
                forms(ctx),
                objects(ctx));
    }

    /** Returns the files about objects: those that {@code as} names, else the label image; null for the model's own. */
    private static @Nullable Set<ObjectForm> objects(Context ctx) {
        Set<ObjectForm> named = EnumSet.noneOf(ObjectForm.class);
        words(ctx).map(SegmentRoutes::objectForm).filter(Objects::nonNull).forEach(named::add);
        boolean given = ctx.queryParam("objects") != null;
        boolean wanted = flag(ctx, "objects");
        if (given && !wanted && !named.isEmpty()) {
            throw HttpFailure.bad("as names a file of objects, which objects=false excludes", "one of the two");
        }
        if (!named.isEmpty()) {
            return named;
        }
        if (!given) {
            return null;
        }
        return wanted ? Set.of(ObjectForm.LABELS) : Set.of();
    }

    private static @Nullable ObjectForm objectForm(String word) {
        return Arrays.stream(ObjectForm.values())
                .filter(form -> form.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElse(null);
    }

    /** Returns the words of {@code as}. */
    private static Stream<String> words(Context ctx) {
        String given = ctx.queryParam("as");
        return given == null ? Stream.of() : Arrays.stream(given.split(",", -1)).map(String::strip);
    }

    /** Returns the forms of DICOM images' results. */
    private static Set<SeriesResult.Kind> forms(Context ctx) {
        Set<SeriesResult.Kind> forms = EnumSet.noneOf(SeriesResult.Kind.class);
        List<String> words = words(ctx).filter(word -> objectForm(word) == null).toList();
        for (String word : words) {
            forms.add(
                    Arrays.stream(SeriesResult.Kind.values())
                            .filter(kind -> kind.name().equalsIgnoreCase(word))
                            .findFirst()
                            .orElseThrow(
                                    () -> HttpFailure.bad(
                                            "the parameter as has another value",
                                            "seg, labelmap, rtstruct, sr, sc, nifti, for objects labels, table, geojson, rois, or several")));
        }
        return forms.isEmpty() ? EnumSet.of(SeriesResult.Kind.SEG) : forms;
    }

    private static @Nullable PixelSize pixelSize(Context ctx) {
        String given = ctx.queryParam("pixel_size");
        PixelSize size = given == null ? null : PixelSize.of(given);
        if (given != null && size == null) {
            throw HttpFailure.bad("the parameter pixel_size has another value", PixelSize.EXPECTED);
        }
        return size;
    }

    /** Refuses parameters that would be ignored: they may be misspelt. */
    static void requireQuery(Context ctx, List<String> known) {
        for (String name : ctx.queryParamMap().keySet()) {
            if (!known.contains(name)) {
                String shown = name.length() > 50 ? name.substring(0, 50) + "…" : name;
                throw HttpFailure.bad(
                        "the request has an unknown parameter \"" + shown + "\"",
                        known.isEmpty() ? "none" : String.join(", ", known));
            }
        }
    }

    private static boolean flag(Context ctx, String name) {
        String given = ctx.queryParam(name);
        if (given == null || given.equals("false") || given.equals("0")) {
            return false;
        }
        if (given.isEmpty() || given.equals("true") || given.equals("1")) {
            return true;
        }
        throw HttpFailure.bad("the parameter " + name + " has another value", "true or false");
    }
}
