package org.attunet.bundle;

import java.util.List;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What a model's users should know beyond how to run it: the data it learnt from, how well it does, what it is for and
 * where it ends. A bundle keeps it as a tree under {@code config: attunet: card} and as a page for people.
 *
 * @param intendedUse what the model is for, as sentences
 * @param limits what it isn't for and where it is known to fail, a sentence each
 * @param data what it learnt from; null where that isn't known
 * @param scores measures, each on cases that it names
 * @param calibration how sure the model may be believed to be; null where it wasn't calibrated
 */
public record ModelCard(
        String intendedUse,
        List<String> limits,
        @Nullable Data data,
        List<Score> scores,
        @Nullable Calibration calibration) {
    /** What is said where the maker says nothing more. */
    private static final String RESEARCH = "Research. The model is no medical device: its masks shall not decide on the"
            + " care of a patient without review by a qualified person.";

    private static final String UNSEEN = "Images of other scanners, protocols, bodies or species than those of the"
            + " training data may be segmented badly without any sign of it.";

    /** Copies the lists. */
    public ModelCard {
        limits = List.copyOf(limits);
        scores = List.copyOf(scores);
    }

    /** A card that says what holds for every model and nothing of this one. */
    public static ModelCard plain() {
        return new ModelCard(RESEARCH, List.of(UNSEEN), null, List.of(), null);
    }

    /** A copy with another intended use. */
    public ModelCard withIntendedUse(String other) {
        return new ModelCard(other, limits, data, scores, calibration);
    }

    /** A copy with other limits. */
    public ModelCard withLimits(List<String> other) {
        return new ModelCard(intendedUse, other, data, scores, calibration);
    }

    /** A copy with other training data. */
    public ModelCard withData(@Nullable Data other) {
        return new ModelCard(intendedUse, limits, other, scores, calibration);
    }

    /** A copy with other scores. */
    public ModelCard withScores(List<Score> other) {
        return new ModelCard(intendedUse, limits, data, other, calibration);
    }

    /** A copy with another calibration. */
    public ModelCard withCalibration(@Nullable Calibration other) {
        return new ModelCard(intendedUse, limits, data, scores, other);
    }

    /**
     * The data that a model learnt from.
     *
     * @param name the data set's name
     * @param fingerprint a text that differs where the data differ, such as a hash over the cases' hashes; empty where
     *     there is none
     * @param train cases that the weights were fitted to
     * @param validation cases that chose among weights
     * @param test cases held out from both
     * @param split how cases were parted, as a sentence
     */
    public record Data(String name, String fingerprint, int train, int validation, int test, String split) {
        /** Checks the counts. */
        public Data {
            if (train < 0 || validation < 0 || test < 0) {
                throw new ConfigException(
                        "cases", train + ", " + validation + ", " + test, "counts of cases, 0 or more");
            }
        }
    }

    /**
     * A measure over cases with the interval of its mean.
     *
     * @param precision which of the bundle's models was measured
     * @param cases which cases, such as {@code test}
     * @param label the label's name
     * @param metric the measure's name with its unit, such as {@code Dice} or {@code HD95 mm}
     * @param mean the mean over the cases
     * @param low the lower end of the mean's 95% interval
     * @param high its upper end
     * @param count the number of cases that define the measure
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
        /** Checks that the numbers are numbers. */
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
     * How probabilities were made to agree with the frequency of being right.
     *
     * @param temperature what logits are divided by, above 0
     * @param errorBefore the expected calibration error with temperature 1, from 0 to 1
     * @param errorAfter the expected calibration error with this temperature, from 0 to 1
     */
    public record Calibration(double temperature, double errorBefore, double errorAfter) {
        /** Checks the ranges. */
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
