package org.attunet.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.GraphProto;
import org.attunet.export.proto.ModelProto;
import org.attunet.export.proto.NodeProto;
import org.attunet.export.proto.TensorProto;

/**
 * Transposed convolutions of kernel 2 and stride 2 as what they are apart from where their results lie: convolutions of
 * kernel 1 with 2<sup>dimension</sup> results per voxel and map. ONNX Runtime has no 8-bit transposed convolution.
 */
final class ConvTransposeAsConv {
    private final GraphProto.Builder graph;
    private final GraphIndex wiring;

    private ConvTransposeAsConv(GraphProto graph) {
        this.wiring = new GraphIndex(graph);
        this.graph = graph.toBuilder().clearNode().clearInitializer();
    }

    /** The same model without transposed convolutions. */
    static ModelProto replaced(ModelProto model) {
        var rewriting = new ConvTransposeAsConv(model.getGraph());
        List<String> gone = new ArrayList<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals("ConvTranspose")) {
                gone.addAll(node.getInputList().subList(1, 3));
                rewriting.replace(node);
            } else {
                rewriting.graph.addNode(node);
            }
        }
        for (TensorProto constant : model.getGraph().getInitializerList()) {
            if (!gone.contains(constant.getName())) {
                rewriting.graph.addInitializer(constant);
            }
        }
        return model.toBuilder().setGraph(rewriting.graph).build();
    }

    private void replace(NodeProto node) {
        TensorProto weight = wiring.constant(node.getInput(1));
        int in = (int) weight.getDims(0);
        int maps = (int) weight.getDims(1);
        int dimension = weight.getDimsCount() - 2;
        int parts = 1 << dimension;
        float[] from = OnnxProtos.floats(weight);
        float[] bias = OnnxProtos.floats(wiring.constant(node.getInput(2)));
        float[] to = new float[from.length];
        float[] toBias = new float[maps * parts];
        for (int map = 0; map < maps; map++) {
            for (int part = 0; part < parts; part++) {
                int row = part * maps + map; // a part's maps lie together
                toBias[row] = bias[map];
                for (int k = 0; k < in; k++) {
                    to[row * in + k] = from[(k * maps + map) * parts + part];
                }
            }
        }
        String name = node.getName();
        long[] sizes = new long[dimension + 2];
        Arrays.fill(sizes, 1);
        sizes[0] = maps * (long) parts;
        sizes[1] = in;
        graph.addInitializer(OnnxProtos.floats(name + ".parts.weight", to, sizes));
        graph.addInitializer(OnnxProtos.floats(name + ".parts.bias", toBias, toBias.length));
        String wide = add(
                "Conv",
                name + ".parts",
                List.of(node.getInput(0), name + ".parts.weight", name + ".parts.bias"),
                OnnxProtos.integers("kernel_shape", Arrays.copyOfRange(sizes, 2, sizes.length)));
        interleave(name, wide, maps, dimension);
    }

    /**
     * Puts the parts of each voxel beside one another: (B, 2^d C, [D,] H, W) to (B, C, [2D,] 2H, 2W). Channels lie last on
     * the way, as 8-bit convolutions keep them in memory, so that whole voxels are copied; DepthToSpace, which knows 2 axes
     * only, would copy single values.
     */
    private void interleave(String name, String wide, int maps, int dimension) {
        graph.addInitializer(OnnxProtos.longs(name + ".apart", apart(dimension, maps)));
        graph.addInitializer(OnnxProtos.longs(name + ".factors", filled(dimension + 1, 2)));
        graph.addInitializer(OnnxProtos.longs(name + ".maps", maps));
        graph.addInitializer(OnnxProtos.longs(name + ".first", 0));
        graph.addInitializer(OnnxProtos.longs(name + ".last", dimension + 1));
        String last = add("Transpose", name + ".voxels", List.of(wide), OnnxProtos.integers("perm", toLast(dimension)));
        String shape = add("Shape", name + ".shape", List.of(last));
        String space = add("Slice", name + ".space", List.of(shape, name + ".first", name + ".last"));
        String twice = add("Mul", name + ".twice", List.of(space, name + ".factors"));
        String whole = add("Concat", name + ".whole", List.of(twice, name + ".maps"), OnnxProtos.integer("axis", 0));
        String apart = add("Reshape", name + ".parted", List.of(last, name + ".apart"));
        String mixed = add("Transpose", name + ".mixed", List.of(apart), OnnxProtos.integers("perm", mixed(dimension)));
        String joined = add("Reshape", name + ".joined", List.of(mixed, whole));
        add("Transpose", name, List.of(joined), OnnxProtos.integers("perm", toFirst(dimension)));
    }

    /** Batch and space as they are, then 2 for each axis, then the maps. */
    private static long[] apart(int dimension, int maps) {
        long[] sizes = new long[2 * dimension + 2];
        Arrays.fill(sizes, dimension + 1, 2 * dimension + 1, 2);
        sizes[2 * dimension + 1] = maps;
        return sizes;
    }

    /** 1 for the batch, then a factor for each axis. */
    private static long[] filled(int length, long factor) {
        long[] factors = new long[length];
        Arrays.fill(factors, 1, length, factor);
        factors[0] = 1;
        return factors;
    }

    /** Each axis followed by its part. */
    private static long[] mixed(int dimension) {
        long[] order = new long[2 * dimension + 2];
        for (int axis = 1; axis <= dimension; axis++) {
            order[2 * axis - 1] = axis;
            order[2 * axis] = (long) dimension + axis;
        }
        order[2 * dimension + 1] = 2L * dimension + 1;
        return order;
    }

    private static long[] toLast(int dimension) {
        long[] order = new long[dimension + 2];
        for (int axis = 1; axis <= dimension; axis++) {
            order[axis] = axis + 1L;
        }
        order[dimension + 1] = 1;
        return order;
    }

    private static long[] toFirst(int dimension) {
        long[] order = new long[dimension + 2];
        order[1] = dimension + 1L;
        for (int axis = 1; axis <= dimension; axis++) {
            order[axis + 1] = axis;
        }
        return order;
    }

    private String add(String type, String name, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(OnnxProtos.node(type, name, inputs, attributes));
        return name;
    }
}
