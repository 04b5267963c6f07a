package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.benchmark.Latency;
import org.attunet.benchmark.StepBenchmark;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.console.CommandFailures;
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
import org.attunet.train.Run;
import org.attunet.train.TorchEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet bench}: times a model, or the seed's 2D network, on random numbers. */
@Command(
        name = "bench",
        description = {
            "Time a model on random numbers: latency, images per second, memory, for each number of threads.",
            "Without MODEL: the full-width 2D network (31.4 M parameters) with random weights."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet bench model.zip --threads 1,2,4",
            "  attunet bench --what train --batch 2 --runs 5 --json"
        })
final class BenchCommand extends AttunetCommand {
    /** What is timed. */
    enum What {
        /** The network alone, array in to array out. */
        INFER,
        /** Images to masks: preprocessing, network, and the way back. */
        SEGMENT,
        TRAIN
    }

    /** What computes an inference. */
    enum By {
        ONNX,
        INT8,
        LIBTORCH
    }

    private static final int PRODUCT = 1024;
    private static final int[] SEED_BLOCK = {256, 256};

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "A bundle or a run folder.")
    private @Nullable Path model;

    @Option(
            names = "--what",
            description = "infer (the network alone), segment (images to masks) or train (default: infer).")
    private What what = What.INFER;

    @Option(names = "--engine", description = "onnx, int8 or libtorch, for inference (default: onnx).")
    private By engine = By.ONNX;

    @Option(
            names = "--size",
            converter = OptionText.SizeWord.class,
            paramLabel = "XxY[xZ]",
            description = "The block's size (default: the model's patch; 256x256).")
    private OptionText.@Nullable Size size;

    @Option(names = "--batch", description = "Blocks at once (default: 1 for infer, 2 for train).")
    private int batch;

    @Option(
            names = "--copies",
            paramLabel = "N",
            description = "For train: copies of the network that divide a batch (default: one for two blocks).")
    private @Nullable Integer copies;

    @Option(names = "--runs", description = "Timed runs after two that warm up (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    @Option(names = "--base", description = "Without MODEL: channels of the finest level (default: ${DEFAULT-VALUE}).")
    private int base = 64;

    @Option(
            names = "--threads",
            split = ",",
            description = "Threads of one operation, 1,2,4 for each (default: the cores).")
    private List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

    /** What was measured with one number of threads. */
    private record Row(int threads, Latency latency, double gigaflops, double peakGigaflops, long residentBytes) {}

    @Override
    public Integer call() {
        List<Row> rows = new ArrayList<>();
        for (int count : threads) {
            rows.add(
                    switch (what) {
                        case TRAIN -> training(count);
                        case SEGMENT -> segmentation(count);
                        case INFER -> inference(count);
                    });
        }
        console().result(() -> json(rows), () -> text(rows));
        return CommandFailures.DONE;
    }

    /** What is timed, wherever it comes from; foreign models have no parts that libtorch knows. */
    private record Subject(NetworkShape shape, int[] block, byte[] onnx, double operations) {}

    private Row training(int count) {
        Natives.threads(count);
        NetworkConfig network = model == null ? seed() : trained(model).network();
        int[] block = block(model == null ? SEED_BLOCK : trained(model).patch());
        return new Row(
                count, new StepBenchmark(network, block, images(), copies(count), count).run(runs), 0, 0, resident());
    }

    private Row inference(int count) {
        Subject subject = subject();
        float[] one = OnnxExport.testInput(subject.shape, subject.block);
        float[] input = new float[one.length * images()];
        for (int k = 0; k < images(); k++) {
            System.arraycopy(one, 0, input, k * one.length, one.length);
        }
        try (Engine timed = engine(subject, count)) {
            Latency latency = Latency.of(timed, input, images(), subject.block, runs);
            double gigaflops = images() * subject.operations / latency.median() / 1e9;
            return new Row(count, latency, gigaflops, product(count), resident());
        }
    }

    private Row segmentation(int count) {
        Subject subject = subject();
        ModelDescription description = model != null && Bundle.looksLike(model)
                ? Bundle.open(model).model()
                : new ModelDescription(
                        ModelDescription.VERSION,
                        "bench",
                        subject.shape,
                        Preprocessing.of(subject.shape.channels(), new Normalisation.ZScore()),
                        LabelSet.of(Map.of(1, "label")),
                        subject.block,
                        0);
        float[] values = OnnxExport.testInput(subject.shape, subject.block);
        Grid grid = Grid.of(subject.block);
        float[][] channels = new float[subject.shape.channels()][];
        for (int c = 0; c < channels.length; c++) {
            channels[c] = Arrays.copyOfRange(values, c * grid.voxels(), (c + 1) * grid.voxels());
        }
        Image image = new Image(grid, channels);
        try (Segmenter timed = Segmenter.of(engine(subject, count), description, SegmenterOptions.defaults())) {
            return new Row(count, Latency.of(() -> timed.segment(image), runs, 1), 0, 0, resident());
        }
    }

    private Engine engine(Subject subject, int count) {
        if (engine == By.LIBTORCH) {
            Natives.threads(count);
            return TorchEngine.owning(weights(), "cpu");
        }
        return OnnxEngine.open(
                subject.onnx, "model", subject.shape, OnnxOptions.defaults().withThreads(count));
    }

    private Subject subject() {
        if (model != null && Bundle.looksLike(model)) {
            Bundle bundle = Bundle.open(model);
            int[] block = block(bundle.model().patch());
            byte[] fp32 = bundle.onnx(Precision.FP32);
            byte[] timed = engine == By.INT8 ? bundle.onnx(Precision.INT8) : fp32;
            NetworkShape shape = bundle.model().shape();
            double operations = shape instanceof NetworkConfig ours ? operations(ours, block) : 0;
            return new Subject(shape, block, timed, operations);
        }
        NetworkConfig network = model == null ? seed() : trained(model).network();
        int[] block = block(model == null ? SEED_BLOCK : trained(model).patch());
        byte[] onnx;
        try (TorchNetwork weights = weights()) {
            onnx = OnnxExport.of(weights);
        }
        if (engine == By.INT8) { // ranges of random numbers: the labels would be wrong, the time is not
            var random = new CalibrationInput(OnnxExport.testInput(network, block), block);
            int cores = Runtime.getRuntime().availableProcessors();
            onnx = new Quantisation(onnx, network, List.of(random), cores).allLayers();
        }
        return new Subject(network, block, onnx, operations(network, block));
    }

    private static double operations(NetworkConfig network, int[] block) {
        double voxels = Arrays.stream(block).mapToDouble(n -> n).reduce(1, (a, b) -> a * b);
        return NetworkCost.of(network).operations() * voxels;
    }

    private int copies(int threads) {
        return copies == null ? TrainingConfig.ComputeConfig.usualCopies(images(), threads, "cpu") : copies;
    }

    /** The network of the run, or the seed's with random weights. */
    private TorchNetwork weights() {
        return model == null ? TorchNetwork.create(seed(), 1) : Run.open(model).network("cpu");
    }

    private static ModelDescription trained(Path run) {
        return ModelDescription.read(Run.open(run).model());
    }

    private NetworkConfig seed() {
        List<Integer> widths =
                IntStream.range(0, 5).mapToObj(level -> base << level).toList();
        return NetworkConfig.attUNet(2, 3, 1).withWidths(widths);
    }

    private int[] block(int[] usual) {
        return size == null ? usual : size.axes();
    }

    /** GFLOP/s of a matrix product: what the machine can do at best. */
    private static double product(int count) {
        NetworkConfig any = NetworkConfig.attUNet(2, 1, 1);
        try (Engine multiply = OnnxEngine.open(
                MatrixProduct.onnx(PRODUCT),
                "product",
                any,
                OnnxOptions.defaults().withThreads(count))) {
            int[] square = {PRODUCT, PRODUCT};
            Latency latency = Latency.of(multiply, OnnxExport.testInput(any, square), 1, square, 9);
            return 2.0 * PRODUCT * PRODUCT * PRODUCT / latency.percentile(0) / 1e9;
        }
    }

    private ObjectNode json(List<Row> rows) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("what", OptionText.word(what))
                .put("engine", OptionText.word(by()))
                .put("batch", images());
        ArrayNode table = root.putArray("threads");
        for (Row row : rows) {
            ObjectNode node = table.addObject().put("threads", row.threads);
            tell(node, row);
        }
        tell(root, rows.get(rows.size() - 1)); // what most want: the last number of threads alone
        return root;
    }

    private void tell(ObjectNode node, Row row) {
        node.put("median_s", row.latency.median());
        node.put("min_s", row.latency.percentile(0));
        node.put("p90_s", row.latency.percentile(90));
        node.put("p99_s", row.latency.percentile(99));
        node.put("per_second", row.latency.perSecond());
        if (row.gigaflops > 0) {
            node.put("gflops", row.gigaflops).put("matrix_product_gflops", row.peakGigaflops);
        }
        node.put("peak_memory_bytes", row.residentBytes);
    }

    private String text(List<Row> rows) {
        var text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s by %s, batch %d, %d runs%n%n%7s %9s %9s %9s %9s %9s%s %11s%n",
                switch (what) {
                    case TRAIN -> "training step";
                    case SEGMENT -> "segmentation";
                    case INFER -> "inference";
                },
                OptionText.word(by()),
                images(),
                runs,
                "threads",
                "median s",
                "p90 s",
                "p99 s",
                "best s",
                "per s",
                what == What.INFER ? String.format("%10s %9s", "GFLOP/s", "of peak") : "",
                "memory MiB"));
        for (Row row : rows) {
            String share = row.gigaflops == 0
                    ? ""
                    : String.format(
                            Locale.ROOT, "%10.0f %8.0f%%", row.gigaflops, 100 * row.gigaflops / row.peakGigaflops);
            text.append(String.format(
                    Locale.ROOT,
                    "%7d %9.3f %9.3f %9.3f %9.3f %9.2f%s %11d%n",
                    row.threads,
                    row.latency.median(),
                    row.latency.percentile(90),
                    row.latency.percentile(99),
                    row.latency.percentile(0),
                    row.latency.perSecond(),
                    share,
                    row.residentBytes >> 20));
        }
        return what != What.INFER ? text.toString() : text + "peak: a matrix product of " + PRODUCT + " x " + PRODUCT;
    }

    private By by() {
        return what == What.TRAIN ? By.LIBTORCH : engine;
    }

    private int images() {
        return batch > 0 ? batch : what == What.TRAIN ? 2 : 1;
    }

    /** The most memory that the process held so far, 0 where the system doesn't tell. */
    private static long resident() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
