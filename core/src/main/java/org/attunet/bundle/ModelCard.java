package org.attunet.bundle;

import java.util.List;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A model card: intended use, limits, training data, scores and calibration. A bundle holds it under {@code config:
 * attunet: card} in {@code rdf.yaml}, and as a page in {@code README.md}.
 *
 * @param intendedUse what the model is for, as sentences
 * @param limits what it isn't for and when it is known to fail, a sentence each
 * @param data the training data; null if unknown
 * @param scores measured scores
 * @param calibration the calibration of the probabilities; null if the model wasn't calibrated
 */
public record ModelCard(
        String intendedUse,
        List<String> limits,
        @Nullable Data data,
        List<Score> scores,
        @Nullable Calibration calibration) {
    private static final String RESEARCH = "Research. The model is no medical device: its masks shall not decide on the"
            + " care of a patient without review by a qualified person.";

    private static final String UNSEEN = "Images of other scanners, protocols, bodies or species than those of the"
            + " training data may be segmented badly; only gross differences get a warning.";

    /**
     * Copies the components.
     *
     * @param intendedUse what the model is for, as sentences
     * @param limits what it isn't for and when it is known to fail, a sentence each
     * @param data the training data; null if unknown
     * @param scores measured scores
     * @param calibration the calibration of the probabilities; null if the model wasn't calibrated
     */
    public ModelCard {
        limits = List.copyOf(limits);
        scores = List.copyOf(scores);
    }

    /** {@return a card with what holds for every model} */
    public static ModelCard plain() {
        return of(null, List.of(), null);
    }

    /**
     * {@return a card with the usual intended use and limits}
     *
     * @param data the training data; null if unknown
     * @param scores the measures on held-out cases
     * @param calibration how well probabilities fit; null if unknown
     */
    public static ModelCard of(@Nullable Data data, List<Score> scores, @Nullable Calibration calibration) {
        return new ModelCard(RESEARCH, List.of(UNSEEN), data, scores, calibration);
    }

    /**
     * The data set that a model was trained on.
     *
     * @param name the data set's name
     * @param fingerprint a hash over the hashes of the cases; empty if there is none
     * @param train the number of training cases
     * @param validation the number of validation cases, on which the weights were selected
     * @param test the number of held-out cases
     * @param split how the cases were split, as a sentence
     */
    public record Data(String name, String fingerprint, int train, int validation, int test, String split) {
        /**
         * Checks the components.
         *
         * @param name the data set's name
         * @param fingerprint a hash over the hashes of the cases; empty if there is none
         * @param train the number of training cases
         * @param validation the number of validation cases, on which the weights were selected
         * @param test the number of held-out cases
         * @param split how the cases were split, as a sentence
         */
        public Data {
            if (train < 0 || validation < 0 || test < 0) {
                throw new ConfigException(
                        "cases", train + ", " + validation + ", " + test, "counts of cases, 0 or more");
            }
        }
    }

    /**
     * The mean of a metric over cases with its 95% interval.
     *
     * @param precision the measured model of the bundle
     * @param cases the name of the cases, such as {@code test}
     * @param label the label's name
     * @param metric the metric's name with its unit, such as {@code Dice} or {@code HD95 mm}
     * @param mean the mean over the cases
     * @param low the lower end of the mean's 95% interval
     * @param high its upper end
     * @param count the number of cases in which the metric is defined
     */
    public record Score(
            Precision precision,
            String cases,
            String label,
            String metric,
            double mean,
            double low,
            double high,
            int count) {
        /**
         * Checks the components.
         *
         * @param precision the measured model of the bundle
         * @param cases the name of the cases, such as {@code test}
         * @param label the label's name
         * @param metric the metric's name with its unit, such as {@code Dice} or {@code HD95 mm}
         * @param mean the mean over the cases
         * @param low the lower end of the mean's 95% interval
         * @param high its upper end
         * @param count the number of cases in which the metric is defined
         */
        public Score {
            if (!Double.isFinite(mean) || !Double.isFinite(low) || !Double.isFinite(high) || low > high) {
                throw new ConfigException(metric, mean + " (" + low + ".." + high + ")", "a mean and its interval");
            }
            if (count < 1) {
                throw new ConfigException(metric + " cases", count, "1 case or more");
            }
        }
    }

    /**
     * Temperature scaling of the probabilities.
     *
     * @param temperature the divisor of the logits, above 0
     * @param errorBefore the expected calibration error with temperature 1, from 0 to 1
     * @param errorAfter the expected calibration error with this temperature, from 0 to 1
     */
    public record Calibration(double temperature, double errorBefore, double errorAfter) {
        /**
         * Checks the components.
         *
         * @param temperature the divisor of the logits, above 0
         * @param errorBefore the expected calibration error with temperature 1, from 0 to 1
         * @param errorAfter the expected calibration error with this temperature, from 0 to 1
         */
        public Calibration {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new ConfigException("temperature", temperature, "a number above 0");
            }
            if (!(errorBefore >= 0 && errorBefore <= 1 && errorAfter >= 0 && errorAfter <= 1)) {
                throw new ConfigException("calibration error", errorBefore + ", " + errorAfter, "numbers from 0 to 1");
            }
        }
    }
}
