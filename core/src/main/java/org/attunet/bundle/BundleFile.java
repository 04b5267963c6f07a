package org.attunet.bundle;

/** The names of the files in a bundle that this program writes. */
final class BundleFile {
    static final String RDF = "rdf.yaml";
    static final String CARD = "README.md";
    static final String COVER = "cover.png";
    static final String ONNX = "model.onnx";
    static final String INT8 = "model_int8.onnx";
    static final String WEIGHTS = "weights.pt";
    static final String TEST_INPUT = "test_input.npy";
    static final String TEST_OUTPUT = "test_output.npy";

    private BundleFile() {}
}
