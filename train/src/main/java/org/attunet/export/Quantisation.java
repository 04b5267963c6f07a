package org.attunet.export;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.export.proto.ModelProto;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;

/**
 * Static quantisation of a trained network to 8 bits. Ranges of activations come from calibration inputs, by least squared
 * error; weights have 7 bits and a sign; layers that lose too much stay in float.
 *
 * <p>Not thread-safe.
 */
public final class Quantisation {
    /** The number of inputs that the sensitivity of each layer is measured on. */
    private static final int SENSITIVITY_INPUTS = 2;

    private final byte[] original;
    private final ModelProto model;
    private final NetworkConfig network;
    private final List<CalibrationInput> inputs;
    private final int threads;
    private final List<String> layers;
    private final QuantisedGraph graph;

    /**
     * Calibrates a model.
     *
     * @param model bytes of its ONNX file in float32, as {@link OnnxExport#of} writes it
     * @param inputs from which the ranges of activations are taken, one or more
     * @param threads of ONNX Runtime, 1 or more
     * @throws AttunetException if the model can't be read or computed, or there are no inputs
     */
    public Quantisation(byte[] model, NetworkConfig network, List<CalibrationInput> inputs, int threads) {
        if (inputs.isEmpty()) {
            throw new AttunetException(
                    "calibration", "no image", "one image or more", "give a data set with --calibration");
        }
        this.original = model;
        this.model = ConvTransposeAsConv.replaceAll(parse(model));
        this.network = network;
        this.inputs = inputs;
        this.threads = threads;
        this.layers = QuantisedGraph.layers(this.model);
        Map<String, ValueRange> ranges = new HashMap<>();
        ActivationHistograms.of(this.model, network, QuantisedGraph.tensors(this.model), inputs, threads)
                .forEach((tensor, values) -> ranges.put(tensor, RangeSearch.leastSquaredError(values)));
        this.graph = new QuantisedGraph(this.model, ranges);
    }

    private static ModelProto parse(byte[] model) {
        try {
            return ModelProto.parseFrom(model);
        } catch (InvalidProtocolBufferException e) {
            throw new AttunetException(
                    "quantisation", "no ONNX model", "the bytes of an ONNX file", "export the model again", e);
        }
    }

    /**
     * A quantised model.
     *
     * @param model bytes of the ONNX file
     * @param keptInFloat layers that stayed in float32, the most sensitive first
     * @param floatScore the score of the original model
     * @param score the score of this model; below {@code floatScore - maxLoss} if that could not be reached
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Result(byte[] model, List<String> keptInFloat, double floatScore, double score) {}

    /** Quantises all layers, whatever that costs; returns the bytes of the ONNX file. */
    public byte[] allLayers() {
        return graph.quantised(layers).toByteArray();
    }

    /**
     * Quantises all layers if the score allows it. Otherwise the layers are ranked by {@link #sensitivity}, and as few of
     * the worst as the score requires go back to float, their number found by doubling and bisection.
     *
     * @param maxLoss of the score that is accepted, 0 or more
     * @param score of a model, given as the bytes of its file, larger is better, such as the mean Dice on known cases;
     *     called a few times on this thread
     */
    public Result keepingScore(double maxLoss, ToDoubleFunction<byte[]> score) {
        if (!(maxLoss >= 0)) {
            throw new ConfigException("maxLoss", maxLoss, "a number of 0 or more");
        }
        double floatScore = score.applyAsDouble(original);
        double required = floatScore - maxLoss;
        Result result = keepingInFloat(List.of(), floatScore, score);
        if (result.score >= required) {
            return result;
        }
        List<String> worstFirst = List.copyOf(sensitivity().keySet());
        int tooFew = 0;
        int count = 1;
        result = keepingInFloat(worstFirst.subList(0, count), floatScore, score);
        while (!(result.score >= required) && count < worstFirst.size()) {
            tooFew = count;
            count = Math.min(2 * count, worstFirst.size());
            result = keepingInFloat(worstFirst.subList(0, count), floatScore, score);
        }
        while (count - tooFew > 1 && result.score >= required) {
            int middle = (tooFew + count) / 2;
            Result fewer = keepingInFloat(worstFirst.subList(0, middle), floatScore, score);
            if (fewer.score >= required) {
                count = middle;
                result = fewer;
            } else {
                tooFew = middle;
            }
        }
        return result;
    }

    private Result keepingInFloat(List<String> kept, double floatScore, ToDoubleFunction<byte[]> score) {
        List<String> quantised = new ArrayList<>(layers);
        quantised.removeAll(Set.copyOf(kept));
        byte[] bytes = graph.quantised(quantised).toByteArray();
        return new Result(bytes, List.copyOf(kept), floatScore, score.applyAsDouble(bytes));
    }

    /**
     * The error in the logits if a layer alone is quantised: root mean squared difference to the float32 model, divided by
     * the logits' standard deviation; worst first.
     */
    Map<String, Double> sensitivity() {
        List<CalibrationInput> some = inputs.subList(0, Math.min(SENSITIVITY_INPUTS, inputs.size()));
        List<float[]> expected = logits(model, some);
        double variance = expected.stream()
                .mapToDouble(one -> variance(one) / expected.size())
                .sum();
        Map<String, Double> errors = new HashMap<>();
        for (String layer : layers) {
            List<float[]> found = logits(graph.quantised(List.of(layer)), some);
            double squares = IntStream.range(0, some.size())
                    .mapToDouble(k -> meanSquare(expected.get(k), found.get(k)) / some.size())
                    .sum();
            errors.put(layer, Math.sqrt(squares / Math.max(variance, Double.MIN_NORMAL)));
        }
        return layers.stream()
                .sorted(Comparator.comparingDouble((String layer) -> -errors.getOrDefault(layer, 0.0)))
                .collect(Collectors.toMap(
                        layer -> layer,
                        layer -> errors.getOrDefault(layer, 0.0),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private List<float[]> logits(ModelProto computed, List<CalibrationInput> some) {
        var options = new OnnxOptions(threads, "cpu");
        try (var engine = OnnxEngine.open(computed.toByteArray(), "model", network, options)) {
            return some.stream()
                    .map(input ->
                            engine.run(input.values(), 1, input.size(), false).logits())
                    .toList();
        }
    }

    private static double variance(float[] values) {
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / values.length;
        return squares / values.length - mean * mean;
    }

    private static double meanSquare(float[] a, float[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            squares += difference * difference;
        }
        return squares / a.length;
    }
}
