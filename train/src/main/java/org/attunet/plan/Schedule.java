package org.attunet.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.attunet.error.ConfigException;

/**
 * The learning rate over a run.
 *
 * @param shape how it falls; {@code schedule} in files
 * @param warmUp the share of the run, 0 to 0.5, over which it first rises linearly from 0
 */
public record Schedule(@JsonProperty("schedule") Shape shape, double warmUp) {
    /** How the rate falls after the warm-up. */
    public enum Shape {
        /** Along half a cosine to 0. */
        COSINE,
        /** As (1 - progress)^0.9 to 0, nnU-Net's choice. */
        POLYNOMIAL,
        /** Not at all. */
        CONSTANT
    }

    /** Checks the range. */
    public Schedule {
        ConfigException.check(
                shape != null, "schedule", "null", "cosine, polynomial or constant"); // a file may lack it
        ConfigException.check(warmUp >= 0 && warmUp <= 0.5, "warmUp", warmUp, "a share from 0 to 0.5");
    }

    /** The factor on the highest rate, 0 to 1, at a progress of 0 (start) to 1 (end). */
    public double factor(double progress) {
        if (progress < warmUp) {
            return Math.max(0.01, progress / warmUp); // never 0, or the first step would be lost
        }
        double p = Math.min(1, (progress - warmUp) / (1 - warmUp));
        return switch (shape) {
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * p));
            case POLYNOMIAL -> Math.pow(1 - p, 0.9);
            case CONSTANT -> 1;
        };
    }
}
