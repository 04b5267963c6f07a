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
import org.attunet.image.LengthUnit;
import org.attunet.image.Sizes;
import org.attunet.io.Json;
import org.attunet.io.Yaml;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bundle's {@code rdf.yaml}: the description of a model in format 0.5 of the BioImage Model Zoo, with what that
 * format can't express under {@code config: attunet:}.
 *
 * <p>The readers of the zoo's programs have rules beyond the published schema, which docs/bundle.md lists: one output,
 * only certain steps, an identifier and a licence, a halo that fits the steps of the size, a small tolerance.
 */
final class RdfWriter {
    static final String FORMAT_VERSION = "0.5.7";
    /** The version of the part {@code config: attunet:}. */
    static final int CONFIG_VERSION = 2;

    static final String PAPER = "Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas, 2018";
    static final String PAPER_DOI = "10.48550/arXiv.1804.03999";
    /**
     * By {@code opset_version} readers choose an engine, which also runs older operator sets. JDLL has engines for 17 on all
     * platforms, for 13 on some.
     */
    private static final int ENGINE_OPSET = 17;

    private static final double TOLERANCE = 1e-3;
    private static final double LARGEST_TOLERANCE = 0.01; // of the test output's maximum, as the zoo's reader requires
    private static final List<String> AXES = List.of("x", "y", "z");

    private final BundleContent content;
    private final ModelDescription model;
    private final NetworkConfig network;
    private final Map<String, String> hashes;
    private final int opset;

    private RdfWriter(BundleContent content, Map<String, String> hashes, int opset) {
        this.content = content;
        this.hashes = hashes;
        this.opset = opset;
        model = content.model();
        network = model.network();
    }

    /**
     * Returns the text of the file.
     *
     * @param hashes the SHA-256 of each other file of the bundle, by its name
     * @param opset the version of ONNX's operators in the file
     */
    static String text(BundleContent content, Map<String, String> hashes, int opset) {
        return Yaml.text(new RdfWriter(content, hashes, opset).root());
    }

    private ObjectNode root() {
        Publication publication = content.publication();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format_version", FORMAT_VERSION).put("type", "model");
        root.put("id", zooId(model.name()));
        root.put("name", zooName(model.name())).put("description", publication.description());
        root.put("version", publication.version())
                .put("timestamp", publication.created().toString());
        ArrayNode authors = root.putArray("authors");
        publication.authors().forEach(author -> author(authors.addObject(), author));
        root.putArray("cite").addObject().put("text", PAPER).put("doi", PAPER_DOI);
        root.put("license", publication.licence() == null ? Publication.UNNAMED_LICENCE : publication.licence());
        tags().forEach(root.putArray("tags")::add);
        root.put("documentation", BundleFiles.CARD);
        if (hashes.containsKey(BundleFiles.COVER)) {
            root.putArray("covers").add(BundleFiles.COVER);
        }
        input(root.putArray("inputs").addObject());
        output(root.putArray("outputs").addObject());
        ObjectNode onnx = root.putObject("weights").putObject("onnx");
        file(onnx, BundleFiles.ONNX).put("opset_version", Math.max(opset, ENGINE_OPSET));
        onnx.put(
                "comment",
                "The file has operator set " + opset
                        + "; opset_version is that of engines to choose. Batch normalisation"
                        + " is folded into the convolutions.");
        ArrayNode attachments = root.putArray("attachments");
        Stream.of(BundleFiles.INT8, BundleFiles.INT8_TEST_OUTPUT, BundleFiles.WEIGHTS)
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
        double[] spacing = model.preprocessing().resizedSpacing();
        double resize = model.preprocessing().resize();
        String grid = spacing != null
                ? " of " + LengthUnit.text(spacing)
                : resize == 1 ? "" : ", " + resize + " times an image's size along each axis";
        node.put("id", PortableModel.INPUT)
                .put("description", "intensities before normalisation, on the network's grid" + grid);
        ArrayNode axes = batchAndChannels(
                node,
                network.channels() == 3 && network.dimension() == 2
                        ? List.of("red", "green", "blue")
                        : numbered("channel", network.channels()));
        for (int axis = network.dimension() - 1; axis >= 0; axis--) {
            spaceAxis(axes, axis).putObject("size").put("min", least(axis)).put("step", network.multiple());
        }
        node.putObject("data").put("type", "float32");
        node.set("preprocessing", ZooPreprocessing.of(model));
        file(node.putObject("test_tensor"), BundleFiles.TEST_INPUT);
    }

    private static List<String> numbered(String name, int count) {
        return IntStream.range(0, count).mapToObj(k -> name + k).toList();
    }

    private void output(ObjectNode node) {
        node.put("id", PortableModel.OUTPUT).put("description", "probabilities");
        ArrayNode axes = batchAndChannels(node, identifiers(model.outputNames()));
        for (int axis = network.dimension() - 1; axis >= 0; axis--) {
            ObjectNode one = spaceAxis(axes, axis);
            one.putObject("size").put("tensor_id", PortableModel.INPUT).put("axis_id", AXES.get(axis));
            int halo = zooHalo(axis);
            if (halo > 0) {
                one.put("halo", halo);
            }
        }
        node.putObject("data").put("type", "float32");
        file(node.putObject("test_tensor"), BundleFiles.TEST_OUTPUT);
    }

    private static ArrayNode batchAndChannels(ObjectNode tensor, List<String> channels) {
        ArrayNode axes = tensor.putArray("axes");
        axes.addObject().put("type", "batch").put("id", "batch");
        ObjectNode channel = axes.addObject().put("type", "channel").put("id", "channel");
        channels.forEach(channel.putArray("channel_names")::add);
        return axes;
    }

    /** Adds a spatial axis, without the voxel size: JDLL takes an output's for a factor of its number of voxels. */
    private static ObjectNode spaceAxis(ArrayNode axes, int axis) {
        return axes.addObject().put("type", "space").put("id", AXES.get(axis));
    }

    /** The smallest input: the training patch, or the test case if that is smaller. */
    private int least(int axis) {
        int patch = Sizes.roundUp(model.patch()[axis], network.multiple());
        return Math.min(patch, content.test().size()[axis]);
    }

    /**
     * The halo for the zoo's readers: the exact one, but at most a quarter of the smallest input, so that at least half of
     * a tile is used. It is even, and twice it is a multiple of the step, so that a tile with its halo is of an allowed
     * size.
     */
    private int zooHalo(int axis) {
        int[] exact = content.settings().tiling().halo();
        int quarter = least(axis) / 4;
        int unit = Math.max(2, network.multiple() / 2);
        return (exact.length > axis ? Math.min(exact[axis], quarter) : quarter) / unit * unit;
    }

    /** The absolute tolerance of a probability. */
    private double tolerance() {
        double largest = 0;
        for (float value : content.test().output().values()) {
            largest = Math.max(largest, value);
        }
        return Math.min(TOLERANCE, LARGEST_TOLERANCE * largest);
    }

    private void bioimageio(ObjectNode node) {
        node.put("architecture_type", network.dimension() + "D Attention U-Net").put("task", "segmentation");
        model.labels().names().forEach(node.putArray("target_structure")::add);
        node.putArray("reproducibility_tolerance")
                .addObject()
                .put("absolute_tolerance", tolerance())
                .put("relative_tolerance", TOLERANCE);
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
        if (content.settings().objects() != null) {
            node.set("objects", Json.EXACT.valueToTree(content.settings().objects()));
        }
        if (content.profile() != null) {
            node.set("profile", Json.EXACT.valueToTree(content.profile()));
        }
        if (content.publication().licence() == null) {
            node.put("licence_named", false);
        }
        node.set("files", Json.EXACT.valueToTree(hashes));
        node.set("card", Json.EXACT.valueToTree(content.card()));
    }

    private ObjectNode file(ObjectNode node, String name) {
        return node.put("source", name).put("sha256", Objects.requireNonNull(hashes.get(name)));
    }

    /** An identifier that the zoo accepts: lower-case letters, digits and minus signs. */
    static String zooId(String name) {
        String clean =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return clean.isEmpty() ? "attunet-model" : "attunet-" + clean;
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
