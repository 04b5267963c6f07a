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
import org.attunet.error.AttunetException;
import org.attunet.export.proto.ModelProto;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;

/**
 * Static quantisation of a trained network to 8 bits: ranges from calibration, integer weights, and layers that don't bear
 * it left in float.
 *
 * <p>First all layers are quantised. Where the score falls by more than the options allow, each layer is quantised alone
 * and its error in the logits measured; then as few of the worst as keep the score go back to float, their number found by
 * doubling and halving.
 */
public final class Quantisation {
    /** How many inputs the search for sensitive layers computes for each layer. */
    private static final int SENSITIVITY_INPUTS = 2;

    private final ModelProto model;
    private final NetworkConfig network;
    private final List<CalibrationInput> inputs;
    private final QuantisationOptions options;
    private final List<String> layers;
    private final QuantisedGraph graph;

    private Quantisation(
            ModelProto model, NetworkConfig network, List<CalibrationInput> inputs, QuantisationOptions options) {
        this.model = ConvTransposeAsConv.replaced(model);
        this.network = network;
        this.inputs = inputs;
        this.options = options;
        this.layers = QuantisedGraph.layers(this.model);
        Map<String, Histogram> values = ActivationHistograms.values(
                this.model, network, QuantisedGraph.tensors(this.model), inputs, options.threads());
        Map<String, ValueRange> ranges = new HashMap<>();
        values.forEach((tensor, histogram) -> ranges.put(tensor, options.rule().of(histogram)));
        graph = new QuantisedGraph(this.model, ranges, options.weightBits());
    }

    /**
     * A quantised network.
     *
     * @param model as bytes of an ONNX file
     * @param keptInFloat layers that stayed in float32, the most sensitive first
     * @param floatScore the score of the network before
     * @param score the score of this one; below {@code floatScore - maxLoss} where that could not be kept
     * @param sensitivity the error that each layer alone makes in the logits, as a share of their standard deviation;
     *     empty where no search was needed
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Result(
            byte[] model, List<String> keptInFloat, double floatScore, double score, Map<String, Double> sensitivity) {}

    /**
     * Quantises a network.
     *
     * @param model bytes of its ONNX file in float32, as {@link OnnxExport#of} writes it
     * @param inputs what ranges are taken from, one or more
     * @param score how good a model is, larger is better: the mean Dice of its file's bytes on known cases, for instance;
     *     called a few times, on this thread
     * @throws AttunetException where the model can't be read or computed, or there are no inputs
     */
    public static Result of(
            byte[] model,
            NetworkConfig network,
            List<CalibrationInput> inputs,
            QuantisationOptions options,
            ToDoubleFunction<byte[]> score) {
        var work = new Quantisation(parsed(model), network, checked(inputs), options);
        double before = score.applyAsDouble(model);
        byte[] all = work.graph.with(work.layers).toByteArray();
        double after = score.applyAsDouble(all);
        if (after >= before - options.maxLoss()) {
            return new Result(all, List.of(), before, after, Map.of());
        }
        return work.search(before, score);
    }

    /** The same with all layers quantised, whatever that costs. */
    public static byte[] ofAllLayers(
            byte[] model, NetworkConfig network, List<CalibrationInput> inputs, QuantisationOptions options) {
        var work = new Quantisation(parsed(model), network, checked(inputs), options);
        return work.graph.with(work.layers).toByteArray();
    }

    /**
     * The error that each layer makes in the logits if it alone is quantised: root of the mean squared difference to the
     * float32 model, as a share of the logits' standard deviation; worst first.
     */
    public static Map<String, Double> sensitivity(
            byte[] model, NetworkConfig network, List<CalibrationInput> inputs, QuantisationOptions options) {
        return new Quantisation(parsed(model), network, checked(inputs), options).sensitivity();
    }

    private Result search(double before, ToDoubleFunction<byte[]> score) {
        Map<String, Double> sensitivity = sensitivity();
        List<String> worstFirst = List.copyOf(sensitivity.keySet());
        int tooFew = 0;
        int count = 1;
        Result result = keeping(worstFirst, count, before, score, sensitivity);
        while (tooBad(result) && count < worstFirst.size()) {
            tooFew = count;
            count = Math.min(2 * count, worstFirst.size());
            result = keeping(worstFirst, count, before, score, sensitivity);
        }
        while (count - tooFew > 1 && !tooBad(result)) {
            int middle = (tooFew + count) / 2;
            Result less = keeping(worstFirst, middle, before, score, sensitivity);
            if (tooBad(less)) {
                tooFew = middle;
            } else {
                count = middle;
                result = less;
            }
        }
        return result;
    }

    private boolean tooBad(Result result) {
        return !(result.score() >= result.floatScore() - options.maxLoss());
    }

    private Result keeping(
            List<String> worstFirst,
            int count,
            double before,
            ToDoubleFunction<byte[]> score,
            Map<String, Double> sensitivity) {
        List<String> kept = worstFirst.subList(0, count);
        List<String> quantised = new ArrayList<>(layers);
        quantised.removeAll(Set.copyOf(kept));
        byte[] bytes = graph.with(quantised).toByteArray();
        return new Result(bytes, List.copyOf(kept), before, score.applyAsDouble(bytes), sensitivity);
    }

    private Map<String, Double> sensitivity() {
        List<CalibrationInput> some = inputs.subList(0, Math.min(SENSITIVITY_INPUTS, inputs.size()));
        List<float[]> expected = logits(model.toByteArray(), some);
        double spread = 0;
        for (float[] one : expected) {
            spread += variance(one) / expected.size();
        }
        Map<String, Double> errors = new HashMap<>();
        for (String layer : layers) {
            List<float[]> found = logits(graph.with(List.of(layer)).toByteArray(), some);
            double squares = 0;
            for (int k = 0; k < found.size(); k++) {
                squares += meanSquare(expected.get(k), found.get(k)) / found.size();
            }
            errors.put(layer, Math.sqrt(squares / Math.max(spread, Double.MIN_NORMAL)));
        }
        Map<String, Double> worstFirst = new LinkedHashMap<>();
        layers.stream()
                .sorted(Comparator.comparingDouble((String layer) -> -errors.getOrDefault(layer, 0.0)))
                .forEach(layer -> worstFirst.put(layer, errors.getOrDefault(layer, 0.0)));
        return worstFirst;
    }

    private List<float[]> logits(byte[] bytes, List<CalibrationInput> some) {
        List<float[]> logits = new ArrayList<>();
        try (var engine = OnnxEngine.open(bytes, "model", network, new OnnxOptions(options.threads(), "cpu"))) {
            for (CalibrationInput input : some) {
                logits.add(engine.run(input.values(), 1, input.size(), false).logits());
            }
        }
        return logits;
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

    private static ModelProto parsed(byte[] model) {
        try {
            return ModelProto.parseFrom(model);
        } catch (InvalidProtocolBufferException e) {
            throw new AttunetException(
                    "quantisation", "no ONNX model", "the bytes of an ONNX file", "export the model again", e);
        }
    }

    private static List<CalibrationInput> checked(List<CalibrationInput> inputs) {
        if (inputs.isEmpty()) {
            throw new AttunetException(
                    "calibration", "no image", "one image or more", "give a data set with --calibration");
        }
        return inputs;
    }
}
