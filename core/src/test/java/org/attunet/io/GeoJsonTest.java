package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.geom.Path2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeoJsonTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "stroma", 255, "nucleus \"N\""));

    @Test
    void an_object_is_a_feature_as_qupath_reads_it() throws IOException {
        Grid grid = Grid.of(new int[] {3, 1}, new double[] {0.5, 0.25}, LengthUnit.MICROMETRE);
        JsonNode feature = read(new LabelMap(grid, new short[] {0, 255, 255}))
                .get("features")
                .get(0);

        assertThat(feature.get("type").asText()).isEqualTo("Feature");
        assertThat(UUID.fromString(feature.get("id").asText())).isNotNull();
        assertThat(feature.get("geometry").toString())
                .isEqualTo("{\"type\":\"Polygon\",\"coordinates\":[[[1,0],[3,0],[3,1],[1,1],[1,0]]]}");
        assertThat(feature.get("properties").toString())
                .isEqualTo(
                        "{\"objectType\":\"detection\",\"classification\":{\"name\":\"nucleus \\\"N\\\"\",\"color\":[245,165,36]},"
                                + "\"measurements\":{\"Area px^2\":2,\"Area µm^2\":0.25}}");
    }

    @Test
    void an_empty_mask_is_an_empty_collection() throws IOException {
        assertThat(read(new LabelMap(Grid.ofPixels(2, 2), new short[4])).toString())
                .isEqualTo("{\"type\":\"FeatureCollection\",\"features\":[]}");
    }

    @Test
    void an_outline_of_a_region_goes_around_all_that_it_covers() throws IOException {
        LabelSet regions = LabelSet.regions(
                List.of(new LabelSet.Region(1, "whole", Set.of(1, 2)), new LabelSet.Region(2, "core", Set.of(2))));
        var out = new ByteArrayOutputStream();
        GeoJson.write(new LabelMap(Grid.ofPixels(4, 1), new short[] {0, 1, 2, 1}), regions, out);
        JsonNode features = new ObjectMapper().readTree(out.toByteArray()).get("features");

        assertThat(features).hasSize(2);
        assertThat(features.get(0).at("/properties/classification/name").asText())
                .isEqualTo("whole");
        assertThat(features.get(0).at("/properties/measurements").toString()).contains("\"Area px^2\":3");
        assertThat(features.get(1).at("/geometry/coordinates").toString())
                .isEqualTo("[[[2,0],[3,0],[3,1],[2,1],[2,0]]]");
    }

    @Test
    void slices_of_a_volume_are_planes() throws IOException {
        JsonNode features =
                read(new LabelMap(Grid.of(1, 1, 3), new short[] {0, 1, 1})).get("features");

        assertThat(features).hasSize(2);
        assertThat(features.get(1).get("geometry").get("plane").toString()).isEqualTo("{\"c\":-1,\"z\":2,\"t\":0}");
    }

    /** RFC 7946, 3.1.6: rings are closed, exteriors run counterclockwise and holes clockwise. */
    @Test
    void polygons_keep_the_rules_of_rings_and_give_the_mask_back() throws IOException {
        Random random = new Random(7);
        short[] voxels = new short[40 * 30];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (random.nextDouble() < 0.6 ? 1 : random.nextDouble() < 0.3 ? 255 : 0);
        }
        short[] filled = new short[voxels.length];
        Set<String> ids = new HashSet<>();
        for (JsonNode feature :
                read(new LabelMap(Grid.ofPixels(40, 30), voxels)).get("features")) {
            Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            boolean exterior = true;
            for (JsonNode ring : feature.get("geometry").get("coordinates")) {
                assertThat(ring.get(0)).isEqualTo(ring.get(ring.size() - 1));
                assertThat(ring.size()).isGreaterThanOrEqualTo(4);
                assertThat(twiceArea(ring) > 0).isEqualTo(exterior);
                exterior = false;
                path.moveTo(ring.get(0).get(0).asInt(), ring.get(0).get(1).asInt());
                ring.forEach(corner ->
                        path.lineTo(corner.get(0).asInt(), corner.get(1).asInt()));
                path.closePath();
            }
            boolean nucleus = feature.get("properties")
                    .get("classification")
                    .get("name")
                    .asText()
                    .startsWith("n");
            for (int i = 0; i < filled.length; i++) {
                if (path.contains(i % 40 + 0.5, i / 40 + 0.5)) {
                    filled[i] = (short) (nucleus ? 255 : 1);
                }
            }
            assertThat(ids.add(feature.get("id").asText())).isTrue();
        }
        assertThat(filled).isEqualTo(voxels);
    }

    @Test
    void a_file_is_what_the_stream_is(@TempDir Path folder) throws IOException {
        LabelMap mask = new LabelMap(Grid.ofPixels(1, 1), new short[] {1});
        GeoJson.write(mask, LABELS, folder.resolve("a.geojson"));

        assertThat(new ObjectMapper().readTree(folder.resolve("a.geojson").toFile()))
                .isEqualTo(read(mask));
    }

    private static long twiceArea(JsonNode ring) {
        long area = 0;
        for (int i = 1; i < ring.size(); i++) {
            area += ring.get(i - 1).get(0).asLong() * ring.get(i).get(1).asLong()
                    - ring.get(i).get(0).asLong() * ring.get(i - 1).get(1).asLong();
        }
        return area;
    }

    private static JsonNode read(LabelMap mask) throws IOException {
        var out = new ByteArrayOutputStream();
        GeoJson.write(mask, LABELS, out);
        return new ObjectMapper().readTree(out.toByteArray());
    }
}
