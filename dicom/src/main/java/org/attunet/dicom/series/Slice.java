package org.attunet.dicom.series;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;

/**
 * A frame of a file and where it lies.
 *
 * <p>Immutable and thread-safe.
 */
public final class Slice {
    private final DicomFile file;
    private final int frame;
    private final FrameElements elements;
    private final Plane plane;
    private final Place place;

    /** What a file says of where a frame lies. */
    private enum Place {
        /** Where it lies in the patient. */
        PATIENT,
        /** The size of its pixels, as radiographs do. */
        SIZE,
        /** Nothing, as photographs do. */
        NONE
    }

    private Slice(DicomFile file, int frame, FrameElements elements, Plane plane, Place place) {
        this.file = file;
        this.frame = frame;
        this.elements = elements;
        this.plane = plane;
        this.place = place;
    }

    /**
     * Returns the frames of a file; none if there are several and it isn't known where they lie.
     *
     * @throws AttunetException if the header contradicts itself
     */
    static List<Slice> of(DicomFile file) {
        DataSet set = file.elements();
        int columns = set.integer(Tag.COLUMNS, 0);
        int rows = set.integer(Tag.ROWS, 0);
        List<Slice> slices = new ArrayList<>();
        for (FrameElements own : FrameElements.of(file)) {
            double[] position = own.numbers(Tag.PLANE_POSITION_SEQUENCE, Tag.IMAGE_POSITION_PATIENT, 3);
            double[] orientation = own.numbers(Tag.PLANE_ORIENTATION_SEQUENCE, Tag.IMAGE_ORIENTATION_PATIENT, 6);
            double[] spacing = own.numbers(Tag.PIXEL_MEASURES_SEQUENCE, Tag.PIXEL_SPACING, 2);
            if (position == null || orientation == null || spacing == null) {
                return picture(file, own, columns, rows);
            }
            Plane plane = Plane.of(file, position, orientation, spacing, columns, rows);
            slices.add(new Slice(file, slices.size(), own, plane, Place.PATIENT));
        }
        return slices;
    }

    /** A failure that names an element, with its file; one of a file in an archive, with the archive. */
    static AttunetException named(Path file, AttunetException failure) {
        boolean archived = !file.getFileSystem().equals(FileSystems.getDefault());
        String name = archived ? file.getFileSystem() + "!" + file : file.toString();
        boolean ofElement = failure.subject().startsWith("(");
        if (!ofElement && !(archived && failure.subject().startsWith(file.toString()))) {
            return failure;
        }
        return new AttunetException(
                ofElement
                        ? name
                        : name + failure.subject().substring(file.toString().length()),
                ofElement ? failure.subject() + ": " + failure.found() : failure.found(),
                failure.expected(),
                failure.remedy(),
                failure);
    }

    /** The only frame of a file that doesn't say where it lies. */
    private static List<Slice> picture(DicomFile file, FrameElements own, int columns, int rows) {
        DataSet set = file.elements();
        if (set.integer(Tag.NUMBER_OF_FRAMES, 1) != 1) {
            return List.of();
        }
        double[] spacing = null;
        for (int tag : new int[] {Tag.PIXEL_SPACING, Tag.IMAGER_PIXEL_SPACING, Tag.NOMINAL_SCANNED_PIXEL_SPACING}) {
            spacing = spacing == null ? set.numbers(tag, 2) : spacing;
        }
        Place place = spacing == null ? Place.NONE : Place.SIZE;
        double[] pixel = spacing == null ? new double[] {1, 1} : spacing;
        Plane plane = Plane.of(file, new double[3], new double[] {1, 0, 0, 0, 1, 0}, pixel, columns, rows);
        return List.of(new Slice(file, 0, own, plane, place));
    }

    /** {@return whether it is known where in the patient it lies; else its {@link #plane} begins at 0} */
    public boolean isPlaced() {
        return place == Place.PATIENT;
    }

    /** {@return whether the size of its pixels is known; else it is 1} */
    public boolean isSized() {
        return place != Place.NONE;
    }

    /** {@return the file that holds it} */
    public DicomFile file() {
        return file;
    }

    /** {@return the frame's index in the file, from 0} */
    public int frame() {
        return frame;
    }

    /** {@return the frame's number as DICOM counts them, from 1} */
    public int frameNumber() {
        return frame + 1;
    }

    /** {@return where it lies} */
    public Plane plane() {
        return plane;
    }

    /** {@return what kind of object the file is (PS3.6, annex A); empty if it doesn't say} */
    public String sopClassUid() {
        return file.elements().text(Tag.SOP_CLASS_UID);
    }

    /** {@return which object the file is; empty if it doesn't say} */
    public String sopInstanceUid() {
        return file.elements().text(Tag.SOP_INSTANCE_UID);
    }

    /** The acquisition, the instance and the frame, by which slices of equal places are ordered; 0 for what isn't known. */
    int[] numbers() {
        return new int[] {number(Tag.ACQUISITION_NUMBER), number(Tag.INSTANCE_NUMBER), frame};
    }

    private int number(int tag) {
        String text = file.elements().text(tag);
        return text.matches("[+-]?\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    /** The file's name, and the frame if there are several. */
    String name() {
        String name = String.valueOf(file.path().getFileName());
        return file.elements().integer(Tag.NUMBER_OF_FRAMES, 1) == 1 ? name : name + ", frame " + frameNumber();
    }

    /** Whether its pixels were ever compressed with loss. */
    boolean isLossy() {
        return file.elements().text(Tag.LOSSY_IMAGE_COMPRESSION).equals("01");
    }

    /** Whether displays show low values as white. */
    boolean isInverse() {
        return file.elements().text(Tag.PHOTOMETRIC_INTERPRETATION).equals("MONOCHROME1");
    }

    FrameElements elements() {
        return elements;
    }

    /** What stored values are multiplied by. */
    double slope() {
        return elements.number(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, Tag.RESCALE_SLOPE, 1);
    }

    /** What is then added. */
    double intercept() {
        return elements.number(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, Tag.RESCALE_INTERCEPT, 0);
    }
}
