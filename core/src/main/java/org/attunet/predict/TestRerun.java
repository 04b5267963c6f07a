package org.attunet.predict;

import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.Probabilities;
import org.attunet.bundle.TestCase;
import org.attunet.error.AttunetException;

/**
 * The result of running a bundle's model on its test input (normalisation, network, probabilities).
 *
 * @param precision the model that was run
 * @param largest the largest difference of a probability from the test output
 * @param mean the mean difference
 */
public record TestRerun(Precision precision, double largest, double mean) {
    /** The largest difference of a probability in 32-bit floats between machines: the zoo's own tolerance. */
    private static final double TOLERANCE = 1e-3;

    /** The mean difference for 8-bit integers; single voxels at an edge may change. */
    private static final double INT8_MEAN_TOLERANCE = 0.05;

    /**
     * Runs a model of a bundle on the bundle's test input.
     *
     * @throws AttunetException if the model can't be run, or the result differs from the test output
     */
    public static TestRerun of(Bundle bundle, TestCase test, Precision precision, OnnxOptions options) {
        ModelDescription model = bundle.model();
        String name = bundle.onnxPath(precision).toString();
        float[] outputs;
        try (Engine engine = OnnxEngine.open(bundle.onnx(precision), name, model.shape(), options)) {
            outputs =
                    engine.run(test.networkInput(model), 1, test.size(), false).logits();
        }
        float[] probabilities =
                Probabilities.of(outputs, model.shape(), bundle.settings().temperature());
        double largest = test.compare(probabilities);
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            sum += Math.abs((double) probabilities[i] - test.output().values()[i]);
        }
        TestRerun rerun = new TestRerun(precision, largest, sum / probabilities.length);
        boolean agrees = precision == Precision.FP32 ? largest <= TOLERANCE : rerun.mean <= INT8_MEAN_TOLERANCE;
        if (!agrees) {
            throw new AttunetException(
                    name,
                    String.format(
                            Locale.ROOT,
                            "on the test input its probabilities differ by up to %.3g, by %.3g on average",
                            largest,
                            rerun.mean),
                    precision == Precision.FP32
                            ? "a difference of at most " + TOLERANCE
                            : "an average difference of at most " + INT8_MEAN_TOLERANCE,
                    "export the model again");
        }
        return rerun;
    }
}
