package org.attunet.bundle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.attunet.bundle.OnnxGraph.Named;
import org.attunet.bundle.OnnxGraph.Node;
import org.attunet.error.AttunetException;

/**
 * The ONNX file that other programs run as it is: intensities in, probabilities out. It is the network between operators
 * for the normalisation ({@link NormalisationNodes}) and for temperature and sigmoid or softmax, with one output. Transposed
 * convolutions of volumes are other operators in it ({@link VolumeUpsampling}).
 *
 * <p>The network's own input, its logits and its gates' maps have the names {@code normalised}, {@code logits} and {@code
 * attention_GATE}; their types are among the graph's {@code value_info}. attunet takes the network out of the file again,
 * because it normalises before it resamples, pads with zeros after it, and averages probabilities in its own way.
 */
final class PortableModel {
    static final String INPUT = "input";
    static final String OUTPUT = "probabilities";

    private static final String NORMALISED = "normalised";
    private static final String LOGITS = "logits";
    private static final String ATTENTION = "attention_";
    private static final String ACTIVATION = "activate.";

    private PortableModel() {}

    /**
     * Returns the file for other programs.
     *
     * @param network an ONNX file with one input, an output of logits and outputs named {@code attention_GATE}
     * @param temperature the divisor of the logits
     * @throws AttunetException if it is no such file
     */
    static byte[] of(byte[] network, ModelDescription model, double temperature) {
        OnnxGraph graph = OnnxGraph.of(network);
        Named input = only(graph.inputs, "input");
        Predicate<Named> gate = output -> output.name().startsWith(ATTENTION);
        Named logits = only(graph.outputs.stream().filter(gate.negate()).toList(), "output of logits");
        graph.lower();
        dropIdentities(graph);
        VolumeUpsampling.spread(graph);
        graph.rename(Map.of(input.name(), NORMALISED, logits.name(), LOGITS));
        NormalisationNodes.add(graph, model, INPUT, NORMALISED);
        graph.values.add(input.named(NORMALISED));
        graph.values.add(logits.named(LOGITS));
        graph.outputs.stream().filter(gate).forEach(graph.values::add);
        graph.inputs.set(0, input.named(INPUT));
        graph.outputs.clear();
        graph.outputs.add(logits.named(OUTPUT));
        activate(graph, model.hasIndependentOutputs(), temperature);
        return graph.toBytes();
    }

    /**
     * Returns the network alone: its input is normalised, its outputs are the logits and the gates' maps.
     *
     * @param portable a file that {@link #of} made
     * @throws AttunetException if it is another file
     */
    static byte[] network(byte[] portable) {
        OnnxGraph graph = OnnxGraph.of(portable);
        Predicate<String> added = name -> name.startsWith(NormalisationNodes.PREFIX) || name.startsWith(ACTIVATION);
        graph.nodes.removeIf(node -> added.test(node.name()));
        graph.constants.removeIf(constant -> added.test(constant.name()));
        VolumeUpsampling.gather(graph);
        Map<String, Named> values =
                graph.values.stream().collect(Collectors.toMap(Named::name, value -> value, (first, again) -> first));
        Named input = only(graph.inputs, "input");
        graph.inputs.set(0, values.getOrDefault(NORMALISED, input).named(INPUT));
        graph.rename(Map.of(NORMALISED, INPUT));
        Named logits = values.get(LOGITS);
        if (logits == null) {
            throw new AttunetException("model", "there are no logits in it", "a model of attunet", "export it again");
        }
        graph.outputs.clear();
        graph.outputs.add(logits);
        graph.values.stream()
                .filter(value -> value.name().startsWith(ATTENTION))
                .forEach(graph.outputs::add);
        graph.values.removeIf(value -> value.name().equals(NORMALISED) || graph.outputs.contains(value));
        return graph.toBytes();
    }

    /** The version of ONNX's operators that a file uses. */
    static int opset(byte[] onnx) {
        return OnnxGraph.of(onnx).opset();
    }

    private static Named only(List<Named> found, String what) {
        if (found.size() != 1) {
            throw new AttunetException(
                    "model",
                    found.size() + " of them: "
                            + found.stream().map(Named::name).toList(),
                    "one " + what,
                    "export it again");
        }
        return found.get(0);
    }

    /** Gives a result the name under which the graph returns it, in place of an operator that copies it. */
    private static void dropIdentities(OnnxGraph graph) {
        Set<String> returned = graph.outputs.stream().map(Named::name).collect(Collectors.toSet());
        Set<String> computed =
                graph.nodes.stream().flatMap(node -> node.outputs().stream()).collect(Collectors.toSet());
        Map<String, String> names = new HashMap<>();
        graph.nodes.removeIf(node -> isCopy(node)
                && returned.contains(node.outputs().get(0))
                && computed.contains(node.inputs().get(0))
                && !returned.contains(node.inputs().get(0))
                && names.putIfAbsent(node.inputs().get(0), node.outputs().get(0)) == null);
        graph.rename(names);
    }

    private static boolean isCopy(Node node) {
        return node.type().equals("Identity")
                && node.inputs().size() == 1
                && node.outputs().size() == 1;
    }

    private static void activate(OnnxGraph graph, boolean independent, double temperature) {
        String last = LOGITS;
        if (temperature != 1) {
            String gain = ACTIVATION + "gain";
            graph.constants.add(OnnxTensor.single(1 / temperature).named(gain));
            last = ACTIVATION + "scaled";
            graph.nodes.add(Node.of("Mul", last, List.of(LOGITS, gain), last));
        }
        Node end = Node.of(independent ? "Sigmoid" : "Softmax", ACTIVATION + OUTPUT, List.of(last), OUTPUT);
        graph.nodes.add(independent ? end : end.with("axis", 1));
    }
}
