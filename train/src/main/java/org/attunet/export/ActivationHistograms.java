package org.attunet.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TypeProto;
import org.attunet.export.proto.ValueInfoProto;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;

/**
 * Computes a model on calibration inputs and counts the values of its tensors. As many tensors are fetched at once as fit
 * into a fixed memory; for the others the model runs again.
 */
final class ActivationHistograms {
    private static final long MAX_FETCHED_BYTES = 512L << 20;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String input;
    private final Map<String, Histogram> histograms = new LinkedHashMap<>();

    private ActivationHistograms(
            OrtEnvironment environment, OrtSession session, String input, Collection<String> tensors) {
        this.environment = environment;
        this.session = session;
        this.input = input;
        tensors.forEach(name -> histograms.put(name, new Histogram()));
    }

    /**
     * Returns a histogram for each tensor.
     *
     * @param model in float32
     * @param network of the model
     * @param tensors of the model, float32, possibly with its input
     * @throws AttunetException if the model can't be computed, or computes an infinite value or NaN
     */
    static Map<String, Histogram> of(
            ModelProto model,
            NetworkConfig network,
            Collection<String> tensors,
            List<CalibrationInput> inputs,
            int threads) {
        String input = model.getGraph().getInput(0).getName();
        List<String> inner =
                tensors.stream().filter(name -> !name.equals(input)).toList();
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            var environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "attunet");
            try (OrtSession session = environment.createSession(withOutputs(model, inner), options)) {
                var histograms = new ActivationHistograms(environment, session, input, tensors);
                histograms.count(inputs, histograms.elementsPerInputValue(inner, network));
                return histograms.histograms;
            }
        } catch (OrtException e) {
            throw new AttunetException(
                    "calibration",
                    "ONNX Runtime could not compute the network (" + e.getMessage() + ")",
                    "enough memory and a sound model",
                    "give fewer threads or smaller images",
                    e);
        }
    }

    private void count(List<CalibrationInput> inputs, Map<String, Double> elementsPerInputValue) throws OrtException {
        for (CalibrationInput one : inputs) {
            if (histograms.containsKey(input)) {
                count(input, FloatBuffer.wrap(one.values()));
            }
            try (OnnxTensor tensor = tensor(one)) {
                for (List<String> group : groups(elementsPerInputValue, one.values().length)) {
                    try (OrtSession.Result result = session.run(Map.of(input, tensor), new LinkedHashSet<>(group))) {
                        for (String name : group) {
                            count(name, output(result, name).getFloatBuffer());
                        }
                    }
                }
            }
        }
    }

    private void count(String tensor, FloatBuffer values) {
        try {
            Objects.requireNonNull(histograms.get(tensor)).add(values);
        } catch (IllegalArgumentException e) {
            throw new AttunetException(
                    "calibration",
                    e.getMessage() + " in " + tensor,
                    "finite numbers",
                    "check the calibration images and the trained weights",
                    e);
        }
    }

    /** The number of elements of each tensor for each value of the input, from a run of the smallest input. */
    private Map<String, Double> elementsPerInputValue(List<String> tensors, NetworkConfig network) throws OrtException {
        Map<String, Double> ratios = new LinkedHashMap<>();
        if (tensors.isEmpty()) {
            return ratios;
        }
        int[] size = new int[network.dimension()];
        Arrays.fill(size, network.multiple());
        int values = network.channels() * (int) Math.pow(network.multiple(), network.dimension());
        try (OnnxTensor smallest = tensor(new CalibrationInput(new float[values], size));
                OrtSession.Result result = session.run(Map.of(input, smallest), new LinkedHashSet<>(tensors))) {
            for (String name : tensors) {
                ratios.put(name, (double) output(result, name).getInfo().getNumElements() / values);
            }
        }
        return ratios;
    }

    private static OnnxTensor output(OrtSession.Result result, String name) {
        return (OnnxTensor) result.get(name).orElseThrow();
    }

    /** Groups of tensors that fit into memory together. */
    private static List<List<String>> groups(Map<String, Double> elementsPerInputValue, int inputValues) {
        List<List<String>> groups = new ArrayList<>();
        double bytes = Double.POSITIVE_INFINITY;
        for (Map.Entry<String, Double> entry : elementsPerInputValue.entrySet()) {
            double own = Float.BYTES * entry.getValue() * inputValues;
            if (bytes + own > MAX_FETCHED_BYTES) {
                groups.add(new ArrayList<>());
                bytes = 0;
            }
            groups.get(groups.size() - 1).add(entry.getKey());
            bytes += own;
        }
        return groups;
    }

    /** The model with inner tensors among its outputs. */
    private static byte[] withOutputs(ModelProto model, List<String> tensors) {
        var graph = model.getGraph().toBuilder();
        var type = TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE));
        tensors.forEach(tensor ->
                graph.addOutput(ValueInfoProto.newBuilder().setName(tensor).setType(type)));
        return model.toBuilder().setGraph(graph).build().toByteArray();
    }

    private OnnxTensor tensor(CalibrationInput block) throws OrtException {
        long voxels = Arrays.stream(block.size()).asLongStream().reduce(1, Math::multiplyExact);
        long[] shape = Sizes.shape(block.size(), 1, block.values().length / voxels);
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(block.values()), shape);
    }
}
