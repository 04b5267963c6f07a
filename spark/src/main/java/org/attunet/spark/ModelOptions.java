package org.attunet.spark;

import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.Precision;
import org.attunet.console.KeepLargestConverter;
import org.attunet.console.MemorySizeConverter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.predict.TileMode;
import org.attunet.spark.segment.SegmentSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which models are used together and how they segment. */
final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A further model, whose probabilities are averaged with the first's; may be given several times.")
    private List<String> further = List.of();

    @Option(names = "--int8", description = "Use the bundle's model in 8-bit integers.")
    private boolean int8;

    @Option(
            names = "--tta",
            description = "Average over the mirror images that training showed (slower, a little better).")
    private boolean mirror;

    @Option(
            names = "--tiles",
            description = "How large images are parted: auto, whole, exact or blended (default: auto).")
    private TileMode tiles = TileMode.AUTO;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySizeConverter.class,
            description = "The memory for computing an image, such as 3g (default: a task's share of half of what its"
                    + " machine has free).")
    private long memory;

    @Option(
            names = "--keep-largest",
            converter = KeepLargestConverter.class,
            paramLabel = "WHAT",
            description = "Keep the largest connected component only: of labels (1,2), of all as one (all), or none"
                    + " (default: the bundle's choice).")
    private @Nullable KeepLargest keepLargest;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of one operation (default: spark.task.cpus).")
    private int threads;

    /** The first model and the further ones. */
    List<String> with(String first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(further);
        return all;
    }

    /** How they segment. */
    SegmentSettings settings(SegmenterOptions kept) {
        return new SegmentSettings(
                kept.withMirror(mirror).withTiles(tiles).withMemory(memory),
                int8 ? Precision.INT8 : Precision.FP32,
                keepLargest,
                threads);
    }
}
