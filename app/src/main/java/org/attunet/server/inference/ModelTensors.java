package org.attunet.server.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.attunet.server.work.ServedModel;

/**
 * A served model in the protocol's words: one input, {@code image}, and the outputs {@code labels}, {@code probabilities},
 * {@code confidence} and an {@code attention_GATE} for each attention gate.
 *
 * <p>The model is the whole segmenter: the input is the image as it was measured, and all outputs lie on its own grid.
 */
record ModelTensors(ServedModel model, List<String> gates) {
    static final String INPUT = "image";
    static final String LABELS = "labels";
    static final String PROBABILITIES = "probabilities";
    static final String CONFIDENCE = "confidence";
    static final String ATTENTION = "attention_";

    /** Asks the model for its gates. */
    static ModelTensors of(ServedModel model) {
        return new ModelTensors(model, List.copyOf(model.segmenter().gates()));
    }

    /** The names of the outputs, in the order in which they are told and returned. */
    Set<String> outputs() {
        Set<String> names = new LinkedHashSet<>(List.of(LABELS, PROBABILITIES, CONFIDENCE));
        gates.forEach(gate -> names.add(ATTENTION + gate));
        return names;
    }

    /** What the protocol's model metadata is. */
    ObjectNode metadata() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", model.name());
        json.putArray("versions").add(model.version());
        json.put("platform", platform());
        ObjectNode image = tensor(json.putArray("inputs"), INPUT, "FP32", model.channels(), free());
        image.putObject("parameters").put("axes", axes()).put("spacing", "request parameter, mm: \"x,y,z\"");
        ArrayNode outputs = json.putArray("outputs");
        ObjectNode labels = tensor(outputs, LABELS, "UINT16", 0, free()).putObject("parameters");
        model.segmenter().model().labels().asMap().forEach((value, name) -> labels.put(Integer.toString(value), name));
        int classes = model.segmenter().model().shape().outputs();
        tensor(outputs, PROBABILITIES, "FP32", classes, free());
        tensor(outputs, CONFIDENCE, "FP32", 0, 0);
        gates.forEach(gate -> tensor(outputs, ATTENTION + gate, "FP32", -1, free()));
        return json;
    }

    /** What computes; of the names that the protocol allows, libtorch's only one stands for models that are no bundles. */
    private String platform() {
        return model.card().has("licence") ? "onnx_onnxv1" : "pytorch_torchscript";
    }

    private int free() {
        return model.dimension();
    }

    private String axes() {
        String channels = model.channels() == 1 ? "1" : "1 or " + model.channels();
        String volume = "[batch, " + channels + ", depth, height, width]";
        return model.dimension() == 3
                ? volume
                : "[batch, " + channels + ", height, width], or slice by slice " + volume;
    }

    private static ObjectNode tensor(ArrayNode to, String name, String datatype, int maps, int free) {
        ObjectNode json = to.addObject().put("name", name).put("datatype", datatype);
        ArrayNode shape = json.putArray("shape").add(-1);
        if (maps != 0) {
            shape.add(maps);
        }
        for (int axis = 0; axis < free; axis++) {
            shape.add(-1);
        }
        return json;
    }
}
