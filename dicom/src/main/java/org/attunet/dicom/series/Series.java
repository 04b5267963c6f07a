package org.attunet.dicom.series;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
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
    private final String part; // what sets the label apart from others'

    private Series(List<Slice> slices, String part) {
        this.slices = slices;
        this.part = part;
    }

    /**
     * Returns the volumes in a folder and the folders in it, in the order of their studies, numbers and identifiers. Files that
     * are no DICOM, have no pixels or don't say where they lie are left out, and so are segmentations.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     * @throws AttunetException if a file is damaged
     */
    public static List<Series> of(Path folder, DoubleConsumer progress) {
        try (Stream<Path> all = Files.walk(folder)) {
            return of(all.filter(Files::isRegularFile).sorted().toList(), progress);
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(folder.toString(), "it can't be read (" + e + ")", "a folder", "check it", e);
        }
    }

    /**
     * Returns the volumes of files, as {@link #of(Path, DoubleConsumer)} does.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     * @throws AttunetException if a file is damaged
     */
    public static List<Series> of(List<Path> files, DoubleConsumer progress) {
        Map<List<Object>, List<Slice>> groups = new LinkedHashMap<>();
        int done = 0;
        for (Path path : files) {
            Interruption.check();
            DicomFile file = DicomFile.readIfDicom(path);
            if (file != null
                    && file.hasPixels()
                    && !file.elements().text(Tag.MODALITY).equals("SEG")) {
                for (Slice slice : Slice.of(file)) {
                    groups.computeIfAbsent(key(slice), k -> new ArrayList<>()).add(slice);
                }
            }
            progress.accept(++done / (double) files.size());
        }
        return numbered(groups.values());
    }

    /** What the slices of one volume have in common. */
    private static List<Object> key(Slice slice) {
        DataSet set = slice.file().elements();
        Plane plane = slice.plane();
        List<Object> key = new ArrayList<>();
        key.add(set.text(Tag.SERIES_INSTANCE_UID));
        key.add(plane.rows());
        key.add(plane.columns());
        key.add(set.text(Tag.ECHO_NUMBERS));
        key.add(set.text(Tag.TEMPORAL_POSITION_IDENTIFIER));
        for (double part : plane.across()) {
            key.add(Math.round(part * 1000));
        }
        for (double part : plane.down()) {
            key.add(Math.round(part * 1000));
        }
        key.add(Math.round(plane.columnSpacing() * 10_000));
        key.add(Math.round(plane.rowSpacing() * 10_000));
        return key;
    }

    /** Volumes in their order, with labels that differ. */
    private static List<Series> numbered(Collection<List<Slice>> groups) {
        List<Series> all = groups.stream()
                .map(slices -> new Series(sorted(slices), ""))
                .sorted(Comparator.comparing(Series::studyUid)
                        .thenComparing(Series::number)
                        .thenComparing(Series::uid))
                .toList();
        Map<String, List<Series>> labels =
                all.stream().collect(Collectors.groupingBy(Series::label, LinkedHashMap::new, Collectors.toList()));
        return all.stream()
                .map(series -> {
                    List<Series> same = labels.getOrDefault(series.label(), List.of());
                    return same.size() < 2 ? series : new Series(series.slices, "_" + (same.indexOf(series) + 1));
                })
                .toList();
    }

    private static List<Slice> sorted(List<Slice> slices) {
        double[] normal = slices.get(0).plane().normal();
        return slices.stream()
                .sorted(Comparator.comparingDouble(slice -> slice.plane().along(normal)))
                .toList();
    }

    /** {@return the slices in their order along the normal, those of the lowest position first} */
    public List<Slice> slices() {
        return slices;
    }

    /** {@return the files in the order of their slices, each once} */
    public List<Path> files() {
        return slices.stream().map(slice -> slice.file().path()).distinct().toList();
    }

    /** {@return the Series Instance UID; empty if the files have none} */
    public String uid() {
        return elements().text(Tag.SERIES_INSTANCE_UID);
    }

    /** {@return the Study Instance UID; empty if the files have none} */
    public String studyUid() {
        return elements().text(Tag.STUDY_INSTANCE_UID);
    }

    /** {@return the series' number among those of its study; 0 if it has none} */
    public int number() {
        String text = elements().text(Tag.SERIES_NUMBER);
        return text.matches("[+-]?\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    /** {@return what the scanner or its user called the series; empty if it has no name} */
    public String description() {
        return elements().text(Tag.SERIES_DESCRIPTION);
    }

    /** {@return how the images were made, such as CT or MR; empty if unknown} */
    public String modality() {
        return elements().text(Tag.MODALITY);
    }

    /**
     * {@return a short name for files, without anything of the patient, such as {@code CT_series4}, or {@code CT_series4_2} if
     * several volumes that were found together have this modality and number}
     */
    public String label() {
        String modality = modality().replaceAll("[^A-Z0-9]", "");
        return (modality.isEmpty() ? "series" : modality + "_series") + Math.max(0, number()) + part;
    }

    /** {@return what the user should know of the volume, in sentences: slices left out, resampled or missing; often none} */
    public List<String> notes() {
        return List.of();
    }

    /** {@return the columns, rows and slices, such as {@code 512 x 512 x 40}} */
    public String describedSize() {
        return Sizes.text(slices.get(0).plane().columns(), slices.get(0).plane().rows(), size());
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
        Plane first = slices.get(0).plane();
        int rows = first.rows();
        int columns = first.columns();
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
        Plane first = slices.get(0).plane();
        double[] normal = first.normal();
        if (slices.size() == 1) {
            double thickness = slices.get(0).elements().number(Tag.PIXEL_MEASURES_SEQUENCE, Tag.SLICE_THICKNESS, 1);
            return Vectors.times(normal, thickness > 0 ? thickness : 1);
        }
        Plane last = slices.get(slices.size() - 1).plane();
        double[] step = Vectors.times(Vectors.minus(last.position(), first.position()), 1.0 / (slices.size() - 1));
        double gap = Vectors.dot(step, normal);
        double[] sideways = Vectors.minus(step, Vectors.times(normal, gap));
        for (int k = 1; k < slices.size(); k++) {
            double own = slices.get(k).plane().along(normal)
                    - slices.get(k - 1).plane().along(normal);
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
        double slope = slice.slope();
        double intercept = slice.intercept();
        for (int y = 0; y < rows; y++) {
            int to = (k * rows + rows - 1 - y) * columns;
            for (int x = 0; x < columns; x++) {
                values[to + x] = (float) (stored[y * columns + x] * slope + intercept);
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
