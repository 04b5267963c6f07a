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
import org.attunet.export.proto.OperatorSetIdProto;
import org.attunet.export.proto.TensorProto;
import org.attunet.export.proto.TensorProto.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a model to compute in 8 bits, in the QDQ form that runtimes fuse to 8-bit operators: each quantised tensor
 * passes QuantizeLinear and DequantizeLinear, weights are int8 with a scale for each output map, biases int32.
 *
 * <p>A 3D convolution of kernel 3 becomes a {@link Conv3dAsConv2d}.
 *
 * <p>Layers are convolutions, named by their operator. Operators between two of them (pooling, concatenation, gating) are
 * quantised if all their inputs are. Tensors before a ReLU are quantised after it only, with 0 stored as 0, so that
 * saturation is the ReLU.
 */
final class QuantisedGraph {
    /** Operators that move or select values and keep the scale. */
    private static final Set<String> SCALE_KEEPING = Set.of("MaxPool", "DepthToSpace", "Transpose", "Reshape");
    /** Those of them that accept any type; the runtime would not remove a conversion to float and back around them. */
    private static final Set<String> MOVING = Set.of("DepthToSpace", "Transpose", "Reshape");
    /** Operators that compute new values from all their inputs. */
    private static final Set<String> COMBINING = Set.of("Concat", "Add", "Mul", "Sigmoid");

    private static final ValueRange SIGMOID_RESULT = new ValueRange(0, 1);
    /** Beyond this range a sigmoid changes by less than one step of its own result. */
    private static final ValueRange SIGMOID_INPUT = new ValueRange(-8, 8);
    /** The fewest input maps for which 8 bits speed up a first layer (in 3D, one map to 16: 52 ms rather than 4). */
    private static final int FEWEST_MAPS = 8;

    private final ModelProto model;
    private final GraphIndex index;
    private final Map<String, ValueRange> ranges;

    /**
     * @param model without transposed convolutions
     * @param ranges of the {@link #tensors}
     */
    QuantisedGraph(ModelProto model, Map<String, ValueRange> ranges) {
        this.model = model;
        this.index = new GraphIndex(model.getGraph());
        this.ranges = ranges;
    }

    /**
     * The layers worth quantising, in order of computation: all convolutions except those that produce an output and a
     * first one that reads few maps, which 8 bits slow down.
     */
    static List<String> layers(ModelProto model) {
        var index = new GraphIndex(model.getGraph());
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Conv") && !index.isOutput(node.getOutput(0)))
                .filter(node -> index.producer(node.getInput(0)) != null
                        || index.constant(node.getInput(1)).getDims(1) >= FEWEST_MAPS)
                .map(NodeProto::getName)
                .toList();
    }

    /** The tensors that are quantised if all layers are. */
    static Set<String> tensors(ModelProto model) {
        return new Selection(model.getGraph(), new GraphIndex(model.getGraph()), layers(model)).tensors;
    }

    /** Returns the model with some layers quantised and the others in float. */
    ModelProto quantised(Collection<String> layers) {
        var writer = new Writer(new Selection(model.getGraph(), index, layers));
        GraphProto old = model.getGraph();
        old.getInputList().forEach(input -> writer.quantise(input.getName()));
        old.getNodeList().forEach(writer::add);
        writer.removeUnreadConversions();
        writer.addConstants(old.getInitializerList());
        // By this operator set, in which all operators mean the same, ONNX Runtime joins more of them in 8 bits.
        return model.toBuilder()
                .setIrVersion(8)
                .setOpsetImport(0, OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .setGraph(writer.graph)
                .build();
    }

    /** The operators and tensors to quantise. */
    private static final class Selection {
        final Set<String> operators = new LinkedHashSet<>();
        final Set<String> tensors = new LinkedHashSet<>();

        Selection(GraphProto graph, GraphIndex index, Collection<String> layers) {
            Set<String> wanted = Set.copyOf(layers);
            for (NodeProto node : graph.getNodeList()) {
                if (node.getOpType().equals("Conv") && wanted.contains(node.getName())) {
                    operators.add(node.getName());
                    tensors.add(node.getInput(0));
                    tensors.add(index.result(node));
                }
            }
            for (NodeProto node : graph.getNodeList()) {
                if (hasQuantisedInputs(node)) {
                    operators.add(node.getName());
                    tensors.add(index.result(node));
                }
            }
        }

        private boolean hasQuantisedInputs(NodeProto node) {
            return SCALE_KEEPING.contains(node.getOpType())
                    ? tensors.contains(node.getInput(0))
                    : COMBINING.contains(node.getOpType()) && tensors.containsAll(node.getInputList());
        }

        boolean includes(NodeProto node) {
            return operators.contains(node.getName());
        }

        /** The tensor from which an operator passes on values with their scale; null if it computes new ones. */
        @Nullable
        String sameScale(@Nullable NodeProto node) {
            return node != null && SCALE_KEEPING.contains(node.getOpType()) && includes(node) ? node.getInput(0) : null;
        }
    }

    private final class Writer {
        private final Selection selection;
        private final GraphProto.Builder graph;
        private final Map<String, QuantisationParameters> parameters = new HashMap<>();
        private final Map<String, TensorProto> replaced = new HashMap<>();
        private final Set<String> written = new HashSet<>();

        Writer(Selection selection) {
            this.selection = selection;
            this.graph = model.getGraph().toBuilder().clearNode().clearInitializer();
        }

        void add(NodeProto node) {
            if (written.contains(node.getName())) {
                return;
            }
            boolean selected = selection.includes(node);
            if (selected && isConv3dOfKernel3(node)) {
                addAsConv2d(node);
                return;
            }
            if (selected && MOVING.contains(node.getOpType())) {
                addOnStored(node);
                return;
            }
            var copy = node.toBuilder().clearInput();
            String suffix = node.getOpType().equals("Shape") ? ".stored" : ".real";
            for (String input : node.getInputList()) {
                copy.addInput(selection.tensors.contains(input) ? input + suffix : input);
            }
            if (selected && node.getOpType().equals("Conv")) {
                quantiseWeights(node, copy);
            }
            graph.addNode(copy);
            quantise(node.getOutput(0));
        }

        /** Adds the conversion of a tensor to 8 bits and back, if it is selected. */
        void quantise(String tensor) {
            if (selection.tensors.contains(tensor)) {
                addParameters(tensor);
                convert("QuantizeLinear", tensor + ".stored", tensor, tensor);
                convert("DequantizeLinear", tensor + ".real", tensor + ".stored", tensor);
            }
        }

        private void addParameters(String tensor) {
            QuantisationParameters own = parameters(tensor);
            graph.addInitializer(OnnxProtos.floats(tensor + ".step", new float[] {own.scale()}));
            graph.addInitializer(
                    OnnxProtos.bytes(tensor + ".zero", DataType.UINT8, new byte[] {(byte) own.zeroPoint()}));
        }

        /** Adds a conversion to 8 bits or back with the parameters of a tensor; returns the name of the result. */
        private String convert(String type, String name, String from, String tensor) {
            graph.addNode(OnnxProtos.node(type, name, List.of(from, tensor + ".step", tensor + ".zero")));
            return name;
        }

        private boolean isConv3dOfKernel3(NodeProto node) {
            if (!node.getOpType().equals("Conv")) {
                return false;
            }
            List<Long> shape = index.constant(node.getInput(1)).getDimsList();
            return shape.size() == 5 && shape.get(2) == 3;
        }

        /** Adds an operator that moves the stored values themselves. */
        private void addOnStored(NodeProto node) {
            String result = node.getOutput(0);
            graph.addNode(
                    node.toBuilder().setInput(0, node.getInput(0) + ".stored").setOutput(0, result + ".stored"));
            addParameters(result);
            convert("DequantizeLinear", result + ".real", result + ".stored", result);
        }

        /** Adds a 3D convolution, with the ReLU after it, as a 2D one. */
        private void addAsConv2d(NodeProto node) {
            TensorProto weight = index.constant(node.getInput(1));
            int out = (int) weight.getDims(0);
            int in = (int) weight.getDims(1);
            String input = node.getInput(0);
            var planes = new Conv3dAsConv2d(graph, node.getName());
            String stacked = planes.stackPlanes(input + ".stored", input + ".zero", in);
            String name = node.getName() + ".planes";
            var conv = NodeProto.newBuilder()
                    .setOpType("Conv")
                    .setName(name)
                    .addOutput(name)
                    .addAttribute(OnnxProtos.integers("kernel_shape", 3, 3))
                    .addAttribute(OnnxProtos.integers("pads", 1, 1, 1, 1))
                    .addInput(convert("DequantizeLinear", name + ".real", stacked, input))
                    .addAllInput(node.getInputList().subList(1, node.getInputCount()));
            byte[] values = quantiseWeights(node, conv);
            replaceConstant(OnnxProtos.bytes(
                    weight.getName(), DataType.INT8, Conv3dAsConv2d.weights(values, out, in), out, 3L * in, 3, 3));
            graph.addNode(conv);
            String result = index.result(node);
            if (!result.equals(node.getOutput(0))) {
                graph.addNode(OnnxProtos.node("Relu", name + ".relu", List.of(name)));
                written.add(index.consumers(node.getOutput(0)).get(0).getName());
                name = name + ".relu";
            }
            addParameters(result);
            planes.joinPlanes(convert("QuantizeLinear", name + ".stored", name, result), result + ".stored", out);
            convert("DequantizeLinear", result + ".real", result + ".stored", result);
        }

        private QuantisationParameters parameters(String tensor) {
            QuantisationParameters known = parameters.get(tensor);
            if (known == null) {
                String source = selection.sameScale(index.producer(tensor));
                known = source == null ? QuantisationParameters.of(range(tensor)) : parameters(source);
                parameters.put(tensor, known);
            }
            return known;
        }

        private ValueRange range(String tensor) {
            NodeProto producer = index.producer(tensor);
            if (producer != null && producer.getOpType().equals("Sigmoid")) {
                return SIGMOID_RESULT;
            }
            if (producer != null && producer.getOpType().equals("Concat") && selection.includes(producer)) {
                return producer.getInputList().stream()
                        .map(this::sourceRange)
                        .reduce(ValueRange::union)
                        .orElseThrow();
            }
            ValueRange range = ranges.get(tensor);
            if (range == null) {
                throw new IllegalStateException("no range of " + tensor);
            }
            return index.consumedOnlyBy(tensor, "Sigmoid") ? range.intersection(SIGMOID_INPUT) : range;
        }

        /** The range of a tensor, taken before the operators that keep the scale. */
        private ValueRange sourceRange(String tensor) {
            String source = selection.sameScale(index.producer(tensor));
            return source == null ? range(tensor) : sourceRange(source);
        }

        /** Quantises a convolution's weights and bias and makes its copy read them; returns the stored weights. */
        private byte[] quantiseWeights(NodeProto node, NodeProto.Builder copy) {
            TensorProto weight = index.constant(node.getInput(1));
            boolean biased = node.getInputCount() > 2;
            var quantised = QuantisedWeights.of(
                    OnnxProtos.floats(weight),
                    biased ? OnnxProtos.floats(index.constant(node.getInput(2))) : new float[0],
                    (int) weight.getDims(0),
                    parameters(node.getInput(0)).scale());
            String name = weight.getName();
            long[] shape =
                    weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
            int maps = quantised.scales().length;
            replaceConstant(OnnxProtos.bytes(name, DataType.INT8, quantised.values(), shape));
            graph.addInitializer(OnnxProtos.floats(name + ".step", quantised.scales(), maps));
            graph.addInitializer(OnnxProtos.bytes(name + ".zero", DataType.INT8, new byte[maps], maps));
            copy.setInput(1, dequantiseMaps(name, List.of(name, name + ".step", name + ".zero")));
            if (biased) {
                String bias = node.getInput(2);
                replaceConstant(OnnxProtos.ints(bias, quantised.biases(), maps));
                graph.addInitializer(OnnxProtos.floats(bias + ".step", quantised.biasScales(), maps));
                copy.setInput(2, dequantiseMaps(bias, List.of(bias, bias + ".step")));
            }
            return quantised.values();
        }

        private String dequantiseMaps(String name, List<String> inputs) {
            graph.addNode(OnnxProtos.node("DequantizeLinear", name + ".real", inputs, OnnxProtos.integer("axis", 0)));
            return name + ".real";
        }

        private void replaceConstant(TensorProto constant) {
            replaced.put(constant.getName(), constant);
        }

        /** Removes conversions whose result nobody reads; the runtime would compute them all the same. */
        void removeUnreadConversions() {
            Set<String> read = new HashSet<>();
            graph.getNodeList().forEach(node -> read.addAll(node.getInputList()));
            List<NodeProto> nodes = graph.getNodeList().stream()
                    .filter(node -> !node.getOpType().equals("DequantizeLinear") || read.contains(node.getOutput(0)))
                    .toList();
            graph.clearNode().addAllNode(nodes);
        }

        void addConstants(List<TensorProto> constants) {
            constants.forEach(constant -> graph.addInitializer(replaced.getOrDefault(constant.getName(), constant)));
        }
    }
}
