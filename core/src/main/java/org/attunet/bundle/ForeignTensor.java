package org.attunet.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The input of a foreign model, in the terms of both formats.
 *
 * @param id its name
 * @param channels the number of channels
 * @param space its sizes along the axes of space, in the order of the axes
 * @param scales the size of a voxel along each axis of space by the axis' name; none where the format tells none
 */
record ForeignTensor(String id, int channels, List<Size> space, Map<String, Double> scales) {
    private static final int LARGEST = 65536;

    /**
     * The sizes that an axis may have: {@code least + n * step}.
     *
     * @param step 0 where the least is the only one
     */
    record Size(int least, int step) {}

    /** The number of axes of space. */
    int dimension() {
        return space.size();
    }

    static ForeignTensor input(Rdf tensor) {
        return tensor.get("axes").node().isTextual() ? letters(tensor) : listed(tensor);
    }

    /** Format 0.4: letters for axes, and a shape for all of them. */
    private static ForeignTensor letters(Rdf tensor) {
        String axes = tensor.get("axes").text();
        requireOrder(tensor, axes);
        Rdf shape = tensor.get("shape");
        boolean fixed = shape.node().isArray();
        List<Rdf> least = fixed ? shape.items() : shape.get("min").items();
        List<Rdf> step = fixed ? List.of() : shape.get("step").items();
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
    private static ForeignTensor listed(Rdf tensor) {
        List<Rdf> axes = tensor.get("axes").items();
        requireOrder(tensor, order(axes));
        List<Rdf> names = axes.get(1).get("channel_names").items();
        if (names.isEmpty()) {
            throw axes.get(1).get("channel_names").wrong("one name or more");
        }
        List<Size> space = new ArrayList<>();
        Map<String, Double> scales = new TreeMap<>();
        for (Rdf axis : axes.subList(2, axes.size())) {
            space.add(size(axis.get("size"), tensor, axes));
            scales.put(id(axis), axis.get("scale").number(1));
        }
        return new ForeignTensor(tensor.get("id").text("input"), names.size(), space, scales);
    }

    private static Size size(Rdf size, Rdf tensor, List<Rdf> axes) {
        if (size.node().isNumber()) {
            return new Size(size.integer(1, LARGEST), 0);
        }
        if (size.get("axis_id").present()) {
            for (Rdf other : axes) {
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

    static String id(Rdf axis) {
        return axis.get("id").text(axis.get("type").text());
    }

    /** A letter for each axis; a question mark for one that images don't have. */
    static String order(List<Rdf> axes) {
        StringBuilder order = new StringBuilder();
        for (Rdf axis : axes) {
            String type = axis.get("type").text();
            order.append(
                    switch (type) {
                        case "batch" -> "b";
                        case "channel" -> "c";
                        case "space" -> axis.get("id").text("x");
                        default -> "?";
                    });
        }
        return order.toString();
    }

    static void requireOrder(Rdf tensor, String order) {
        if (!order.equals("bcyx") && !order.equals("bczyx")) {
            throw tensor.unsupported(
                    tensor.at() + " has the axes " + String.join(", ", order.split("")),
                    "b, c, y, x or b, c, z, y, x (batch, channel, space)");
        }
    }
}
