package org.attunet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.console.KeepLargestConverter;
import org.attunet.error.AttunetException;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.tensor.Natives;
import org.attunet.train.CrossValidation;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the engines that run models: libtorch for a run folder, ONNX Runtime for a bundle. */
final class EngineOptions {
    @Option(names = "--int8", description = "Use the bundle's model in 8-bit integers.")
    private boolean int8;

    @Option(
            names = "--threads",
            converter = OptionConverters.ThreadsConverter.class,
            paramLabel = "N",
            description = "Threads of one operation (default: the engine's choice, mostly the number of cores).")
    private int threads;

    @Option(names = "--device", description = "cpu, cuda or auto (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Option(
            names = "--keep-largest",
            converter = KeepLargestConverter.class,
            paramLabel = "WHAT",
            description = "Keep only the largest connected component of each label given by value (1,2), of all labels"
                    + " as one object (all), or of nothing (none) (default: the choice of a cross-validation, else"
                    + " none).")
    private @Nullable KeepLargest keepLargest;

    /** Sets the threads of one operation unless the command line does. */
    void defaultThreads(int usual) {
        if (threads == 0) {
            threads = usual;
        }
    }

    /**
     * Opens one model, or several as an ensemble, in which each fold of a cross-validation is a model. To be closed.
     *
     * @param paths one or more
     */
    Segmenter open(List<Path> paths, SegmenterOptions options) {
        List<Segmenter> opened = new ArrayList<>();
        try {
            for (Path path : paths) {
                for (Path model :
                        CrossValidation.isIn(path) ? CrossValidation.open(path).runs() : List.of(path)) {
                    opened.add(EnsembleOptions.isBundle(model) ? openBundle(model, options) : openRun(model, options));
                }
            }
            Segmenter all = opened.size() == 1 ? opened.get(0) : Segmenter.ensemble(opened, options);
            return keepLargest == null ? all : all.withKeepLargest(keepLargest);
        } catch (RuntimeException e) {
            opened.forEach(Segmenter::close);
            throw e;
        }
    }

    private Segmenter openRun(Path model, SegmenterOptions options) {
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

    private Segmenter openBundle(Path model, SegmenterOptions options) {
        Precision precision = int8 ? Precision.INT8 : Precision.FP32;
        OnnxOptions cpu = OnnxOptions.defaults();
        cpu = threads == 0 ? cpu : cpu.withThreads(threads);
        if (device == Device.CPU || (device == Device.AUTO && !OnnxEngine.hasCuda())) {
            return Segmenter.open(model, options, cpu, precision);
        }
        try {
            return Segmenter.open(model, options, cpu.withDevice("cuda"), precision);
        } catch (AttunetException e) {
            if (device == Device.AUTO) { // built with CUDA, but the machine may have no GPU
                System.err.println("note: " + model + " is computed on the CPU (" + e.found() + ")");
                return Segmenter.open(model, options, cpu, precision);
            }
            throw e;
        }
    }
}
