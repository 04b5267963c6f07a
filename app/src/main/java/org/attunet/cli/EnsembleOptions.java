package org.attunet.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.bundle.Bundle;
import org.attunet.console.Console;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of one or more models used together, and of their engines. */
final class EnsembleOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "A further model; all models' probabilities are averaged. Can be given several times.")
    private List<Path> further = List.of();

    @Option(names = "--tta", description = "Average over the mirror images used in training (slower, a little better).")
    private boolean mirror;

    @Mixin
    private EngineOptions engines;

    /** Whether a path is a bundle, or is named like one. */
    static boolean isBundle(Path model) {
        return Bundle.looksLike(model)
                || model.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /** The first model and the further ones. */
    List<Path> all(Path first) {
        return Stream.concat(Stream.of(first), further.stream()).toList();
    }

    /**
     * Opens a model, with the further ones as an ensemble; to be closed. Prints a note if mirror images are asked for that
     * training hasn't used.
     */
    Segmenter open(Console console, Path first, SegmenterOptions options) {
        Segmenter segmenter = engines.open(all(first), options.withMirror(mirror));
        if (mirror && !segmenter.mirrors()) {
            console.message("note: this model was trained on no mirror images, so --tta changes nothing");
        }
        return segmenter;
    }
}
