package org.attunet.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.LengthUnit;
import org.attunet.image.Outline;
import org.attunet.picture.LabelColours;

/**
 * A mask's objects as GeoJSON (RFC 7946) for QuPath: a FeatureCollection with a polygon for each connected component of each
 * slice, along the edges of its pixels, so that filling the polygons gives the mask back. Labels that may overlap have outlines
 * of all that they cover.
 *
 * <p>Coordinates are pixels of the image, x to the right and y down, not longitude and latitude; exterior rings have a
 * positive area in these numbers, as the right-hand rule wants it. Each feature has what QuPath reads: an {@code id} (a UUID that
 * follows from label, slice and outline), {@code objectType} "detection", {@code classification} with the label's name and
 * colour, and {@code measurements} with the area. In volumes the geometry's foreign member {@code plane} has the slice.
 */
public final class GeoJson {
    /** The suffix of the files. */
    public static final String SUFFIX = ".geojson";

    private GeoJson() {}

    /**
     * Writes a file, whole or not at all.
     *
     * @param mask the labels
     * @param labels the names of the mask's values; other values are named by their numbers
     * @param file the target
     */
    public static void write(LabelMap mask, LabelSet labels, Path file) {
        WholeFile.write(file, out -> write(mask, labels, out));
    }

    /**
     * Writes to a stream, which stays open; one feature on each line.
     *
     * @param mask the labels
     * @param labels the names of the mask's values; other values are named by their numbers
     * @param out receives UTF-8
     * @throws IOException if the stream fails
     */
    public static void write(LabelMap mask, LabelSet labels, OutputStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("type", "FeatureCollection");
            json.writeArrayFieldStart("features");
            boolean volume = mask.grid().dimension() == 3;
            for (LabelMap each : apart(mask, labels)) {
                for (int z = 0; z < mask.grid().size(2); z++) {
                    for (Outline outline : Outline.of(volume ? each.slice(2, z) : each)) {
                        json.writeRaw('\n');
                        writeFeature(json, outline, volume ? z : -1, labels, mask.grid());
                    }
                }
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** The mask itself, or one for each of labels that may overlap, whose outlines would cut each other. */
    private static List<LabelMap> apart(LabelMap mask, LabelSet labels) {
        if (!labels.hasRegions()) {
            return List.of(mask);
        }
        List<LabelMap> each = new ArrayList<>();
        for (int label : labels.values()) {
            boolean[] covered = labels.covered(label);
            short[] voxels = new short[mask.voxels().length];
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = (short) (covered[mask.label(i)] ? label : 0);
            }
            each.add(new LabelMap(mask.grid(), voxels));
        }
        return each;
    }

    private static void writeFeature(JsonGenerator json, Outline outline, int slice, LabelSet labels, Grid grid)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "Feature");
        json.writeStringField("id", id(outline, slice).toString());
        json.writeObjectFieldStart("geometry");
        json.writeStringField("type", "Polygon");
        json.writeArrayFieldStart("coordinates");
        writeRing(json, outline.exterior());
        for (int[] hole : outline.holes()) {
            writeRing(json, hole);
        }
        json.writeEndArray();
        if (slice >= 0) {
            json.writeObjectFieldStart("plane");
            json.writeNumberField("c", -1);
            json.writeNumberField("z", slice);
            json.writeNumberField("t", 0);
            json.writeEndObject();
        }
        json.writeEndObject();
        writeProperties(json, outline, labels, grid);
        json.writeEndObject();
    }

    private static void writeRing(JsonGenerator json, int[] ring) throws IOException {
        json.writeStartArray();
        for (int i = 0; i <= ring.length; i += 2) { // closed by its first corner
            json.writeStartArray();
            json.writeNumber(ring[i % ring.length]);
            json.writeNumber(ring[(i + 1) % ring.length]);
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void writeProperties(JsonGenerator json, Outline outline, LabelSet labels, Grid grid)
            throws IOException {
        int position = labels.classOf(outline.label());
        json.writeObjectFieldStart("properties");
        json.writeStringField("objectType", "detection");
        String name = position > 0 ? labels.nameOf(position) : String.valueOf(outline.label());
        writeClassification(json, name, position > 0 ? position : outline.label());
        json.writeObjectFieldStart("measurements");
        json.writeNumberField("Area px^2", outline.pixels());
        if (grid.hasPhysicalSize()) {
            LengthUnit unit = grid.unit();
            double pixel = unit.fromMillimetres(grid.spacing(0)) * unit.fromMillimetres(grid.spacing(1));
            json.writeNumberField("Area " + unit.symbol() + "^2", outline.pixels() * pixel);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /**
     * Writes a feature's classification, within its properties. QuPath refuses files with a classification that has no colour.
     *
     * @param json at a place for a field
     * @param name of the class
     * @param number of the class, from 1, which gives its colour
     * @throws IOException if the stream fails
     */
    public static void writeClassification(JsonGenerator json, String name, int number) throws IOException {
        int colour = LabelColours.of(number);
        json.writeObjectFieldStart("classification");
        json.writeStringField("name", name);
        json.writeFieldName("color");
        json.writeArray(new int[] {colour >> 16 & 255, colour >> 8 & 255, colour & 255}, 0, 3);
        json.writeEndObject();
    }

    private static UUID id(Outline outline, int slice) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * (2 + outline.exterior().length));
        bytes.putInt(outline.label()).putInt(slice);
        bytes.asIntBuffer().put(outline.exterior());
        return UUID.nameUUIDFromBytes(bytes.array());
    }
}
