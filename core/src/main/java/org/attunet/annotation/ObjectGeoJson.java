package org.attunet.annotation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.attunet.image.Outline;
import org.attunet.io.GeoJson;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;
import org.jspecify.annotations.Nullable;

/**
 * Objects as GeoJSON (RFC 7946) for QuPath: a FeatureCollection with a feature for each object, a Polygon with holes, or a
 * MultiPolygon if the object is in several pieces, along the edges of its pixels, so that filling it gives the object back.
 * Coordinates are pixels, x to the right and y down. Each feature has what QuPath reads: a UUID that follows from number and
 * outline, {@code objectType} "detection", the object's number as its {@code name}, its classification with a colour, and
 * measurements.
 */
final class ObjectGeoJson {
    private final Map<Integer, String> classes;
    private final List<String> kinds; // sorted; their places give colours
    private final Map<Integer, ObjectMeasures> measures;
    private final JsonGenerator json;

    private ObjectGeoJson(Map<Integer, String> classes, Map<Integer, ObjectMeasures> measures, JsonGenerator json) {
        this.classes = classes;
        this.kinds = classes.values().stream().distinct().sorted().toList();
        this.measures = measures;
        this.json = json;
    }

    static void write(
            ObjectMap objects, Map<Integer, String> classes, Map<Integer, ObjectMeasures> measures, OutputStream out)
            throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("type", "FeatureCollection");
            json.writeArrayFieldStart("features");
            ObjectGeoJson writer = new ObjectGeoJson(classes, measures, json);
            ObjectOutlines.<IOException>trace(objects, writer::feature);
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private void feature(int number, List<Outline> pieces) throws IOException {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("type", "Feature");
        json.writeStringField("id", id(number, pieces.get(0)).toString());
        json.writeObjectFieldStart("geometry");
        boolean several = pieces.size() > 1;
        json.writeStringField("type", several ? "MultiPolygon" : "Polygon");
        json.writeFieldName("coordinates");
        if (several) {
            json.writeStartArray();
        }
        for (Outline piece : pieces) {
            json.writeStartArray();
            ring(piece.exterior());
            for (int[] hole : piece.holes()) {
                ring(hole);
            }
            json.writeEndArray();
        }
        if (several) {
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeObjectFieldStart("properties");
        json.writeStringField("objectType", "detection");
        json.writeStringField("name", String.valueOf(number));
        String kind = classes.get(number);
        if (kind != null) {
            GeoJson.writeClassification(json, kind, 1 + kinds.indexOf(kind));
        }
        measurements(measures.get(number));
        json.writeEndObject();
        json.writeEndObject();
    }

    private void ring(int[] ring) throws IOException {
        json.writeStartArray();
        for (int i = 0; i <= ring.length; i += 2) { // closed by its first corner
            json.writeStartArray();
            json.writeNumber(ring[i % ring.length]);
            json.writeNumber(ring[(i + 1) % ring.length]);
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private void measurements(@Nullable ObjectMeasures one) throws IOException {
        if (one == null) {
            return;
        }
        String unit = one.grid().unit().symbol();
        json.writeObjectFieldStart("measurements");
        json.writeNumberField("Area " + unit + "^2", one.size());
        json.writeNumberField("Equivalent diameter " + unit, one.equivalentDiameter());
        json.writeNumberField("Circularity", one.roundness());
        for (int channel = 0; channel < one.intensity().size(); channel++) {
            String which = one.intensity().size() == 1 ? "" : " of channel " + (channel + 1);
            json.writeNumberField("Mean intensity" + which, one.intensity().get(channel));
        }
        Double confidence = one.confidence();
        if (confidence != null) {
            json.writeNumberField("Confidence", confidence);
        }
        json.writeEndObject();
    }

    private static UUID id(int number, Outline outline) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * (1 + outline.exterior().length));
        bytes.putInt(number).asIntBuffer().put(outline.exterior());
        return UUID.nameUUIDFromBytes(bytes.array());
    }
}
