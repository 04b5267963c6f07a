package org.attunet.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.bundle.OnnxGraph.Named;
import org.attunet.bundle.OnnxGraph.Node;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * Transposed convolutions of volumes, of kernel and stride 2, as operators that other programs have too: OpenCV has no
 * transposed convolution of volumes.
 *
 * <p>Eight convolutions of kernel 1 compute the 2 x 2 x 2 voxels that each voxel becomes. They are put beside one another
 * axis by axis: two are stacked along a new axis, which is then joined with the axis before it. The shape of that join can
 * leave out the sizes of other axes only as long as they keep their places, so z is the last axis meanwhile. The last
 * reshape changes nothing: until OpenCV knows an image's size, it takes the joined axis for an odd one, and would refuse the
 * concatenation that follows.
 */
final class VolumeUpsampling {
    private static final String PREFIX = "upsample.";
    private static final String JOIN_LAST = PREFIX + "join_last";
    private static final String JOIN_MIDDLE = PREFIX + "join_middle";
    private static final String AXIS_4 = PREFIX + "axis_4";
    private static final String AXIS_5 = PREFIX + "axis_5";
    private static final String WEIGHT = ".weight";
    private static final int PARTS = 8;

    private final List<Node> nodes = new ArrayList<>();

    private VolumeUpsampling() {}

    /** Replaces the transposed convolutions of a graph. */
    static void spread(OnnxGraph graph) {
        Map<String, Named> constants =
                graph.constants.stream().collect(Collectors.toMap(Named::name, Function.identity(), (a, b) -> a));
        Map<String, OnnxTensor> weights = new HashMap<>();
        List<Named> shapes = new ArrayList<>();
        VolumeUpsampling result = new VolumeUpsampling();
        for (Node node : graph.nodes) {
            OnnxTensor weight = weight(node, constants);
            if (weight == null) {
                result.nodes.add(node);
            } else {
                weights.put(node.inputs().get(1), weight);
                String shape = PREFIX + node.name() + ".shape";
                shapes.add(OnnxTensor.longs(0, weight.sizes()[1], 0, 0, 0).named(shape));
                result.spread(node, shape);
            }
        }
        if (weights.isEmpty()) {
            return;
        }
        graph.nodes.clear();
        graph.nodes.addAll(result.nodes);
        List<Named> parted = graph.constants.stream()
                .flatMap(constant -> weights.containsKey(constant.name())
                        ? parts(constant.name(), weights.get(constant.name()))
                        : Stream.of(constant))
                .toList();
        graph.constants.clear();
        graph.constants.addAll(parted);
        graph.constants.add(OnnxTensor.longs(0, 0, 0, 0, -1).named(JOIN_LAST));
        graph.constants.add(OnnxTensor.longs(0, 0, 0, -1, 1, 0).named(JOIN_MIDDLE));
        graph.constants.add(OnnxTensor.longs(4).named(AXIS_4));
        graph.constants.add(OnnxTensor.longs(5).named(AXIS_5));
        graph.constants.addAll(shapes);
    }

    private static @Nullable OnnxTensor weight(Node node, Map<String, Named> constants) {
        Node ours = transposed(node.name(), node.inputs(), node.outputs());
        boolean same = node.type().equals(ours.type())
                && Arrays.equals(node.other().toBytes(), ours.other().toBytes())
                && node.inputs().size() == 3
                && node.inputs().get(1).endsWith(WEIGHT);
        Named constant = same ? constants.get(node.inputs().get(1)) : null;
        OnnxTensor weight = constant == null ? null : OnnxTensor.of(constant);
        return weight != null && weight.isFloats() && isKernel(weight, 2) ? weight : null;
    }

    private static Node transposed(String name, List<String> inputs, List<String> outputs) {
        return new Node(name, "ConvTranspose", inputs, outputs, new ProtoMessage())
                .withAll("kernel_shape", 2, 2, 2)
                .withAll("strides", 2, 2, 2);
    }

    private static boolean isKernel(OnnxTensor weight, int size) {
        return weight.sizes().length == 5 && Arrays.stream(weight.sizes(), 2, 5).allMatch(n -> n == size);
    }

    private void spread(Node node, String shape) {
        String name = PREFIX + node.name();
        String turned = turn(name + ".turned", node.inputs().get(0), 0, 1, 3, 4, 2);
        List<String> parts = new ArrayList<>();
        for (int part = 0; part < PARTS; part++) {
            String own = name + ".part." + part;
            List<String> inputs = List.of(
                    turned, part(node.inputs().get(1), part), node.inputs().get(2));
            nodes.add(Node.of("Conv", own, inputs, own).withAll("kernel_shape", 1, 1, 1));
            parts.add(own);
        }
        List<String> deep = new ArrayList<>();
        for (String stack : stacked(name + ".z", parts, AXIS_5, 5)) {
            String joined = add("Reshape", stack + ".joined", List.of(stack, JOIN_LAST));
            deep.add(turn(stack + ".turned", joined, 0, 1, 4, 2, 3));
        }
        List<String> high = new ArrayList<>();
        for (String stack : stacked(name + ".y", deep, AXIS_4, 4)) {
            String joined = add("Reshape", stack + ".joined", List.of(stack, JOIN_MIDDLE));
            high.add(add("Reshape", stack + ".flat", List.of(joined, JOIN_LAST)));
        }
        String wide = stacked(name + ".x", high, AXIS_5, 5).get(0);
        String joined = add("Reshape", wide + ".joined", List.of(wide, JOIN_LAST));
        nodes.add(
                Node.of("Reshape", name, List.of(joined, shape), node.outputs().get(0)));
    }

    /** Stacks neighbours of a list along a new axis. */
    private List<String> stacked(String name, List<String> halves, String axis, int position) {
        List<String> stacks = new ArrayList<>();
        for (int k = 0; k < halves.size(); k += 2) {
            String stack = name + k / 2;
            String low = add("Unsqueeze", stack + ".low", List.of(halves.get(k), axis));
            String upper = add("Unsqueeze", stack + ".high", List.of(halves.get(k + 1), axis));
            nodes.add(Node.of("Concat", stack, List.of(low, upper), stack).with("axis", position));
            stacks.add(stack);
        }
        return stacks;
    }

    private String add(String type, String name, List<String> inputs) {
        nodes.add(Node.of(type, name, inputs, name));
        return name;
    }

    private String turn(String name, String input, long... order) {
        nodes.add(Node.of("Transpose", name, List.of(input), name).withAll("perm", order));
        return name;
    }

    private static String part(String weight, int part) {
        return PREFIX + weight + "." + part;
    }

    /** A weight (in, out, 2, 2, 2) as eight of (out, in, 1, 1, 1), z fastest as the parts are stacked. */
    private static Stream<Named> parts(String name, OnnxTensor weight) {
        int in = (int) weight.sizes()[0];
        int out = (int) weight.sizes()[1];
        return IntStream.range(0, PARTS).mapToObj(part -> {
            OnnxTensor own = OnnxTensor.floats(out, in, 1, 1, 1);
            for (int k = 0; k < in * out; k++) {
                own.raw().putInt(4 * (k % out * in + k / out), weight.raw().getInt(4 * (PARTS * k + zyx(part))));
            }
            return own.named(part(name, part));
        });
    }

    private static OnnxTensor joined(List<OnnxTensor> parts) {
        int in = (int) parts.get(0).sizes()[1];
        int out = (int) parts.get(0).sizes()[0];
        OnnxTensor weight = OnnxTensor.floats(in, out, 2, 2, 2);
        for (int part = 0; part < PARTS; part++) {
            for (int k = 0; k < in * out; k++) {
                int value = parts.get(part).raw().getInt(4 * (k % out * in + k / out));
                weight.raw().putInt(4 * (PARTS * k + zyx(part)), value);
            }
        }
        return weight;
    }

    /** The place of a part among the 2 x 2 x 2, of which x is the fastest. */
    private static int zyx(int part) {
        return (part & 1) << 2 | (part & 2) | part >> 2;
    }

    /**
     * Puts the transposed convolutions back.
     *
     * @throws AttunetException if the operators aren't those of {@link #spread}
     */
    static void gather(OnnxGraph graph) {
        List<Node> nodes = new ArrayList<>();
        List<String> inputs = new ArrayList<>();
        for (Node node : graph.nodes) {
            if (!node.name().startsWith(PREFIX)) {
                nodes.add(node);
            } else if (node.outputs().stream().noneMatch(output -> output.startsWith(PREFIX))) {
                if (inputs.size() != 3) {
                    throw damaged(node.name());
                }
                nodes.add(transposed(node.name().substring(PREFIX.length()), List.copyOf(inputs), node.outputs()));
                inputs.clear();
            } else if (inputs.isEmpty()) {
                inputs.add(input(node, 0));
            } else if (node.name().endsWith(".part.0")) {
                inputs.add(whole(input(node, 1)));
                inputs.add(input(node, 2));
            }
        }
        if (!inputs.isEmpty()) {
            throw damaged(inputs.toString());
        }
        graph.nodes.clear();
        graph.nodes.addAll(nodes);
        gatherConstants(graph);
    }

    private static String input(Node node, int number) {
        if (number >= node.inputs().size()) {
            throw damaged(node.name());
        }
        return node.inputs().get(number);
    }

    private static void gatherConstants(OnnxGraph graph) {
        List<Named> constants = new ArrayList<>();
        List<OnnxTensor> parts = new ArrayList<>();
        for (Named constant : graph.constants) {
            String name = constant.name();
            if (!name.startsWith(PREFIX)) {
                constants.add(constant);
            } else if (name.endsWith(WEIGHT + "." + parts.size())) {
                OnnxTensor part = OnnxTensor.of(constant);
                if (part == null || !part.isFloats() || !alike(part, parts)) {
                    throw damaged(name);
                }
                parts.add(part);
                if (parts.size() == PARTS) {
                    constants.add(joined(parts).named(whole(name)));
                    parts.clear();
                }
            }
        }
        if (!parts.isEmpty()) {
            throw damaged("a weight of which " + parts.size() + " of " + PARTS + " parts are there");
        }
        graph.constants.clear();
        graph.constants.addAll(constants);
    }

    private static boolean alike(OnnxTensor part, List<OnnxTensor> parts) {
        return isKernel(part, 1)
                && (parts.isEmpty() || Arrays.equals(part.sizes(), parts.get(0).sizes()));
    }

    /** The name of a weight from that of a part. */
    private static String whole(String part) {
        if (!part.startsWith(PREFIX) || part.length() < PREFIX.length() + 2) {
            throw damaged(part);
        }
        return part.substring(PREFIX.length(), part.length() - 2);
    }

    private static AttunetException damaged(String name) {
        return new AttunetException("model", name + " in it is damaged", "a model of attunet", "export it again");
    }
}
