package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;

/**
 * An RT Structure Set that was read: regions of interest as contours (PS3.3, A.19), of any program.
 *
 * <p>Immutable and thread-safe.
 */
public final class StructureSetFile {
    private static final int MOST_LABELS = 0xFFFF;

    private final DicomFile file;
    private final Map<Integer, Region> regions; // by their places in the file
    private final List<Contour> contours;
    private final List<String> notes;

    /**
     * A region of interest.
     *
     * @param number in the file
     * @param name for people
     */
    public record Region(int number, String name) {}

    private StructureSetFile(DicomFile file, Map<Integer, Region> regions, List<Contour> contours, List<String> notes) {
        this.file = file;
        this.regions = regions;
        this.contours = contours;
        this.notes = notes;
    }

    /** {@return whether a file is a structure set} */
    public static boolean isOne(DicomFile file) {
        return file.elements().text(Tag.SOP_CLASS_UID).equals(ResultKind.STRUCTURE_SET.classUid());
    }

    /**
     * Reads a structure set.
     *
     * @throws AttunetException if the file is none, or contradicts itself
     */
    public static StructureSetFile read(Path path) {
        return of(DicomFile.read(path));
    }

    /**
     * {@return the structure set that a file is}
     *
     * @throws AttunetException if the file is none, or contradicts itself
     */
    public static StructureSetFile of(DicomFile file) {
        if (!isOne(file)) {
            throw new AttunetException(
                    file.path(), "another DICOM object", "a structure set", "give the file whose modality is RTSTRUCT");
        }
        Map<Integer, Region> regions = new LinkedHashMap<>();
        Map<Integer, Integer> places = new LinkedHashMap<>();
        for (DataSet item : file.elements().items(ContourTag.STRUCTURE_SET_ROI_SEQUENCE)) {
            int number = item.integer(ContourTag.ROI_NUMBER, 0);
            int place = regions.size() + 1;
            regions.put(place, new Region(number, item.text(ContourTag.ROI_NAME)));
            if (place > MOST_LABELS || places.put(number, place) != null) {
                throw new AttunetException(
                        file.path(),
                        place > MOST_LABELS ? "more than 65535 regions" : "region number " + number + " twice",
                        "regions with different numbers",
                        "export the structure set again");
            }
        }
        ContourReading reading = new ContourReading(file, places);
        return new StructureSetFile(file, regions, reading.contours(), reading.notes());
    }

    /** {@return the file} */
    public Path path() {
        return file.path();
    }

    /** {@return the regions of interest in the file's order, also those without a contour} */
    public List<Region> regions() {
        return List.copyOf(regions.values());
    }

    /** {@return whether one of the contours names an image of a series} */
    public boolean refersTo(Series series) {
        return ContourPainting.nameImages(contours, series);
    }

    /**
     * Reads the mask, of which the labels are the numbers of regions.
     *
     * @param series on whose grid it is wanted
     * @return pixels are in a region if their centres are; if regions overlap, the later one has them
     * @throws AttunetException if the contours aren't in the planes of the series' images, or a number is no label
     */
    public PlacedMask mask(Series series) {
        Map<Integer, Integer> values = new LinkedHashMap<>();
        regions.forEach((place, region) -> {
            if (region.number() < 1 || region.number() > MOST_LABELS) {
                throw new AttunetException(
                        file.path(),
                        "region number " + region.number(),
                        "numbers from 1 to 65535",
                        "name the labels to read");
            }
            values.put(place, region.number());
        });
        return placed(series, values);
    }

    /**
     * Reads the mask, of which the labels are those with the names of regions. Regions with other names are left out, with a
     * note.
     *
     * @param series on whose grid it is wanted
     * @param labels those to read; cases and what isn't a letter or digit don't count
     * @return pixels are in a region if their centres are; if regions overlap, the later one has them
     * @throws AttunetException if no region has the name of a label, or the contours aren't in the planes of the series' images
     */
    public PlacedMask mask(Series series, LabelSet labels) {
        Map<Integer, String> names = new LinkedHashMap<>();
        regions.forEach((place, region) -> names.put(place, region.name()));
        NamedStructures named = NamedStructures.of(file.path(), "region", names, labels);
        return named.noted(placed(series, named.values()));
    }

    private PlacedMask placed(Series series, Map<Integer, Integer> values) {
        List<String> all = new ArrayList<>(notes);
        ContourPainting painting = new ContourPainting(file, SliceStack.of(series), regions);
        painting.paint(contours, values.keySet());
        all.addAll(painting.notes());
        return new PlacedMask(painting.labels(values), all);
    }
}
