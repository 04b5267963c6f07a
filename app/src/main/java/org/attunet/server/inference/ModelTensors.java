package org.attunet.server.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.attunet.io.Json;
import org.attunet.server.work.ServedModel;

/**
 * The tensors of a served model: one input, {@code image}, and the outputs {@code labels}, {@code probabilities}, {@code
 * confidence} and one {@code attention_GATE} for each attention gate.
 *
 * <p>The model is the whole segmenter: the input is the image as it was measured, and all outputs are on the image's grid.
 */
record ModelTensors(ServedModel model) {
    static final String INPUT = "image";
    static final String LABELS = "labels";
    static final String PROBABILITIES = "probabilities";
    static final String CONFIDENCE = "confidence";
    static final String ATTENTION = "attention_";

    /** Returns the names of the outputs, in the order in which they are listed and returned. */
    Set<String> outputs() {
        Set<String> names = new LinkedHashSet<>(List.of(LABELS, PROBABILITIES, CONFIDENCE));
        model.segmenter().gates().forEach(gate -> names.add(ATTENTION + gate));
        return names;
    }

    ObjectNode metadata() {
        ObjectNode json = Json.object().put("name", model.name());
        json.putArray("versions").add(model.version());
        // Of the platforms that the protocol allows, only libtorch's fits models that are not bundles.
        json.put("platform", model.card().has("licence") ? "onnx_onnxv1" : "pytorch_torchscript");
        int axes = model.dimension();
        tensor(json.putArray("inputs"), INPUT, "FP32", model.channels(), axes)
                .putObject("parameters")
                .put("axes", axes())
                .put("spacing", "request parameter, mm: \"x,y,z\"");
        ArrayNode outputs = json.putArray("outputs");
        ObjectNode labels = tensor(outputs, LABELS, "UINT16", 0, axes).putObject("parameters");
        model.labels().asMap().forEach((value, name) -> labels.put(Integer.toString(value), name));
        tensor(outputs, PROBABILITIES, "FP32", model.outputs(), axes);
        tensor(outputs, CONFIDENCE, "FP32", 0, 0);
        model.segmenter().gates().forEach(gate -> tensor(outputs, ATTENTION + gate, "FP32", -1, axes));
        return json;
    }

    private String axes() {
        String channels = model.channels() == 1 ? "1" : "1 or " + model.channels();
        String volume = "[batch, " + channels + ", depth, height, width]";
        return model.dimension() == 3
                ? volume
                : "[batch, " + channels + ", height, width], or slice by slice " + volume;
    }

    private static ObjectNode tensor(ArrayNode to, String name, String datatype, int maps, int axes) {
        ObjectNode json = to.addObject().put("name", name).put("datatype", datatype);
        ArrayNode shape = json.putArray("shape").add(-1);
        if (maps != 0) {
            shape.add(maps);
        }
        for (int axis = 0; axis < axes; axis++) {
            shape.add(-1);
        }
        return json;
    }
}
