package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.annotation.ObjectWriter;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Json;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmentation;

/**
 * The objects in an image, as JSON and as files.
 *
 * @param map numbered in reading order
 * @param kinds the name of each object's label by the object's number
 * @param severalKinds whether the model has several labels
 * @param measures in the order of the numbers
 */
record CaseObjects(ObjectMap map, Map<Integer, String> kinds, boolean severalKinds, List<ObjectMeasures> measures) {
    /** The most objects that a JSON response lists; the table has all. */
    static final int MOST_LISTED = 1000;

    private static final int MOST_16_BIT = 0xffff;

    /**
     * Finds and measures the objects.
     *
     * @param found with probabilities
     * @param image what was segmented
     */
    static CaseObjects in(ServedModel model, Segmentation found, Image image) {
        ObjectSegmentation objects = ObjectSegmentation.in(model.segmenter(), found);
        return new CaseObjects(
                objects.objects().map(), objects.classes(), model.labels().size() > 1, objects.measures(image));
    }

    /** Writes the files of the chosen forms and returns them; PNG holds 65535 objects, TIFF more. */
    List<Path> write(Set<ObjectForm> forms, String suffix, Path folder) {
        Map<Integer, String> classes = severalKinds ? kinds : Map.of();
        List<Path> files = new ArrayList<>();
        for (ObjectForm form : ObjectForm.values()) {
            if (!forms.contains(form)) {
                continue;
            }
            Path file = folder.resolve("objects"
                    + switch (form) {
                        case LABELS -> suffix.equals(".png") && measures.size() > MOST_16_BIT ? ".tif" : suffix;
                        case TABLE -> ".csv";
                        case GEOJSON -> ".geojson";
                        case ROIS -> ".zip";
                    });
            switch (form) {
                case LABELS -> ObjectWriter.writeLabels(map, file);
                case TABLE -> ObjectWriter.writeTable(map, classes, measures, file);
                case GEOJSON -> ObjectWriter.writeGeoJson(map, classes, measures, file);
                case ROIS -> ObjectWriter.writeRois(map, file);
            }
            files.add(file);
        }
        return files;
    }

    /** Returns the count and the first {@value #MOST_LISTED} objects with their measures. */
    ObjectNode json() {
        Grid grid = map.grid();
        String length = grid.unit().symbol();
        ObjectNode json = Json.object().put("count", measures.size());
        json.put("length_unit", length);
        json.put("size_unit", length + (grid.dimension() == 3 ? "³" : "²"));
        ArrayNode list = json.putArray("list");
        measures.stream().limit(MOST_LISTED).forEach(one -> add(list.addObject(), one));
        return json;
    }

    private void add(ObjectNode json, ObjectMeasures one) {
        boolean volume = map.grid().dimension() == 3;
        json.put("id", one.number());
        json.put("label", kinds.get(one.number()));
        json.put("voxels", one.voxels());
        json.put(volume ? "volume" : "area", one.size());
        one.centroid().forEach(json.putArray("centroid")::add);
        ObjectNode box = json.putObject("box");
        one.place().low().forEach(box.putArray("from")::add);
        one.place().high().forEach(box.putArray("to")::add);
        json.put(volume ? "surface" : "outline", one.boundary());
        json.put("equivalent_diameter", one.equivalentDiameter());
        json.put(volume ? "sphericity" : "circularity", one.roundness());
        one.intensity().forEach(json.putArray("mean_intensity")::add);
        json.put("confidence", one.confidence());
    }
}
