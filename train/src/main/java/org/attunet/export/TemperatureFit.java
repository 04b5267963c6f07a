package org.attunet.export;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.attunet.bundle.ModelCard;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.LabelRestoration;

/**
 * The temperature that makes a model's probabilities agree best with how often it is right (Guo et al., On Calibration of
 * Modern Neural Networks, ICML 2017): the one of least negative log-likelihood on cases that the training did not see.
 * Dividing logits by it changes no voxel's most probable class.
 *
 * <p><b>Which voxels.</b> Most of an image is background that nobody doubts; counted in, it would make any model look
 * calibrated. So only voxels within {@value #MARGIN} voxels of an object along each axis count, be it a true or a predicted
 * one: objects that were found, those that were missed or invented, and the surroundings of each. Of these a random sample
 * of at most {@value #CAPACITY} over all cases is kept, the same for the same seed and order of cases.
 *
 * <p><b>Expected calibration error.</b> The sampled voxels are put into {@value #BINS} equal bins by the probability of
 * their most probable class; the error is the mean over the voxels of the distance between their bin's mean probability
 * and its share of right ones, 0 to 1. It is taken before and after with the voxels that the temperature was fitted to,
 * which a single number can't learn by heart.
 *
 * <p>Not thread-safe.
 */
public final class TemperatureFit {
    /** Voxels around an object that count with it, along each axis. */
    public static final int MARGIN = 4;

    /** The greatest number of voxels that are kept. */
    public static final int CAPACITY = 100_000;

    /** Bins of the expected calibration error. */
    public static final int BINS = 15;

    /** Temperatures are sought between one over this and this. */
    public static final double LIMIT = 10;

    private static final double LEAST_PROBABILITY = 1e-8;

    private final LabelSet labels;
    private final int outputs;
    private final int classes;
    private final SplittableRandom random;
    private float[] logits = new float[0]; // (voxels, classes)
    private short[] truths = new short[0];
    private int kept;
    private long seen;

    /**
     * A fit that knows no case yet.
     *
     * @param labels of the model
     * @param outputs of the network: one for each class, or a single one against the background
     * @param seed of the random sample
     */
    public TemperatureFit(LabelSet labels, int outputs, long seed) {
        if (outputs < 1 || (outputs == 1 ? labels.size() != 1 : outputs != labels.classes())) {
            throw new ConfigException("outputs", outputs, "1 for one label, else " + labels.classes());
        }
        this.labels = labels;
        this.outputs = outputs;
        this.classes = Math.max(2, outputs);
        this.random = new SplittableRandom(seed);
    }

    /**
     * The calibration of a segmenter on cases.
     *
     * @param segmenter the model, with temperature 1
     * @param cases images as they were read with the truth on their grids, asked for one at a time
     * @return empty where no case has an object, true or predicted
     */
    public static Optional<ModelCard.Calibration> of(Segmenter segmenter, Iterable<Sample> cases, long seed) {
        if (segmenter.temperature() != 1 || segmenter.models().size() != 1) {
            throw new ConfigException("temperature", segmenter.temperature(), "1, of one model, before the fit");
        }
        SegmenterOptions options = segmenter.options().withProbabilities(true);
        var fit = new TemperatureFit(
                segmenter.model().labels(), segmenter.model().shape().outputs(), seed);
        for (Sample sample : cases) {
            Image probabilities = segmenter.segment(sample.image(), options).probabilities();
            if (probabilities != null) {
                fit.add(probabilities, sample.truth());
            }
        }
        return fit.calibration();
    }

    /**
     * An image with its true labels.
     *
     * @param image as it was read
     * @param truth label values of the model's label set, on the image's grid
     */
    public record Sample(Image image, LabelMap truth) {}

    /**
     * Takes one case.
     *
     * @param probabilities with temperature 1, one channel for each output
     * @param truth on the same grid
     * @throws AttunetException where sizes or labels don't suit
     */
    public void add(Image probabilities, LabelMap truth) {
        if (probabilities.channels().length != outputs
                || probabilities.grid().voxels() != truth.grid().voxels()) {
            throw new AttunetException(
                    "calibration",
                    probabilities.channels().length + " probabilities on " + probabilities.grid() + ", a mask on "
                            + truth.grid(),
                    outputs + " probabilities and a mask on one grid",
                    "give the truth of the same image");
        }
        int voxels = truth.grid().voxels();
        short[] wanted = new short[voxels];
        short[] predicted = LabelRestoration.mostProbable(probabilities.channels());
        boolean[] near = new boolean[voxels];
        for (int i = 0; i < voxels; i++) {
            wanted[i] = (short) labels.classOf(truth.label(i));
            near[i] = wanted[i] != 0 || predicted[i] != 0;
        }
        int[] size = {truth.grid().size(0), truth.grid().size(1), truth.grid().size(2)};
        grow(near, size);
        float[] one = new float[classes];
        for (int i = 0; i < voxels; i++) {
            if (near[i]) {
                logits(probabilities, i, one);
                add(one, wanted[i]);
            }
        }
    }

    /** Logits that a voxel's probabilities come from, but for a constant that changes nothing. */
    private void logits(Image probabilities, int voxel, float[] target) {
        for (int k = 0; k < outputs; k++) {
            target[k] = log(probabilities.channel(k)[voxel]);
        }
        if (outputs == 1) {
            target[1] = target[0];
            target[0] = log(1.0 - probabilities.channel(0)[voxel]);
        }
    }

    private static float log(double p) {
        // Beyond a float's resolution below 1 nothing is known of the smaller class.
        return (float) Math.log(Math.max(LEAST_PROBABILITY, p));
    }

    /** Takes one voxel by chance, so that each seen so far is kept with the same probability (Vitter's algorithm R). */
    void add(float[] voxel, int truth) {
        int place = kept;
        if (kept == CAPACITY) {
            long drawn = random.nextLong(seen + 1);
            place = drawn < CAPACITY ? (int) drawn : -1;
        } else {
            reserve(++kept);
        }
        seen++;
        if (place >= 0) {
            System.arraycopy(voxel, 0, logits, place * classes, classes);
            truths[place] = (short) truth;
        }
    }

    private void reserve(int voxels) {
        if (voxels > truths.length) {
            int room = Math.min(CAPACITY, Math.max(1024, 2 * truths.length));
            truths = Arrays.copyOf(truths, room);
            logits = Arrays.copyOf(logits, Math.multiplyExact(room, classes));
        }
    }

    /** Sets what lies within the margin of a set voxel, axis by axis. */
    private static void grow(boolean[] near, int[] size) {
        int stride = 1;
        for (int length : size) {
            boolean[] line = new boolean[length];
            for (int first = 0; first < near.length; first++) {
                if (first / stride % length != 0) {
                    continue;
                }
                Arrays.fill(line, false);
                for (int i = 0; i < length; i++) {
                    if (near[first + i * stride]) {
                        Arrays.fill(line, Math.max(0, i - MARGIN), Math.min(length, i + MARGIN + 1), true);
                    }
                }
                for (int i = 0; i < length; i++) {
                    near[first + i * stride] = line[i];
                }
            }
            stride *= length;
        }
    }

    /**
     * The fitted temperature and the errors before and after; empty where no voxel came.
     *
     * <p>The log-likelihood is concave in one over the temperature, so there is one best; it is found by bisection of the
     * derivative on a logarithmic scale. Where it lies beyond the limits, as for a model that is never wrong, the result
     * is the limit.
     */
    public Optional<ModelCard.Calibration> calibration() {
        if (kept == 0) {
            return Optional.empty();
        }
        double low = -Math.log(LIMIT);
        double high = Math.log(LIMIT);
        for (int step = 0; step < 40; step++) {
            double middle = (low + high) / 2;
            if (slope(Math.exp(middle)) > 0) {
                high = middle;
            } else {
                low = middle;
            }
        }
        double temperature = Math.exp(-(low + high) / 2);
        return Optional.of(new ModelCard.Calibration(temperature, error(1), error(temperature)));
    }

    /** The derivative of the negative log-likelihood by the factor on the logits, which grows with it. */
    private double slope(double factor) {
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            double weight = 0;
            double mean = 0;
            double top = top(i);
            for (int k = 0; k < classes; k++) {
                double logit = logits[i * classes + k];
                double e = Math.exp((logit - top) * factor);
                weight += e;
                mean += e * logit;
            }
            sum += mean / weight - logits[i * classes + truths[i]];
        }
        return sum;
    }

    private double top(int voxel) {
        double top = logits[voxel * classes];
        for (int k = 1; k < classes; k++) {
            top = Math.max(top, logits[voxel * classes + k]);
        }
        return top;
    }

    /** The expected calibration error at a temperature. */
    private double error(double temperature) {
        double[] sure = new double[BINS];
        long[] right = new long[BINS];
        for (int i = 0; i < kept; i++) {
            double top = top(i);
            double weight = 0;
            int best = -1;
            for (int k = 0; k < classes; k++) {
                double logit = logits[i * classes + k];
                weight += Math.exp((logit - top) / temperature);
                best = best < 0 && logit == top ? k : best;
            }
            int bin = (int) Math.min(BINS - 1.0, BINS / weight); // the best class has 1 / weight
            sure[bin] += 1 / weight;
            right[bin] += best == truths[i] ? 1 : 0;
        }
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += Math.abs(sure[bin] - right[bin]);
        }
        return sum / kept;
    }
}
