package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.NetworkConfig;
import org.attunet.export.OnnxExport;
import org.attunet.export.Operations;
import org.attunet.network.Network;
import org.attunet.predict.Engine;
import org.attunet.predict.Latency;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.tensor.Natives;
import org.attunet.train.ImportedModel;
import org.attunet.train.Run;
import org.attunet.train.StepBenchmark;
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
        INFER,
        TRAIN
    }

    /** What computes an inference. */
    enum By {
        ONNX,
        LIBTORCH
    }

    private static final int PRODUCT = 1024;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "A run folder.")
    private @Nullable Path model;

    @Option(names = "--what", description = "infer or train (default: infer).")
    private What what = What.INFER;

    @Option(names = "--engine", description = "onnx or libtorch, for inference (default: onnx).")
    private By engine = By.ONNX;

    @Option(
            names = "--size",
            converter = Words.SizeWord.class,
            paramLabel = "XxY[xZ]",
            description = "The block's size (default: the model's patch; 256x256).")
    private Words.@Nullable Size size;

    @Option(names = "--batch", description = "Blocks at once (default: 1 for infer, 2 for train).")
    private int batch;

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
            rows.add(what == What.TRAIN ? training(count) : inference(count));
        }
        console().result(() -> json(rows), () -> text(rows));
        return Failures.DONE;
    }

    private Row training(int count) {
        Natives.threads(count);
        ModelDescription subject = subject();
        var benchmark = new StepBenchmark((NetworkConfig) subject.shape(), block(subject), images());
        return new Row(count, benchmark.run(runs), 0, 0, resident());
    }

    private Row inference(int count) {
        ModelDescription subject = subject();
        var network = (NetworkConfig) subject.shape();
        int[] block = block(subject);
        float[] one = OnnxExport.testInput(network, block);
        float[] input = new float[one.length * images()];
        for (int k = 0; k < images(); k++) {
            System.arraycopy(one, 0, input, k * one.length, one.length);
        }
        byte[] onnx;
        try (Network weights = weights(network)) {
            onnx = OnnxExport.of(weights);
        }
        double operations = images() * Operations.of(onnx, block);
        try (Engine timed = engine(onnx, network, count)) {
            Latency latency = Latency.of(timed, input, images(), block, runs);
            return new Row(count, latency, operations / latency.median() / 1e9, product(count), resident());
        }
    }

    private Engine engine(byte[] onnx, NetworkConfig network, int count) {
        if (engine == By.LIBTORCH) {
            Natives.threads(count);
            return TorchEngine.owning(weights(network), "cpu");
        }
        return OnnxEngine.open(onnx, "model", network, OnnxOptions.defaults().withThreads(count));
    }

    private Network weights(NetworkConfig network) {
        return model == null ? Network.create(network, 1) : Run.open(model).network("cpu");
    }

    private ModelDescription subject() {
        if (model != null) {
            return ModelDescription.read(Run.open(model).model());
        }
        List<Integer> widths =
                IntStream.range(0, 5).mapToObj(level -> base << level).toList();
        NetworkConfig seed = NetworkConfig.seed(2, 3, 1).withWidths(widths);
        return ImportedModel.describe("seed", seed, null, new int[] {256, 256});
    }

    private int[] block(ModelDescription subject) {
        return size == null ? subject.patch() : size.axes();
    }

    /** GFLOP/s of a matrix product: what the machine can do at best. */
    private static double product(int count) {
        NetworkConfig any = NetworkConfig.seed(2, 1, 1);
        try (Engine multiply = OnnxEngine.open(
                Operations.matrixProduct(PRODUCT),
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
        root.put("what", Words.word(what)).put("engine", Words.word(by())).put("batch", images());
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
                what == What.TRAIN ? "training step" : "inference",
                Words.word(by()),
                images(),
                runs,
                "threads",
                "median s",
                "p90 s",
                "p99 s",
                "best s",
                "per s",
                what == What.TRAIN ? "" : String.format("%10s %9s", "GFLOP/s", "of peak"),
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
        return what == What.TRAIN ? text.toString() : text + "peak: a matrix product of " + PRODUCT + " x " + PRODUCT;
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
