package org.attunet.benchmark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.export.CalibrationInput;
import org.attunet.export.MatrixProduct;
import org.attunet.export.OnnxExport;
import org.attunet.export.Quantisation;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkCost;
import org.attunet.network.NetworkShape;
import org.attunet.plan.TrainingConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.tensor.Natives;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.ProcessMemory;
import org.attunet.train.Run;
import org.attunet.train.TorchEngine;
import org.jspecify.annotations.Nullable;

/**
 * Times a model on random numbers.
 *
 * @param model a bundle or a run folder; null for the full-width 2D network (31.4 M parameters) with random weights
 * @param base channels of that network's finest level
 * @param size of a block (x, y[, z]); null for the model's patch, or 256 x 256
 * @param runs that are timed after two that warm up
 */
public record Benchmark(@Nullable Path model, int base, int @Nullable [] size, int runs) {
    /** The side of the square matrices whose product measures the machine's peak. */
    public static final int MATRIX_SIZE = 1024;

    private static final int[] DEFAULT_SIZE = {256, 256};

    /** The engine of an inference. */
    public enum Backend {
        ONNX,
        INT8,
        LIBTORCH
    }

    /** A model ready to run on ONNX Runtime; the operations are 0 for a foreign model. */
    private record Exported(NetworkShape shape, int[] block, byte[] onnx, double operations) {}

    /**
     * Times training steps.
     *
     * @param copies of the network that divide a batch; null for one per two blocks
     * @param bf16 whether convolutions run in bfloat16
     */
    public Measurement training(int batch, @Nullable Integer copies, int threads, boolean bf16) {
        Natives.threads(threads);
        int used = copies == null ? TrainingConfig.ComputeConfig.usualCopies(batch, threads, "cpu") : copies;
        var steps = new StepBenchmark(network(), block(), batch, used, threads, bf16);
        return new Measurement(threads, steps.run(runs), 0, 0, ProcessMemory.peak());
    }

    /** Times the network alone, array in to array out. */
    public Measurement inference(Backend backend, int batch, int threads) {
        Exported exported = exported(backend);
        float[] one = OnnxExport.testInput(exported.shape, exported.block);
        float[] input = new float[one.length * batch];
        for (int k = 0; k < batch; k++) {
            System.arraycopy(one, 0, input, k * one.length, one.length);
        }
        try (Engine engine = engine(backend, exported, threads)) {
            Latency latency = Latency.of(engine, input, batch, exported.block, runs);
            double gigaflops = batch * exported.operations / latency.median() / 1e9;
            return new Measurement(threads, latency, gigaflops, matrixProduct(threads), ProcessMemory.peak());
        }
    }

    /** Times images to masks: preprocessing, network, and the way back to the image's grid. */
    public Measurement segmentation(Backend backend, int threads) {
        Exported exported = exported(backend);
        NetworkShape shape = exported.shape;
        ModelDescription description = model != null && Bundle.looksLike(model)
                ? Bundle.open(model).model()
                : ModelDescription.of(
                                "bench",
                                shape,
                                Preprocessing.of(shape.channels(), new Normalisation.ZScore()),
                                LabelSet.of(Map.of(1, "label")),
                                exported.block)
                        .withMirroredAxes(0);
        float[] values = OnnxExport.testInput(shape, exported.block);
        Grid grid = Grid.ofPixels(exported.block);
        float[][] channels = new float[shape.channels()][];
        for (int c = 0; c < channels.length; c++) {
            channels[c] = Arrays.copyOfRange(values, c * grid.voxels(), (c + 1) * grid.voxels());
        }
        Image image = new Image(grid, channels);
        try (Segmenter segmenter =
                Segmenter.of(engine(backend, exported, threads), description, SegmenterOptions.defaults())) {
            Latency latency = Latency.of(() -> segmenter.segment(image), runs, 1);
            return new Measurement(threads, latency, 0, 0, ProcessMemory.peak());
        }
    }

    private Engine engine(Backend backend, Exported exported, int threads) {
        if (backend == Backend.LIBTORCH) {
            Natives.threads(threads);
            return TorchEngine.owning(weights(), "cpu");
        }
        OnnxOptions options = OnnxOptions.defaults().withThreads(threads);
        return OnnxEngine.open(exported.onnx, "model", exported.shape, options);
    }

    private Exported exported(Backend backend) {
        if (model != null && Bundle.looksLike(model)) {
            Bundle bundle = Bundle.open(model);
            int[] block = size == null ? bundle.model().patch() : size;
            byte[] onnx = bundle.onnx(backend == Backend.INT8 ? Precision.INT8 : Precision.FP32);
            NetworkShape shape = bundle.model().shape();
            return new Exported(shape, block, onnx, shape instanceof NetworkConfig own ? operations(own, block) : 0);
        }
        NetworkConfig network = network();
        int[] block = block();
        byte[] onnx;
        try (TorchNetwork weights = weights()) {
            onnx = OnnxExport.of(weights);
        }
        if (backend == Backend.INT8) { // ranges of random numbers: the labels would be wrong, the time is not
            var random = new CalibrationInput(OnnxExport.testInput(network, block), block);
            int cores = Runtime.getRuntime().availableProcessors();
            onnx = new Quantisation(onnx, network, List.of(random), cores).allLayers();
        }
        return new Exported(network, block, onnx, operations(network, block));
    }

    private static double operations(NetworkConfig network, int[] block) {
        double voxels = Arrays.stream(block).mapToDouble(n -> n).reduce(1, (a, b) -> a * b);
        return NetworkCost.of(network).operations() * voxels;
    }

    private TorchNetwork weights() {
        return model == null
                ? TorchNetwork.create(network(), 1)
                : Run.open(model).network("cpu");
    }

    private NetworkConfig network() {
        if (model != null) {
            return description(model).network();
        }
        List<Integer> widths =
                IntStream.range(0, 5).mapToObj(level -> base << level).toList();
        return NetworkConfig.attUNet(2, 3, 1).withWidths(widths);
    }

    private int[] block() {
        return size != null
                ? size
                : model == null ? DEFAULT_SIZE : description(model).patch();
    }

    private static ModelDescription description(Path run) {
        return ModelDescription.read(Run.open(run).model());
    }

    /** GFLOP/s of a matrix product, the machine's practical peak. */
    private static double matrixProduct(int threads) {
        NetworkConfig any = NetworkConfig.attUNet(2, 1, 1);
        OnnxOptions options = OnnxOptions.defaults().withThreads(threads);
        try (Engine product = OnnxEngine.open(MatrixProduct.onnx(MATRIX_SIZE), "product", any, options)) {
            int[] square = {MATRIX_SIZE, MATRIX_SIZE};
            Latency latency = Latency.of(product, OnnxExport.testInput(any, square), 1, square, 9);
            return 2.0 * MATRIX_SIZE * MATRIX_SIZE * MATRIX_SIZE / latency.percentile(0) / 1e9;
        }
    }
}
