package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.result.SegmentationElements.Frame;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.error.Interruption;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;

/**
 * Writes masks of a series as DICOM segmentations (PS3.3, A.51 and C.8.20): objects of the images' study, in a series of their
 * own, that name every image they were made of.
 *
 * <p>The segments are all labels, in their order and numbered from 1, also those that the mask doesn't have: so a structure
 * that wasn't found can be told from one that wasn't looked for, and numbers are the same for all patients. Frames are
 * written for planes that hold something; a mask without any label gets one empty frame, for there must be one.
 *
 * <p>Thread-safe.
 */
public final class SegmentationWriter {
    private static final int WHOLE = 255; // what stands for a probability of 1

    private final Series series;
    private final Planes planes;
    private final List<CodedLabel> labels;
    private final Algorithm algorithm;
    private final boolean overlap; // whether a voxel may be in several segments

    private SegmentationWriter(Series series, Planes planes, List<CodedLabel> labels, Algorithm algorithm) {
        this(series, planes, labels, algorithm, false);
    }

    private SegmentationWriter(
            Series series, Planes planes, List<CodedLabel> labels, Algorithm algorithm, boolean overlap) {
        ConfigException.check(!labels.isEmpty(), "labels", labels, "one label or more");
        this.series = series;
        this.planes = planes;
        this.labels = labels;
        this.algorithm = algorithm;
        this.overlap = overlap;
    }

    /**
     * Writes a mask with one bit for each voxel and segment, which all programs read.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param mask on the series' grid
     * @param labels all that the mask may have
     * @param algorithm what made the mask
     * @throws AttunetException if the mask lies elsewhere or has other labels, or the file can't be written
     */
    public static void write(Path target, Series series, LabelMap mask, List<CodedLabel> labels, Algorithm algorithm) {
        new SegmentationWriter(series, Planes.of(series, mask.grid()), labels, algorithm).binary(target, mask);
    }

    /**
     * Writes a mask with one number for each voxel (PS3.3, A.51, since 2024): smaller and with the labels' own values as the
     * numbers of segments, but few programs read it yet.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param mask on the series' grid
     * @param labels all that the mask may have
     * @param algorithm what made the mask
     * @throws AttunetException if the mask lies elsewhere or has other labels, or the file can't be written
     */
    public static void writeLabelMap(
            Path target, Series series, LabelMap mask, List<CodedLabel> labels, Algorithm algorithm) {
        new SegmentationWriter(series, Planes.of(series, mask.grid()), labels, algorithm).labelMap(target, mask);
    }

    /**
     * Writes probabilities in steps of 1/255.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param probabilities on the series' grid, one channel for each label, from 0 to 1
     * @param labels in the order of the channels
     * @param algorithm what made them
     * @throws AttunetException if they lie elsewhere or aren't from 0 to 1, or the file can't be written
     */
    public static void writeProbabilities(
            Path target, Series series, Image probabilities, List<CodedLabel> labels, Algorithm algorithm) {
        if (probabilities.channels().length != labels.size()) {
            throw new AttunetException(
                    target,
                    probabilities.channels().length + " channels of probabilities for " + labels.size() + " labels",
                    "one for each label",
                    "leave the background out");
        }
        new SegmentationWriter(series, Planes.of(series, probabilities.grid()), labels, algorithm)
                .fractional(target, probabilities);
    }

    /**
     * Writes a mask of labels that may overlap with one bit for each voxel of each.
     *
     * @param target the file
     * @param mask on the series' grid
     * @param set the labels, of which a voxel's value may be in several
     * @param labels the same labels in their order
     * @throws AttunetException if the mask lies elsewhere, or the file can't be written
     */
    public static void writeRegions(
            Path target, Series series, LabelMap mask, LabelSet set, List<CodedLabel> labels, Algorithm algorithm) {
        var writer = new SegmentationWriter(series, Planes.of(series, mask.grid()), labels, algorithm, true);
        List<boolean[]> covered =
                labels.stream().map(label -> set.covered(label.value())).toList();
        writer.binary(target, mask, writer.presentRegions(mask, covered), covered);
    }

    private void binary(Path target, LabelMap mask) {
        List<boolean[]> values = labels.stream()
                .map(label -> {
                    boolean[] own = new boolean[1 << 16];
                    own[label.value()] = true;
                    return own;
                })
                .toList();
        binary(target, mask, present(mask), values);
    }

    /** @param covered of each segment the values that it covers */
    private void binary(Path target, LabelMap mask, boolean[][] present, List<boolean[]> covered) {
        List<Frame> frames = frames(present);
        byte[] bits = new byte[length(target, frames.size(), 1)];
        for (int plane = 0; plane < planes.size(); plane++) {
            Interruption.check();
            short[] pixels = series.toSlice(mask, plane);
            for (int k = 0; k < frames.size(); k++) {
                if (frames.get(k).plane() == plane) {
                    boolean[] values = covered.get(frames.get(k).segment() - 1);
                    pack(pixels, values, bits, (long) k * pixels.length);
                }
            }
        }
        write(target, SegmentationType.BINARY, frames, 1, bits);
    }

    /** Sets the bits of pixels with some values, from a bit on: frames aren't padded to bytes. */
    private static void pack(short[] pixels, boolean[] values, byte[] bits, long from) {
        for (int i = 0; i < pixels.length; i++) {
            if (values[Short.toUnsignedInt(pixels[i])]) {
                long bit = from + i;
                bits[(int) (bit >> 3)] |= (byte) (1 << (bit & 7));
            }
        }
    }

    private void labelMap(Path target, LabelMap mask) {
        boolean[] some = new boolean[planes.size()];
        for (boolean[] own : present(mask)) {
            for (int plane = 0; plane < some.length; plane++) {
                some[plane] |= own[plane];
            }
        }
        List<Frame> frames = frames(new boolean[][] {some});
        int bytes = labels.stream().mapToInt(CodedLabel::value).max().orElse(0) > 255 ? 2 : 1;
        byte[] numbers = new byte[length(target, frames.size(), 8 * bytes)];
        int at = 0;
        for (Frame frame : frames) {
            Interruption.check();
            for (short label : series.toSlice(mask, frame.plane())) {
                numbers[at++] = (byte) label;
                if (bytes == 2) {
                    numbers[at++] = (byte) (label >> 8);
                }
            }
        }
        write(target, SegmentationType.LABELMAP, frames, 8 * bytes, numbers);
    }

    private void fractional(Path target, Image probabilities) {
        boolean[][] present = new boolean[labels.size()][planes.size()];
        for (int plane = 0; plane < planes.size(); plane++) {
            int[] voxels = series.voxels(plane);
            for (int segment = 0; segment < labels.size(); segment++) {
                present[segment][plane] = holdsSomething(target, probabilities.channel(segment), voxels);
            }
        }
        List<Frame> frames = frames(present);
        byte[] shares = new byte[length(target, frames.size(), 8)];
        for (int plane = 0; plane < planes.size(); plane++) {
            Interruption.check();
            int[] voxels = series.voxels(plane);
            for (int k = 0; k < frames.size(); k++) {
                if (frames.get(k).plane() == plane) {
                    float[] channel = probabilities.channel(frames.get(k).segment() - 1);
                    int at = k * voxels.length;
                    for (int voxel : voxels) {
                        shares[at++] = (byte) (voxel < 0 ? 0 : Math.round(channel[voxel] * WHOLE));
                    }
                }
            }
        }
        write(target, SegmentationType.FRACTIONAL, frames, 8, shares);
    }

    private static boolean holdsSomething(Path target, float[] channel, int[] voxels) {
        boolean some = false;
        for (int voxel : voxels) {
            float share = voxel < 0 ? 0 : channel[voxel];
            if (!(share >= 0 && share <= 1)) {
                throw new AttunetException(
                        target, "a probability of " + share, "probabilities from 0 to 1", "check the maps");
            }
            some |= Math.round(share * WHOLE) > 0;
        }
        return some;
    }

    /** The frames of the planes that hold something, by segments; if nothing does, one that is empty. */
    private static List<Frame> frames(boolean[][] present) {
        List<Frame> frames = new ArrayList<>();
        for (int segment = 0; segment < present.length; segment++) {
            for (int plane = 0; plane < present[segment].length; plane++) {
                if (present[segment][plane]) {
                    frames.add(new Frame(segment + 1, plane));
                }
            }
        }
        return frames.isEmpty() ? List.of(new Frame(1, 0)) : frames;
    }

    /** Which segments each plane holds. */
    private boolean[][] present(LabelMap mask) {
        LabelIndex index = LabelIndex.of(series, labels);
        boolean[][] present = new boolean[labels.size()][planes.size()];
        for (int plane = 0; plane < planes.size(); plane++) {
            boolean[] own = index.present(series.toSlice(mask, plane));
            for (int segment = 0; segment < own.length; segment++) {
                present[segment][plane] = own[segment];
            }
        }
        return present;
    }

    private boolean[][] presentRegions(LabelMap mask, List<boolean[]> covered) {
        boolean[][] present = new boolean[labels.size()][planes.size()];
        for (int plane = 0; plane < planes.size(); plane++) {
            for (short value : series.toSlice(mask, plane)) {
                for (int segment = 0; segment < present.length; segment++) {
                    present[segment][plane] |= covered.get(segment)[Short.toUnsignedInt(value)];
                }
            }
        }
        return present;
    }

    private int length(Path target, int frames, int bits) {
        return planes.bytes(target, frames, bits, "write fewer labels, or a mask with one number for each voxel");
    }

    /** Whether there is nothing: looks as far as something, and at one frame if there is nothing. */
    private static boolean isEmpty(byte[] pixels) {
        for (byte some : pixels) {
            if (some != 0) {
                return false;
            }
        }
        return true;
    }

    private void write(Path target, SegmentationType type, List<Frame> frames, int bits, byte[] pixels) {
        DataSet set =
                new SegmentationElements(planes, labels, algorithm).of(type, frames, isEmpty(pixels), overlap, bits);
        set.put(Tag.PIXEL_DATA, bits > 8 ? Vr.OW : Vr.OB, pixels);
        DicomWriter.write(target, set);
    }
}
