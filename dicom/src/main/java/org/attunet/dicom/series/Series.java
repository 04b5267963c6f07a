package org.attunet.dicom.series;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.Lattice;
import org.attunet.image.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * Slices that are one volume, in their order along the direction across x down.
 *
 * <p>Slices that lie evenly are the planes of the volume's grid. Others are brought onto an even grid, linearly, and
 * {@link #notes} say so. {@link #toSlice} and {@link #fromSlices} take labels from one to the other.
 *
 * <p>Immutable and thread-safe. The files must stay as they are.
 */
public final class Series {
    /** How far the corners of a mask's grid may be from the series', in mm. */
    private static final double SAME = 1e-3;

    private final List<Slice> slices;
    private final int index; // among the volumes of this modality and number; 0 if it is the only one
    private final Map<String, String> traits;
    private final List<String> notes;
    private volatile @Nullable SliceGrid lattice; // when it is first asked for

    Series(List<Slice> slices, int index, Map<String, String> traits, List<String> notes) {
        this.slices = List.copyOf(slices);
        this.index = index;
        this.traits = traits;
        this.notes = notes;
    }

    Series withIndex(int number) {
        return new Series(slices, number, traits, notes);
    }

    /**
     * Returns the volumes in a folder and the folders in it, a DICOMDIR, a zip archive or a file, in the order of their studies,
     * numbers and identifiers. Left out are files that are no DICOM, have no pixels, don't say where they lie, or are
     * segmentations or localizers; {@link Contents} names them.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     * @throws AttunetException if a file is damaged
     */
    public static List<Series> of(Path input, DoubleConsumer progress) {
        return Contents.of(input, progress).requireWhole().series();
    }

    /**
     * Returns the volumes of files, as {@link #of(Path, DoubleConsumer)} does.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     * @throws AttunetException if a file is damaged
     */
    public static List<Series> of(List<Path> files, DoubleConsumer progress) {
        return Contents.of(files, progress).requireWhole().series();
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

    /** {@return what the scanner or its user called the series, without the patient's name; empty if it has no name} */
    public String description() {
        return withoutPatient(elements().text(Tag.SERIES_DESCRIPTION));
    }

    /** A text of the headers without the patient's name and identifier, wherever somebody wrote them. */
    private String withoutPatient(String free) {
        String text = free;
        List<String> names = new ArrayList<>(elements().texts(Tag.PATIENT_ID));
        names.addAll(Arrays.asList(elements().text(Tag.PATIENT_NAME).split("[\\^= ,]+")));
        for (String name : names) {
            if (name.length() > 2) {
                text = Pattern.compile(Pattern.quote(name), Pattern.CASE_INSENSITIVE)
                        .matcher(text)
                        .replaceAll("…");
            }
        }
        return text;
    }

    /** {@return how the images were made, such as CT or MR; empty if unknown} */
    public String modality() {
        return withoutPatient(elements().text(Tag.MODALITY));
    }

    /**
     * {@return a short name for files, without anything of the patient, such as {@code CT_series4}, or {@code CT_series4_2} if
     * several volumes that were found together have this modality and number}
     */
    public String label() {
        String modality = modality().replaceAll("[^A-Z0-9]", "");
        String start = modality.isEmpty() ? "series" : modality + "_series";
        return start + Math.max(0, number()) + (index == 0 ? "" : "_" + index);
    }

    /** {@return what sets the volume apart from others of its series, such as {@code echo time 4.6}; empty if it is the only one} */
    public String part() {
        return traits.entrySet().stream()
                .map(trait -> trait.getKey() + " "
                        + (trait.getValue().isEmpty() ? "unknown" : withoutPatient(trait.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** {@return the columns, rows and slices, such as {@code 512 x 512 x 40}} */
    public String describedSize() {
        Plane first = slices.get(0).plane();
        return Sizes.text(first.columns(), first.rows(), size());
    }

    /** {@return the number of slices} */
    public int size() {
        return slices.size();
    }

    /** {@return the elements of the first slice's file, which hold what is true of the whole series} */
    public DataSet elements() {
        return slices.get(0).file().elements();
    }

    /** {@return what the user should know of the volume, in sentences: slices left out, resampled or missing; often none} */
    public List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        if (slices.stream().anyMatch(Slice::isLossy)) {
            all.add("the pixels were compressed with loss");
        }
        if (slices.stream().anyMatch(Slice::isInverse)) {
            all.add("displays show low values as bright (MONOCHROME1); the values are as stored, not inverted");
        }
        try {
            all.addAll(lattice().notes());
        } catch (AttunetException e) { // the grid itself says what is wrong
            return all;
        }
        return all;
    }

    private SliceGrid lattice() {
        SliceGrid known = lattice;
        if (known == null) {
            known = SliceGrid.of(slices);
            lattice = known;
        }
        return known;
    }

    private Resampling resampling(SliceGrid lattice) {
        Plane first = slices.get(0).plane();
        return new Resampling(lattice, first.columns(), first.rows());
    }

    /**
     * Checks that the volume can be read, by its grid and its first slice.
     *
     * @throws AttunetException if it can't be
     */
    public void check() {
        lattice();
        SliceReading.check(slices.get(0));
    }

    /** {@return whether it is a picture that doesn't say where it lies, such as a radiograph or a photograph} */
    public boolean isPicture() {
        return !slices.get(0).isPlaced();
    }

    /**
     * {@return 1, or 3 for colours}
     *
     * @throws AttunetException if the pixels can't be read
     */
    public int channels() {
        return SliceReading.channels(slices.get(0));
    }

    /** {@return whether each plane of the grid is a slice; otherwise its values lie between those of slices} */
    public boolean isEven() {
        return lattice().even();
    }

    /**
     * Returns the grid of a picture as its rows and columns run, or of the volume: columns from the patient's right or as the row runs, rows from the last to the first,
     * slices along across x down, as dcm2niix writes NIfTI files.
     *
     * @throws AttunetException if slices leave wide gaps, lie in one place or not over one another
     */
    public Grid grid() {
        return lattice().grid();
    }

    /**
     * Reads the volume: intensities in one channel, colours in three (red, green, blue).
     *
     * @param progress receives the share of slices that are read, on the calling thread
     * @throws AttunetException if the grid can't be told or a frame can't be read
     */
    public Image image(DoubleConsumer progress) {
        SliceGrid lattice = lattice();
        SliceReading reading = new SliceReading(slices, progress);
        if (lattice.even()) {
            return Image.of(lattice.grid(), reading.even(lattice));
        }
        return Image.of(lattice.grid(), reading.resampled(resampling(lattice)));
    }

    /**
     * Returns the labels of a slice's own pixels, row by row: of the nearest voxels, which are the slice's own if slices lie
     * evenly.
     *
     * @param mask labels on {@link #grid}
     * @param slice its index in {@link #slices}
     */
    public short[] toSlice(LabelMap mask, int slice) {
        requireOnGrid(mask.grid());
        int[] voxels = voxels(slice);
        short[] labels = new short[voxels.length];
        for (int k = 0; k < voxels.length; k++) {
            labels[k] = voxels[k] < 0 ? 0 : mask.voxels()[voxels[k]];
        }
        return labels;
    }

    /**
     * Returns the voxel of {@link #grid} that is nearest to each of a slice's own pixels, row by row; -1 for pixels outside. If
     * slices lie evenly, it is the pixel's own.
     *
     * @param slice its index in {@link #slices}
     */
    public int[] voxels(int slice) {
        return resampling(lattice()).voxels(slice);
    }

    /**
     * Checks that a grid is the series' own.
     *
     * @throws AttunetException if it isn't, by a thousandth of a millimetre
     */
    public void requireOnGrid(Grid grid) {
        Grid own = grid();
        if (!own.sameAs(grid, SAME)) {
            String off = Arrays.equals(own.size(), grid.size())
                    ? String.format(Locale.ROOT, ", up to %.3g voxels away", Lattice.displacement(grid, own))
                    : "";
            throw new AttunetException(
                    label(),
                    "a mask on the grid " + grid + off,
                    "the series' grid, " + own,
                    "give a mask of this series");
        }
    }

    /**
     * Returns labels on {@link #grid}: of the nearest pixels of the nearest slices.
     *
     * @param labels of the pixels of the slice at an index of {@link #slices}, row by row; null for a slice without any
     */
    public LabelMap fromSlices(IntFunction<short @Nullable []> labels) {
        SliceGrid lattice = lattice();
        Resampling resampling = resampling(lattice);
        Grid grid = lattice.grid();
        short[] voxels = new short[grid.voxels()];
        int plane = grid.size(0) * grid.size(1);
        for (int z = 0; z < grid.size(2); z++) {
            int slice = resampling.nearest(z);
            short[] own = labels.apply(slice);
            int[] pixels = own == null ? new int[0] : resampling.pixels(slice);
            for (int k = 0; own != null && k < plane; k++) {
                voxels[z * plane + k] = pixels[k] < 0 ? 0 : own[pixels[k]];
            }
        }
        return new LabelMap(grid, voxels);
    }
}
