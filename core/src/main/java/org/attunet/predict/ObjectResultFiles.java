package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.attunet.annotation.ObjectWriter;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.io.GeoJson;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;

/**
 * The output files of the objects in one image: the label image in place of the mask, whose values are the objects' numbers;
 * {@code STEM_objects.csv}, and on request {@code STEM.geojson}, {@code STEM_rois.zip} and {@code STEM_overlay.png}.
 *
 * @param files named after the label image
 */
record ObjectResultFiles(ResultFiles files) {
    /** How the table's name ends. */
    static final String TABLE = "_objects.csv";

    /** How the name of the selections ends. */
    static final String ROIS = "_rois.zip";

    private static final List<String> FORMATS = List.of(".png", ".tif", ".tiff", ".nii", ".nii.gz");
    private static final int MOST_IN_PNG = 0xffff;

    /** Refuses a label image's file before anything is computed for it. */
    static void requireWritten(Path file) {
        if (!FORMATS.contains(Images.suffix(file))) {
            throw new AttunetException(
                    file,
                    "objects in a file that ends with \"" + Images.suffix(file) + "\"",
                    "a format that keeps numbers of objects: .png, .tif or .nii.gz",
                    "choose one of these, or --no-objects for the mask");
        }
    }

    /** The files, other than images, that would be written for an image besides the label image. */
    List<Path> tables() {
        List<Path> tables = new ArrayList<>(List.of(files.beside(TABLE)));
        if (files.options().outlines()) {
            tables.add(files.beside(GeoJson.SUFFIX));
        }
        if (files.options().rois()) {
            tables.add(files.beside(ROIS));
        }
        return tables;
    }

    /** Writes all files, the label image last. The image is read again, which isn't kept while it is segmented. */
    CasePrediction write(
            ObjectSegmentation found, ImageCase image, ModelDescription model, Consumer<ObjectPictures> pictures) {
        ResultOptions options = files.options();
        ObjectMap map = found.objects().map();
        Image read = image.read(model.preprocessing().channels());
        requirePlane(image.files().get(0), read, options);
        List<Path> written = new ArrayList<>();
        files.writeMaps(found.segmentation(), written);
        List<ObjectMeasures> measures = found.measures(read);
        Map<Integer, String> classes = found.classes();
        Path table = files.beside(TABLE);
        ObjectWriter.writeTable(map, classes, measures, table);
        written.add(table);
        if (options.outlines()) {
            Path file = files.beside(GeoJson.SUFFIX);
            ObjectWriter.writeGeoJson(map, classes, measures, file);
            written.add(file);
        }
        if (options.rois()) {
            Path file = files.beside(ROIS);
            ObjectWriter.writeRois(map, file);
            written.add(file);
        }
        var drawing = new ObjectPictures(read, map, Images.isScan(image.files().get(0)));
        if (options.overlays()) {
            Path file = files.beside("_overlay.png");
            Images.write(Images.of(drawing.overlay()), file);
            written.add(file);
        }
        Path labels = labels(map);
        ObjectWriter.writeLabels(map, labels);
        written.add(labels);
        pictures.accept(drawing);
        return new CasePrediction(
                image.id(),
                image.files(),
                labels,
                written,
                found.segmentation().reliability(),
                List.of(),
                null,
                CaseObjects.of(found, measures, table));
    }

    private Path labels(ObjectMap map) {
        boolean png = Images.suffix(files.mask()).equals(".png");
        return png && map.largest() > MOST_IN_PNG ? files.beside(".tif") : files.mask();
    }

    private static void requirePlane(Path file, Image image, ResultOptions options) {
        if (image.grid().dimension() == 3 && (options.outlines() || options.rois())) {
            throw new AttunetException(
                    file,
                    "a volume, " + image.grid() + ", and outlines of objects are asked for",
                    "a 2D image",
                    "leave --geojson and --rois out: the label image and the table have the objects");
        }
    }
}
