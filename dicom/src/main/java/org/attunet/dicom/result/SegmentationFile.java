package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;

/**
 * A DICOM segmentation that was read: binary, fractional or label map (PS3.3, A.51), of any program.
 *
 * <p>Segmentations of whole slide images, whose frames are tiles, are refused. Immutable and thread-safe; pixels are read when
 * a mask is asked for.
 */
public final class SegmentationFile {
    private static final Set<String> CLASSES =
            Set.of(ResultKind.SEGMENTATION.classUid(), ResultKind.LABEL_MAP_SEGMENTATION.classUid());

    private final DicomFile file;
    private final SegmentationType type;
    private final Map<Integer, Segment> segments; // by their numbers
    private final List<SegmentFrame> frames;

    private SegmentationFile(
            DicomFile file, SegmentationType type, Map<Integer, Segment> segments, List<SegmentFrame> frames) {
        this.file = file;
        this.type = type;
        this.segments = segments;
        this.frames = frames;
    }

    /** {@return whether a file is a segmentation} */
    public static boolean isOne(DicomFile file) {
        return CLASSES.contains(file.elements().text(Tag.SOP_CLASS_UID));
    }

    /**
     * Reads a segmentation's header.
     *
     * @throws AttunetException if the file is no segmentation, is one of a slide's tiles, or contradicts itself
     */
    public static SegmentationFile read(Path path) {
        return of(DicomFile.read(path));
    }

    /**
     * {@return the segmentation that a file is}
     *
     * @throws AttunetException if the file is no segmentation, is one of a slide's tiles, or contradicts itself
     */
    public static SegmentationFile of(DicomFile file) {
        if (!isOne(file)) {
            throw new AttunetException(
                    file.path(), "another DICOM object", "a segmentation", "give the file whose modality is SEG");
        }
        DataSet set = file.elements();
        if (set.text(ResultTag.DIMENSION_ORGANIZATION_TYPE).startsWith("TILED")
                || set.has(ResultTag.TOTAL_PIXEL_MATRIX_COLUMNS)) {
            throw new AttunetException(
                    file.path(),
                    "a segmentation in tiles, of a slide",
                    "one of a volume",
                    "convert it by another program");
        }
        SegmentationType type = type(file);
        return new SegmentationFile(file, type, segments(file), SegmentFrame.of(file, type));
    }

    private static SegmentationType type(DicomFile file) {
        String name = file.elements().text(ResultTag.SEGMENTATION_TYPE);
        for (SegmentationType type : SegmentationType.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new AttunetException(
                file.path(),
                "a segmentation of the type '" + name + "'",
                "BINARY, FRACTIONAL or LABELMAP",
                "export the segmentation again");
    }

    private static Map<Integer, Segment> segments(DicomFile file) {
        Map<Integer, Segment> segments = new LinkedHashMap<>();
        for (DataSet item : file.elements().items(ResultTag.SEGMENT_SEQUENCE)) {
            int number = item.integer(ResultTag.SEGMENT_NUMBER, -1);
            Segment segment = new Segment(
                    number,
                    item.text(ResultTag.SEGMENT_LABEL),
                    Code.of(item, ResultTag.SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE),
                    Code.of(item, ResultTag.SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE));
            if (number < 0 || number > 0xFFFF || segments.put(number, segment) != null) {
                throw new AttunetException(
                        file.path(),
                        "segment number " + number + (number < 0 || number > 0xFFFF ? "" : " twice"),
                        "different numbers from 1 to 65535",
                        "export the segmentation again");
            }
        }
        return segments;
    }

    /** {@return the file} */
    public Path path() {
        return file.path();
    }

    /** {@return how it holds its voxels} */
    public SegmentationType type() {
        return type;
    }

    /** {@return the segments in the file's order, also those without a voxel} */
    public List<Segment> segments() {
        return List.copyOf(segments.values());
    }

    /** {@return whether one of the frames names an image of a series; if none names an image, whether the file names the series} */
    public boolean refersTo(Series series) {
        List<ImageReference> named =
                frames.stream().flatMap(frame -> frame.sources().stream()).toList();
        if (named.isEmpty()) {
            return !series.uid().isEmpty()
                    && file.elements().items(ResultTag.REFERENCED_SERIES_SEQUENCE).stream()
                            .anyMatch(item -> item.text(Tag.SERIES_INSTANCE_UID).equals(series.uid()));
        }
        Set<ImageReference> images = ImageReference.places(series).keySet();
        return named.stream().anyMatch(images::contains);
    }

    /**
     * Reads the mask, of which the labels are the numbers of segments.
     *
     * @param series on whose grid it is wanted
     * @return if segments overlap, the one with the higher number; a fraction counts from one half on, the largest of several
     * @throws AttunetException if the segmentation lies on another grid, or its pixels can't be read
     */
    public PlacedMask mask(Series series) {
        Map<Integer, Integer> values = new HashMap<>();
        segments.keySet().forEach(number -> values.put(number, number));
        return SegmentationPixels.mask(file, type, segments, frames, values, series);
    }

    /**
     * Reads the mask, of which the labels are those with the names of segments. Segments with other names are left out, with
     * a note.
     *
     * @param series on whose grid it is wanted
     * @param labels those to read; cases and what isn't a letter or digit don't count
     * @return if segments overlap, the one with the higher number; a fraction counts from one half on, the largest of several
     * @throws AttunetException if no segment has the name of a label, the segmentation lies on another grid, or its pixels
     *     can't be read
     */
    public PlacedMask mask(Series series, LabelSet labels) {
        Map<Integer, String> names = new LinkedHashMap<>();
        for (Segment segment : segments.values()) {
            if (segment.number() > 0) {
                names.put(segment.number(), segment.name());
            }
        }
        NamedStructures named = NamedStructures.of(file.path(), "segment", names, labels);
        return named.noted(SegmentationPixels.mask(file, type, segments, frames, named.values(), series));
    }
}
