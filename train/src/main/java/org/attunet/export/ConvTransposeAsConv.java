package org.attunet.export;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;

/**
 * Replaces transposed convolutions of kernel 2 and stride 2 by convolutions of kernel 1 with 2<sup>dimension</sup> results
 * per voxel and map, which are then interleaved. ONNX Runtime has no 8-bit transposed convolution.
 */
final class ConvTransposeAsConv {
    private final GraphProto.Builder graph;
    private final GraphIndex index;

    private ConvTransposeAsConv(GraphProto graph) {
        this.index = new GraphIndex(graph);
        this.graph = graph.toBuilder().clearNode().clearInitializer();
    }

    /** Returns the same model without transposed convolutions. */
    static ModelProto replaceAll(ModelProto model) {
        var rewrite = new ConvTransposeAsConv(model.getGraph());
        Set<String> unused = new HashSet<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals("ConvTranspose")) {
                unused.addAll(node.getInputList().subList(1, 3));
                rewrite.replace(node);
            } else {
                rewrite.graph.addNode(node);
            }
        }
        model.getGraph().getInitializerList().stream()
                .filter(constant -> !unused.contains(constant.getName()))
                .forEach(rewrite.graph::addInitializer);
        return model.toBuilder().setGraph(rewrite.graph).build();
    }

    private void replace(NodeProto node) {
        TensorProto weight = index.constant(node.getInput(1)); // (in, maps, 2...)
        int in = (int) weight.getDims(0);
        int maps = (int) weight.getDims(1);
        boolean flat = weight.getDimsCount() == 4;
        int parts = flat ? 4 : 8;
        float[] from = OnnxProtos.floats(weight);
        float[] bias = OnnxProtos.floats(index.constant(node.getInput(2)));
        float[] to = new float[from.length]; // (parts, maps, in, 1...)
        float[] toBias = new float[maps * parts];
        for (int map = 0; map < maps; map++) {
            for (int part = 0; part < parts; part++) {
                int row = part * maps + map;
                toBias[row] = bias[map];
                for (int k = 0; k < in; k++) {
                    to[row * in + k] = from[(k * maps + map) * parts + part];
                }
            }
        }
        String name = node.getName();
        long out = maps * (long) parts;
        long[] shape = flat ? new long[] {out, in, 1, 1} : new long[] {out, in, 1, 1, 1};
        graph.addInitializer(OnnxProtos.floats(name + ".parts.weight", to, shape));
        graph.addInitializer(OnnxProtos.floats(name + ".parts.bias", toBias, out));
        String wide = add(
                "Conv",
                name + ".parts",
                List.of(node.getInput(0), name + ".parts.weight", name + ".parts.bias"),
                OnnxProtos.integers("kernel_shape", flat ? new long[] {1, 1} : new long[] {1, 1, 1}));
        interleave(name, wide, maps, flat);
    }

    /**
     * Places the parts of each voxel beside one another: (B, 2^d C, [D,] H, W) to (B, C, [2D,] 2H, 2W). Channels are last
     * meanwhile, as 8-bit convolutions keep them in memory, so that whole voxels are copied; DepthToSpace, which supports
     * 2 axes only, would copy single values.
     */
    private void interleave(String name, String wide, int maps, boolean flat) {
        long[] toLast = flat ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 3, 4, 1};
        long[] toFirst = flat ? new long[] {0, 3, 1, 2} : new long[] {0, 4, 1, 2, 3};
        long[] apart = flat ? new long[] {0, 0, 0, 2, 2, maps} : new long[] {0, 0, 0, 0, 2, 2, 2, maps}; // 0: unchanged
        long[] interleaved = flat ? new long[] {0, 1, 3, 2, 4, 5} : new long[] {0, 1, 4, 2, 5, 3, 6, 7};
        long[] factors = flat ? new long[] {1, 2, 2} : new long[] {1, 2, 2, 2};
        graph.addInitializer(OnnxProtos.longs(name + ".apart", apart));
        graph.addInitializer(OnnxProtos.longs(name + ".factors", factors));
        graph.addInitializer(OnnxProtos.longs(name + ".maps", maps));
        graph.addInitializer(OnnxProtos.longs(name + ".first", 0));
        graph.addInitializer(OnnxProtos.longs(name + ".last", factors.length));
        String last = add("Transpose", name + ".voxels", List.of(wide), OnnxProtos.integers("perm", toLast));
        String shape = add("Shape", name + ".shape", List.of(last));
        String space = add("Slice", name + ".space", List.of(shape, name + ".first", name + ".last"));
        String twice = add("Mul", name + ".twice", List.of(space, name + ".factors"));
        String whole = add("Concat", name + ".whole", List.of(twice, name + ".maps"), OnnxProtos.integer("axis", 0));
        String parted = add("Reshape", name + ".parted", List.of(last, name + ".apart"));
        String mixed = add("Transpose", name + ".mixed", List.of(parted), OnnxProtos.integers("perm", interleaved));
        String joined = add("Reshape", name + ".joined", List.of(mixed, whole));
        add("Transpose", name, List.of(joined), OnnxProtos.integers("perm", toFirst));
    }

    private String add(String type, String name, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(OnnxProtos.node(type, name, inputs, attributes));
        return name;
    }
}
