package org.attunet.annotation;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * COCO's run lengths: numbers of pixels outside and inside in turn, column by column from the top left. The compressed form
 * is a text of 6 bits for each character from 48 on: the lowest 5 bits first, bit 6 for "more to come", with a sign; from the
 * fourth number on, what is added to the number two places before. Source: the functions rleFrString and rleDecode of
 * cocodataset/cocoapi, common/maskApi.c.
 */
final class CocoRuns implements Shape {
    private final int width;
    private final int height;
    private final int[] ends; // positions column by column at which inside and outside change, first to inside

    private CocoRuns(int width, int height, int[] ends) {
        this.width = width;
        this.height = height;
        this.ends = ends;
    }

    /**
     * Reads a segmentation of run lengths.
     *
     * @throws AttunetException if its size isn't the image's or the lengths don't add up to it
     */
    static CocoRuns of(Path file, JsonNode segmentation, Grid grid) {
        JsonNode size = segmentation.path("size");
        int height = grid.size(1);
        int width = grid.size(0);
        if (size.path(0).asInt(-1) != height || size.path(1).asInt(-1) != width) {
            throw damaged(
                    file,
                    "run lengths of " + size.path(1).asText("?") + " x "
                            + size.path(0).asText("?") + " pixels",
                    "the image's " + width + " x " + height);
        }
        JsonNode counts = segmentation.path("counts");
        long[] lengths = counts.isTextual() ? expanded(file, counts.textValue()) : listed(file, counts);
        int[] ends = new int[lengths.length];
        long at = 0;
        for (int i = 0; i < lengths.length; i++) {
            at += lengths[i];
            if (lengths[i] < 0 || at > grid.voxels()) {
                throw damaged(file, "run lengths beyond the image", "lengths that add up to its pixels");
            }
            ends[i] = (int) at;
        }
        if (at != grid.voxels()) {
            throw damaged(file, "run lengths of " + at + " pixels in all", "the image's " + grid.voxels());
        }
        return new CocoRuns(width, height, ends);
    }

    private static AttunetException damaged(Path file, String found, String expected) {
        return new AttunetException(file, found, expected, "export the data set again");
    }

    private static long[] listed(Path file, JsonNode counts) {
        long[] lengths = new long[counts.size()];
        for (int i = 0; i < lengths.length; i++) {
            if (!counts.get(i).isIntegralNumber() || !counts.get(i).canConvertToInt()) {
                throw damaged(file, "a run length that is no whole number", "numbers of pixels");
            }
            lengths[i] = counts.get(i).intValue();
        }
        return lengths;
    }

    private static long[] expanded(Path file, String text) {
        long[] lengths = new long[text.length()];
        int count = 0;
        for (int at = 0; at < text.length(); ) {
            long value = 0;
            int shift = 0;
            int bits;
            do {
                bits = at < text.length() ? text.charAt(at++) - 48 : -1;
                if (bits < 0 || bits > 63 || shift > 35) {
                    throw damaged(file, "compressed run lengths that can't be decoded", "COCO's encoding");
                }
                value |= (long) (bits & 31) << shift;
                shift += 5;
            } while ((bits & 32) != 0);
            if ((bits & 16) != 0) {
                value |= -1L << shift;
            }
            lengths[count] = count > 2 ? value + lengths[count - 2] : value;
            count++;
        }
        return Arrays.copyOf(lengths, count);
    }

    /** Lists the pixels one below the other as runs of one pixel each, since the grid's order is row by row. */
    @Override
    public void draw(Sink sink) {
        for (int i = 0; i + 1 < ends.length; i += 2) {
            for (int at = ends[i]; at < ends[i + 1]; at++) {
                int pixel = at % height * width + at / height;
                sink.run(pixel, pixel + 1);
            }
        }
    }
}
