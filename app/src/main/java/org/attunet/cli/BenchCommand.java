package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.attunet.benchmark.Benchmark;
import org.attunet.benchmark.Benchmark.Backend;
import org.attunet.benchmark.Latency;
import org.attunet.benchmark.Measurement;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet bench}: times a model on random numbers. */
@Command(
        name = "bench",
        description = {
            "Time a model on random numbers: latency, images per second and memory for each number of threads.",
            "Without MODEL: the full-width 2D network (31.4 M parameters) with random weights."
        },
        footer = {
            "",
            "Examples:",
            "  attunet bench model.zip --threads 1,2,4",
            "  attunet bench --what train --batch 2 --runs 5 --json"
        })
final class BenchCommand extends AttunetCommand {
    /** The workload. */
    enum Workload {
        INFER,
        SEGMENT,
        TRAIN
    }

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "A bundle or a run folder.")
    private @Nullable Path model;

    @Option(
            names = "--what",
            description = "infer (the network alone), segment (images to masks) or train (default: infer).")
    private Workload what = Workload.INFER;

    @Option(names = "--engine", description = "onnx, int8 or libtorch, for inference (default: onnx).")
    private Backend engine = Backend.ONNX;

    @Option(
            names = "--size",
            converter = OptionConverters.SizeConverter.class,
            paramLabel = "XxY[xZ]",
            description = "The block's size (default: the model's patch; 256x256).")
    private OptionConverters.@Nullable Size size;

    @Option(
            names = "--batch",
            converter = OptionConverters.CountConverter.class,
            description = "Blocks per run (default: 1 for infer, 2 for train).")
    private int batch;

    @Option(
            names = "--copies",
            converter = OptionConverters.CountConverter.class,
            paramLabel = "N",
            description = "For train: copies of the network that divide a batch (default: one per two blocks).")
    private @Nullable Integer copies;

    @Option(names = "--bf16", description = "For train: convolve in bfloat16, as 'train --bf16' does.")
    private boolean bf16;

    @Option(
            names = "--runs",
            converter = OptionConverters.CountConverter.class,
            description = "Timed runs after two that warm up (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    @Option(
            names = "--base",
            converter = OptionConverters.CountConverter.class,
            description = "Without MODEL: channels of the finest level (default: ${DEFAULT-VALUE}).")
    private int base = 64;

    @Option(
            names = "--threads",
            converter = OptionConverters.ThreadsConverter.class,
            split = ",",
            description = "Threads of one operation; 1,2,4 times each of them (default: the number of cores).")
    private List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

    @Override
    public Integer call() {
        if (bf16 && what != Workload.TRAIN) {
            throw new AttunetException(
                    "--bf16", "given for an inference", "--what train", "add --what train or leave --bf16 out");
        }
        var benchmark = new Benchmark(model, base, size == null ? null : size.axes(), runs);
        List<Measurement> measured = threads.stream()
                .map(count -> switch (what) {
                    case TRAIN -> benchmark.training(blocks(), copies, count, bf16);
                    case SEGMENT -> benchmark.segmentation(engine, count);
                    case INFER -> benchmark.inference(engine, blocks(), count);
                })
                .toList();
        result(() -> json(measured), () -> text(measured));
        return ExitCode.OK;
    }

    private int blocks() {
        return batch > 0 ? batch : what == Workload.TRAIN ? 2 : 1;
    }

    private String engineName() {
        return Wording.word(what == Workload.TRAIN ? Backend.LIBTORCH : engine);
    }

    private ObjectNode json(List<Measurement> measured) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("what", Wording.word(what))
                .put("engine", engineName())
                .put("batch", blocks())
                .put("bf16", bf16);
        ArrayNode table = root.putArray("threads");
        measured.forEach(one -> one.writeTo(table.addObject().put("threads", one.threads())));
        measured.get(measured.size() - 1).writeTo(root); // the usual case has one number of threads
        return root;
    }

    private String text(List<Measurement> measured) {
        boolean infer = what == Workload.INFER;
        String work = infer
                ? "inference"
                : what == Workload.SEGMENT ? "segmentation" : bf16 ? "training step in bfloat16" : "training step";
        var text = new StringBuilder(work + " by " + engineName() + ", batch " + blocks() + ", " + runs + " runs\n\n"
                + "threads  median s     p90 s     p99 s    best s     per s"
                + (infer ? "   GFLOP/s   of peak" : "") + "  memory MiB\n");
        for (Measurement one : measured) {
            Latency latency = one.latency();
            text.append(Wording.format(
                    "%7d %9.3f %9.3f %9.3f %9.3f %9.2f%s %11d%n",
                    one.threads(),
                    latency.median(),
                    latency.percentile(90),
                    latency.percentile(99),
                    latency.percentile(0),
                    latency.perSecond(),
                    one.gigaflops() == 0 ? "" : flops(one),
                    one.memoryBytes() >> 20));
        }
        return text + (infer ? "peak: a matrix product of %1$d x %1$d".formatted(Benchmark.MATRIX_SIZE) : "");
    }

    private static String flops(Measurement one) {
        double share = one.gigaflops() / one.peakGigaflops();
        return Wording.format("%10.0f %8.0f%%", one.gigaflops(), 100 * share);
    }
}
