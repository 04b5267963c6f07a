package org.attunet.bundle;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;

/** What the readers of a bundle stumble over: facts of its {@code rdf.yaml}, formats 0.4 and 0.5, and of its ONNX file. */
final class ZooFacts {
    private static final int FLOAT16 = 10;

    private final RdfNode rdf;
    private final RdfNode input;
    private final BundleFiles files;
    private final OnnxGraph graph;

    private ZooFacts(RdfNode rdf, BundleFiles files, OnnxGraph graph) {
        this.rdf = rdf;
        this.files = files;
        this.graph = graph;
        input = rdf.get("inputs").items().stream().findFirst().orElseThrow(() -> rdf.wrong("inputs"));
    }

    /** A step of pre- or postprocessing. */
    record Step(String name, RdfNode kwargs) {
        boolean has(String... fields) {
            return Arrays.stream(fields).anyMatch(field -> kwargs.get(field).present());
        }

        /** Returns whether each of the fields is a list, if it is given. */
        boolean lists(String... fields) {
            return Arrays.stream(fields)
                    .map(kwargs::get)
                    .allMatch(field -> !field.present() || field.node().isArray());
        }

        /** Returns whether statistics are over an axis too. */
        boolean over(String axis) {
            RdfNode axes = kwargs.get("axes");
            return !axes.present()
                    || (axes.node().isTextual()
                            ? axes.text().contains(axis.substring(0, 1))
                            : axes.items().stream().anyMatch(one -> one.text().equals(axis)));
        }
    }

    static ZooFacts read(Path place) {
        BundleFiles files = BundleFiles.open(place);
        if (!files.has(BundleFiles.RDF)) {
            throw new AttunetException(place, "there is no rdf.yaml in it", "a model's bundle", "give a model");
        }
        RdfNode rdf = RdfNode.parse(files.path(BundleFiles.RDF), files.read(BundleFiles.RDF, RdfNode.MAX_BYTES, null));
        RdfNode weights = rdf.get("weights").get("onnx");
        if (!weights.present()) {
            throw rdf.unsupported("no weights as onnx", "weights as onnx");
        }
        String name = weights.get("source").text().replaceFirst("^\\./", "");
        if (!files.has(name)) {
            throw BundleFiles.damaged(files.path(name), "there is no such file", "the file that rdf.yaml names");
        }
        return new ZooFacts(rdf, files, graph(files, name));
    }

    private static OnnxGraph graph(BundleFiles files, String name) {
        byte[] onnx = files.read(name, Integer.MAX_VALUE - 8, null);
        try {
            return OnnxGraph.of(onnx);
        } catch (AttunetException e) {
            throw BundleFiles.damaged(files.path(name), e.found(), e.expected());
        }
    }

    String id() {
        return rdf.get("id").text("");
    }

    boolean hasLicence() {
        return rdf.get("license").present();
    }

    int outputs() {
        return rdf.get("outputs").items().size();
    }

    int graphOutputs() {
        return graph.outputs.size();
    }

    int opset() {
        return graph.opset();
    }

    /** The operator set for which readers choose an engine. */
    int engine() {
        RdfNode declared = rdf.get("weights").get("onnx").get("opset_version");
        return declared.present() ? declared.integer(1, 1000) : opset();
    }

    boolean half() {
        return graph.constants.stream().anyMatch(one -> one.number(2) == FLOAT16);
    }

    /** Returns whether the model is of volumes and has an operator of this type. */
    boolean ofVolumes(String type) {
        return dimension() == 3 && has(type);
    }

    /** Returns whether the model has an operator of this type. */
    boolean has(String type) {
        return graph.nodes.stream().anyMatch(node -> node.type().equals(type));
    }

    /** Returns whether the model computes statistics of what it is given, as attunet's models of colour images do. */
    boolean ownStatistics() {
        return graph.nodes.stream()
                .anyMatch(node -> node.name().startsWith(NormalisationNodes.PREFIX)
                        && node.type().startsWith("Global"));
    }

    /** Returns whether the axes are objects, as in format 0.5, not letters. */
    boolean axesListed() {
        return !input.get("axes").node().isTextual();
    }

    int dimension() {
        return ForeignTensor.input(input).dimension();
    }

    int channels() {
        return ForeignTensor.input(input).channels();
    }

    List<Step> preprocessing() {
        return steps(input.get("preprocessing"));
    }

    List<Step> postprocessing() {
        return rdf.get("outputs").items().stream()
                .flatMap(output -> steps(output.get("postprocessing")).stream())
                .toList();
    }

    private static List<Step> steps(RdfNode list) {
        return list.items().stream()
                .map(step -> new Step(ForeignPreprocessing.name(step), step.get("kwargs")))
                .toList();
    }

    /** Returns whether there is a test tensor for each output. */
    boolean tested() {
        List<RdfNode> outputs = rdf.get("outputs").items();
        return rdf.get("test_outputs").items().size() == outputs.size()
                || outputs.stream().allMatch(output -> output.get("test_tensor").present());
    }

    /** The largest declared absolute tolerance; 0 if none is declared. */
    double tolerance() {
        return rdf.get("config").get("bioimageio").get("reproducibility_tolerance").items().stream()
                .mapToDouble(one -> one.get("absolute_tolerance").number(0))
                .max()
                .orElse(0);
    }

    /** The greatest value of the first test output; infinity if there is none. */
    double testMaximum() {
        for (RdfNode output : rdf.get("outputs").items()) {
            String name = output.get("test_tensor").get("source").text("");
            if (files.has(name)) {
                double most = Double.NEGATIVE_INFINITY;
                for (float value : files.readNpy(name, null).values()) {
                    most = Math.max(most, value);
                }
                return most;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** Returns whether an output has a voxel size, other than 1. */
    boolean scaledOutput() {
        return axesListed()
                && rdf.get("outputs").items().stream()
                        .flatMap(output -> output.get("axes").items().stream())
                        .anyMatch(axis -> axis.get("scale").number(1) != 1);
    }

    /** Returns whether the first output has a halo. */
    boolean halo() {
        return halos().values().stream().anyMatch(size -> size > 0);
    }

    boolean haloMisfits() {
        if (!axesListed()) {
            return false;
        }
        Map<String, Double> halos = halos();
        return input.get("axes").items().stream().anyMatch(axis -> {
            double step = axis.get("size").node().isObject()
                    ? axis.get("size").get("step").number(1)
                    : 1;
            double twice = 2 * halos.getOrDefault(axis.get("id").text(""), 0.0);
            return step > 0 && twice % step != 0;
        });
    }

    private Map<String, Double> halos() {
        Map<String, Double> halos = new HashMap<>();
        RdfNode output = rdf.get("outputs").items().get(0);
        List<RdfNode> letters = output.get("halo").items(); // format 0.4
        for (int k = 0; k < letters.size(); k++) {
            halos.put(Integer.toString(k), letters.get(k).number(0));
        }
        if (axesListed()) {
            output.get("axes")
                    .items()
                    .forEach(axis ->
                            halos.put(axis.get("id").text(""), axis.get("halo").number(0)));
        }
        return halos;
    }
}
