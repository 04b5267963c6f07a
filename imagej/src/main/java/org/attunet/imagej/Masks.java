package org.attunet.imagej;

import ij.IJ;
import ij.ImagePlus;
import ij.process.ImageProcessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/** The labels of an ImageJ image, a map for each frame: its pixel values, whatever its lookup table shows. */
final class Masks {
    private static final Set<Integer> WHITES = Set.of(1, 255, 65535);

    private final ImagePlus image;
    private final Lengths lengths;

    Masks(ImagePlus image) {
        this.image = image;
        lengths = new Lengths(image.getCalibration());
        if (image.getType() == ImagePlus.COLOR_RGB || image.getNChannels() > 1) {
            throw new AttunetException(
                    image.getTitle(),
                    image.getType() == ImagePlus.COLOR_RGB ? "RGB colours" : image.getNChannels() + " channels",
                    "a mask with a number for each pixel",
                    "convert it with Image > Type > 8-bit, or split its channels");
        }
    }

    Lengths lengths() {
        return lengths;
    }

    /** Refuses another number of slices or frames, or another width or height. */
    void requireLike(Masks other) {
        String own = size();
        if (!own.equals(other.size())) {
            throw new AttunetException(
                    other.image.getTitle(),
                    other.size(),
                    own + ", as " + image.getTitle(),
                    "compare masks of the same image");
        }
    }

    private String size() {
        return image.getWidth() + " x " + image.getHeight() + " pixels, " + image.getNSlices() + " slices, "
                + image.getNFrames() + " frames";
    }

    /** Reads all frames, on grids of {@link Lengths#measuring}. */
    List<LabelMap> read() {
        Grid grid = lengths.measuring(image.getWidth(), image.getHeight(), image.getNSlices());
        List<LabelMap> frames = new ArrayList<>();
        for (int frame = 1; frame <= image.getNFrames(); frame++) {
            short[] voxels = new short[grid.voxels()];
            int at = 0;
            for (int slice = 1; slice <= image.getNSlices(); slice++) {
                ImageProcessor plane = image.getStack().getProcessor(image.getStackIndex(1, slice, frame));
                for (int i = 0; i < plane.getPixelCount(); i++) {
                    voxels[at++] = label(plane.getf(i));
                }
            }
            frames.add(new LabelMap(grid, voxels));
        }
        return frames;
    }

    private short label(float value) {
        int label = (int) value;
        if (label != value || label < 0 || label > 65535) {
            throw new AttunetException(
                    image.getTitle(),
                    "the value " + value,
                    "labels: whole numbers from 0 to 65535",
                    "choose a mask, or make one with Image > Adjust > Threshold");
        }
        return (short) label;
    }

    /**
     * Brings masks of one structure to one value: programs write it as 1, 255 or 65535.
     *
     * @return the predictions, in the truth's value if both are such masks
     */
    static List<LabelMap> inOneValue(List<LabelMap> truths, List<LabelMap> predictions, String command) {
        SortedSet<Integer> truth = values(truths);
        SortedSet<Integer> predicted = values(predictions);
        boolean whites = WHITES.containsAll(truth) && WHITES.containsAll(predicted);
        if (!whites || truth.size() != 1 || predicted.size() != 1 || truth.equals(predicted)) {
            return predictions;
        }
        IJ.log("attunet: " + command + " the truth's " + truth.first() + " and the prediction's " + predicted.first()
                + " are taken for the same structure");
        short value = (short) (int) truth.first();
        return predictions.stream()
                .map(map -> {
                    short[] voxels = map.voxels().clone();
                    for (int i = 0; i < voxels.length; i++) {
                        voxels[i] = voxels[i] == 0 ? 0 : value;
                    }
                    return new LabelMap(map.grid(), voxels);
                })
                .toList();
    }

    /** The labels that occur in any of the maps. */
    static SortedSet<Integer> values(List<LabelMap> maps) {
        SortedSet<Integer> values = new TreeSet<>();
        maps.forEach(map -> values.addAll(map.values()));
        return values;
    }
}
