package org.attunet.export;

import java.util.List;
import org.attunet.export.proto.AttributeProto;
import org.attunet.export.proto.GraphProto;

/**
 * Writes a quantised 3D convolution of kernel 3 as a 2D one: the planes of a volume become a batch, and each plane takes
 * its two neighbours as further maps.
 *
 * <p>ONNX Runtime gathers the inputs of a 3D convolution value by value, which costs more than the arithmetic if there are
 * few output maps; in 2D it copies whole voxels (widths 16 to 128, 64 x 64 x 48 voxels, one thread: 162 ms rather than
 * 277). The restacking itself moves 8-bit values with channels last, as they are in memory between 8-bit convolutions.
 */
final class Conv3dAsConv2d {
    private final GraphProto.Builder graph;
    private final String name;

    /** Writes into a graph the operators for a convolution, whose name begins theirs. */
    Conv3dAsConv2d(GraphProto.Builder graph, String name) {
        this.graph = graph;
        this.name = name + ".planes";
    }

    /**
     * Stacks each plane with its neighbours; planes outside the volume are 0.
     *
     * @param stored uint8 (B, C, D, H, W)
     * @param zeroPoint the name of the stored value of 0
     * @return uint8 (B D, 3 C, H, W)
     */
    String stackPlanes(String stored, String zeroPoint, int maps) {
        constant("pads", 0, 1, 0, 0, 0, 0, 1, 0, 0, 0);
        constant("axis", 1);
        for (int place = 0; place < 3; place++) {
            constant("from" + place, place);
            constant("to" + place, place < 2 ? place - 2 : Integer.MAX_VALUE);
        }
        String voxels = transpose("voxels", stored, 0, 2, 3, 4, 1); // (B, D,     H, W, C)
        String padded = add("Pad", "padded", List.of(voxels, name + ".pads", zeroPoint)); // (B, D + 2, H, W, C)
        String joined = add(
                "Concat",
                "joined",
                List.of(neighbour(padded, 0), neighbour(padded, 1), neighbour(padded, 2)),
                OnnxProtos.integer("axis", 4)); // (B, D, H, W, 3 C)
        constant("any", -1);
        constant("wide", 3L * maps);
        constant("zero", 0);
        constant("two", 2);
        constant("four", 4);
        add("Shape", "shape", List.of(voxels));
        add("Slice", "plane", List.of(name + ".shape", name + ".two", name + ".four"));
        add("Slice", "volume", List.of(name + ".shape", name + ".zero", name + ".four"));
        add("Concat", "flat", List.of(name + ".any", name + ".plane", name + ".wide"), OnnxProtos.integer("axis", 0));
        String planes = add("Reshape", "batch", List.of(joined, name + ".flat")); // (B D, H, W, 3 C)
        return transpose("first", planes, 0, 3, 1, 2);
    }

    /**
     * Joins planes to a volume again.
     *
     * @param planes uint8 (B D, C, H, W)
     * @param stored the name of the result, uint8 (B, C, D, H, W)
     */
    void joinPlanes(String planes, String stored, int maps) {
        constant("maps", maps);
        String last = transpose("last", planes, 0, 2, 3, 1); // (B D, H, W, C)
        add("Concat", "whole", List.of(name + ".volume", name + ".maps"), OnnxProtos.integer("axis", 0));
        String volume = add("Reshape", "together", List.of(last, name + ".whole")); // (B, D, H, W, C)
        graph.addNode(
                OnnxProtos.node("Transpose", stored, List.of(volume), OnnxProtos.integers("perm", 0, 4, 1, 2, 3)));
    }

    /**
     * Reorders weights for stacked planes.
     *
     * @param weight int8 (out, in, 3, 3, 3), the plane's axis before the last two
     * @return (out, 3 in, 3, 3)
     */
    static byte[] weights(byte[] weight, int out, int in) {
        byte[] stacked = new byte[weight.length];
        for (int to = 0; to < out; to++) {
            for (int from = 0; from < in; from++) {
                for (int place = 0; place < 3; place++) {
                    int source = ((to * in + from) * 3 + place) * 9;
                    System.arraycopy(weight, source, stacked, ((to * 3 + place) * in + from) * 9, 9);
                }
            }
        }
        return stacked;
    }

    private String neighbour(String padded, int place) {
        return add(
                "Slice",
                "neighbour" + place,
                List.of(padded, name + ".from" + place, name + ".to" + place, name + ".axis"));
    }

    private String transpose(String part, String of, long... order) {
        return add("Transpose", part, List.of(of), OnnxProtos.integers("perm", order));
    }

    private void constant(String part, long... values) {
        graph.addInitializer(OnnxProtos.longs(name + "." + part, values));
    }

    private String add(String type, String part, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(OnnxProtos.node(type, name + "." + part, inputs, attributes));
        return name + "." + part;
    }
}
