package org.attunet.cli;

import java.util.List;
import org.attunet.console.Console;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that gives the pixel size of pictures whose files have none. */
final class PixelSizeOption {
    @Option(
            names = "--pixel-size",
            converter = OptionConverters.PixelSizeConverter.class,
            paramLabel = "SIZE",
            description = "The pixel size of pictures whose files have none, such as 0.5um, 0.5x0.4um (x first) or, of"
                    + " stacks, 0.5x0.5x2um.")
    @Nullable
    PixelSize size;

    /** Returns the images with the size; prints a note if all have a size of their own. */
    List<ImageCase> applyTo(List<ImageCase> images, Console console) {
        note(images, console);
        return images.stream().map(image -> image.withPixelSize(size)).toList();
    }

    /** Prints a note if a size is given but all images have one of their own. */
    void note(List<ImageCase> images, Console console) {
        if (size != null && images.stream().allMatch(PixelSizeOption::hasOwn)) {
            console.notes(List.of("--pixel-size applies to no image: all have a size of their own"));
        }
    }

    private static boolean hasOwn(ImageCase image) {
        try {
            return image.withPixelSize(null).readGrid().hasPhysicalSize();
        } catch (AttunetException e) {
            return false; // reported when it is read
        }
    }
}
