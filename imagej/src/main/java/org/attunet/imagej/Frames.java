package org.attunet.imagej;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.jspecify.annotations.Nullable;

/**
 * The frames of an ImageJ image, each an image of its own: a plane, or a volume of several slices. Values are those that
 * ImageJ measures: calibrated ones if the image has a calibration function, whatever its lookup table shows. RGB has 3
 * channels; other images have their own.
 */
final class Frames {
    private final ImagePlus image;
    private final Lengths lengths;
    private final int width;
    private final int height;
    private final int slices;
    private final boolean palette; // whether 8-bit numbers stand for colours

    /**
     * Looks at an image.
     *
     * @param channels that the model takes: pictures of 8-bit colour are colours for a model of 3
     */
    Frames(ImagePlus image, int channels) {
        this.image = image;
        lengths = new Lengths(image.getCalibration());
        width = image.getWidth();
        height = image.getHeight();
        slices = image.getNSlices();
        palette = channels == 3 && image.getNChannels() == 1 && hasScatteredColours(image);
    }

    int count() {
        return image.getNFrames();
    }

    Lengths lengths() {
        return lengths;
    }

    /** The axes of each frame: 2 or 3. */
    int axes() {
        return slices == 1 ? 2 : 3;
    }

    /** What should be said about the reading. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (palette) {
            notes.add("the image is in 8-bit colour: its colours were segmented, not the numbers of the palette");
        } else if (hasScatteredColours(image)) {
            notes.add("the pixel values were segmented, not the colours of the lookup table;"
                    + " if it is a colour picture, convert it with Image > Type > RGB Color");
        }
        if (image.getRoi() != null && image.getRoi().isArea()) {
            notes.add("the whole image was segmented, not only the selection; Image > Duplicate makes an image of it");
        }
        return notes;
    }

    /**
     * Reads a frame.
     *
     * @param frame from 1
     * @throws AttunetException if a value is NaN or infinite
     */
    Image read(int frame) {
        Grid grid = lengths.grid(width, height, slices);
        boolean colour = palette || image.getType() == ImagePlus.COLOR_RGB;
        int channels = colour ? 3 * image.getNChannels() : image.getNChannels();
        float[][] values = new float[channels][grid.voxels()];
        float[] table = calibrationTable();
        ImageStack stack = image.getStack();
        for (int slice = 1; slice <= slices; slice++) {
            for (int channel = 1; channel <= image.getNChannels(); channel++) {
                Interruption.check();
                ImageProcessor plane = stack.getProcessor(image.getStackIndex(channel, slice, frame));
                int at = (slice - 1) * width * height;
                if (colour) {
                    copyColours(plane, values, 3 * (channel - 1), at);
                } else {
                    copyValues(plane, table, values[channel - 1], at);
                }
            }
        }
        return new Image(grid, values).requireFinite(image.getTitle());
    }

    private float @Nullable [] calibrationTable() {
        return image.getCalibration().calibrated() ? image.getCalibration().getCTable() : null;
    }

    private static void copyValues(ImageProcessor plane, float @Nullable [] table, float[] values, int at) {
        boolean whole = plane instanceof ByteProcessor || plane instanceof ShortProcessor;
        int count = plane.getPixelCount();
        for (int i = 0; i < count; i++) {
            values[at + i] = whole && table != null ? table[plane.get(i)] : plane.getf(i);
        }
    }

    private static void copyColours(ImageProcessor plane, float[][] values, int first, int at) {
        var colours = (ColorProcessor) (plane instanceof ColorProcessor ? plane : plane.convertToRGB());
        int[] pixels = (int[]) colours.getPixels();
        for (int i = 0; i < pixels.length; i++) {
            values[first][at + i] = pixels[i] >> 16 & 255;
            values[first + 1][at + i] = pixels[i] >> 8 & 255;
            values[first + 2][at + i] = pixels[i] & 255;
        }
    }

    /**
     * Whether an 8-bit image is a colour picture: converted to 8-bit colour, or with a table that isn't one of pseudocolours and
     * doesn't grow lighter, or darker, with the numbers.
     */
    private static boolean hasScatteredColours(ImagePlus image) {
        if (image.getType() == ImagePlus.COLOR_256) {
            return true;
        }
        ImageProcessor shown = image.getProcessor();
        if (image.getBitDepth() != 8 || !shown.isColorLut() || shown.isPseudoColorLut()) {
            return false;
        }
        byte[] bytes = shown.getLut().getBytes();
        int ups = 0;
        int downs = 0;
        for (int i = 1; i < 256; i++) {
            double step = lightness(bytes, i) - lightness(bytes, i - 1);
            ups += step > 1 ? 1 : 0;
            downs += step < -1 ? 1 : 0;
        }
        return Math.min(ups, downs) > 0;
    }

    private static double lightness(byte[] table, int index) {
        return 0.299 * (table[index] & 255) + 0.587 * (table[256 + index] & 255) + 0.114 * (table[512 + index] & 255);
    }
}
