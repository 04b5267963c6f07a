package org.attunet.annotation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.io.GeoJson;
import org.attunet.io.Images;
import org.attunet.io.Json;

/**
 * Objects as GeoJSON in pixel coordinates, as QuPath exports them: a FeatureCollection, an array of features or geometries, or
 * one of them; features may hold others ({@code childObjects}). Polygons may have holes; the polygons of a MultiPolygon are one
 * object. Annotations, detections and cells (by their outer outline) are objects with the name of their classification; an
 * annotation that holds several detections or cells is the region that they were detected in, and left out with a note.
 * QuPath's class {@code Ignore*} marks pixels without judgement. Points,
 * lines, tiles, the cores of tissue microarrays, other classes whose names end with an asterisk and what lies in other planes of
 * a stack are left out with a note. A pixel belongs to a polygon if its centre does; see {@link PolygonFill.Border#UPPER_LEFT}.
 *
 * @param file in UTF-8
 */
record GeoJsonObjects(Path file) implements ObjectSource {
    private static final String WHAT = "GeoJSON features with polygons";
    private static final List<String> GEOMETRIES = List.of(
            "Polygon", "MultiPolygon", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString");

    /** Where features of QuPath hold others. */
    private static final List<String> HELD = List.of("childObjects", "children");

    /** What the kind of QuPath's objects is called. */
    private static final List<String> TYPES = List.of("objectType", "object_type", "type");

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    /** Whether a file is GeoJSON: by its name, or JSON that begins as a feature, several, or a collection of them. */
    static boolean isIn(Path file) {
        String suffix = Images.suffix(file);
        if (!suffix.equals(".json")) {
            return suffix.equals(GeoJson.SUFFIX);
        }
        try {
            return JsonStream.read(file, WHAT, json -> {
                JsonToken first = json.nextToken();
                first = first == JsonToken.START_ARRAY ? json.nextToken() : first;
                while (first == JsonToken.START_OBJECT && json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    JsonToken value = json.nextToken();
                    if (name.equals("type") || value == JsonToken.START_ARRAY) { // COCO's arrays may be huge
                        return name.equals("features") || json.getText().startsWith("Feature");
                    }
                    json.skipChildren();
                }
                return false;
            });
        } catch (AttunetException e) {
            return false; // any other JSON, or damaged
        }
    }

    @Override
    public AnnotatedObjects read(Path image, Grid grid) {
        Outlines.requirePlane(file, grid);
        Reader reader = new Reader(file, grid);
        return JsonStream.read(file, WHAT, json -> {
            JsonToken first = json.nextToken();
            if (first == JsonToken.START_ARRAY) {
                JsonStream.elements(json, reader::feature);
            } else if (first == JsonToken.START_OBJECT) {
                reader.object(json);
            } else {
                throw new AttunetException(file, "it begins with " + first, WHAT, "export the objects again");
            }
            return reader.finish();
        });
    }

    /** What one reading gathers. */
    private static final class Reader {
        private final Path file;
        private final Grid grid;
        private final ObjectDrawing drawing;
        private int shapeless;
        private int others;
        private int elsewhere;
        private int unjudged;
        private int detections;
        private final BitSet middles = new BitSet(); // a pixel of each detection
        private final List<Drawn> drawn = new ArrayList<>();

        /** An object in the order of the file. */
        private record Drawn(Shape shape, String kind, boolean annotation) {}

        Reader(Path file, Grid grid) {
            this.file = file;
            this.grid = grid;
            this.drawing = new ObjectDrawing(file, grid);
        }

        /** A collection, whose features are read one by one, or a feature. */
        void object(JsonParser json) throws IOException {
            ObjectNode single = Json.object();
            boolean collection = false;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_ARRAY && name.equals("features")) {
                    collection = true;
                    JsonStream.elements(json, this::feature);
                } else {
                    single.set(name, JsonStream.tree(json));
                }
            }
            if (!collection) {
                String type = JsonStream.text(single.path("type"));
                if (!type.equals("Feature") && !GEOMETRIES.contains(type)) {
                    throw new AttunetException(
                            file,
                            type.isEmpty() || type.equals("FeatureCollection")
                                    ? "it has no features"
                                    : "it is of type \"" + type + "\"",
                            "a FeatureCollection or a Feature",
                            "export the objects as a FeatureCollection");
                }
                feature(single);
            }
        }

        void feature(JsonParser json) throws IOException {
            feature(JsonStream.tree(json));
        }

        private void feature(JsonNode node) {
            String type = node.path("type").asText();
            if (type.equals("FeatureCollection")) {
                node.path("features").forEach(this::feature);
            } else if (GEOMETRIES.contains(type)) {
                single(Json.object().set("geometry", node));
            } else {
                single(node);
                HELD.forEach(held -> node.path("properties").path(held).forEach(this::feature));
            }
        }

        private void single(JsonNode feature) {
            JsonNode properties = feature.path("properties");
            String type = TYPES.stream()
                    .map(properties::path)
                    .filter(JsonNode::isTextual)
                    .map(JsonNode::asText)
                    .findFirst()
                    .orElse("");
            String id = feature.path("id").asText(); // older versions of QuPath have the type there
            String name = kind(properties.path("classification"));
            JsonNode geometry = feature.path("geometry");
            if (geometry.path("plane").path("z").asInt(0) > 0
                    || geometry.path("plane").path("t").asInt(0) > 0) {
                elsewhere++;
            } else if (isNoObject(type, id) || (name.endsWith("*") && !name.equals("Ignore*"))) {
                others++;
            } else {
                List<List<double[]>> polygons = new ArrayList<>();
                polygons(geometry, polygons);
                if (polygons.isEmpty()) {
                    shapeless++;
                    return;
                }
                Shape shape = new PolygonFill(file, grid, PolygonFill.Border.UPPER_LEFT, polygons);
                if (name.equals("Ignore*")) {
                    unjudged++;
                    drawing.ignore(shape);
                } else {
                    add(shape, name, type.equals("annotation") || id.equals("PathAnnotationObject"));
                }
            }
        }

        /** The name of a classification; one derived from another has several, or, until QuPath 0.3, a parent. */
        private static String kind(JsonNode classification) {
            if (classification.isTextual()) {
                return JsonStream.text(classification);
            }
            List<String> names = new ArrayList<>();
            classification.path("names").forEach(one -> names.add(JsonStream.text(one)));
            if (names.isEmpty()) {
                for (JsonNode part = classification; part.isObject(); part = part.path("parentClass")) {
                    names.add(0, JsonStream.text(part.path("name")));
                }
            }
            return String.join(": ", names);
        }

        private void add(Shape shape, String kind, boolean annotation) {
            drawn.add(new Drawn(shape, kind, annotation));
            if (!annotation) {
                int[] runs = new int[2]; // how many, and one of them
                shape.draw((from, to) -> runs[0]++);
                int half = runs[0] / 2;
                runs[0] = 0;
                shape.draw((from, to) -> runs[1] = runs[0]++ == half ? from + (to - from) / 2 : runs[1]);
                if (runs[0] > 0) {
                    middles.set(runs[1]);
                    detections++;
                }
            }
        }

        /** Whether an annotation holds several detections. */
        private boolean isRegion(Drawn one) {
            int[] held = new int[1];
            if (one.annotation && detections > 1) {
                one.shape.draw((from, to) -> {
                    for (int i = middles.nextSetBit(from); i >= 0 && i < to; i = middles.nextSetBit(i + 1)) {
                        held[0]++;
                    }
                });
            }
            return held[0] > 1;
        }

        private static boolean isNoObject(String type, String id) {
            String word = type.toLowerCase(Locale.ROOT);
            return word.contains("tile")
                    || word.contains("tma")
                    || word.equals("root")
                    || id.equals("PathTileObject")
                    || id.equals("TMACoreObject")
                    || id.equals("PathRootObject");
        }

        private void polygons(JsonNode geometry, List<List<double[]>> polygons) {
            JsonNode coordinates = geometry.path("coordinates");
            switch (geometry.path("type").asText()) {
                case "Polygon" -> add(coordinates, polygons);
                case "MultiPolygon" -> coordinates.forEach(polygon -> add(polygon, polygons));
                case "GeometryCollection" -> geometry.path("geometries").forEach(one -> polygons(one, polygons));
                default -> {} // points and lines have no pixels
            }
        }

        /** Adds a polygon unless it is empty. */
        private void add(JsonNode polygon, List<List<double[]>> polygons) {
            if (!polygon.isArray() || !polygon.isEmpty()) {
                polygons.add(rings(polygon));
            }
        }

        private List<double[]> rings(JsonNode polygon) {
            List<double[]> rings = new ArrayList<>();
            for (JsonNode ring : polygon) {
                double[] corners = new double[2 * ring.size()];
                for (int i = 0; i < ring.size(); i++) {
                    JsonNode x = ring.get(i).path(0);
                    JsonNode y = ring.get(i).path(1);
                    if (!x.isNumber() || !y.isNumber()) {
                        throw JsonStream.outline(file);
                    }
                    corners[2 * i] = x.doubleValue();
                    corners[2 * i + 1] = y.doubleValue();
                }
                rings.add(corners);
            }
            if (!polygon.isArray() || rings.isEmpty()) {
                throw JsonStream.outline(file);
            }
            return rings;
        }

        AnnotatedObjects finish() {
            int regions = 0;
            for (Drawn one : drawn) {
                if (isRegion(one)) {
                    regions++;
                } else {
                    drawing.add(one.shape, one.kind);
                }
            }
            left(regions, "annotation", "around several detections");
            left(shapeless, "feature", "without a polygon");
            left(others, "feature", "of kinds that are no objects (tile, core, class*)");
            left(elsewhere, "feature", "in other planes");
            if (unjudged > 0) {
                drawing.note(ObjectDrawing.counted(unjudged, "feature") + " of the class Ignore*, without judgement");
            }
            return drawing.finish();
        }

        private void left(int count, String what, String why) {
            if (count > 0) {
                drawing.note(ObjectDrawing.counted(count, what) + " " + why + ", left out");
            }
        }
    }
}
