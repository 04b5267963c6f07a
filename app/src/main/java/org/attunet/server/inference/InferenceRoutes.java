package org.attunet.server.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import org.attunet.io.Json;
import org.attunet.server.http.ErrorResponses;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.segment.SegmentRoutes;
import org.attunet.server.work.HeapMemory;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;
import org.attunet.server.work.WorkQueue;

/**
 * The Open Inference Protocol, version 2, of KServe, Triton and their clients: {@code /v2}, {@code /v2/health}, {@code
 * /v2/models}. It includes the binary tensor data extension except for raw binary requests, whose length alone doesn't
 * determine an image's shape.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">kserve/open-inference-protocol,
 *     specification/protocol/inference_rest.md</a>
 * @see <a href="https://github.com/triton-inference-server/server">triton-inference-server/server,
 *     docs/protocol/extension_binary_data.md</a>
 */
public final class InferenceRoutes {
    private static final int BODIES_PER_HEAP = 4;

    private final ServedModels models;
    private final WorkQueue queue;
    private final ServerMetrics metrics;
    private final long mostBytes;
    private final long mostVoxels;
    private final HeapMemory memory;

    /**
     * @param bodyBytes the largest request; never more than a quarter of the Java heap is accepted
     * @param mostVoxels of all images of a request together
     */
    public InferenceRoutes(
            ServedModels models,
            WorkQueue queue,
            ServerMetrics metrics,
            long bodyBytes,
            long mostVoxels,
            HeapMemory memory) {
        this.models = models;
        this.queue = queue;
        this.metrics = metrics;
        long heap = Runtime.getRuntime().maxMemory();
        mostBytes = Math.min(bodyBytes, heap / BODIES_PER_HEAP);
        this.mostVoxels = mostVoxels;
        this.memory = memory;
    }

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/v2", InferenceRoutes::server);
        routes.get("/v2/health/live", ctx -> Replies.json(ctx, Json.object().put("live", true)));
        routes.get("/v2/health/ready", ctx -> ready(ctx, Json.object().put("live", !queue.draining())));
        for (String model : List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}")) {
            routes.get(model, ctx -> Replies.json(ctx, tensors(ctx).metadata()));
            routes.get(model + "/ready", ctx -> {
                String name = tensors(ctx).model().name();
                ready(ctx, Json.object().put("name", name).put("ready", !queue.draining()));
            });
            routes.post(model + "/infer", this::infer);
        }
    }

    private static void server(Context ctx) {
        String version = InferenceRoutes.class.getPackage().getImplementationVersion();
        ObjectNode json =
                Json.object().put("name", "attunet").put("version", version == null ? "in development" : version);
        json.putArray("extensions").add("binary_tensor_data");
        Replies.json(ctx, json);
    }

    private void ready(Context ctx, ObjectNode json) {
        ctx.status(queue.draining() ? 503 : 200);
        Replies.json(ctx, json);
    }

    /** Returns the model of the request's path, or throws 404. */
    private ModelTensors tensors(Context ctx) {
        ServedModel model = SegmentRoutes.model(models, ctx.pathParam("model"));
        String version = ctx.pathParamMap().get("version");
        if (version != null && !version.equals(model.version())) {
            throw HttpFailure.notFound(
                    "version of that name of the model " + model.name(), "this server has " + model.version());
        }
        return new ModelTensors(model);
    }

    private void infer(Context ctx) throws Exception {
        ModelTensors model = tensors(ctx);
        try (HeapMemory.Share share = memory.share()) {
            RequestBody body =
                    RequestBody.read(ctx.req().getInputStream(), ctx.req().getContentLengthLong(), mostBytes, share);
            ErrorResponses.bodyRead(ctx);
            long json = jsonLength(ctx, body);
            InferenceRequest request = InferenceRequestReader.read(body, json, model.outputs(), share);
            InferenceRequest.Elements elements = request.input().elements(body, json);
            ImageBatch images = ImageBatch.of(request.input().shape(), request.spacing(), model.model(), mostVoxels);
            var inference = new BatchInference(model, images, elements, request.outputs());
            if (request.input().values() != null) {
                body.clear();
            }
            share.take(inference.bytes());
            share.hold(); // the prediction may outlast this request
            BatchInference.Result result = queue.request(() -> inference.run(metrics, memory), share::close);
            try {
                new InferenceResponse(model.model(), request.id(), result).writeTo(ctx);
            } catch (IOException clientIsGone) {
                return;
            }
        }
    }

    /** Returns the length of the JSON at the start of the body, in bytes. */
    private static long jsonLength(Context ctx, RequestBody body) {
        String given = ctx.header(InferenceResponse.HEADER_LENGTH);
        if (given == null) {
            return body.length();
        }
        if (!given.matches("\\d{1,18}") || Long.parseLong(given) > body.length()) {
            throw HttpFailure.bad(
                    InferenceResponse.HEADER_LENGTH + " is " + InferenceRequestReader.quoted(given),
                    "the length of the JSON, at most that of the body, which has " + body.length() + " bytes");
        }
        long length = Long.parseLong(given);
        if (length == 0) {
            throw HttpFailure.bad(
                    InferenceResponse.HEADER_LENGTH + " is 0, for binary data alone",
                    "a JSON object before it, since an image's shape doesn't follow from its length");
        }
        return length;
    }
}
