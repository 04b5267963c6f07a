package org.attunet.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The input tensor of a foreign model, from format 0.4 or 0.5.
 *
 * @param id the tensor's name
 * @param channels the number of channels
 * @param space the allowed sizes along the spatial axes, in tensor order
 * @param scales the voxel size along each spatial axis by the axis's name; empty for format 0.4, which has none
 */
record ForeignTensor(String id, int channels, List<Size> space, Map<String, Double> scales) {
    private static final int LARGEST = 65536;

    /**
     * The allowed sizes of an axis: {@code least + n * step}.
     *
     * @param step 0 if only {@code least} is allowed
     */
    record Size(int least, int step) {
        boolean allows(int size) {
            return step == 0 ? size == least : size >= least && (size - least) % step == 0;
        }
    }

    /** The number of spatial axes. */
    int dimension() {
        return space.size();
    }

    static ForeignTensor input(RdfNode tensor) {
        return tensor.get("axes").node().isTextual() ? letters(tensor) : listed(tensor);
    }

    /** Format 0.4: a letter for each axis, and one shape. */
    private static ForeignTensor letters(RdfNode tensor) {
        String axes = tensor.get("axes").text();
        requireOrder(tensor, axes);
        RdfNode shape = tensor.get("shape");
        boolean fixed = shape.node().isArray();
        List<RdfNode> least = fixed ? shape.items() : shape.get("min").items();
        List<RdfNode> step = fixed ? List.of() : shape.get("step").items();
        if (least.size() != axes.length() || (!fixed && step.size() != axes.length())) {
            throw shape.wrong(axes.length() + " sizes");
        }
        List<Size> space = new ArrayList<>();
        for (int i = 2; i < axes.length(); i++) {
            space.add(new Size(
                    least.get(i).integer(1, LARGEST), fixed ? 0 : step.get(i).integer(0, LARGEST)));
        }
        int channels = least.get(1).integer(1, 4096);
        return new ForeignTensor(tensor.get("name").text(), channels, space, Map.of());
    }

    /** Format 0.5: an object for each axis. */
    private static ForeignTensor listed(RdfNode tensor) {
        List<RdfNode> axes = tensor.get("axes").items();
        requireOrder(tensor, order(axes));
        List<RdfNode> names = axes.get(1).get("channel_names").items();
        if (names.isEmpty()) {
            throw axes.get(1).get("channel_names").wrong("one name or more");
        }
        List<Size> space = new ArrayList<>();
        Map<String, Double> scales = new TreeMap<>();
        for (RdfNode axis : axes.subList(2, axes.size())) {
            space.add(size(axis.get("size"), tensor, axes));
            scales.put(id(axis), axis.get("scale").number(1));
        }
        return new ForeignTensor(tensor.get("id").text("input"), names.size(), space, scales);
    }

    private static Size size(RdfNode size, RdfNode tensor, List<RdfNode> axes) {
        if (size.node().isNumber()) {
            return new Size(size.integer(1, LARGEST), 0);
        }
        if (size.get("axis_id").present()) {
            for (RdfNode other : axes) {
                boolean meant = id(other).equals(size.get("axis_id").text())
                        && !other.get("size").get("axis_id").present()
                        && size.get("tensor_id").text().equals(tensor.get("id").text("input"));
                if (meant && size.get("offset").number(0) == 0) {
                    return size(other.get("size"), tensor, axes);
                }
            }
            throw size.unsupported(
                    "a size by reference to another tensor or with an offset", "sizes with min and step");
        }
        return new Size(size.get("min").integer(1, LARGEST), size.get("step").integer(1, LARGEST));
    }

    static String id(RdfNode axis) {
        return axis.get("id").text(axis.get("type").text());
    }

    /** A letter for each axis; a question mark for an unknown kind. */
    static String order(List<RdfNode> axes) {
        return axes.stream()
                .map(axis -> switch (axis.get("type").text()) {
                    case "batch" -> "b";
                    case "channel" -> "c";
                    case "space" -> axis.get("id").text("x");
                    default -> "?";
                })
                .collect(Collectors.joining());
    }

    static void requireOrder(RdfNode tensor, String order) {
        if (!order.equals("bcyx") && !order.equals("bczyx")) {
            throw tensor.unsupported(
                    tensor.at() + " has the axes " + String.join(", ", order.split("")),
                    "b, c, y, x or b, c, z, y, x (batch, channel, space)");
        }
    }
}
