package org.attunet.annotation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.io.Json;

/**
 * The annotations of one image in a file of COCO's format: polygons, whose union is an object, and run lengths, plain or
 * compressed. Crowds ("iscrowd") are voxels without judgement; an annotation without a segmentation, such as a box, is left
 * out with a note.
 *
 * <p>A pixel belongs to a polygon if its centre does, and on the border as {@link PolygonFill.Border#UPPER_LEFT} has it;
 * pycocotools first rounds corners to fifths of a pixel, so that pixels differ whose centre lies that close to the border.
 */
final class CocoObjects implements ObjectSource {
    private final CocoFile coco;
    private final CocoFile.Listed image;

    CocoObjects(CocoFile coco, CocoFile.Listed image) {
        this.coco = coco;
        this.image = image;
    }

    @Override
    public List<Path> files() {
        return List.of(coco.file());
    }

    @Override
    public AnnotatedObjects read(Path picture, Grid grid) {
        Outlines.requirePlane(coco.file(), grid);
        boolean given = image.width() > 0 && image.height() > 0;
        if (given && (image.width() != grid.size(0) || image.height() != grid.size(1))) {
            throw new AttunetException(
                    coco.file(),
                    "it lists " + picture.getFileName() + " with " + image.width() + " x " + image.height() + " pixels",
                    grid.size(0) + " x " + grid.size(1) + " as the image has",
                    "export the annotations for this image");
        }
        ObjectDrawing drawing = new ObjectDrawing(coco.file(), grid);
        int crowds = 0;
        int without = 0;
        long[] places = image.annotations().toArray();
        try (RandomAccessFile file = new RandomAccessFile(coco.file().toFile(), "r")) {
            for (int i = 0; i < places.length; i += 2) {
                Interruption.check();
                JsonNode one = annotation(file, places[i], places[i + 1]);
                JsonNode segmentation = one.path("segmentation");
                boolean crowd = one.path("iscrowd").asInt() != 0;
                if (segmentation.isEmpty()) {
                    without++;
                } else if (crowd) {
                    crowds++;
                    drawing.ignore(shape(segmentation, grid));
                } else {
                    String kind = one.path("category_id").asText();
                    drawing.add(shape(segmentation, grid), coco.categories().getOrDefault(kind, ""));
                }
            }
        } catch (IOException e) {
            throw new AttunetException(
                    coco.file().toString(),
                    "it can't be read (" + Outlines.reason(e) + ")",
                    CocoFile.WHAT,
                    "check the file, which may have changed",
                    e);
        }
        if (crowds > 0) {
            drawing.note(ObjectDrawing.counted(crowds, "crowd") + " in COCO's sense, left out of the judgement");
        }
        if (without > 0) {
            drawing.note(ObjectDrawing.counted(without, "annotation") + " without a segmentation, left out");
        }
        return drawing.finish();
    }

    private static JsonNode annotation(RandomAccessFile file, long from, long to) throws IOException {
        if (to > file.length()) {
            throw new IOException("it ends too early");
        }
        byte[] bytes = new byte[Math.toIntExact(to - from)];
        file.seek(from);
        file.readFully(bytes);
        try (JsonParser json = Json.FOREIGN.getFactory().createParser(bytes)) {
            return Json.FOREIGN.readTree(json);
        }
    }

    private Shape shape(JsonNode segmentation, Grid grid) {
        if (segmentation.isObject()) {
            return CocoRuns.of(coco.file(), segmentation, grid);
        }
        List<List<double[]>> polygons = new ArrayList<>();
        for (JsonNode polygon : segmentation) {
            polygons.add(List.of(JsonStream.numbers(coco.file(), polygon)));
        }
        return new PolygonFill(coco.file(), grid, PolygonFill.Border.UPPER_LEFT, polygons);
    }
}
