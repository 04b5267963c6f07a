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

/** The options that say which models are used together, and what computes them. */
final class Models {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A further model, whose probabilities are averaged with the first's; may be given several times.")
    private List<Path> further = List.of();

    @Mixin
    private Engines engines;

    /** Whether a path is or would be a bundle. */
    static boolean isBundle(Path model) {
        return Bundle.looksLike(model)
                || model.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /** Opens the first model, and with it the further ones as an ensemble; to be closed. */
    Segmenter open(Path first, SegmenterOptions options) {
        return engines.open(Stream.concat(Stream.of(first), further.stream()).toList(), options);
    }

    /** Says so where mirror images are asked for that no training has shown. */
    static void checkMirror(Console console, Segmenter segmenter, boolean mirror) {
        if (mirror && !segmenter.mirrors()) {
            console.message("note: this model has learnt from no mirror images, so --tta changes nothing");
        }
    }
}
