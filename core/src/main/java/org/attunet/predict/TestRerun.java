package org.attunet.predict;

import java.util.Locale;
import java.util.Optional;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.Probabilities;
import org.attunet.bundle.TestCase;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The result of running a bundle's model on its test input.
 *
 * @param precision the model that was run
 * @param largest the largest difference of a probability from the test output (normalisation, network, probabilities)
 * @param mean the mean difference
 * @param file the largest difference of what the ONNX file itself gives, as other programs run it; null for a bundle whose
 *     file gives logits
 */
public record TestRerun(
        Precision precision,
        double largest,
        double mean,
        @Nullable Double file) {
    /** The largest difference of a probability in 32-bit floats between machines: the zoo's own tolerance. */
    private static final double TOLERANCE = 1e-3;

    /** The mean difference for 8-bit integers; single voxels at an edge may change. */
    private static final double INT8_MEAN_TOLERANCE = 0.05;

    /**
     * Runs a model of a bundle on the bundle's test input.
     *
     * @param bundle the bundle
     * @param test of the model in 32-bit floats; that in 8-bit integers is compared with its own output if there is one
     * @param precision of the model to run
     * @param options how ONNX Runtime computes
     * @return the comparison with the stored output
     * @throws AttunetException if the model can't be run, or the result differs from the test output
     */
    public static TestRerun of(Bundle bundle, TestCase test, Precision precision, OnnxOptions options) {
        ModelDescription model = bundle.model();
        TestCase expected = bundle.test(precision).orElse(test);
        float[] outputs = run(bundle, bundle.onnx(precision), precision, test.networkInput(model), test, options);
        float[] probabilities = Probabilities.of(
                outputs,
                model.shape(),
                model.hasIndependentOutputs(),
                bundle.settings().temperature());
        Double file = null;
        Optional<float[]> input = bundle.fileInput(test);
        if (input.isPresent()) {
            float[] direct = run(bundle, bundle.file(precision), precision, input.get(), test, options);
            file = checked(bundle, expected, precision, direct).largest;
        }
        TestRerun own = checked(bundle, expected, precision, probabilities);
        return new TestRerun(precision, own.largest, own.mean, file);
    }

    private static float[] run(
            Bundle bundle, byte[] onnx, Precision precision, float[] input, TestCase test, OnnxOptions options) {
        String name = bundle.onnxPath(precision).toString();
        try (Engine engine = OnnxEngine.open(onnx, name, bundle.model().shape(), options)) {
            return engine.run(input, 1, test.size(), false).logits();
        }
    }

    private static TestRerun checked(Bundle bundle, TestCase test, Precision precision, float[] probabilities) {
        double largest = test.compare(probabilities);
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            sum += Math.abs((double) probabilities[i] - test.output().values()[i]);
        }
        double mean = sum / probabilities.length;
        boolean agrees = precision == Precision.FP32 ? largest <= TOLERANCE : mean <= INT8_MEAN_TOLERANCE;
        if (!agrees) {
            throw new AttunetException(
                    bundle.onnxPath(precision),
                    String.format(
                            Locale.ROOT,
                            "on the test input its probabilities differ by up to %.3g, by %.3g on average",
                            largest,
                            mean),
                    precision == Precision.FP32
                            ? "a difference of at most " + TOLERANCE
                            : "an average difference of at most " + INT8_MEAN_TOLERANCE,
                    "export the model again");
        }
        return new TestRerun(precision, largest, mean, null);
    }
}
