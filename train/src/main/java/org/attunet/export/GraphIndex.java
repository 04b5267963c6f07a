package org.attunet.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.jspecify.annotations.Nullable;

/** The producer and the consumers of each tensor of a graph, whose operators are in topological order. */
final class GraphIndex {
    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Map<String, List<NodeProto>> consumers = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();

    GraphIndex(GraphProto graph) {
        graph.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(name -> producers.put(name, node));
            node.getInputList()
                    .forEach(name -> consumers
                            .computeIfAbsent(name, key -> new ArrayList<>())
                            .add(node));
        }
    }

    /** The operator that produces a tensor; null for an input of the graph and for a constant. */
    @Nullable
    NodeProto producer(String tensor) {
        return producers.get(tensor);
    }

    List<NodeProto> consumers(String tensor) {
        return consumers.getOrDefault(tensor, List.of());
    }

    /** Whether a tensor has a single consumer, of this operator type. */
    boolean consumedOnlyBy(String tensor, String type) {
        List<NodeProto> all = consumers(tensor);
        return all.size() == 1 && all.get(0).getOpType().equals(type);
    }

    TensorProto constant(String name) {
        TensorProto constant = constants.get(name);
        if (constant == null) {
            throw new IllegalStateException("no constant " + name);
        }
        return constant;
    }

    /** The result of an operator and of the ReLU after it, if that is its only consumer. */
    String result(NodeProto node) {
        String output = node.getOutput(0);
        return consumedOnlyBy(output, "Relu") ? consumers(output).get(0).getOutput(0) : output;
    }

    /** Whether a tensor only becomes an output of the graph. */
    boolean isOutput(String tensor) {
        return consumedOnlyBy(tensor, "Identity");
    }
}
