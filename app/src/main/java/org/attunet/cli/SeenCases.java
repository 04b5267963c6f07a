package org.attunet.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.attunet.dataset.Case;
import org.attunet.train.CrossValidation;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;

/** Warnings that measures are too good, because the measured cases have shaped the weights, or may have. */
final class SeenCases {
    private SeenCases() {}

    /**
     * The warnings for cases that the first model's own training held out or never knew.
     *
     * @param models the first model and those of an ensemble with it: runs, cross-validations and bundles
     */
    static List<String> warnings(List<Path> models, List<Case> cases) {
        List<String> warnings = new ArrayList<>();
        Set<String> hashes = null;
        for (Path model : models) {
            Set<String> seen = seen(model, model.equals(models.get(0)));
            if (seen == null) {
                warnings.add(model + ": " + (EnsembleOptions.isBundle(model) ? "a bundle" : "an imported model")
                        + " doesn't record which cases it was trained on; those among the measured ones flatter it");
            } else if (!seen.isEmpty()) {
                hashes = hashes != null
                        ? hashes
                        : cases.stream().map(Case::contentHash).collect(Collectors.toSet());
                long known = hashes.stream().filter(seen::contains).count();
                if (known > 0) {
                    warnings.add(known + " of the " + cases.size() + " measured cases were used in the training of "
                            + model + " or of the model that it started from, so the measures are too good");
                }
            }
        }
        return warnings;
    }

    /** Hashes of the cases that a model has seen, beyond its own training if that is considered already; null if unknown. */
    private static @Nullable Set<String> seen(Path model, boolean ownKnown) {
        if (EnsembleOptions.isBundle(model)) {
            return null;
        }
        // All folds together have seen the same cases.
        Run run = Run.open(
                CrossValidation.isIn(model) ? CrossValidation.open(model).fold(0) : model);
        if (!Files.exists(run.split())) {
            return null;
        }
        return ownKnown ? run.seenBefore() : run.seen();
    }
}
