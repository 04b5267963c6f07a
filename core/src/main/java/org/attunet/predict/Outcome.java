package org.attunet.predict;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one image among many.
 *
 * @param name the image's name without its suffix
 * @param inputs its files: one, or one for each channel
 * @param mask the mask's file, written or not
 * @param written every file that was written for it, the mask last; empty where it failed
 * @param confidence how good the mask is by the model's own probabilities, 0 to 1, as {@link Segmentation} has it; NaN
 *     where it failed
 * @param error why there is no mask; null where there is one
 */
public record Outcome(
        String name,
        List<Path> inputs,
        Path mask,
        List<Path> written,
        double confidence,
        @Nullable AttunetException error) {
    /** Copies the lists. */
    public Outcome {
        inputs = List.copyOf(inputs);
        written = List.copyOf(written);
    }

    /** Whether there is no mask. */
    public boolean failed() {
        return error != null;
    }
}
