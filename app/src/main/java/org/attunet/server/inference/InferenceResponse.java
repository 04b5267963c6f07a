package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.http.Context;
import io.javalin.http.Header;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.attunet.server.work.ServedModel;
import org.jspecify.annotations.Nullable;

/**
 * The response to an inference: a JSON object, followed by the outputs that are sent as binary data.
 *
 * @param id the request's; null if it had none
 * @param result warnings become the parameter {@code warnings}, a line each, since parameters can't be lists
 */
record InferenceResponse(ServedModel model, @Nullable String id, BatchInference.Result result) {
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final JsonFactory JSON = new JsonFactory();

    /** Streams the response, without ever holding all of it in memory. */
    void writeTo(Context ctx) throws IOException {
        List<OutputTensor> outputs = result.outputs();
        if (outputs.stream().noneMatch(OutputTensor::binary)) {
            ctx.contentType("application/json");
            writeJson(ctx.outputStream());
            return;
        }
        var counter = new Counter();
        writeJson(counter);
        long binary = outputs.stream()
                .filter(OutputTensor::binary)
                .mapToLong(OutputTensor::bytes)
                .sum();
        ctx.contentType("application/octet-stream");
        ctx.header(HEADER_LENGTH, Long.toString(counter.count));
        ctx.header(Header.CONTENT_LENGTH, Long.toString(counter.count + binary));
        OutputStream out = ctx.res().getOutputStream(); // Javalin's own may compress, against the announced length
        writeJson(out);
        for (OutputTensor output : outputs) {
            if (output.binary()) {
                output.write(out);
            }
        }
        out.flush();
    }

    private void writeJson(OutputStream to) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(to).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
            json.writeStartObject();
            json.writeStringField("model_name", model.name());
            json.writeStringField("model_version", model.version());
            if (id != null) {
                json.writeStringField("id", id);
            }
            if (!result.warnings().isEmpty()) {
                json.writeObjectFieldStart("parameters");
                json.writeStringField("warnings", String.join("\n", result.warnings()));
                json.writeEndObject();
            }
            json.writeArrayFieldStart("outputs");
            for (OutputTensor output : result.outputs()) {
                output.write(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static final class Counter extends OutputStream {
        private long count;

        @Override
        public void write(int one) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            count += length;
        }
    }
}
