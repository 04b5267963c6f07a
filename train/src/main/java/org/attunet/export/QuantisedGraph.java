package org.attunet.export;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TensorProto.DataType;
import org.jspecify.annotations.Nullable;

/**
 * A model with 8 bits between its operators, in the form that runtimes fuse to 8-bit operators: each quantised tensor goes
 * through QuantizeLinear and DequantizeLinear, weights are stored as int8 with a step per output map, biases as int32.
 *
 * <p>Layers are convolutions, each called by its operator's name; what lies between two of them (pooling, joining, gating)
 * follows where all that it reads is quantised. Tensors behind a ReLU are quantised behind it only, with 0 stored as 0, so
 * that saturation is the ReLU.
 */
final class QuantisedGraph {
    /** These move or choose values and keep the scale. */
    private static final Set<String> KEEPING = Set.of("MaxPool", "DepthToSpace", "Transpose", "Reshape");
    /** These make new values of all their inputs. */
    private static final Set<String> MIXING = Set.of("Concat", "Add", "Mul", "Sigmoid");
    /** Beyond it a sigmoid moves by less than a step of its own result. */
    private static final Range SIGMOID_INPUT = new Range(-8, 8);

    /** What a first layer has to read for 8 bits to be faster. */
    private static final int FEWEST_MAPS = 8;

    private static final Range SIGMOID_RESULT = new Range(0, 1);

    private final ModelProto model;
    private final Wiring wiring;
    private final Map<String, Range> ranges;
    private final int weightBits;

    /**
     * @param model without transposed convolutions
     * @param ranges of the {@link #tensors}
     */
    QuantisedGraph(ModelProto model, Map<String, Range> ranges, int weightBits) {
        this.model = model;
        this.wiring = new Wiring(model.getGraph());
        this.ranges = ranges;
        this.weightBits = weightBits;
    }

    /**
     * The layers worth quantising, in order of computation: all convolutions but those whose results leave and a first one
     * that reads few maps, which 8 bits make slower (in 3D, one map to 16: 52 ms for 4).
     */
    static List<String> layers(ModelProto model) {
        var wiring = new Wiring(model.getGraph());
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Conv") && !wiring.leaves(node.getOutput(0)))
                .filter(node -> wiring.maker(node.getInput(0)) != null
                        || wiring.constant(node.getInput(1)).getDims(1) >= FEWEST_MAPS)
                .map(NodeProto::getName)
                .toList();
    }

    /** The tensors that are quantised if all layers are. */
    static Set<String> tensors(ModelProto model) {
        return new Choice(new Wiring(model.getGraph()), layers(model)).tensors;
    }

    /** The model with some layers quantised and the others in float. */
    ModelProto with(Collection<String> layers) {
        var choice = new Choice(wiring, layers);
        var writer = new Writer(choice);
        GraphProto old = model.getGraph();
        old.getInputList().forEach(input -> writer.quantised(input.getName()));
        for (NodeProto node : old.getNodeList()) {
            writer.add(node);
        }
        writer.constants(old.getInitializerList());
        return model.toBuilder().setGraph(writer.graph).build();
    }

    /** Which operators and tensors are quantised. */
    private static final class Choice {
        final Set<String> operators = new LinkedHashSet<>();
        final Set<String> tensors = new LinkedHashSet<>();

        Choice(Wiring wiring, Collection<String> layers) {
            Set<String> wanted = Set.copyOf(layers);
            List<NodeProto> nodes = wiring.graph().getNodeList();
            for (NodeProto node : nodes) {
                if (node.getOpType().equals("Conv") && wanted.contains(node.getName())) {
                    operators.add(node.getName());
                    tensors.add(node.getInput(0));
                    tensors.add(wiring.result(node));
                }
            }
            for (NodeProto node : nodes) {
                if (follows(node)) {
                    operators.add(node.getName());
                    tensors.add(wiring.result(node));
                }
            }
        }

        private boolean follows(NodeProto node) {
            boolean one = KEEPING.contains(node.getOpType()) && tensors.contains(node.getInput(0));
            return one || (MIXING.contains(node.getOpType()) && tensors.containsAll(node.getInputList()));
        }

        boolean keeping(@Nullable NodeProto node) {
            return node != null && KEEPING.contains(node.getOpType()) && operators.contains(node.getName());
        }
    }

    private final class Writer {
        private final Choice choice;
        private final GraphProto.Builder graph;
        private final Map<String, Scale> scales = new HashMap<>();
        private final Map<String, TensorProto> replaced = new HashMap<>();

        Writer(Choice choice) {
            this.choice = choice;
            this.graph = model.getGraph().toBuilder().clearNode().clearInitializer();
        }

        void add(NodeProto node) {
            var copy = node.toBuilder().clearInput();
            boolean shape = node.getOpType().equals("Shape");
            for (String input : node.getInputList()) {
                boolean quantised = choice.tensors.contains(input);
                copy.addInput(quantised ? input + (shape ? ".stored" : ".real") : input);
            }
            if (node.getOpType().equals("Conv") && choice.operators.contains(node.getName())) {
                weights(node, copy);
            }
            graph.addNode(copy);
            quantised(node.getOutput(0));
        }

        /** Adds the way to 8 bits and back, if a tensor has it. */
        void quantised(String tensor) {
            if (!choice.tensors.contains(tensor)) {
                return;
            }
            Scale scale = scale(tensor);
            graph.addInitializer(Messages.floats(tensor + ".step", new float[] {scale.step()}));
            graph.addInitializer(Messages.bytes(tensor + ".zero", DataType.UINT8, new byte[] {(byte) scale.zero()}));
            List<String> parameters = List.of(tensor + ".step", tensor + ".zero");
            List<String> from = new ArrayList<>(parameters);
            from.add(0, tensor);
            graph.addNode(Messages.node("QuantizeLinear", tensor + ".stored", from));
            List<String> back = new ArrayList<>(parameters);
            back.add(0, tensor + ".stored");
            graph.addNode(Messages.node("DequantizeLinear", tensor + ".real", back));
        }

        private Scale scale(String tensor) {
            Scale known = scales.get(tensor);
            if (known == null) {
                NodeProto maker = wiring.maker(tensor);
                known = choice.keeping(maker) && maker != null ? scale(maker.getInput(0)) : Scale.of(range(tensor));
                scales.put(tensor, known);
            }
            return known;
        }

        private Range range(String tensor) {
            NodeProto maker = wiring.maker(tensor);
            if (maker != null && maker.getOpType().equals("Sigmoid")) {
                return SIGMOID_RESULT;
            }
            if (maker != null && maker.getOpType().equals("Concat") && choice.operators.contains(maker.getName())) {
                return maker.getInputList().stream()
                        .map(this::kept)
                        .reduce(Range::with)
                        .orElseThrow();
            }
            Range range = ranges.get(tensor);
            if (range == null) {
                throw new IllegalStateException("no range of " + tensor);
            }
            return wiring.readOnlyBy(tensor, "Sigmoid") ? range.within(SIGMOID_INPUT) : range;
        }

        /** The range of a tensor through operators that keep it. */
        private Range kept(String tensor) {
            NodeProto maker = wiring.maker(tensor);
            return choice.keeping(maker) && maker != null ? kept(maker.getInput(0)) : range(tensor);
        }

        private void weights(NodeProto node, NodeProto.Builder copy) {
            float step = scale(node.getInput(0)).step();
            boolean biased = node.getInputCount() > 2;
            var weights = QuantisedWeights.of(
                    Messages.floats(wiring.constant(node.getInput(1))),
                    biased ? Messages.floats(wiring.constant(node.getInput(2))) : new float[0],
                    (int) wiring.constant(node.getInput(1)).getDims(0),
                    step,
                    weightBits);
            String name = node.getInput(1);
            long[] sizes = wiring.constant(name).getDimsList().stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            int maps = weights.steps().length;
            replaced.put(name, Messages.bytes(name, DataType.INT8, weights.values(), sizes));
            graph.addInitializer(Messages.floats(name + ".step", weights.steps(), maps));
            graph.addInitializer(Messages.bytes(name + ".zero", DataType.INT8, new byte[maps], maps));
            copy.setInput(1, real(name, List.of(name, name + ".step", name + ".zero")));
            if (biased) {
                String bias = node.getInput(2);
                replaced.put(bias, Messages.ints(bias, weights.biases(), maps));
                graph.addInitializer(Messages.floats(bias + ".step", weights.biasSteps(step), maps));
                copy.setInput(2, real(bias, List.of(bias, bias + ".step")));
            }
        }

        private String real(String name, List<String> inputs) {
            graph.addNode(Messages.node("DequantizeLinear", name + ".real", inputs, Messages.integer("axis", 0)));
            return name + ".real";
        }

        void constants(List<TensorProto> old) {
            for (TensorProto constant : old) {
                graph.addInitializer(replaced.getOrDefault(constant.getName(), constant));
            }
        }
    }
}
