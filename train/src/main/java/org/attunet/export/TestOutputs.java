package org.attunet.export;

import java.util.Locale;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.error.AttunetException;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.jspecify.annotations.Nullable;

/** The test case of a bundle, computed with ONNX Runtime, and the proof that the files for other programs give it. */
record TestOutputs(ModelDescription model, double temperature, OnnxOptions onnx) {
    /** The largest difference of a probability between attunet's computation and the file for other programs. */
    static final double TOLERANCE = 1e-4;

    /** Likewise in 8-bit integers: a rounding of the input may move a value to the next integer. */
    static final double INT8_TOLERANCE = 0.1;

    /**
     * Returns the test case of a network.
     *
     * @param network its ONNX file
     * @param input intensities before normalisation; null for {@link SyntheticInput}
     * @param size the input's size in grid order (x, y[, z])
     */
    TestCase ofInput(byte[] network, float @Nullable [] input, int[] size) {
        try (Engine engine = OnnxEngine.open(network, "model", model.shape(), onnx)) {
            return of(engine, input == null ? SyntheticInput.of(model, engine, size) : input, size);
        }
    }

    /** Returns a quantised network with its output for a test input. */
    BundleContent.Quantised quantised(byte[] network, TestCase test) {
        try (Engine engine = OnnxEngine.open(network, "model", model.shape(), onnx)) {
            return new BundleContent.Quantised(
                    network, of(engine, test.input().values(), test.size()).output());
        }
    }

    private TestCase of(Engine engine, float[] input, int[] size) {
        float[] logits = engine.run(TestCase.networkInput(model, input, size), 1, size, false)
                .logits();
        return TestCase.of(model, input, logits, size, temperature);
    }

    /**
     * Runs the files for other programs on the test input, and returns the content.
     *
     * @throws AttunetException if one gives another output than the network
     */
    BundleContent checked(BundleContent content) {
        check(content, Precision.FP32, content.test());
        BundleContent.Quantised int8 = content.weights().int8();
        if (int8 != null && int8.testOutput() != null) {
            check(content, Precision.INT8, new TestCase(content.test().input(), int8.testOutput()));
        }
        return content;
    }

    private void check(BundleContent content, Precision precision, TestCase test) {
        try (Engine engine = OnnxEngine.open(content.file(precision), "model", model.shape(), onnx)) {
            double difference = test.compare(
                    engine.run(content.fileInput(), 1, test.size(), false).logits());
            double allowed = precision == Precision.FP32 ? TOLERANCE : INT8_TOLERANCE;
            if (difference > allowed) {
                throw new AttunetException(
                        "export",
                        String.format(
                                Locale.ROOT,
                                "the file for other programs gives probabilities that differ by %.2e",
                                difference),
                        String.format(Locale.ROOT, "at most %.0e", allowed),
                        "report this model as an error of the program");
            }
        }
    }
}
