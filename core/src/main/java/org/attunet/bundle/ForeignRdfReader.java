package org.attunet.bundle;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.Npy;
import org.attunet.network.ForeignNetwork;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code rdf.yaml} of another program's bundle, in formats 0.4 and 0.5: models with one ONNX input and one
 * output on the same grid and with supported preprocessing.
 *
 * <p>The format doesn't specify whether a model without postprocessing returns logits or probabilities, or whether its
 * output is a mask at all. The test output does: probabilities are from 0 to 1 and, for several channels, add up to 1.
 */
final class ForeignRdfReader {
    private static final double SUM_TOLERANCE = 1e-3;

    private final RdfNode rdf;
    private final BundleFiles files;
    private final Map<String, String> hashes = new TreeMap<>();

    private ForeignRdfReader(RdfNode rdf, BundleFiles files) {
        this.rdf = rdf;
        this.files = files;
    }

    static BundleManifest read(RdfNode rdf, BundleFiles files) {
        return new ForeignRdfReader(rdf, files).manifest();
    }

    private BundleManifest manifest() {
        checkKind();
        RdfNode in = rdf.get("inputs").only("input");
        RdfNode out = rdf.get("outputs").only("output");
        ForeignTensor input = ForeignTensor.input(in);
        String onnx = onnx();
        String testInput = test(in, "test_inputs");
        String testOutput = test(out, "test_outputs");
        List<String> names = outputNames(out, input);
        boolean probabilities = probabilities(out, names.size(), testOutput);
        int[] patch = patch(input, testInput);
        ForeignNetwork network = network(input, out, names.size(), probabilities, patch);
        Preprocessing preprocessing = Preprocessing.of(
                input.channels(),
                ForeignPreprocessing.normalisation(in.get("preprocessing").items(), input.channels()));
        ModelDescription model =
                ModelDescription.of(rdf.get("name").text(), network, preprocessing, labels(names), patch);
        var about = new BundleManifest.About(
                rdf.get("description").text(""),
                rdf.get("license").text(""),
                rdf.get("version").present() ? rdf.get("version").node().asText() : "");
        var declared = new BundleManifest.Files(hashes, onnx, false, testInput, testOutput, page());
        return new BundleManifest(false, model, InferenceSettings.DEFAULT, null, ModelCard.plain(), about, declared);
    }

    private void checkKind() {
        String format = rdf.get("format_version").text();
        if (!format.matches("0\\.[45]\\.\\d{1,4}")) {
            throw rdf.unsupported("format version " + format, "format version 0.4 or 0.5 of the BioImage Model Zoo");
        }
        String type = rdf.get("type").text();
        if (!type.equals("model")) {
            throw rdf.unsupported("a description of type " + type, "a model");
        }
    }

    private String onnx() {
        RdfNode weights = rdf.get("weights");
        RdfNode onnx = weights.get("onnx");
        if (!onnx.present()) {
            List<String> formats = new ArrayList<>();
            weights.node().fieldNames().forEachRemaining(formats::add);
            throw rdf.unsupported("weights as " + String.join(", ", formats), "weights as onnx");
        }
        if (onnx.get("external_data").present()) {
            throw onnx.unsupported("an ONNX model whose weights are in another file", "a model in one file");
        }
        return file(onnx.get("source"), onnx.get("sha256"));
    }

    /** Returns the name of a file of the bundle, and stores its hash. */
    private String file(RdfNode source, RdfNode hash) {
        String name = source.text().replaceFirst("^\\./", "");
        if (name.matches("[A-Za-z][A-Za-z0-9+.-]*://.*")) {
            throw source.unsupported(source.at() + " is on the web: " + name, "a file of the bundle");
        }
        if (!files.has(name)) {
            Path shown = files.path(name.replaceAll("\\p{Cntrl}", "?"));
            throw BundleFiles.damaged(shown, "there is no such file", "the file that " + source.at() + " names");
        }
        if (hash.present()) {
            String expected = hash.text().toLowerCase(Locale.ROOT);
            if (!expected.matches("[0-9a-f]{64}")) {
                throw hash.wrong("a SHA-256 of 64 hexadecimal digits");
            }
            hashes.put(name, expected);
        }
        return name;
    }

    private @Nullable String test(RdfNode tensor, String list) {
        RdfNode test = tensor.get("test_tensor");
        if (test.present()) {
            return file(test.get("source"), test.get("sha256"));
        }
        List<RdfNode> listed = rdf.get(list).items();
        return listed.size() == 1 ? file(listed.get(0), listed.get(0).get("sha256")) : null;
    }

    private @Nullable String page() {
        RdfNode documentation = rdf.get("documentation");
        boolean here = documentation.present()
                && documentation.node().isTextual()
                && files.has(documentation.text())
                && documentation.text().endsWith(".md");
        return here ? documentation.text() : null;
    }

    /** The names of the output's channels; the output must be on the input's grid. */
    private static List<String> outputNames(RdfNode out, ForeignTensor input) {
        List<String> names;
        if (out.get("axes").node().isTextual()) {
            ForeignTensor.requireOrder(out, out.get("axes").text());
            names = numbered(lettersChannels(out, input));
        } else {
            List<RdfNode> axes = out.get("axes").items();
            ForeignTensor.requireOrder(out, ForeignTensor.order(axes));
            names = axes.get(1).get("channel_names").items().stream()
                    .map(RdfNode::text)
                    .toList();
            if (axes.size() != input.dimension() + 2) {
                throw out.unsupported("an output of another dimension than the input's", "as many axes as the input");
            }
            for (int i = 2; i < axes.size(); i++) {
                requireSameGrid(axes.get(i), input, input.space().get(i - 2));
            }
        }
        if (names.isEmpty() || names.size() > 4096) {
            throw out.unsupported(names.size() + " channels of the output", "1 to 4096 channels");
        }
        return names;
    }

    private static List<String> numbered(int count) {
        return count == 1
                ? List.of("foreground")
                : IntStream.range(0, count).mapToObj(k -> "class " + k).toList();
    }

    /** Format 0.4: a shape, or the input's shape times a scale plus twice an offset. */
    private static int lettersChannels(RdfNode out, ForeignTensor input) {
        RdfNode shape = out.get("shape");
        int axes = input.dimension() + 2;
        boolean fixed = shape.node().isArray();
        List<RdfNode> sizes = fixed ? shape.items() : shape.get("scale").items();
        List<RdfNode> offsets = fixed ? List.of() : shape.get("offset").items();
        if (sizes.size() != axes || (!fixed && offsets.size() != axes)) {
            throw shape.wrong(axes + " sizes");
        }
        for (int i = 2; i < axes; i++) {
            ForeignTensor.Size size = input.space().get(i - 2);
            boolean same = fixed
                    ? size.step() == 0 && sizes.get(i).number() == size.least()
                    : sizes.get(i).number(0) == 1 && offsets.get(i).number() == 0;
            if (!same) {
                throw out.unsupported("an output on another grid than the input's", "outputs of the input's size");
            }
        }
        double channels = fixed
                ? sizes.get(1).number()
                : input.channels() * sizes.get(1).number(0) + 2 * offsets.get(1).number();
        if (channels != Math.rint(channels) || channels < 1 || channels > 4096) {
            throw shape.wrong("a number of channels from 1 to 4096");
        }
        return (int) channels;
    }

    private static void requireSameGrid(RdfNode axis, ForeignTensor input, ForeignTensor.Size expected) {
        RdfNode size = axis.get("size");
        boolean same = size.node().isNumber()
                ? expected.step() == 0 && size.number() == expected.least()
                : size.get("axis_id").text().equals(ForeignTensor.id(axis))
                        && size.get("tensor_id").text().equals(input.id())
                        && size.get("offset").number(0) == 0
                        && axis.get("scale").number(1) == input.scales().getOrDefault(ForeignTensor.id(axis), 1.0);
        if (!same) {
            throw axis.unsupported("an output on another grid than the input's", "outputs of the input's size");
        }
    }

    /** Returns whether the network itself ends in a sigmoid or softmax. */
    private boolean probabilities(RdfNode out, int outputs, @Nullable String testOutput) {
        boolean logits = false;
        for (RdfNode step : out.get("postprocessing").items()) {
            String name = ForeignPreprocessing.name(step);
            boolean known = name.equals("ensure_dtype")
                    || (name.equals("sigmoid") && outputs == 1 && !logits)
                    || (name.equals("softmax") && outputs > 1 && !logits);
            if (!known) {
                String several = name.equals("sigmoid") ? " of " + outputs + " labels that may overlap" : "";
                throw out.unsupported(
                        "the postprocessing " + name + several,
                        "sigmoid for one label, softmax for several classes, or none");
            }
            logits |= !name.equals("ensure_dtype");
        }
        if (logits) {
            return false;
        }
        if (testOutput == null) {
            throw out.unsupported(
                    "no postprocessing and no test output, so the meaning of the values is unknown",
                    "probabilities, or logits with sigmoid or softmax");
        }
        requireProbabilities(out, files.readNpy(testOutput, hashes.get(testOutput)), outputs);
        return true;
    }

    private static void requireProbabilities(RdfNode out, Npy test, int outputs) {
        float[] values = test.values();
        int voxels = values.length / outputs;
        for (int i = 0; i < voxels; i++) {
            double sum = 0;
            boolean inside = true;
            for (int k = i; k < voxels * outputs; k += voxels) {
                inside &= values[k] >= -SUM_TOLERANCE && values[k] <= 1 + SUM_TOLERANCE;
                sum += values[k];
            }
            if (!inside || (outputs > 1 && Math.abs(sum - 1) > SUM_TOLERANCE)) {
                throw out.unsupported(
                        "an output that isn't the probabilities of classes (the test output has "
                                + (inside ? "values that add up to " + sum : "values outside 0 to 1") + ")",
                        "probabilities, or logits with sigmoid or softmax");
            }
        }
    }

    private static LabelSet labels(List<String> names) {
        Map<Integer, String> labels = new HashMap<>();
        for (int k = names.size() == 1 ? 0 : 1; k < names.size(); k++) {
            labels.put(names.size() == 1 ? 1 : k, names.get(k));
        }
        return LabelSet.of(labels);
    }

    /** The size of the test input, else the smallest allowed size, in grid order. */
    private int[] patch(ForeignTensor input, @Nullable String testInput) {
        int dimension = input.dimension();
        int[] patch = new int[dimension];
        for (int axis = 0; axis < dimension; axis++) {
            patch[axis] = input.space().get(dimension - 1 - axis).least();
        }
        if (testInput == null) {
            return patch;
        }
        int[] shape = files.readNpy(testInput, hashes.get(testInput)).shape();
        if (shape.length != dimension + 2) {
            throw new AttunetException(
                    files.path(testInput), shape.length + " axes", dimension + 2 + " axes", "use another model");
        }
        for (int axis = 0; axis < dimension; axis++) {
            int tested = shape[shape.length - 1 - axis];
            patch[axis] = input.space().get(dimension - 1 - axis).allows(tested) ? tested : patch[axis];
        }
        return patch;
    }

    /** Blocks can have any size if all sizes are multiples of their steps; else they have the patch's size. */
    private static ForeignNetwork network(
            ForeignTensor input, RdfNode out, int outputs, boolean probabilities, int[] patch) {
        int multiple = 1;
        boolean free = true;
        for (ForeignTensor.Size size : input.space()) {
            free &= size.step() > 0 && size.least() % Math.max(1, size.step()) == 0;
            multiple = free ? lcm(multiple, size.step()) : 1;
        }
        for (int size : patch) {
            free &= size % multiple == 0;
        }
        String output = out.get("id").text(out.get("name").text("output"));
        return new ForeignNetwork(
                input.dimension(),
                input.channels(),
                outputs,
                free ? multiple : 1,
                probabilities,
                !free,
                input.id(),
                output);
    }

    /** The least common multiple, at most 65536. */
    private static int lcm(int a, int b) {
        int gcd = BigInteger.valueOf(a).gcd(BigInteger.valueOf(b)).intValue();
        return (int) Math.min(65536, (long) a / gcd * b);
    }
}
