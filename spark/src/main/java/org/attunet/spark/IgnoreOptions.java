package org.attunet.spark;

import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the value of mask voxels without a judgement. */
final class IgnoreOptions {
    @Option(
            names = "--ignore",
            paramLabel = "VALUE",
            description = "The value of mask voxels without a judgement, which are neither learnt from nor measured.")
    private @Nullable Integer ignored;

    /** The value; {@link LabelMap#NONE} if none is given. */
    int value() {
        if (ignored == null) {
            return LabelMap.NONE;
        }
        ConfigException.check(
                ignored >= 1 && ignored <= 65535, "--ignore", ignored, "a value of the masks from 1 to 65535");
        return ignored;
    }
}
