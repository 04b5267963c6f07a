package org.attunet.dicom.series;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.pixel.Frames;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.Sizes;

/**
 * Slices that are one volume, in their order along the direction across x down.
 *
 * <p>Immutable and thread-safe.
 */
public final class Series {
    /** Gaps between slices that differ by less than this share of the usual one are equal: headers round positions. */
    private static final double SAME_GAP = 0.01;

    private final List<Slice> slices;

    private Series(List<Slice> slices) {
        this.slices = slices;
    }

    /**
     * Returns the volumes of a folder and the folders in it, in the order of their files. Files that are no DICOM, have no
     * pixels or don't say where they lie are left out, and so are segmentations.
     *
     * @throws AttunetException if a file is damaged
     */
    public static List<Series> of(Path folder) {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(folder.toString(), "it can't be read (" + e + ")", "a folder", "check it", e);
        }
        Map<List<Object>, List<Slice>> groups = new LinkedHashMap<>();
        for (Path path : files) {
            Interruption.check();
            if (!DicomFile.looksLike(path)) {
                continue;
            }
            DicomFile file = DicomFile.read(path);
            if (file.hasPixels() && !file.elements().text(Tag.MODALITY).equals("SEG")) {
                for (Slice slice : Slice.of(file)) {
                    groups.computeIfAbsent(key(slice), k -> new ArrayList<>()).add(slice);
                }
            }
        }
        return groups.values().stream().map(Series::sorted).toList();
    }

    /** What the slices of one volume have in common. */
    private static List<Object> key(Slice slice) {
        DataSet set = slice.file().elements();
        List<Object> key = new ArrayList<>();
        key.add(set.text(Tag.SERIES_INSTANCE_UID));
        key.add(set.integer(Tag.ROWS, 0));
        key.add(set.integer(Tag.COLUMNS, 0));
        key.add(set.text(Tag.ECHO_NUMBERS));
        key.add(set.text(Tag.TEMPORAL_POSITION_IDENTIFIER));
        for (double part : slice.across()) {
            key.add(Math.round(part * 1000));
        }
        for (double part : slice.down()) {
            key.add(Math.round(part * 1000));
        }
        key.add(Math.round(slice.columnSpacing() * 10_000));
        key.add(Math.round(slice.rowSpacing() * 10_000));
        return key;
    }

    private static Series sorted(List<Slice> slices) {
        double[] normal = slices.get(0).normal();
        return new Series(slices.stream()
                .sorted(Comparator.comparingDouble(slice -> slice.along(normal)))
                .toList());
    }

    /** {@return the series' number among those of its study; 0 if it has none} */
    public int number() {
        return elements().integer(Tag.SERIES_NUMBER, 0);
    }

    /** {@return how the images were made, such as CT or MR; empty if unknown} */
    public String modality() {
        return elements().text(Tag.MODALITY);
    }

    /** {@return the columns, rows and slices, such as {@code 512 x 512 x 40}} */
    public String describedSize() {
        return Sizes.text(elements().integer(Tag.COLUMNS, 0), elements().integer(Tag.ROWS, 0), size());
    }

    private DataSet elements() {
        return slices.get(0).file().elements();
    }

    /** {@return the number of slices} */
    public int size() {
        return slices.size();
    }

    /**
     * Returns the grid of the volume: columns from the patient's right or as the row runs, rows from the last to the first,
     * slices along across x down, as dcm2niix writes NIfTI files.
     *
     * @throws AttunetException if slices lie unevenly or are shifted against each other
     */
    public Grid grid() {
        Slice first = slices.get(0);
        DataSet set = first.file().elements();
        int rows = set.integer(Tag.ROWS, 0);
        int columns = set.integer(Tag.COLUMNS, 0);
        double[] i = Vectors.times(first.across(), first.columnSpacing());
        double[] j = Vectors.times(first.down(), -first.rowSpacing());
        double[] k = step();
        double[][] affine = new double[3][];
        for (int axis = 0; axis < 3; axis++) {
            double sign = axis < 2 ? -1 : 1; // left and back become right and front
            double origin = first.position()[axis] - (rows - 1) * j[axis];
            affine[axis] = new double[] {sign * i[axis], sign * j[axis], sign * k[axis], sign * origin};
        }
        return Grid.ofAffine(new int[] {columns, rows, slices.size()}, affine);
    }

    /** From a slice to the next. */
    private double[] step() {
        Slice first = slices.get(0);
        double[] normal = first.normal();
        if (slices.size() == 1) {
            double[] thickness = first.file().elements().numbers(Tag.SLICE_THICKNESS, 1);
            return Vectors.times(normal, thickness == null || !(thickness[0] > 0) ? 1 : thickness[0]);
        }
        Slice last = slices.get(slices.size() - 1);
        double[] step = Vectors.times(Vectors.minus(last.position(), first.position()), 1.0 / (slices.size() - 1));
        double gap = Vectors.dot(step, normal);
        double[] sideways = Vectors.minus(step, Vectors.times(normal, gap));
        for (int k = 1; k < slices.size(); k++) {
            double own = slices.get(k).along(normal) - slices.get(k - 1).along(normal);
            if (Math.abs(own - gap) > SAME_GAP * gap) {
                throw uneven(String.format(Locale.ROOT, "gaps of %.3f and %.3f mm between slices", gap, own));
            }
        }
        if (Vectors.length(sideways) > SAME_GAP * gap) {
            throw uneven(String.format(
                    Locale.ROOT, "a tilt of %.1f degrees", Math.toDegrees(Math.atan2(Vectors.length(sideways), gap))));
        }
        return step;
    }

    private AttunetException uneven(String found) {
        return new AttunetException(
                slices.get(0).file().path().toString(), found, "evenly spaced slices", "resample the series");
    }

    /**
     * Reads the volume: stored values times slope plus intercept.
     *
     * @param progress receives the share of slices that are read, on the calling thread
     * @throws AttunetException if a frame can't be read
     */
    public Image image(DoubleConsumer progress) {
        Grid grid = grid();
        float[] values = new float[grid.voxels()];
        Map<DicomFile, List<Integer>> places = new LinkedHashMap<>(); // a file of many frames is opened once
        for (int k = 0; k < slices.size(); k++) {
            places.computeIfAbsent(slices.get(k).file(), file -> new ArrayList<>())
                    .add(k);
        }
        int done = 0;
        for (Map.Entry<DicomFile, List<Integer>> own : places.entrySet()) {
            try (Frames frames = Frames.open(own.getKey())) {
                for (int k : own.getValue()) {
                    Interruption.check();
                    requireGrey(slices.get(k), frames.format());
                    put(slices.get(k), frames.read(slices.get(k).frame()), grid, k, values);
                    progress.accept(++done / (double) slices.size());
                }
            }
        }
        return Image.of(grid, values);
    }

    private static void put(Slice slice, int[] stored, Grid grid, int k, float[] values) {
        int columns = grid.size(0);
        int rows = grid.size(1);
        for (int y = 0; y < rows; y++) {
            int to = (k * rows + rows - 1 - y) * columns;
            for (int x = 0; x < columns; x++) {
                values[to + x] = (float) (stored[y * columns + x] * slice.slope() + slice.intercept());
            }
        }
    }

    /** Refuses pixels whose stored values are no intensities by themselves. */
    private static void requireGrey(Slice slice, PixelFormat format) {
        boolean grey = format.samples() == 1 && !format.photometric().startsWith("PALETTE");
        if (!grey || slice.file().elements().has(Tag.MODALITY_LUT_SEQUENCE)) {
            throw new AttunetException(
                    slice.file().path(),
                    grey ? "intensities by a modality LUT" : "pixels in " + format.photometric(),
                    "grey values with a rescale slope and intercept",
                    "convert the series by another program");
        }
    }
}
