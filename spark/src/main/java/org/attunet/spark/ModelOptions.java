package org.attunet.spark;

import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.console.KeepLargestConverter;
import org.attunet.console.MemorySizeConverter;
import org.attunet.console.PixelSizeOption;
import org.attunet.predict.SegmenterOptions;
import org.attunet.predict.TileMode;
import org.attunet.spark.segment.SegmentSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for the models and how they segment. */
final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Another model, to average probabilities with the first; may be given several times.")
    private List<String> further = List.of();

    @Option(names = "--int8", description = "Use the bundle's 8-bit model.")
    private boolean int8;

    @Option(
            names = "--tta",
            description = "Average over the mirror images that training used (slower, slightly better).")
    private boolean mirror;

    @Option(
            names = "--tiles",
            description = "How large images are divided: auto, whole, exact or blended (default: auto).")
    private TileMode tiles = TileMode.AUTO;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            description = "Memory for computing one image, such as 3g (default: a task's share of half of its machine's"
                    + " free memory).")
    private long memory;

    @Option(
            names = "--keep-largest",
            converter = KeepLargestConverter.class,
            paramLabel = "WHAT",
            description = "Keep only the largest connected component: of labels (1,2), of all as one (all), or none"
                    + " (default: the bundle's choice).")
    private @Nullable KeepLargest keepLargest;

    @Option(names = "--threads", paramLabel = "N", description = "Threads per operation (default: spark.task.cpus).")
    private int threads;

    @Mixin
    private PixelSizeOption pixelSize;

    /** Returns the addresses of all models. */
    List<String> all(String first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(further);
        return all;
    }

    SegmentSettings settings(SegmenterOptions options) {
        return new SegmentSettings(
                options.withMirror(mirror).withTiles(tiles).withMemory(memory),
                int8 ? Precision.INT8 : Precision.FP32,
                keepLargest,
                threads,
                pixelSize.size(),
                false);
    }
}
