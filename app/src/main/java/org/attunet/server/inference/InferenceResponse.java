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
 * What an inference is answered with: a JSON object, and behind it the outputs that are wanted as binary data.
 *
 * @param id that of the request; null where it had none
 */
record InferenceResponse(ServedModel model, @Nullable String id, List<OutputTensor> outputs) {
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final JsonFactory JSON = new JsonFactory();

    /** Answers a request, without ever holding the answer whole. */
    void writeTo(Context ctx) throws IOException {
        if (outputs.stream().noneMatch(OutputTensor::binary)) {
            ctx.contentType("application/json");
            json(ctx.outputStream());
            return;
        }
        var counter = new Counter();
        json(counter);
        long length = counter.count;
        for (OutputTensor output : outputs) {
            length += output.binary() ? output.bytes() : 0;
        }
        ctx.contentType("application/octet-stream");
        ctx.header(HEADER_LENGTH, Long.toString(counter.count));
        ctx.header(Header.CONTENT_LENGTH, Long.toString(length));
        OutputStream out = ctx.res().getOutputStream(); // Javalin's own may compress, against the length told
        json(out);
        for (OutputTensor output : outputs) {
            if (output.binary()) {
                output.elements().write(out);
            }
        }
        out.flush();
    }

    private void json(OutputStream to) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(to).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
            json.writeStartObject();
            json.writeStringField("model_name", model.name());
            json.writeStringField("model_version", model.version());
            if (id != null) {
                json.writeStringField("id", id);
            }
            json.writeArrayFieldStart("outputs");
            for (OutputTensor output : outputs) {
                tensor(output, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void tensor(OutputTensor output, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", output.name());
        json.writeArrayFieldStart("shape");
        for (long n : output.shape()) {
            json.writeNumber(n);
        }
        json.writeEndArray();
        json.writeStringField("datatype", output.elements().datatype());
        if (output.binary()) {
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", output.bytes());
            json.writeEndObject();
        } else {
            json.writeArrayFieldStart("data");
            output.elements().write(json);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** Counts what would be written. */
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
