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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.image.Sizes;
import org.attunet.io.Json;
import org.attunet.io.Yaml;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bundle's {@code rdf.yaml}: the description of a model in format 0.5 of the BioImage Model Zoo, with what that
 * format can't express under {@code config: attunet:}.
 *
 * <p>The zoo's own readers have two rules beyond the published schema: the halo must be even and leave at least one voxel
 * of the smallest input, and all outputs of a model must be described.
 */
final class RdfWriter {
    static final String FORMAT_VERSION = "0.5.7";
    /** The version of the part {@code config: attunet:}. */
    static final int CONFIG_VERSION = 1;

    static final String INPUT = "input";
    static final String LOGITS = "logits";
    static final String PAPER = "Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas, 2018";
    static final String PAPER_DOI = "10.48550/arXiv.1804.03999";
    private static final int LONGEST_ID = 32;
    private static final List<String> AXES = List.of("x", "y", "z");

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
     * Returns the text of the file.
     *
     * @param hashes the SHA-256 of each other file of the bundle, by its name
     */
    static String text(BundleContent content, Map<String, String> hashes) {
        return Yaml.text(new RdfWriter(content, hashes).root());
    }

    private ObjectNode root() {
        Publication publication = content.publication();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format_version", FORMAT_VERSION).put("type", "model");
        root.put("name", zooName(model.name())).put("description", publication.description());
        root.put("version", publication.version())
                .put("timestamp", publication.created().toString());
        ArrayNode authors = root.putArray("authors");
        publication.authors().forEach(author -> author(authors.addObject(), author));
        root.putArray("cite").addObject().put("text", PAPER).put("doi", PAPER_DOI);
        if (publication.licence() != null) {
            root.put("license", publication.licence());
        }
        tags().forEach(root.putArray("tags")::add);
        root.put("documentation", BundleFiles.CARD);
        if (hashes.containsKey(BundleFiles.COVER)) {
            root.putArray("covers").add(BundleFiles.COVER);
        }
        input(root.putArray("inputs").addObject());
        ArrayNode outputs = root.putArray("outputs");
        logits(outputs.addObject());
        content.weights().gates().forEach(gate -> gate(outputs.addObject(), gate));
        ObjectNode onnx = root.putObject("weights").putObject("onnx");
        file(onnx, BundleFiles.ONNX).put("opset_version", content.weights().opset());
        onnx.put("comment", "Batch normalisation is folded into the convolutions.");
        ArrayNode attachments = root.putArray("attachments");
        Stream.of(BundleFiles.INT8, BundleFiles.WEIGHTS)
                .filter(hashes::containsKey)
                .forEach(name -> file(attachments.addObject(), name));
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
                network.channels() == 3 && network.dimension() == 2
                        ? List.of("red", "green", "blue")
                        : numbered("channel", network.channels()));
        for (int axis = network.dimension() - 1; axis >= 0; axis--) {
            spaceAxis(axes, axis, 1).putObject("size").put("min", least(axis)).put("step", network.multiple());
        }
        node.putObject("data").put("type", "float32");
        node.set("preprocessing", ZooPreprocessing.of(model.preprocessing().normalisation(), network.dimension()));
        file(node.putObject("test_tensor"), BundleFiles.TEST_INPUT);
    }

    private static List<String> numbered(String name, int count) {
        return IntStream.range(0, count).mapToObj(k -> name + k).toList();
    }

    private void logits(ObjectNode node) {
        node.put("id", LOGITS).put("description", "probabilities; the network gives their logits");
        List<String> names = IntStream.range(0, network.outputs())
                .mapToObj(k -> model.labels().nameOf(network.outputs() == 1 ? 1 : k))
                .toList();
        ArrayNode axes = batchAndChannels(node, identifiers(names));
        for (int axis = network.dimension() - 1; axis >= 0; axis--) {
            ObjectNode one = onInput(axes, axis, 1);
            int halo = zooHalo(axis);
            if (halo > 0) {
                one.put("halo", halo);
            }
        }
        node.putObject("data").put("type", "float32");
        ArrayNode steps = node.putArray("postprocessing");
        if (content.settings().temperature() != 1) {
            steps.addObject()
                    .put("id", "scale_linear")
                    .putObject("kwargs")
                    .put("gain", 1 / content.settings().temperature());
        }
        if (network.outputs() == 1) {
            steps.addObject().put("id", "sigmoid");
        } else {
            steps.addObject().put("id", "softmax").putObject("kwargs").put("axis", "channel");
        }
        file(node.putObject("test_tensor"), BundleFiles.TEST_OUTPUT);
    }

    private void gate(ObjectNode node, BundleContent.GateOutput gate) {
        String name = gate.name();
        node.put("id", name.length() <= LONGEST_ID ? name : name.substring(name.length() - LONGEST_ID));
        node.put("description", "weights of an attention gate, from 0 (shut) to 1 (open)");
        ArrayNode axes = batchAndChannels(node, numbered("map", gate.maps()));
        for (int axis = network.dimension() - 1; axis >= 0; axis--) {
            onInput(axes, axis, gate.stride());
        }
        node.putObject("data").put("type", "float32");
    }

    private static ArrayNode batchAndChannels(ObjectNode tensor, List<String> channels) {
        ArrayNode axes = tensor.putArray("axes");
        axes.addObject().put("type", "batch").put("id", "batch");
        ObjectNode channel = axes.addObject().put("type", "channel").put("id", "channel");
        channels.forEach(channel.putArray("channel_names")::add);
        return axes;
    }

    /** Adds a spatial axis of an output on the input's grid, or on a coarser grid of this stride. */
    private ObjectNode onInput(ArrayNode axes, int axis, int stride) {
        ObjectNode node = spaceAxis(axes, axis, stride);
        node.putObject("size").put("tensor_id", INPUT).put("axis_id", AXES.get(axis));
        return node;
    }

    /** Adds a spatial axis, with the voxel size if images are resampled, which the format can't express otherwise. */
    private ObjectNode spaceAxis(ArrayNode axes, int axis, int stride) {
        ObjectNode node = axes.addObject().put("type", "space").put("id", AXES.get(axis));
        double[] spacing = model.preprocessing().targetSpacing();
        if (spacing != null && axis < spacing.length) {
            node.put("unit", "millimeter").put("scale", spacing[axis] * stride);
        } else if (stride != 1) {
            node.put("scale", (double) stride);
        }
        return node;
    }

    /** The smallest input: the training patch, or the test case if that is smaller. */
    private int least(int axis) {
        int patch = Sizes.roundUp(model.patch()[axis], network.multiple());
        return Math.min(patch, content.test().size()[axis]);
    }

    /**
     * The even halo for the zoo's readers: the exact one, but at most a quarter of the smallest input, so that at least
     * half of a tile is used.
     */
    private int zooHalo(int axis) {
        int[] exact = content.settings().tiling().halo();
        int quarter = least(axis) / 4;
        return (exact.length > axis ? Math.min(exact[axis], quarter) : quarter) / 2 * 2;
    }

    private void bioimageio(ObjectNode node) {
        node.put("architecture_type", network.dimension() + "D Attention U-Net").put("task", "segmentation");
        model.labels().names().forEach(node.putArray("target_structure")::add);
        node.putArray("reproducibility_tolerance")
                .addObject()
                .put("absolute_tolerance", 1e-3)
                .put("relative_tolerance", 1e-3);
    }

    private void attunet(ObjectNode node) {
        node.put("version", CONFIG_VERSION);
        node.set("model", ModelJson.tree(model));
        node.put("temperature", content.settings().temperature());
        ObjectNode tiling = node.putObject("tiling");
        tiling.put("mode", content.settings().tiling().mode().name().toLowerCase(Locale.ROOT));
        tiling.set("halo", Json.EXACT.valueToTree(content.settings().tiling().halo()));
        KeepLargest largest = content.settings().keepLargest();
        if (!largest.none()) {
            node.set("keep_largest", Json.EXACT.valueToTree(largest));
        }
        if (content.profile() != null) {
            node.set("profile", Json.EXACT.valueToTree(content.profile()));
        }
        node.set("files", Json.EXACT.valueToTree(hashes));
        node.set("card", Json.EXACT.valueToTree(content.card()));
    }

    private ObjectNode file(ObjectNode node, String name) {
        return node.put("source", name).put("sha256", Objects.requireNonNull(hashes.get(name)));
    }

    /** A name that the zoo accepts: 5 to 64 letters, digits, underscores, minus signs, parentheses and spaces. */
    static String zooName(String name) {
        String clean = name.replaceAll("[^A-Za-z0-9_\\-() ]+", " ").strip();
        String full = clean.length() < 5 ? (clean + " segmentation").strip() : clean;
        return full.substring(0, Math.min(64, full.length())).strip();
    }

    /** Unique identifiers from names: letters, digits and underscores, not starting with a digit. */
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
