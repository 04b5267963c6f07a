package org.attunet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.tensor.Natives;
import org.attunet.train.FoldRuns;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say which models are used and what computes them: a run folder is libtorch's, a bundle ONNX Runtime's.
 * For a bundle nothing of libtorch is loaded.
 */
final class Models {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A further model, whose probabilities are averaged with the first's; may be given several times.")
    private List<Path> further = List.of();

    @Option(names = "--int8", description = "Use the bundle's model in 8-bit integers.")
    private boolean int8;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of one operation (default: as many as the engine finds good, mostly the cores).")
    private int threads;

    @Option(names = "--device", description = "cpu, cuda or auto (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Option(
            names = "--keep-largest",
            converter = KeepWord.class,
            paramLabel = "WHAT",
            description = "Keep the largest connected component only: of each label named by its value (1,2), of all"
                    + " labels as one object (all), or nowhere (none) (default: what the folds of a cross-validation have"
                    + " chosen, else none).")
    private @Nullable KeepLargest keepLargest;

    /** Whether a path is or would be a bundle. */
    static boolean isBundle(Path model) {
        return Bundle.looksLike(model)
                || model.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /** Opens the first model, and with it the further ones as an ensemble; to be closed. */
    Segmenter open(Path first, SegmenterOptions options) {
        List<Segmenter> opened = new ArrayList<>();
        try {
            for (Path model : members(first)) {
                opened.add(one(model, options));
            }
            Segmenter all = opened.size() == 1 ? opened.get(0) : Segmenter.ensemble(opened, options);
            return keepLargest == null ? all : all.withKeepLargest(keepLargest);
        } catch (RuntimeException e) {
            opened.forEach(Segmenter::close);
            throw e;
        }
    }

    /** Says so where mirror images are asked for that no training has shown. */
    static void checkMirror(Console console, Segmenter segmenter, boolean mirror) {
        if (mirror && !segmenter.mirrors()) {
            console.message("note: this model has learnt from no mirror images, so --tta changes nothing");
        }
    }

    /** All models, the folds of a cross-validation each for itself. */
    private List<Path> members(Path first) {
        List<Path> members = new ArrayList<>();
        Stream.concat(Stream.of(first), further.stream())
                .forEach(model -> members.addAll(
                        FoldRuns.isIn(model) ? FoldRuns.open(model).runs() : List.of(model)));
        return members;
    }

    private Segmenter one(Path model, SegmenterOptions options) {
        if (isBundle(model)) {
            return bundle(model, options);
        }
        Run run = Run.open(model);
        if (int8) {
            throw new AttunetException(
                    model,
                    "a run folder, which has no model in 8-bit integers",
                    "a bundle",
                    "export the run with 'attunet export " + model + " -o model.zip --int8', or leave out --int8");
        }
        if (threads > 0) {
            Natives.threads(threads);
        }
        return run.segmenter(options, device.library());
    }

    private Segmenter bundle(Path model, SegmenterOptions options) {
        Precision precision = int8 ? Precision.INT8 : Precision.FP32;
        OnnxOptions cpu = OnnxOptions.defaults();
        cpu = threads == 0 ? cpu : cpu.withThreads(threads);
        if (device == Device.CPU || (device == Device.AUTO && !OnnxEngine.hasCuda())) {
            return Segmenter.open(model, options, cpu, precision);
        }
        try {
            return Segmenter.open(model, options, cpu.withDevice("cuda"), precision);
        } catch (AttunetException e) {
            if (device == Device.AUTO) { // the build knows CUDA, but the machine may have no GPU
                return Segmenter.open(model, options, cpu, precision);
            }
            throw e;
        }
    }
}
