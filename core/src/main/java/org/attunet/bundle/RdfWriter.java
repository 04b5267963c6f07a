package org.attunet.bundle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.image.Sizes;
import org.attunet.io.Json;
import org.attunet.io.Yaml;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's {@code rdf.yaml}: the description of a model in the format 0.5 of the BioImage Model Zoo, and under {@code
 * config: attunet:} what that format has no words for.
 *
 * <p>Two rules of the zoo's own readers go beyond the published schema: the halo must be even and leave at least one
 * voxel of the smallest input, and a model may not have more outputs than are described.
 */
final class RdfWriter {
    static final String FORMAT_VERSION = "0.5.7";
    /** The version of what stands under {@code config: attunet:}. */
    static final int CONFIG_VERSION = 1;

    static final String INPUT = "input";
    static final String LOGITS = "logits";
    static final String PAPER = "Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas, 2018";
    static final String PAPER_DOI = "10.48550/arXiv.1804.03999";
    private static final int LONGEST_ID = 32;

    private final BundleContent content;
    private final ModelDescription model;
    private final NetworkConfig network;
    private final Map<String, String> hashes;

    private RdfWriter(BundleContent content, Map<String, String> hashes) {
        this.content = content;
        this.hashes = hashes;
        model = content.model();
        network = model.network();
    }

    /**
     * The text of the file.
     *
     * @param hashes the SHA-256 of each other file of the bundle, by its name
     */
    static String text(BundleContent content, Map<String, String> hashes) {
        return Yaml.text(new RdfWriter(content, hashes).root());
    }

    /** The names of the axes of space in the order of tensors. */
    static List<String> space(int dimension) {
        return dimension == 2 ? List.of("y", "x") : List.of("z", "y", "x");
    }

    private ObjectNode root() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format_version", FORMAT_VERSION).put("type", "model");
        root.put("name", zooName(model.name())).put("description", content.description());
        root.put("version", content.version())
                .put("timestamp", content.created().toString());
        ArrayNode authors = root.putArray("authors");
        content.authors().forEach(author -> author(authors.addObject(), author));
        root.putArray("cite").addObject().put("text", PAPER).put("doi", PAPER_DOI);
        if (content.licence() != null) {
            root.put("license", content.licence());
        }
        ArrayNode tags = root.putArray("tags");
        tags().forEach(tags::add);
        root.put("documentation", BundleFile.CARD);
        if (hashes.containsKey(BundleFile.COVER)) {
            root.putArray("covers").add(BundleFile.COVER);
        }
        input(root.putArray("inputs").addObject());
        ArrayNode outputs = root.putArray("outputs");
        logits(outputs.addObject());
        content.gates().forEach(gate -> gate(outputs.addObject(), gate));
        ObjectNode onnx = root.putObject("weights").putObject("onnx");
        file(onnx, BundleFile.ONNX).put("opset_version", content.opset());
        onnx.put("comment", "Batch normalisation is folded into the convolutions.");
        attachments(root.putArray("attachments"));
        ObjectNode config = root.putObject("config");
        bioimageio(config.putObject("bioimageio"));
        attunet(config.putObject("attunet"));
        return root;
    }

    private static void author(ObjectNode node, Author author) {
        node.put("name", author.name());
        optional(node, "affiliation", author.affiliation());
        optional(node, "orcid", author.orcid());
        optional(node, "github_user", author.github());
    }

    private static void optional(ObjectNode node, String field, @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    private List<String> tags() {
        List<String> tags = new ArrayList<>(List.of("segmentation", "unet", "attention", "attention-unet", "medical"));
        tags.add(network.dimension() + "d");
        tags.addAll(model.labels().names());
        return tags;
    }

    private void input(ObjectNode node) {
        node.put("id", INPUT).put("description", "intensities before normalisation, on the network's grid");
        ArrayNode axes = batchAndChannels(
                node,
                network.channels() == 3 && network.dimension() == 2 ? List.of("red", "green", "blue") : numbered());
        List<String> space = space(network.dimension());
        for (int i = 0; i < space.size(); i++) {
            int axis = space.size() - 1 - i;
            ObjectNode one = spaceAxis(axes, space.get(i), axis, 1);
            one.putObject("size").put("min", least(axis)).put("step", network.multiple());
        }
        node.putObject("data").put("type", "float32");
        node.set("preprocessing", ZooSteps.of(model.preprocessing().normalisation(), network.dimension()));
        file(node.putObject("test_tensor"), BundleFile.TEST_INPUT);
    }

    private List<String> numbered() {
        List<String> names = new ArrayList<>();
        for (int c = 0; c < network.channels(); c++) {
            names.add("channel" + c);
        }
        return names;
    }

    private void logits(ObjectNode node) {
        node.put("id", LOGITS).put("description", "probabilities; the network gives their logits");
        List<String> names = new ArrayList<>();
        for (int k = 0; k < network.outputs(); k++) {
            names.add(model.labels().nameOf(network.outputs() == 1 ? 1 : k));
        }
        ArrayNode axes = batchAndChannels(node, identifiers(names));
        List<String> space = space(network.dimension());
        for (int i = 0; i < space.size(); i++) {
            int axis = space.size() - 1 - i;
            ObjectNode one = spaceAxis(axes, space.get(i), axis, 1);
            one.putObject("size").put("tensor_id", INPUT).put("axis_id", space.get(i));
            int halo = zooHalo(axis);
            if (halo > 0) {
                one.put("halo", halo);
            }
        }
        node.putObject("data").put("type", "float32");
        ArrayNode steps = node.putArray("postprocessing");
        if (content.temperature() != 1) {
            steps.addObject().put("id", "scale_linear").putObject("kwargs").put("gain", 1 / content.temperature());
        }
        if (network.outputs() == 1) {
            steps.addObject().put("id", "sigmoid");
        } else {
            steps.addObject().put("id", "softmax").putObject("kwargs").put("axis", "channel");
        }
        file(node.putObject("test_tensor"), BundleFile.TEST_OUTPUT);
    }

    private void gate(ObjectNode node, GateOutput gate) {
        String name = gate.name();
        node.put("id", name.length() <= LONGEST_ID ? name : name.substring(name.length() - LONGEST_ID));
        node.put("description", "where an attention gate is open, from 0 to 1");
        List<String> names = new ArrayList<>();
        for (int map = 0; map < gate.maps(); map++) {
            names.add("map" + map);
        }
        ArrayNode axes = batchAndChannels(node, names);
        List<String> space = space(network.dimension());
        for (int i = 0; i < space.size(); i++) {
            ObjectNode one = spaceAxis(axes, space.get(i), space.size() - 1 - i, gate.stride());
            one.putObject("size").put("tensor_id", INPUT).put("axis_id", space.get(i));
        }
        node.putObject("data").put("type", "float32");
    }

    private static ArrayNode batchAndChannels(ObjectNode tensor, List<String> channels) {
        ArrayNode axes = tensor.putArray("axes");
        axes.addObject().put("type", "batch").put("id", "batch");
        ArrayNode names =
                axes.addObject().put("type", "channel").put("id", "channel").putArray("channel_names");
        channels.forEach(names::add);
        return axes;
    }

    /** An axis of space; where voxels have one size it is told, for the zoo can't say that images are resampled. */
    private ObjectNode spaceAxis(ArrayNode axes, String name, int axis, int stride) {
        ObjectNode node = axes.addObject().put("type", "space").put("id", name);
        double[] spacing = model.preprocessing().targetSpacing();
        boolean physical = spacing != null && axis < spacing.length;
        if (spacing != null && physical) {
            node.put("unit", "millimeter").put("scale", spacing[axis] * stride);
        } else if (stride != 1) {
            node.put("scale", (double) stride);
        }
        return node;
    }

    /** The smallest input: the training's patch, or the test case where that is smaller. */
    private int least(int axis) {
        int patch = Sizes.roundUp(model.patch()[axis], network.multiple());
        return Math.min(patch, content.test().size()[axis]);
    }

    /**
     * The halo for the zoo's readers: our own where it fits, at most a quarter of the smallest input, so that half of a
     * tile is used; even.
     */
    private int zooHalo(int axis) {
        int[] exact = content.tiling().halo();
        int quarter = least(axis) / 4;
        return (exact.length > axis ? Math.min(exact[axis], quarter) : quarter) / 2 * 2;
    }

    private void attachments(ArrayNode attachments) {
        for (String name : List.of(BundleFile.INT8, BundleFile.WEIGHTS)) {
            if (hashes.containsKey(name)) {
                file(attachments.addObject(), name);
            }
        }
    }

    private void bioimageio(ObjectNode node) {
        node.put("architecture_type", network.dimension() + "D Attention U-Net").put("task", "segmentation");
        ArrayNode structures = node.putArray("target_structure");
        model.labels().names().forEach(structures::add);
        node.putArray("reproducibility_tolerance")
                .addObject()
                .put("absolute_tolerance", 1e-3)
                .put("relative_tolerance", 1e-3);
    }

    private void attunet(ObjectNode node) {
        node.put("version", CONFIG_VERSION);
        node.set("model", ModelJson.tree(model));
        node.put("temperature", content.temperature());
        ObjectNode tiling = node.putObject("tiling");
        tiling.put("mode", content.tiling().mode().name().toLowerCase(Locale.ROOT));
        ArrayNode halo = tiling.putArray("halo");
        for (int size : content.tiling().halo()) {
            halo.add(size);
        }
        if (!content.keepLargest().none()) {
            ObjectNode keep = node.putObject("keep_largest");
            keep.put("union", content.keepLargest().union());
            content.keepLargest().labels().forEach(keep.putArray("labels")::add);
        }
        ObjectNode files = node.putObject("files");
        hashes.forEach(files::put);
        node.set("card", Json.EXACT.valueToTree(content.card()));
    }

    private ObjectNode file(ObjectNode node, String name) {
        return node.put("source", name).put("sha256", Objects.requireNonNull(hashes.get(name)));
    }

    /** A name in the zoo's letters (letters, digits, underscore, minus, parentheses, spaces), 5 to 64 of them. */
    static String zooName(String name) {
        String clean = name.replaceAll("[^A-Za-z0-9_\\-() ]+", " ").strip();
        String full = clean.length() < 5 ? (clean + " segmentation").strip() : clean;
        return full.substring(0, Math.min(64, full.length())).strip();
    }

    /** Names as identifiers: letters, digits and underscores, no digit first, each once. */
    static List<String> identifiers(List<String> names) {
        Set<String> taken = new LinkedHashSet<>();
        for (String name : names) {
            String clean = name.strip().replaceAll("[^A-Za-z0-9]+", "_");
            String base = clean.isEmpty() || Character.isDigit(clean.charAt(0)) ? "class_" + clean : clean;
            String free = base;
            for (int n = 2; !taken.add(free); n++) {
                free = base + "_" + n;
            }
        }
        return List.copyOf(taken);
    }
}
