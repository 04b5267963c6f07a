package org.attunet.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;
import org.jspecify.annotations.Nullable;

/** Which operator of a graph makes a tensor and which ones read it. The operators stand in an order of computation. */
final class GraphIndex {
    private final GraphProto graph;
    private final Map<String, NodeProto> makers = new HashMap<>();
    private final Map<String, List<NodeProto>> readers = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();

    GraphIndex(GraphProto graph) {
        this.graph = graph;
        graph.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(name -> makers.put(name, node));
            node.getInputList()
                    .forEach(name -> readers.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(node));
        }
    }

    GraphProto graph() {
        return graph;
    }

    /** Null for an input of the graph and for a constant. */
    @Nullable
    NodeProto maker(String tensor) {
        return makers.get(tensor);
    }

    List<NodeProto> readers(String tensor) {
        return readers.getOrDefault(tensor, List.of());
    }

    /** Whether nothing but one operator of a kind reads a tensor. */
    boolean readOnlyBy(String tensor, String type) {
        List<NodeProto> all = readers(tensor);
        return all.size() == 1 && all.get(0).getOpType().equals(type);
    }

    TensorProto constant(String name) {
        TensorProto constant = constants.get(name);
        if (constant == null) {
            throw new IllegalStateException("no constant " + name);
        }
        return constant;
    }

    /** What an operator computes, after the ReLU that alone reads it, if there is one. */
    String result(NodeProto node) {
        String output = node.getOutput(0);
        return readOnlyBy(output, "Relu") ? readers(output).get(0).getOutput(0) : output;
    }

    /** Whether a tensor leaves the graph as it is. */
    boolean leaves(String tensor) {
        return readOnlyBy(tensor, "Identity");
    }
}
