package org.attunet.export;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.network.NetworkShape;
import org.attunet.predict.Engine;
import org.attunet.torch.TorchNetwork;

/** A network as the bytes of an ONNX file (opset 13), and the proof that it is the same network. */
public final class OnnxExport {
    /** The largest difference between two engines' logits that counts as rounding. */
    public static final double TOLERANCE = 1e-4;

    private OnnxExport() {}

    /**
     * The file's bytes. The network is only read.
     *
     * <p>One input, {@code input} (batch, channels, [z,] y, x), of any batch and of any spatial size that is a multiple of
     * the network's; outputs {@code logits} and, for each gate, {@code attention_GATE}.
     */
    public static byte[] of(TorchNetwork network) {
        return NetworkGraph.of(network).toByteArray();
    }

    /** Normally distributed numbers (1, channels, [z,] y, x) of a size (x, y[, z]): an input to compare engines on. */
    public static float[] testInput(NetworkShape network, int[] size) {
        int values = network.channels();
        for (int n : size) {
            values = Math.multiplyExact(values, n);
        }
        var random = new Random(1);
        float[] input = new float[values];
        for (int i = 0; i < values; i++) {
            input[i] = (float) random.nextGaussian();
        }
        return input;
    }

    /**
     * The greatest difference between what two engines of one network compute for an input of batch 1.
     *
     * @param size the input's size (x, y[, z])
     * @throws AttunetException if logits differ by more than {@link #TOLERANCE} times the largest of them (at least 1), or
     *     if attention differs by more than {@link #TOLERANCE}
     */
    public static double check(Engine expected, Engine exported, float[] input, int[] size) {
        Engine.Output a = expected.run(input, 1, size, true);
        Engine.Output b = exported.run(input, 1, size, true);
        float largest = 1;
        for (float logit : a.logits()) {
            largest = Math.max(largest, Math.abs(logit));
        }
        double worst = compare("logits", a.logits(), b.logits(), TOLERANCE * largest);
        for (int gate = 0; gate < a.attention().size(); gate++) {
            Engine.AttentionMap map = a.attention().get(gate);
            boolean same = gate < b.attention().size()
                    && map.gate().equals(b.attention().get(gate).gate())
                    && Arrays.equals(map.size(), b.attention().get(gate).size());
            if (!same) {
                throw new AttunetException(
                        "export", "another attention map than " + map.gate(), "the network's gates", "export again");
            }
            compare(
                    "attention of " + map.gate(),
                    map.values(),
                    b.attention().get(gate).values(),
                    TOLERANCE);
        }
        return worst;
    }

    private static double compare(String what, float[] expected, float[] found, double tolerance) {
        double worst = expected.length == found.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(expected.length, found.length); i++) {
            double difference = Math.abs(expected[i] - found[i]);
            worst = difference >= 0 ? Math.max(worst, difference) : Double.POSITIVE_INFINITY; // NaN counts as far off
        }
        if (worst > tolerance) {
            throw new AttunetException(
                    "export",
                    String.format(Locale.ROOT, "%s differ by %.2e between ONNX Runtime and libtorch", what, worst),
                    String.format(Locale.ROOT, "at most %.0e", tolerance),
                    "report this network as an error of the program");
        }
        return worst;
    }
}
