package org.attunet.cli;

import org.attunet.bundle.ModelDescription;
import org.attunet.image.Sizes;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for the sizes at which a network is trained: that of the images and that of the patches. */
final class SizeOptions {
    @Option(
            names = "--patch",
            converter = OptionConverters.SizeConverter.class,
            paramLabel = "XxY[xZ]",
            description = "The patch's size; rounded up so that every level halves evenly.")
    private OptionConverters.@Nullable Size patch;

    @Option(
            names = "--resize",
            paramLabel = "FACTOR",
            description =
                    "Work at this share of the images' size along each axis, such as 0.25; the model keeps it, and"
                            + " masks are at full size (default: as planned, 1 unless objects are large).")
    private @Nullable Double resize;

    /** Refuses values out of range. */
    void check() {
        OptionRange.check(
                "--resize",
                resize,
                factor -> factor >= Preprocessing.LEAST_RESIZE && factor <= Preprocessing.MOST_RESIZE,
                "a factor from " + Preprocessing.LEAST_RESIZE + " to " + Preprocessing.MOST_RESIZE
                        + ", such as 0.25 for a quarter of the width and height");
    }

    /** The wanted factor for the images' size; null to have it planned. */
    @Nullable
    Double resize() {
        return resize;
    }

    /** A planned model at these sizes; its patch is rounded up to the network's multiple. */
    ModelDescription model(ModelDescription planned) {
        int[] size = Sizes.roundUp(
                patch == null ? planned.patch() : patch.axes(),
                planned.network().multiple());
        Preprocessing preprocessing = planned.preprocessing();
        return ModelDescription.of(
                planned.name(),
                planned.network(),
                resize == null ? preprocessing : preprocessing.withResize(resize),
                planned.labels(),
                size);
    }
}
