package org.attunet.io;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * What the planes of a TIFF file are: the channels and slices of one image. Planes are pages, or lie one after the other
 * behind the first page's.
 *
 * @param channels of each slice that are planes of their own
 * @param slices of the volume; 1 for a flat picture
 * @param planes the number of the plane for each channel of the first slice, of the second slice, …
 * @param values what stored numbers stand for
 * @param pixelSize as stored; null if there is none
 */
record StackDescription(
        int channels,
        int slices,
        int[] planes,
        Values values,
        @Nullable PixelSize pixelSize) {
    /** The axes of planes, apart from x and y, in the words that users know. */
    enum Axis {
        CHANNEL,
        SLICE,
        TIME
    }

    /**
     * The meaning of stored numbers: {@code offset + factor * stored}, at least {@code least}.
     *
     * @param asStored whether palettes and inverted greys are a matter of display, and the numbers stay as they are
     */
    record Values(boolean asStored, double offset, double factor, double least) {
        static final Values PLAIN = new Values(false, 0, 1, Double.NEGATIVE_INFINITY);
        static final Values AS_STORED = new Values(true, 0, 1, Double.NEGATIVE_INFINITY);

        float of(float stored) {
            return (float) Math.max(least, offset + factor * stored);
        }

        boolean isScaled() {
            return offset != 0 || factor != 1 || least > Double.NEGATIVE_INFINITY;
        }
    }

    /** Slices in the order of the planes, each of one plane. */
    static StackDescription ofSlices(int planes) {
        return new StackDescription(1, planes, IntStream.range(0, planes).toArray(), Values.PLAIN, null);
    }

    /**
     * Planes in the order of their axes.
     *
     * @param axes the axes of the planes, the fastest first
     * @param sizes one for each axis
     * @throws AttunetException if the image has several time points
     */
    static StackDescription of(Path file, Axis[] axes, int[] sizes, Values values) {
        Map<Axis, Integer> step = new EnumMap<>(Axis.class);
        Map<Axis, Integer> size = new EnumMap<>(Axis.class);
        int next = 1;
        for (int k = 0; k < axes.length; k++) {
            if (sizes[k] > 1) {
                if (size.put(axes[k], sizes[k]) != null) {
                    throw contradiction(file, "it has two axes of the kind " + axes[k]);
                }
                step.put(axes[k], next);
            }
            next = Math.multiplyExact(next, sizes[k]);
        }
        requireOneTime(file, size.getOrDefault(Axis.TIME, 1));
        int channels = size.getOrDefault(Axis.CHANNEL, 1);
        int slices = size.getOrDefault(Axis.SLICE, 1);
        int channelStep = step.getOrDefault(Axis.CHANNEL, 0);
        int sliceStep = step.getOrDefault(Axis.SLICE, 0);
        int[] planes = IntStream.range(0, Math.multiplyExact(channels, slices))
                .map(k -> k % channels * channelStep + k / channels * sliceStep)
                .toArray();
        return new StackDescription(channels, slices, planes, values, null);
    }

    /** Refuses images over time. */
    static void requireOneTime(Path file, int times) {
        if (times > 1) {
            throw new AttunetException(
                    file,
                    "it has " + times + " frames (time points)",
                    "one frame, with slices and channels",
                    "save the frames as files of their own; if they are slices, set that (ImageJ: Image > Properties) and"
                            + " save again");
        }
    }

    /** A description that contradicts itself or the file. */
    static AttunetException contradiction(Path file, String found) {
        return new AttunetException(
                file,
                found,
                "a description that fits the file",
                "save the image again with the program that wrote it, or as a TIFF without description");
    }

    /** The same planes with other values and another size. */
    StackDescription with(Values otherValues, @Nullable PixelSize otherSize) {
        return new StackDescription(channels, slices, planes, otherValues, otherSize);
    }
}
