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
import org.attunet.error.AttunetException;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TypeProto;
import org.attunet.export.proto.ValueInfoProto;
import org.attunet.image.Grid;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;

/**
 * Counts the values that a model's tensors take for given inputs. So many tensors are kept at once as fit into a fixed
 * memory; for the others the model runs again.
 */
final class ActivationHistograms {
    private static final long KEPT_BYTES = 512L << 20;

    private ActivationHistograms() {}

    /**
     * The values of tensors, one histogram for each.
     *
     * @param model in float32
     * @param network what the model is
     * @param tensors of the model, float32, its inputs too
     * @throws AttunetException where the model can't be computed, or computes a value that is no number
     */
    static Map<String, Histogram> values(
            ModelProto model,
            NetworkConfig network,
            Collection<String> tensors,
            List<CalibrationInput> inputs,
            int threads) {
        String input = model.getGraph().getInput(0).getName();
        Map<String, Histogram> histograms = new LinkedHashMap<>();
        tensors.forEach(name -> histograms.put(name, new Histogram()));
        List<String> inner =
                tensors.stream().filter(name -> !name.equals(input)).toList();
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "attunet");
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            try (OrtSession session = environment.createSession(giving(model, inner), options)) {
                Map<String, Double> each = perInputValue(environment, session, input, inner, smallest(network));
                for (CalibrationInput one : inputs) {
                    Histogram own = histograms.get(input);
                    if (own != null) {
                        count(FloatBuffer.wrap(one.values()), own, input);
                    }
                    try (OnnxTensor tensor = tensor(environment, one)) {
                        for (List<String> group : groups(each, one.values().length)) {
                            run(session, input, tensor, group, histograms);
                        }
                    }
                }
            }
        } catch (OrtException e) {
            throw new AttunetException(
                    "calibration",
                    "ONNX Runtime could not compute the network (" + e.getMessage() + ")",
                    "enough memory and a sound model",
                    "give fewer threads or smaller images",
                    e);
        }
        return histograms;
    }

    private static void run(
            OrtSession session, String input, OnnxTensor value, List<String> group, Map<String, Histogram> histograms)
            throws OrtException {
        try (OrtSession.Result result = session.run(Map.of(input, value), new LinkedHashSet<>(group))) {
            for (String name : group) {
                Histogram histogram = histograms.get(name);
                if (histogram != null) {
                    count(((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer(), histogram, name);
                }
            }
        }
    }

    private static void count(FloatBuffer values, Histogram histogram, String tensor) {
        try {
            histogram.addAll(values);
        } catch (IllegalArgumentException e) {
            throw new AttunetException(
                    "calibration",
                    e.getMessage() + " in " + tensor,
                    "numbers that end",
                    "check the calibration images and the trained weights",
                    e);
        }
    }

    /** How many values each tensor has for each value of the input, from a run of the smallest input. */
    private static Map<String, Double> perInputValue(
            OrtEnvironment environment,
            OrtSession session,
            String input,
            List<String> tensors,
            CalibrationInput smallest)
            throws OrtException {
        Map<String, Double> ratios = new LinkedHashMap<>();
        if (tensors.isEmpty()) {
            return ratios;
        }
        try (OnnxTensor value = tensor(environment, smallest);
                OrtSession.Result result = session.run(Map.of(input, value), new LinkedHashSet<>(tensors))) {
            for (String name : tensors) {
                double size =
                        ((OnnxTensor) result.get(name).orElseThrow()).getInfo().getNumElements();
                ratios.put(name, size / smallest.values().length);
            }
        }
        return ratios;
    }

    private static CalibrationInput smallest(NetworkConfig network) {
        int[] size = new int[network.dimension()];
        Arrays.fill(size, network.multiple());
        int values = network.channels() * (int) Math.pow(network.multiple(), network.dimension());
        return new CalibrationInput(new float[values], size);
    }

    private static List<List<String>> groups(Map<String, Double> ratios, int inputValues) {
        List<List<String>> groups = new ArrayList<>();
        List<String> group = new ArrayList<>();
        double bytes = 0;
        for (var entry : ratios.entrySet()) {
            double own = 4 * entry.getValue() * inputValues;
            if (!group.isEmpty() && bytes + own > KEPT_BYTES) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(entry.getKey());
            bytes += own;
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    /** The model with inner tensors among its outputs. */
    private static byte[] giving(ModelProto model, List<String> tensors) {
        var graph = model.getGraph().toBuilder();
        var type = TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE));
        for (String tensor : tensors) {
            graph.addOutput(ValueInfoProto.newBuilder().setName(tensor).setType(type));
        }
        return model.toBuilder().setGraph(graph).build().toByteArray();
    }

    private static OnnxTensor tensor(OrtEnvironment environment, CalibrationInput input) throws OrtException {
        int channels = input.values().length / Grid.of(input.size()).voxels();
        long[] shape = Sizes.shape(input.size(), 1, channels);
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.values()), shape);
    }
}
