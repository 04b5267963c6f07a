package org.attunet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.tensor.Natives;
import org.attunet.train.Run;
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

    /** Whether a path is or would be a bundle. */
    static boolean isBundle(Path model) {
        return Bundle.looksLike(model)
                || model.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /** Opens the first model, and with it the further ones as an ensemble; to be closed. */
    Segmenter open(Path first, SegmenterOptions options) {
        if (further.isEmpty()) {
            return one(first, options);
        }
        List<Segmenter> opened = new ArrayList<>();
        try {
            opened.add(one(first, options));
            for (Path model : further) {
                opened.add(one(model, options));
            }
            return Segmenter.ensemble(opened, options);
        } catch (RuntimeException e) {
            opened.forEach(Segmenter::close);
            throw e;
        }
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
