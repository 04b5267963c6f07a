package org.attunet.export;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
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
final class TransposedConvolutions {
    private final GraphProto.Builder graph;
    private final Wiring wiring;

    private TransposedConvolutions(GraphProto graph) {
        this.wiring = new Wiring(graph);
        this.graph = graph.toBuilder().clearNode().clearInitializer();
    }

    /** The same model without transposed convolutions. */
    static ModelProto replaced(ModelProto model) {
        var rewriting = new TransposedConvolutions(model.getGraph());
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
        float[] from = Messages.floats(weight);
        float[] bias = Messages.floats(wiring.constant(node.getInput(2)));
        float[] to = new float[from.length];
        float[] toBias = new float[maps * parts];
        for (int map = 0; map < maps; map++) {
            for (int part = 0; part < parts; part++) {
                // In 2D DepthToSpace wants a map's parts together, in 3D a part's maps lie together in memory.
                int row = dimension == 2 ? map * parts + part : part * maps + map;
                toBias[row] = bias[map];
                for (int k = 0; k < in; k++) {
                    to[row * in + k] = from[(k * maps + map) * parts + part];
                }
            }
        }
        String name = node.getName();
        long[] sizes = new long[dimension + 2];
        java.util.Arrays.fill(sizes, 1);
        sizes[0] = maps * (long) parts;
        sizes[1] = in;
        graph.addInitializer(Messages.floats(name + ".parts.weight", to, sizes));
        graph.addInitializer(Messages.floats(name + ".parts.bias", toBias, toBias.length));
        String wide = add(
                "Conv",
                name + ".parts",
                List.of(node.getInput(0), name + ".parts.weight", name + ".parts.bias"),
                Messages.integers("kernel_shape", java.util.Arrays.copyOfRange(sizes, 2, sizes.length)));
        if (dimension == 2) {
            interleave2(name, wide);
        } else {
            interleave3(name, wide, maps);
        }
    }

    private void interleave2(String name, String wide) {
        AttributeProto mode = AttributeProto.newBuilder()
                .setName("mode")
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8("CRD"))
                .build();
        add("DepthToSpace", name, List.of(wide), Messages.integer("blocksize", 2), mode);
    }

    /** DepthToSpace knows 2 axes only; channels lie last on the way since 8-bit convolutions keep them so in memory. */
    private void interleave3(String name, String wide, int maps) {
        graph.addInitializer(Messages.longs(name + ".apart", 0, 0, 0, 0, 2, 2, 2, maps));
        graph.addInitializer(Messages.longs(name + ".factors", 1, 2, 2, 2));
        graph.addInitializer(Messages.longs(name + ".maps", maps));
        graph.addInitializer(Messages.longs(name + ".first", 0));
        graph.addInitializer(Messages.longs(name + ".last", 4));
        String last = add("Transpose", name + ".last_axis", List.of(wide), Messages.integers("perm", 0, 2, 3, 4, 1));
        String shape = add("Shape", name + ".shape", List.of(last));
        String space = add("Slice", name + ".space", List.of(shape, name + ".first", name + ".last"));
        String twice = add("Mul", name + ".twice", List.of(space, name + ".factors"));
        String whole = add("Concat", name + ".whole", List.of(twice, name + ".maps"), Messages.integer("axis", 0));
        String apart = add("Reshape", name + ".split", List.of(last, name + ".apart"));
        String mixed =
                add("Transpose", name + ".mixed", List.of(apart), Messages.integers("perm", 0, 1, 4, 2, 5, 3, 6, 7));
        String joined = add("Reshape", name + ".joined", List.of(mixed, whole));
        add("Transpose", name, List.of(joined), Messages.integers("perm", 0, 4, 1, 2, 3));
    }

    private String add(String type, String name, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(Messages.node(type, name, inputs, attributes));
        return name;
    }
}
