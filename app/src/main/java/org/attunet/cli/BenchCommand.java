package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.attunet.bundle.NetworkConfig;
import org.attunet.tensor.Natives;
import org.attunet.train.StepBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code attunet bench}: times one inference or one training step of the seed's 2D network. */
@Command(
        name = "bench",
        description = "Time one inference or one training step of the full-width 2D network on random numbers.",
        sortOptions = false,
        footer = {"", "Example:", "  attunet bench --what train --batch 2 --runs 5 --json"})
final class BenchCommand extends AttunetCommand {
    /** What is timed. */
    enum What {
        INFER,
        TRAIN
    }

    @Option(names = "--what", description = "infer or train (default: infer).")
    private What what = What.INFER;

    @Option(names = "--size", description = "Width and height in pixels (default: ${DEFAULT-VALUE}).")
    private int size = 256;

    @Option(names = "--batch", description = "Images at once (default: 1 for infer, 2 for train).")
    private int batch;

    @Option(names = "--runs", description = "Timed runs after two that warm up (default: ${DEFAULT-VALUE}).")
    private int runs = 5;

    @Option(names = "--base", description = "Channels of the finest level (default: ${DEFAULT-VALUE}).")
    private int base = 64;

    @Option(names = "--threads", description = "Threads of one operation (default: libtorch's choice).")
    private int threads;

    @Override
    public Integer call() {
        if (threads > 0) {
            Natives.threads(threads);
        }
        List<Integer> widths =
                IntStream.range(0, 5).mapToObj(level -> base << level).toList();
        var config = NetworkConfig.seed(2, 3, 1).withWidths(widths);
        int images = batch > 0 ? batch : what == What.INFER ? 1 : 2;
        var benchmark = new StepBenchmark(config, new int[] {size, size}, images, runs);
        StepBenchmark.Timing timing = what == What.INFER ? benchmark.inference() : benchmark.training();
        console().result(() -> json(images, timing), () -> text(images, timing));
        return Failures.DONE;
    }

    private ObjectNode json(int images, StepBenchmark.Timing timing) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("what", word())
                .put("size", size)
                .put("batch", images)
                .put("base", base)
                .put("threads", Natives.threads())
                .put("parameters", timing.parameters())
                .put("median_s", timing.medianSeconds())
                .put("min_s", timing.minSeconds())
                .put("runs", runs);
    }

    private String text(int images, StepBenchmark.Timing timing) {
        return String.format(
                Locale.ROOT,
                "%s: batch %d of %d x %d, %,d parameters, %d threads: median %.3f s, fastest %.3f s of %d runs",
                word(),
                images,
                size,
                size,
                timing.parameters(),
                Natives.threads(),
                timing.medianSeconds(),
                timing.minSeconds(),
                runs);
    }

    private String word() {
        return what.name().toLowerCase(Locale.ROOT);
    }
}
