package org.attunet.export;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
 * <p>A convolution of kernel 3 in 3D goes through {@link Conv3dAsConv2d}.
 *
 * <p>Layers are convolutions, each called by its operator's name; what lies between two of them (pooling, joining, gating)
 * follows where all that it reads is quantised. Tensors behind a ReLU are quantised behind it only, with 0 stored as 0, so
 * that saturation is the ReLU.
 */
final class QuantisedGraph {
    /** These move or choose values and keep the scale. */
    private static final Set<String> KEEPING = Set.of("MaxPool", "DepthToSpace", "Transpose", "Reshape");
    /** Of them, these know any type; without a way to float and back the runtime has nothing to remove. */
    private static final Set<String> MOVING = Set.of("DepthToSpace", "Transpose", "Reshape");
    /** These make new values of all their inputs. */
    private static final Set<String> MIXING = Set.of("Concat", "Add", "Mul", "Sigmoid");
    /** Beyond it a sigmoid moves by less than a step of its own result. */
    private static final ValueRange SIGMOID_INPUT = new ValueRange(-8, 8);

    /** What a first layer has to read for 8 bits to be faster. */
    private static final int FEWEST_MAPS = 8;

    private static final ValueRange SIGMOID_RESULT = new ValueRange(0, 1);

    private final ModelProto model;
    private final GraphIndex wiring;
    private final Map<String, ValueRange> ranges;
    private final int weightBits;

    /**
     * @param model without transposed convolutions
     * @param ranges of the {@link #tensors}
     */
    QuantisedGraph(ModelProto model, Map<String, ValueRange> ranges, int weightBits) {
        this.model = model;
        this.wiring = new GraphIndex(model.getGraph());
        this.ranges = ranges;
        this.weightBits = weightBits;
    }

    /**
     * The layers worth quantising, in order of computation: all convolutions but those whose results leave and a first one
     * that reads few maps, which 8 bits make slower (in 3D, one map to 16: 52 ms for 4).
     */
    static List<String> layers(ModelProto model) {
        var wiring = new GraphIndex(model.getGraph());
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Conv") && !wiring.leaves(node.getOutput(0)))
                .filter(node -> wiring.maker(node.getInput(0)) != null
                        || wiring.constant(node.getInput(1)).getDims(1) >= FEWEST_MAPS)
                .map(NodeProto::getName)
                .toList();
    }

    /** The tensors that are quantised if all layers are. */
    static Set<String> tensors(ModelProto model) {
        return new Choice(new GraphIndex(model.getGraph()), layers(model)).tensors;
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
        writer.withoutUnread();
        writer.constants(old.getInitializerList());
        return model.toBuilder().setGraph(writer.graph).build();
    }

    /** Which operators and tensors are quantised. */
    private static final class Choice {
        final Set<String> operators = new LinkedHashSet<>();
        final Set<String> tensors = new LinkedHashSet<>();

        Choice(GraphIndex wiring, Collection<String> layers) {
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
        private final Map<String, QuantisationParameters> scales = new HashMap<>();
        private final Map<String, TensorProto> replaced = new HashMap<>();
        private final Set<String> written = new HashSet<>();

        Writer(Choice choice) {
            this.choice = choice;
            this.graph = model.getGraph().toBuilder().clearNode().clearInitializer();
        }

        void add(NodeProto node) {
            if (written.contains(node.getName())) {
                return;
            }
            if (choice.operators.contains(node.getName()) && stackable(node)) {
                stacked(node);
                return;
            }
            if (choice.operators.contains(node.getName()) && MOVING.contains(node.getOpType())) {
                moved(node);
                return;
            }
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
            if (choice.tensors.contains(tensor)) {
                parameters(tensor);
                through("QuantizeLinear", tensor + ".stored", tensor, tensor);
                through("DequantizeLinear", tensor + ".real", tensor + ".stored", tensor);
            }
        }

        private void parameters(String tensor) {
            QuantisationParameters scale = scale(tensor);
            graph.addInitializer(OnnxProtos.floats(tensor + ".step", new float[] {scale.step()}));
            graph.addInitializer(OnnxProtos.bytes(tensor + ".zero", DataType.UINT8, new byte[] {(byte) scale.zero()}));
        }

        /** To 8 bits or back with the scale of a tensor. */
        private String through(String type, String name, String from, String tensor) {
            graph.addNode(OnnxProtos.node(type, name, List.of(from, tensor + ".step", tensor + ".zero")));
            return name;
        }

        private boolean stackable(NodeProto node) {
            if (!node.getOpType().equals("Conv")) {
                return false;
            }
            List<Long> sizes = wiring.constant(node.getInput(1)).getDimsList();
            return sizes.size() == 5 && sizes.get(2) == 3;
        }

        /** An operator on the stored values themselves. */
        private void moved(NodeProto node) {
            String result = node.getOutput(0);
            graph.addNode(
                    node.toBuilder().setInput(0, node.getInput(0) + ".stored").setOutput(0, result + ".stored"));
            parameters(result);
            through("DequantizeLinear", result + ".real", result + ".stored", result);
        }

        /** A convolution in 3D, with the ReLU behind it, through planes. */
        private void stacked(NodeProto node) {
            TensorProto weight = wiring.constant(node.getInput(1));
            int out = (int) weight.getDims(0);
            int in = (int) weight.getDims(1);
            String input = node.getInput(0);
            var planes = new Conv3dAsConv2d(graph, node.getName());
            String apart = planes.apart(input + ".stored", input + ".zero", in);
            String name = node.getName() + ".planes";
            var copy = NodeProto.newBuilder()
                    .setOpType("Conv")
                    .setName(name)
                    .addOutput(name)
                    .addAttribute(OnnxProtos.integers("kernel_shape", 3, 3))
                    .addAttribute(OnnxProtos.integers("pads", 1, 1, 1, 1))
                    .addInput(through("DequantizeLinear", name + ".real", apart, input))
                    .addAllInput(node.getInputList().subList(1, node.getInputCount()));
            weights(node, copy);
            byte[] values =
                    replaced.getOrDefault(weight.getName(), weight).getRawData().toByteArray();
            replaced.put(
                    weight.getName(),
                    OnnxProtos.bytes(
                            weight.getName(),
                            DataType.INT8,
                            Conv3dAsConv2d.weights(values, out, in),
                            out,
                            3L * in,
                            3,
                            3));
            graph.addNode(copy);
            String result = wiring.result(node);
            if (!result.equals(node.getOutput(0))) {
                graph.addNode(OnnxProtos.node("Relu", name + ".relu", List.of(name)));
                written.add(wiring.readers(node.getOutput(0)).get(0).getName());
                name = name + ".relu";
            }
            parameters(result);
            planes.together(through("QuantizeLinear", name + ".stored", name, result), result + ".stored", out);
            through("DequantizeLinear", result + ".real", result + ".stored", result);
        }

        private QuantisationParameters scale(String tensor) {
            QuantisationParameters known = scales.get(tensor);
            if (known == null) {
                NodeProto maker = wiring.maker(tensor);
                known = choice.keeping(maker) && maker != null
                        ? scale(maker.getInput(0))
                        : QuantisationParameters.of(range(tensor));
                scales.put(tensor, known);
            }
            return known;
        }

        private ValueRange range(String tensor) {
            NodeProto maker = wiring.maker(tensor);
            if (maker != null && maker.getOpType().equals("Sigmoid")) {
                return SIGMOID_RESULT;
            }
            if (maker != null && maker.getOpType().equals("Concat") && choice.operators.contains(maker.getName())) {
                return maker.getInputList().stream()
                        .map(this::kept)
                        .reduce(ValueRange::with)
                        .orElseThrow();
            }
            ValueRange range = ranges.get(tensor);
            if (range == null) {
                throw new IllegalStateException("no range of " + tensor);
            }
            return wiring.readOnlyBy(tensor, "Sigmoid") ? range.within(SIGMOID_INPUT) : range;
        }

        /** The range of a tensor through operators that keep it. */
        private ValueRange kept(String tensor) {
            NodeProto maker = wiring.maker(tensor);
            return choice.keeping(maker) && maker != null ? kept(maker.getInput(0)) : range(tensor);
        }

        private void weights(NodeProto node, NodeProto.Builder copy) {
            float step = scale(node.getInput(0)).step();
            boolean biased = node.getInputCount() > 2;
            var weights = QuantisedWeights.of(
                    OnnxProtos.floats(wiring.constant(node.getInput(1))),
                    biased ? OnnxProtos.floats(wiring.constant(node.getInput(2))) : new float[0],
                    (int) wiring.constant(node.getInput(1)).getDims(0),
                    step,
                    weightBits);
            String name = node.getInput(1);
            long[] sizes = wiring.constant(name).getDimsList().stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            int maps = weights.steps().length;
            replaced.put(name, OnnxProtos.bytes(name, DataType.INT8, weights.values(), sizes));
            graph.addInitializer(OnnxProtos.floats(name + ".step", weights.steps(), maps));
            graph.addInitializer(OnnxProtos.bytes(name + ".zero", DataType.INT8, new byte[maps], maps));
            copy.setInput(1, real(name, List.of(name, name + ".step", name + ".zero")));
            if (biased) {
                String bias = node.getInput(2);
                replaced.put(bias, OnnxProtos.ints(bias, weights.biases(), maps));
                graph.addInitializer(OnnxProtos.floats(bias + ".step", weights.biasSteps(step), maps));
                copy.setInput(2, real(bias, List.of(bias, bias + ".step")));
            }
        }

        private String real(String name, List<String> inputs) {
            graph.addNode(OnnxProtos.node("DequantizeLinear", name + ".real", inputs, OnnxProtos.integer("axis", 0)));
            return name + ".real";
        }

        /** Takes out what nobody reads: the runtime would compute it all the same. */
        void withoutUnread() {
            Set<String> read = new HashSet<>();
            graph.getNodeList().forEach(node -> read.addAll(node.getInputList()));
            List<NodeProto> nodes = graph.getNodeList().stream()
                    .filter(node -> !node.getOpType().equals("DequantizeLinear") || read.contains(node.getOutput(0)))
                    .toList();
            graph.clearNode().addAllNode(nodes);
        }

        void constants(List<TensorProto> old) {
            for (TensorProto constant : old) {
                graph.addInitializer(replaced.getOrDefault(constant.getName(), constant));
            }
        }
    }
}
