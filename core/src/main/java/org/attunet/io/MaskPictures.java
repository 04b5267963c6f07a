package org.attunet.io;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.io.PictureFile.Picture;
import org.jspecify.annotations.Nullable;

/**
 * The decoded slices of a mask: labels are the alpha if the colour is the same everywhere and alpha isn't, else the numbers of
 * a colour palette, which all slices must share, or grey values.
 *
 * @param file for failures
 * @param width of an upright row, for failures
 */
record MaskPictures(Path file, List<Picture> slices, int width) {
    /** The label of each pixel of a slice, where {@link #source} found them. */
    float[] values(int slice, StoredMask.Source source) {
        float[] alpha = slices.get(slice).alpha();
        return alpha != null && source.alpha() ? alpha : picture(slice).values();
    }

    /** Where the labels are. */
    StoredMask.Source source() {
        boolean alpha = inAlpha();
        return new StoredMask.Source(alpha, alpha ? Map.of() : colours(), Map.of());
    }

    private MaskPicture picture(int slice) {
        return new MaskPicture(file, slices.get(slice), width);
    }

    /** Whether alpha alone tells pixels apart; a mask that is transparent everywhere shows no structure. */
    private boolean inAlpha() {
        Picture first = slices.get(0);
        return slices.stream().allMatch(slice -> slice.alpha() != null && hasColourOf(first, slice))
                && slices.stream().anyMatch(slice -> isTransparentSomewhere(slice.alpha()));
    }

    private static boolean isTransparentSomewhere(float @Nullable [] alpha) {
        return alpha != null && (alpha[0] == 0 || !isConstant(alpha, alpha[0]));
    }

    private static boolean hasColourOf(Picture first, Picture slice) {
        return slice.channels() == first.channels()
                && IntStream.range(0, slice.channels())
                        .allMatch(c -> isConstant(slice.channel(c), first.channel(c)[0]));
    }

    private static boolean isConstant(float[] values, float value) {
        for (float one : values) {
            if (one != value) {
                return false;
            }
        }
        return true;
    }

    /** The colours of the numbers that occur in a colour palette. */
    private Map<Integer, String> colours() {
        Map<Integer, String> all = new TreeMap<>();
        for (int z = 0; z < slices.size(); z++) {
            if (isNumbered(slices.get(z)) != isNumbered(slices.get(0))) {
                throw unlike("page " + (z + 1) + " has grey values or a grey palette, another page colours");
            }
            for (Map.Entry<Integer, String> one : picture(z).colours().entrySet()) {
                String before = all.putIfAbsent(one.getKey(), one.getValue());
                if (before != null && !before.equals(one.getValue())) {
                    throw unlike("the palette of page " + (z + 1) + " has " + one.getValue() + " as number "
                            + one.getKey() + ", that of a page before it " + before);
                }
            }
        }
        return all;
    }

    private static boolean isNumbered(Picture slice) {
        return slice.palette() != null && !slice.palette().isGrey();
    }

    private AttunetException unlike(String found) {
        return new AttunetException(
                file,
                found,
                "one palette for all pages, as the numbers of its colours are the labels",
                "save the labels as grey values, with 0 for the background");
    }
}
