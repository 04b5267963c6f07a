package org.attunet.server.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.server.http.ErrorResponses;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.WorkQueue;

/**
 * The Open Inference Protocol, version 2, which KServe, Triton and their clients speak: {@code /v2}, {@code /v2/health},
 * {@code /v2/models}. With the binary tensor data extension, except for raw binary requests, from whose length alone no
 * image's shape follows.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">kserve/open-inference-protocol,
 *     specification/protocol/inference_rest.md</a>
 * @see <a href="https://github.com/triton-inference-server/server">triton-inference-server/server,
 *     docs/protocol/extension_binary_data.md</a>
 */
public final class InferenceRoutes {
    private static final int BODIES_OF_A_HEAP = 4;

    private final ServedModels models;
    private final Map<String, ModelTensors> tensors = new LinkedHashMap<>();
    private final WorkQueue compute;
    private final ServerMetrics metrics;
    private final Duration limit;
    private final long mostBytes;
    private final long mostVoxels;
    private final InferenceMemory memory;

    /**
     * @param limit how long a client waits at most
     * @param bodyBytes of a request; never more than a quarter of the Java heap are taken
     * @param mostVoxels of all images of a request together
     */
    public InferenceRoutes(
            ServedModels models,
            WorkQueue compute,
            ServerMetrics metrics,
            Duration limit,
            long bodyBytes,
            long mostVoxels) {
        this.models = models;
        this.compute = compute;
        this.metrics = metrics;
        this.limit = limit;
        long heap = Runtime.getRuntime().maxMemory();
        mostBytes = Math.min(bodyBytes, heap / BODIES_OF_A_HEAP);
        this.mostVoxels = mostVoxels;
        memory = new InferenceMemory(heap);
        models.all().forEach(model -> tensors.put(model.name(), ModelTensors.of(model)));
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/v2", InferenceRoutes::server);
        routes.get("/v2/health/live", ctx -> SegmentRoutes.json(ctx, object().put("live", true)));
        routes.get("/v2/health/ready", ctx -> ready(ctx, object().put("live", !compute.draining())));
        for (String model : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
            routes.get(model, ctx -> SegmentRoutes.json(ctx, tensors(ctx).metadata()));
            routes.get(model + "/ready", ctx -> {
                String name = tensors(ctx).model().name();
                ready(ctx, object().put("name", name).put("ready", !compute.draining()));
            });
            routes.post(model + "/infer", this::infer);
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void server(Context ctx) {
        String version = InferenceRoutes.class.getPackage().getImplementationVersion();
        ObjectNode json = object().put("name", "attunet").put("version", version == null ? "in development" : version);
        json.putArray("extensions").add("binary_tensor_data");
        SegmentRoutes.json(ctx, json);
    }

    private void ready(Context ctx, ObjectNode json) {
        ctx.status(compute.draining() ? 503 : 200);
        SegmentRoutes.json(ctx, json);
    }

    /** The model that an address names, or 404. */
    private ModelTensors tensors(Context ctx) {
        ServedModel model = SegmentRoutes.model(models, ctx.pathParam("model"));
        String version = ctx.pathParamMap().get("version");
        if (version != null && !version.equals(model.version())) {
            throw HttpFailure.notFound(
                    "version of that name of the model " + model.name(), "this server has " + model.version());
        }
        return Objects.requireNonNull(tensors.get(model.name()));
    }

    private void infer(Context ctx) throws Exception {
        ModelTensors model = tensors(ctx);
        requireUncoded(ctx);
        InferenceMemory.Part part = memory.part();
        var holders = new AtomicInteger(1); // this request, and what computes for it, maybe for longer
        Runnable release = () -> {
            if (holders.decrementAndGet() == 0) {
                part.close();
            }
        };
        try {
            RequestBody body =
                    RequestBody.read(ctx.req().getInputStream(), ctx.req().getContentLengthLong(), mostBytes, part);
            ErrorResponses.bodyRead(ctx);
            long json = jsonLength(ctx, body);
            InferenceRequest request = InferenceRequestReader.read(body, json, model.outputs(), part);
            BatchInference work = work(model, request, body, json);
            if (request.input().numbers() != null) {
                body.clear();
            }
            part.take(work.bytes());
            holders.incrementAndGet();
            List<OutputTensor> outputs = compute.request(() -> work.run(metrics, memory), limit, release);
            answer(ctx, new InferenceResponse(model.model(), request.id(), outputs));
        } finally {
            release.run();
        }
    }

    private static void requireUncoded(Context ctx) {
        String encoding = ctx.header(Header.CONTENT_ENCODING);
        if (encoding != null && !encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
            ctx.header(Header.ACCEPT_ENCODING, "identity");
            throw new HttpFailure(415, "the body has a Content-Encoding; expected it as it is, not compressed");
        }
    }

    /** The bytes of the JSON at the beginning of the body. */
    private static long jsonLength(Context ctx, RequestBody body) {
        String given = ctx.header(InferenceResponse.HEADER_LENGTH);
        if (given == null) {
            return body.length();
        }
        if (!given.matches("\\d{1,18}") || Long.parseLong(given) > body.length()) {
            throw HttpFailure.bad(InferenceResponse.HEADER_LENGTH + " is " + InferenceRequestReader.quoted(given)
                    + "; expected the length of the JSON, at most that of the body, which has " + body.length()
                    + " bytes");
        }
        long length = Long.parseLong(given);
        if (length == 0) {
            throw HttpFailure.bad(
                    InferenceResponse.HEADER_LENGTH + " is 0, for binary data alone; expected a JSON object"
                            + " before it, since an image's shape doesn't follow from its length");
        }
        return length;
    }

    private BatchInference work(ModelTensors model, InferenceRequest request, RequestBody body, long json) {
        InferenceRequest.Input input = request.input();
        long behind = body.length() - json;
        long told = Math.max(0, input.binarySize());
        if (told != behind) {
            throw HttpFailure.bad("the body has " + behind + " bytes behind its JSON; expected " + told
                    + ", as the input's binary_data_size says"
                    + (behind == 0 ? ", and " + InferenceResponse.HEADER_LENGTH + " with the JSON's length" : ""));
        }
        InputValues values = input.values(body, json);
        ImageBatch images = ImageBatch.of(input.shape(), request.spacing(), model.model(), mostVoxels);
        List<InferenceRequest.Output> outputs = request.outputs().isEmpty()
                ? model.outputs().stream()
                        .map(name -> new InferenceRequest.Output(name, null))
                        .toList()
                : request.outputs();
        return new BatchInference(model, images, values, outputs, request.binaryOutput());
    }

    private static void answer(Context ctx, InferenceResponse reply) {
        try {
            reply.writeTo(ctx);
        } catch (IOException clientIsGone) {
            return; // nobody is left to be told
        }
    }
}
