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
 * Fits the temperature that calibrates a model's probabilities (Guo et al., On Calibration of Modern Neural Networks, ICML
 * 2017): the one with the least negative log-likelihood on cases that training did not see. Dividing logits by it changes
 * no voxel's most probable class.
 *
 * <p><b>Voxels.</b> Most of an image is obvious background, which would make any model look calibrated. So only voxels
 * within {@value #MARGIN} voxels of a true or predicted object along each axis count. Of these a random sample of at most
 * {@value #CAPACITY} over all cases is kept, the same for the same seed and order of cases.
 *
 * <p><b>Expected calibration error.</b> The sampled voxels are put into {@value #BINS} equal bins by the probability of
 * their most probable class; the error is the mean over the voxels of the distance between their bin's mean probability and
 * its accuracy, 0 to 1. It is measured before and after on the voxels of the fit, which a single number can't overfit.
 *
 * <p>Not thread-safe.
 */
final class TemperatureFit {
    /** Voxels around an object that count with it, along each axis. */
    static final int MARGIN = 4;

    /** The greatest number of voxels that are kept. */
    static final int CAPACITY = 100_000;

    /** Bins of the expected calibration error. */
    static final int BINS = 15;

    /** The greatest temperature; the least is its inverse. */
    static final double LIMIT = 10;

    private static final double LEAST_PROBABILITY = 1e-8;

    private final LabelSet labels;
    private final int outputs;
    private final boolean independent; // whether each output is a label of its own
    private final int classes;
    private final SplittableRandom random;
    private float[] logits = new float[0]; // (voxels, classes)
    private short[] truths = new short[0];
    private int kept;
    private long seen;

    /**
     * An empty fit.
     *
     * @param labels of the model
     * @param outputs of the network: one for each class, or a single one against the background
     * @param seed of the random sample
     */
    TemperatureFit(LabelSet labels, int outputs, long seed) {
        boolean fits = labels.hasRegions()
                ? outputs == labels.size()
                : outputs == labels.classes() || (outputs == 1 && labels.size() == 1);
        if (!fits) {
            throw new ConfigException("outputs", outputs, "1 for one label, else " + labels.classes());
        }
        this.labels = labels;
        this.outputs = outputs;
        this.independent = labels.hasRegions() || outputs == 1;
        this.classes = independent ? 2 : outputs;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Fits the temperature of a segmenter on cases.
     *
     * @param segmenter the model, with temperature 1
     * @param cases images as read with the truth on their grids, requested one at a time
     * @return empty if no case has a true or predicted object
     */
    static Optional<ModelCard.Calibration> of(Segmenter segmenter, Iterable<Sample> cases, long seed) {
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
     * @param image as read
     * @param truth label values of the model's label set, on the image's grid
     */
    record Sample(Image image, LabelMap truth) {}

    /**
     * Adds a case.
     *
     * @param probabilities with temperature 1, one channel for each output
     * @param truth on the same grid
     * @throws AttunetException if sizes or labels don't match
     */
    void add(Image probabilities, LabelMap truth) {
        if (probabilities.channels().length != outputs
                || probabilities.grid().voxels() != truth.grid().voxels()) {
            throw new AttunetException(
                    "calibration",
                    probabilities.channels().length + " probabilities on " + probabilities.grid() + ", a mask on "
                            + truth.grid(),
                    outputs + " probabilities and a mask on one grid",
                    "give the truth of the same image");
        }
        if (independent) {
            addIndependent(probabilities, truth);
            return;
        }
        int voxels = truth.grid().voxels();
        short[] expected = new short[voxels];
        short[] predicted = LabelRestoration.mostProbable(probabilities.channels());
        boolean[] counted = new boolean[voxels];
        for (int i = 0; i < voxels; i++) {
            expected[i] = (short) (truth.isJudged(i) ? labels.classOf(truth.label(i)) : 0);
            counted[i] = expected[i] != 0 || predicted[i] != 0;
        }
        dilate(counted, truth.grid().size(0), truth.grid().size(1), truth.grid().size(2));
        float[] one = new float[classes];
        for (int i = 0; i < voxels; i++) {
            if (counted[i] && truth.isJudged(i)) {
                logits(probabilities, i, one);
                add(one, expected[i]);
            }
        }
    }

    /** Adds each output as one label against its absence. */
    private void addIndependent(Image probabilities, LabelMap truth) {
        int voxels = truth.grid().voxels();
        for (int k = 0; k < outputs; k++) {
            boolean[] expected = labels.covered(labels.values().get(k));
            float[] p = probabilities.channel(k);
            boolean[] counted = new boolean[voxels];
            for (int i = 0; i < voxels; i++) {
                counted[i] = p[i] > 0.5f || expected[truth.label(i)];
            }
            dilate(
                    counted,
                    truth.grid().size(0),
                    truth.grid().size(1),
                    truth.grid().size(2));
            for (int i = 0; i < voxels; i++) {
                if (counted[i] && truth.isJudged(i)) {
                    add(new float[] {log(1.0 - p[i]), log(p[i])}, expected[truth.label(i)] ? 1 : 0);
                }
            }
        }
    }

    /** Recovers a voxel's logits from its probabilities, up to a constant that changes nothing. */
    private void logits(Image probabilities, int voxel, float[] target) {
        for (int k = 0; k < outputs; k++) {
            target[k] = log(probabilities.channel(k)[voxel]);
        }
    }

    private static float log(double p) {
        // Below a float's resolution near 1 nothing is known of the smaller class.
        return (float) Math.log(Math.max(LEAST_PROBABILITY, p));
    }

    /** Adds one voxel so that each voxel so far is kept with the same probability (reservoir sampling, algorithm R). */
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

    /** Sets all voxels within the margin of a set one, axis by axis. */
    private static void dilate(boolean[] mask, int... size) {
        int stride = 1;
        for (int length : size) {
            boolean[] line = new boolean[length];
            for (int first = 0; first < mask.length; first++) {
                if (first / stride % length != 0) {
                    continue;
                }
                Arrays.fill(line, false);
                for (int i = 0; i < length; i++) {
                    if (mask[first + i * stride]) {
                        Arrays.fill(line, Math.max(0, i - MARGIN), Math.min(length, i + MARGIN + 1), true);
                    }
                }
                for (int i = 0; i < length; i++) {
                    mask[first + i * stride] = line[i];
                }
            }
            stride *= length;
        }
    }

    /**
     * Returns the fitted temperature and the errors before and after; empty if there is no voxel.
     *
     * <p>The log-likelihood is concave in the inverse temperature, so there is one optimum; it is found by bisection of the
     * derivative on a logarithmic scale. If it lies beyond the limits, as for a model that is never wrong, the result is
     * the limit.
     */
    Optional<ModelCard.Calibration> calibration() {
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

    /** The derivative of the negative log-likelihood with respect to the inverse temperature; increasing in it. */
    private double slope(double factor) {
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            double weight = 0;
            double mean = 0;
            double top = largestLogit(i);
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

    private double largestLogit(int voxel) {
        double largest = logits[voxel * classes];
        for (int k = 1; k < classes; k++) {
            largest = Math.max(largest, logits[voxel * classes + k]);
        }
        return largest;
    }

    /** The expected calibration error at a temperature. */
    private double error(double temperature) {
        double[] confidence = new double[BINS]; // summed over the bin's voxels
        long[] correct = new long[BINS];
        for (int i = 0; i < kept; i++) {
            double top = largestLogit(i);
            double weight = 0;
            int best = -1;
            for (int k = 0; k < classes; k++) {
                double logit = logits[i * classes + k];
                weight += Math.exp((logit - top) / temperature);
                best = best < 0 && logit == top ? k : best;
            }
            int bin = (int) Math.min(BINS - 1.0, BINS / weight); // the best class has probability 1 / weight
            confidence[bin] += 1 / weight;
            correct[bin] += best == truths[i] ? 1 : 0;
        }
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += Math.abs(confidence[bin] - correct[bin]);
        }
        return sum / kept;
    }
}
