package org.attunet.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.attunet.bundle.ProtoFields.Field;
import org.attunet.error.AttunetException;

/**
 * The graph of an ONNX file to be changed: operators, constants, inputs and outputs by their names; everything else is
 * kept as it is in the file. Field numbers are those of onnx.proto3.
 *
 * <p>Not thread-safe.
 */
final class OnnxGraph {
    /** The operator set and file format that ONNX Runtime reads from version 1.8 on. */
    static final int OPSET = 13;

    private static final int IR_VERSION = 7;

    /**
     * The operators of attunet's float networks: as attunet writes them, the operator sets 13 to 17 define them alike. Those of
     * 8-bit networks stay in 17, by which ONNX Runtime joins more of them.
     */
    private static final Set<String> UNCHANGED = Set.of(
            "Add",
            "Cast",
            "Concat",
            "Conv",
            "ConvTranspose",
            "DepthToSpace",
            "Identity",
            "InstanceNormalization",
            "MatMul",
            "MaxPool",
            "Mul",
            "Pad",
            "Relu",
            "Reshape",
            "Resize",
            "Shape",
            "Sigmoid",
            "Slice",
            "Transpose");

    private static final int VALUE_NAME = 1;
    static final int TENSOR_NAME = 8;

    final List<Node> nodes = new ArrayList<>();
    final List<Named> constants = new ArrayList<>();
    final List<Named> inputs = new ArrayList<>();
    final List<Named> outputs = new ArrayList<>();
    /** The types of some results of operators. */
    final List<Named> values = new ArrayList<>();

    private final ProtoMessage otherOfGraph = new ProtoMessage();
    private final ProtoMessage otherOfModel = new ProtoMessage();
    private long irVersion = IR_VERSION;
    private long opset = OPSET;

    /** A message and its name. */
    record Named(String name, int field, ProtoMessage other) {
        Named named(String another) {
            return new Named(another, field, other);
        }

        /** The value of a field of the file that is a whole number; 0 if there is none. */
        long number(int wanted) {
            long[] found = numbers(wanted);
            return found.length == 0 ? 0 : found[0];
        }

        /** The values of a repeated field of the file that are whole numbers. */
        long[] numbers(int wanted) {
            return other.copied().stream()
                    .filter(part -> part.number() == wanted)
                    .flatMapToLong(part -> part.numbers().stream().mapToLong(Long::longValue))
                    .toArray();
        }

        private static Named of(Field message, int field) {
            String name = "";
            ProtoMessage other = new ProtoMessage();
            for (Field part : message.fields()) {
                if (part.number() == field) {
                    name = part.text();
                } else {
                    other.copy(part);
                }
            }
            return new Named(name, field, other);
        }

        private ProtoMessage message() {
            return new ProtoMessage().text(field, name).all(other);
        }
    }

    /**
     * An operator.
     *
     * @param other its attributes, domain and remarks
     */
    record Node(String name, String type, List<String> inputs, List<String> outputs, ProtoMessage other) {
        static Node of(String type, String name, List<String> inputs, String output) {
            return new Node(name, type, inputs, List.of(output), new ProtoMessage());
        }

        /** A copy with another attribute, a whole number. */
        Node with(String attribute, long value) {
            return with(new ProtoMessage().text(1, attribute).number(3, value).number(20, 2));
        }

        /** A copy with another attribute, whole numbers. */
        Node withAll(String attribute, long... values) {
            ProtoMessage message = new ProtoMessage().text(1, attribute);
            for (long value : values) {
                message.number(8, value);
            }
            return with(message.number(20, 7));
        }

        private Node with(ProtoMessage attribute) {
            return new Node(
                    name, type, inputs, outputs, new ProtoMessage().all(other).message(5, attribute));
        }

        Node renamed(UnaryOperator<String> names) {
            return new Node(
                    name,
                    type,
                    inputs.stream().map(names).toList(),
                    outputs.stream().map(names).toList(),
                    other);
        }

        private static Node of(Field message) {
            String name = "";
            String type = "";
            List<String> inputs = new ArrayList<>();
            List<String> outputs = new ArrayList<>();
            ProtoMessage other = new ProtoMessage();
            for (Field part : message.fields()) {
                switch (part.number()) {
                    case 1 -> inputs.add(part.text());
                    case 2 -> outputs.add(part.text());
                    case 3 -> name = part.text();
                    case 4 -> type = part.text();
                    default -> other.copy(part);
                }
            }
            return new Node(name, type, inputs, outputs, other);
        }

        private ProtoMessage message() {
            ProtoMessage message = new ProtoMessage();
            inputs.forEach(input -> message.text(1, input));
            outputs.forEach(output -> message.text(2, output));
            return message.text(3, name).text(4, type).all(other);
        }
    }

    /**
     * Reads a file.
     *
     * @throws AttunetException if it is no ONNX file
     */
    static OnnxGraph of(byte[] onnx) {
        OnnxGraph graph = new OnnxGraph();
        graph.opset = 0;
        boolean found = false;
        for (Field field : ProtoFields.of(onnx, 0, onnx.length)) {
            switch (field.number()) {
                case 1 -> graph.irVersion = field.value();
                case 7 -> {
                    found = true;
                    field.fields().forEach(graph::read);
                }
                case 8 -> graph.readOperatorSet(field);
                default -> graph.otherOfModel.copy(field);
            }
        }
        if (!found || graph.opset == 0) {
            String what = found ? "operator set" : "graph";
            throw new AttunetException("model", "there is no " + what + " in it", "an ONNX file", "export it again");
        }
        return graph;
    }

    private void read(Field field) {
        switch (field.number()) {
            case 1 -> nodes.add(Node.of(field));
            case 5 -> constants.add(Named.of(field, TENSOR_NAME));
            case 11 -> inputs.add(Named.of(field, VALUE_NAME));
            case 12 -> outputs.add(Named.of(field, VALUE_NAME));
            case 13 -> values.add(Named.of(field, VALUE_NAME));
            default -> otherOfGraph.copy(field);
        }
    }

    private void readOperatorSet(Field field) {
        List<Field> parts = field.fields();
        boolean usual = parts.stream().noneMatch(part -> part.number() == 1 && part.from() < part.to());
        if (usual) {
            opset = parts.stream()
                    .filter(part -> part.number() == 2)
                    .mapToLong(Field::value)
                    .findFirst()
                    .orElse(1);
        } else {
            otherOfModel.copy(field);
        }
    }

    /** The version of the operator set. */
    int opset() {
        return (int) opset;
    }

    /** Declares the oldest operator set that has the same operators, so that older programs can run the file. */
    void lower() {
        boolean same = opset > OPSET && opset <= 17 && nodes.stream().allMatch(node -> UNCHANGED.contains(node.type));
        if (same) {
            opset = OPSET;
        }
        if (opset <= OPSET) {
            irVersion = Math.min(irVersion, IR_VERSION);
        }
    }

    /** Gives results and inputs of operators other names; names of the graph's own inputs and outputs stay. */
    void rename(Map<String, String> names) {
        nodes.replaceAll(node -> node.renamed(name -> names.getOrDefault(name, name)));
    }

    byte[] toBytes() {
        ProtoMessage graph = new ProtoMessage();
        nodes.forEach(node -> graph.message(1, node.message()));
        constants.forEach(one -> graph.message(5, one.message()));
        inputs.forEach(one -> graph.message(11, one.message()));
        outputs.forEach(one -> graph.message(12, one.message()));
        values.forEach(one -> graph.message(13, one.message()));
        return new ProtoMessage()
                .number(1, irVersion)
                .all(otherOfModel)
                .message(7, graph.all(otherOfGraph))
                .message(8, new ProtoMessage().number(2, opset))
                .toBytes();
    }
}
