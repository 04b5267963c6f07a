package org.attunet.imagej;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ij.process.ShortProcessor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/** Images made of results, slice by slice and frame by frame like the segmented one, with its calibration of lengths. */
final class ResultImages {
    private static final int HIGHEST_8_BIT = 255;

    private final ImagePlus source;
    private final LabelSet labels;

    ResultImages(ImagePlus source, LabelSet labels) {
        this.source = source;
        this.labels = labels;
    }

    /** The masks as 8-bit values of labels, or 16-bit ones if necessary, in the labels' colours. */
    ImagePlus labels(List<LabelMap> frames) {
        int highest = labels.values().get(labels.size() - 1);
        return values(frames, highest, LabelTable.table(labels, highest));
    }

    /** The numbers of objects, 8-bit or 16-bit, in colours that part those beside each other. */
    ImagePlus objects(List<LabelMap> frames) {
        int highest = 1;
        for (LabelMap frame : frames) {
            for (int i = 0; i < frame.voxels().length; i++) {
                highest = Math.max(highest, frame.label(i));
            }
        }
        return values(frames, highest, LabelTable.ofObjects(highest));
    }

    private ImagePlus values(List<LabelMap> frames, int highest, LUT colours) {
        var stack = new ImageStack(source.getWidth(), source.getHeight());
        for (LabelMap frame : frames) {
            int plane = source.getWidth() * source.getHeight();
            for (int from = 0; from < frame.voxels().length; from += plane) {
                short[] voxels = Arrays.copyOfRange(frame.voxels(), from, from + plane);
                stack.addSlice(highest <= HIGHEST_8_BIT ? narrow(voxels) : wide(voxels));
            }
        }
        ImagePlus result = finished(stack, "labels", 1);
        result.setLut(colours);
        result.setDisplayRange(0, Math.max(HIGHEST_8_BIT, highest));
        return result;
    }

    private ImageProcessor narrow(short[] voxels) {
        byte[] bytes = new byte[voxels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) voxels[i];
        }
        return new ByteProcessor(source.getWidth(), source.getHeight(), bytes);
    }

    private ImageProcessor wide(short[] voxels) {
        return new ShortProcessor(source.getWidth(), source.getHeight(), voxels, null);
    }

    /** The probabilities of the outputs as channels in shades of grey, from 0 to 1. */
    ImagePlus probabilities(List<Image> frames) {
        int outputs = frames.get(0).channels().length;
        String[] names = new String[outputs];
        for (int c = 0; c < outputs; c++) {
            names[c] = labels.nameOf(labels.classes() - outputs + c); // without a background if labels overlap
        }
        ImagePlus result = maps(frames, names, "probabilities", null);
        result.setDisplayRange(0, 1);
        return result;
    }

    /** The gates' maps as channels in the colours of heat, from 0 (shut) to 1 (open). */
    ImagePlus attention(List<Map<String, Image>> frames) {
        String[] names = frames.get(0).entrySet().stream()
                .flatMap(gate -> Arrays.stream(new String[gate.getValue().channels().length])
                        .map(nothing -> gate.getKey()))
                .toArray(String[]::new);
        List<Image> joined = frames.stream()
                .map(gates -> new Image(
                        gates.values().iterator().next().grid(),
                        gates.values().stream()
                                .flatMap(maps -> Arrays.stream(maps.channels()))
                                .toArray(float[][]::new)))
                .toList();
        return maps(joined, names, "attention", Heat.table());
    }

    private ImagePlus maps(List<Image> frames, String[] names, String suffix, @Nullable LUT table) {
        int plane = source.getWidth() * source.getHeight();
        var stack = new ImageStack(source.getWidth(), source.getHeight());
        for (Image frame : frames) {
            for (int from = 0; from < frame.grid().voxels(); from += plane) {
                for (int c = 0; c < names.length; c++) {
                    float[] values = Arrays.copyOfRange(frame.channel(c), from, from + plane);
                    stack.addSlice(names[c], new FloatProcessor(source.getWidth(), source.getHeight(), values));
                }
            }
        }
        ImagePlus result = finished(stack, suffix, names.length);
        if (table != null) {
            result.setLut(table);
        }
        if (names.length > 1) {
            var composite = new CompositeImage(result, CompositeImage.COLOR);
            for (int c = 1; c <= names.length; c++) {
                composite.setChannelLut(table == null ? LUT.createLutFromColor(java.awt.Color.WHITE) : table, c);
            }
            return composite;
        }
        return result;
    }

    private ImagePlus finished(ImageStack stack, String suffix, int channels) {
        var result = new ImagePlus(title(suffix), stack);
        int slices = source.getNSlices();
        int frames = stack.getSize() / channels / slices;
        result.setDimensions(channels, slices, frames);
        result.setOpenAsHyperStack(stack.getSize() > 1 && (channels > 1 || source.isHyperStack()));
        var calibration = source.getCalibration().copy();
        calibration.disableDensityCalibration();
        result.setCalibration(calibration);
        return result;
    }

    /** Such as {@code cells-labels} for {@code cells.tif}. */
    String title(String suffix) {
        return source.getShortTitle() + "-" + suffix;
    }
}
