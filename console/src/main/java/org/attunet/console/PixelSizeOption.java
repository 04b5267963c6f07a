package org.attunet.console;

import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option that gives the pixel size of pictures whose files have none. */
public final class PixelSizeOption {
    @Option(
            names = "--pixel-size",
            converter = Converter.class,
            paramLabel = "SIZE",
            description = "The pixel size of pictures whose files have none, such as 0.5um, 0.5x0.4um (x first) or, of"
                    + " stacks, 0.5x0.5x2um.")
    private @Nullable PixelSize size;

    /** Parses {@code 0.5um} or {@code 0.5x0.4um}. */
    static final class Converter implements ITypeConverter<PixelSize> {
        @Override
        public PixelSize convert(String text) {
            PixelSize size = PixelSize.of(text);
            if (size == null) {
                throw new TypeConversionException("'" + text + "' is not " + PixelSize.EXPECTED);
            }
            return size;
        }
    }

    /** Returns the given size; null if there is none. */
    public @Nullable PixelSize size() {
        return size;
    }

    /** Returns the images with the size; prints a note if all have a size of their own. */
    public List<ImageCase> applyTo(List<ImageCase> images, Console console) {
        note(images, console);
        return images.stream().map(image -> image.withPixelSize(size)).toList();
    }

    /** Prints a note if a size is given but all images have one of their own. */
    public void note(List<ImageCase> images, Console console) {
        if (size != null && images.stream().allMatch(PixelSizeOption::hasOwn)) {
            console.notes(List.of("--pixel-size applies to no image: all have a size of their own"));
        }
    }

    private static boolean hasOwn(ImageCase image) {
        try {
            return image.hasOwnSize();
        } catch (AttunetException e) {
            return false; // reported when it is read
        }
    }
}
