package org.attunet.annotation;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.io.WholeNumbers;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;

/** Writes objects to files that other programs read. Files appear whole or not at all. */
public final class ObjectWriter {
    private ObjectWriter() {}

    /**
     * Writes a label image whose values are the objects' numbers, in 16 bits, or 32 if a number is above 65535.
     *
     * @param objects the objects
     * @param file ends with {@code .png} (2D, numbers up to 65535), {@code .tif}, {@code .nii}, {@code .nii.gz} or, in 3D,
     *     {@code .nrrd}
     * @throws AttunetException if the format can't hold them
     */
    public static void writeLabels(ObjectMap objects, Path file) {
        new WholeNumbers(objects.grid(), objects.numbers()).write(file);
    }

    /**
     * Writes the outlines of objects in 2D as GeoJSON for QuPath, a detection each.
     *
     * @param objects the objects
     * @param classes their kinds by their numbers; empty if there is only one
     * @param measures become QuPath's measurements; may be empty
     * @param file the target
     * @throws AttunetException if they are in a volume
     */
    public static void writeGeoJson(
            ObjectMap objects, Map<Integer, String> classes, List<ObjectMeasures> measures, Path file) {
        Outlines.requirePlane(file, objects.grid());
        Map<Integer, ObjectMeasures> byNumber =
                measures.stream().collect(Collectors.toMap(ObjectMeasures::number, Function.identity()));
        WholeFile.write(file, out -> ObjectGeoJson.write(objects, classes, byNumber, out));
    }

    /**
     * Writes the outlines of objects in 2D as a zip file of selections for ImageJ's ROI Manager, named by the objects' numbers.
     *
     * @param objects the objects
     * @param file the target
     * @throws AttunetException if they are in a volume
     */
    public static void writeRois(ObjectMap objects, Path file) {
        Outlines.requirePlane(file, objects.grid());
        WholeFile.write(file, out -> RoiWriter.write(objects, out));
    }

    /**
     * Writes a table of comma-separated values, a row for each object: its number, kind, size, centroid, bounding box, length of
     * outline or surface, equivalent diameter, circularity or sphericity, mean intensities and confidence, as far as known.
     *
     * @param objects the objects
     * @param classes their kinds by their numbers; empty if there is only one
     * @param measures of the objects
     * @param file the target
     */
    public static void writeTable(
            ObjectMap objects, Map<Integer, String> classes, List<ObjectMeasures> measures, Path file) {
        WholeFile.writeString(file, ObjectTable.of(objects.grid(), measures, classes));
    }
}
