package org.attunet.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.geom.Path2D;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** COCO's and QuPath's files. */
class OutlinesTest {
    /** rleEncode and rleToString of cocoapi's maskApi.c for {@link #MASK}. */
    private static final String COMPRESSED = "01<2GNN02200:N";

    private static final String COUNTS = "[0, 1, 12, 3, 3, 1, 1, 1, 3, 3, 3, 3, 13, 1]";

    private static final int[] MASK = {
        1, 0, 0, 0, 0, 0, 0, 0, //
        0, 0, 1, 1, 1, 1, 0, 0, //
        0, 0, 1, 0, 1, 1, 0, 0, //
        0, 0, 1, 1, 1, 1, 0, 0, //
        0, 0, 0, 0, 0, 0, 0, 0, //
        0, 0, 0, 0, 0, 0, 0, 1
    };
    private static final Grid GRID = Grid.ofPixels(8, 6);

    @TempDir
    private Path folder;

    private Path save(String name, String text) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text.replace('\'', '"'));
    }

    private AnnotatedObjects read(String name, String text, Grid grid) throws Exception {
        return ObjectFiles.source(save(name, text), Path.of("x.png")).read(Path.of("x.png"), grid);
    }

    private static String coco(String... annotations) {
        return "{'categories': [{'id': 3, 'name': 'cell'}], 'annotations': [" + String.join(",", annotations)
                + "], 'images': [{'id': 7, 'file_name': 'sub/x.png', 'width': 8, 'height': 6}, {'id': 8, 'file_name': 'y.png'}]}";
    }

    private static String annotation(String segmentation, int crowd) {
        return "{'id': 1, 'image_id': 7, 'category_id': 3, 'segmentation': " + segmentation + ", 'iscrowd': " + crowd
                + "}";
    }

    @Test
    void run_lengths_of_coco() throws Exception {
        for (String counts : new String[] {COUNTS, "'" + COMPRESSED + "'"}) {
            AnnotatedObjects read =
                    read("a.json", coco(annotation("{'size': [6, 8], 'counts': " + counts + "}", 0)), GRID);
            assertThat(read.objects().numbers()).isEqualTo(MASK);
            assertThat(read.classes()).isEqualTo(Map.of(1, "cell"));
        }
    }

    @Test
    void polygons_crowds_and_boxes_of_coco() throws Exception {
        String polygons = "[[0, 0, 2, 0, 2, 1, 0, 1], [5, 5, 8, 5, 8, 99, 5, 99]]";
        String other = "{'id': 2, 'image_id': 8, 'segmentation': [[0, 0, 8, 0, 8, 6, 0, 6]]}";
        String crowd = annotation("[[1, 0, 4, 0, 4, 1, 1, 1]]", 1);
        AnnotatedObjects read =
                read("a.json", "\ufeff" + coco(annotation(polygons, 0), other, crowd, annotation("[]", 0)), GRID);
        assertThat(read.objects().numbers()).startsWith(1, 1, 0).endsWith(0, 1, 1, 1);
        assertThat(read.unjudged().stream()).containsExactly(2, 3);
        assertThat(read.notes())
                .containsExactly(
                        "1 crowd in COCO's sense, left out of the judgement",
                        "1 annotation without a segmentation, left out");
    }

    @Test
    void coco_of_another_image_is_refused() {
        assertThatThrownBy(() -> read("a.json", coco(annotation("[[0,0,1,0,1,1]]", 0)), Grid.ofPixels(6, 8)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it lists x.png with 8 x 6 pixels; expected 6 x 8");
        assertThatThrownBy(() -> read("a.json", coco(annotation("{'size': [6, 8], 'counts': '0'}", 0)), GRID))
                .hasMessageContaining("run lengths of 0 pixels in all; expected the image's 48");
        assertThatThrownBy(() -> read("a.json", coco(annotation("[[0, 1, 2]]", 0)), GRID))
                .hasMessageContaining("isn't a list of coordinates");
    }

    @Test
    void qupath_features() throws Exception {
        String square =
                "{'type': 'Polygon', 'coordinates': [[[0,0],[3,0],[3,3],[0,3],[0,0]], [[1,1],[1,2],[2,2],[2,1],[1,1]]]}";
        String two =
                "{'type': 'MultiPolygon', 'coordinates': [[[[5,0],[6,0],[6,1],[5,1]]], [[[7,0],[8,0],[8,1],[7,1]]]]}";
        String features = "["
                + feature(square, "'objectType': 'detection', 'classification': {'name': 'Tumor', 'color': [1,2,3]}")
                + "," + feature(two, "'objectType': 'annotation'")
                + "," + feature("{'type': 'Point', 'coordinates': [1, 1]}", "")
                + "," + feature(square, "'objectType': 'tile'")
                + ","
                + feature(
                        "{'type': 'Polygon', 'coordinates': [[[0,5],[8,5],[8,6],[0,6]]]}",
                        "'classification': {'name': 'Ignore*'}")
                + "]";
        for (String text : new String[] {features, "{'type': 'FeatureCollection', 'features': " + features + "}"}) {
            AnnotatedObjects read = read("a.geojson", text, GRID);
            assertThat(read.objects().numbers())
                    .startsWith(1, 1, 1, 0, 0, 2, 0, 2, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0);
            assertThat(read.unjudged().cardinality()).isEqualTo(8);
            assertThat(read.classes()).isEqualTo(Map.of(1, "Tumor"));
            assertThat(read.notes())
                    .containsExactly(
                            "1 feature without a polygon, left out",
                            "1 feature of kinds that are no objects (tile, core, class*), left out",
                            "1 feature of the class Ignore*, without judgement");
        }
        assertThat(read("b.geojson", feature(square, ""), GRID).objects().largest())
                .isEqualTo(1);
    }

    /** What QuPath 0.2 to 0.7 writes or reads besides. */
    @Test
    void qupaths_nested_and_old_features() throws Exception {
        String pixel = "{'type': 'Polygon', 'coordinates': [[[%1$d,0],[%2$d,0],[%2$d,1],[%1$d,1]]]}";
        String inner = feature(pixel.formatted(1, 2), "'objectType': 'detection', 'measurements': {'Area': NaN}");
        String outer = feature(
                pixel.formatted(0, 3),
                "'objectType': 'annotation', 'classification': 'Tumor', 'childObjects': [" + inner + "]");
        String root = feature("{}", "'objectType': 'root', 'children': [" + outer + "]");
        for (String text : new String[] {outer, root, "{'type': 'FeatureCollection', 'features': [" + outer + "]}"}) {
            AnnotatedObjects read = read("a.geojson", text, GRID);
            assertThat(read.objects().numbers()).startsWith(1, 2, 1, 0);
            assertThat(read.classes()).isEqualTo(Map.of(1, "Tumor"));
        }
        String old = feature(
                pixel.formatted(0, 1),
                "'classification': {'name': 'Positive', 'parentClass': {'name': 'Tumor', 'parentClass': null}}");
        String collection = "{'type': 'FeatureCollection', 'features': ["
                + feature(pixel.formatted(2, 3), "'type': 'tile'") + ","
                + feature(pixel.formatted(3, 4), "'classification': {'name': 'Other*'}") + ","
                + feature("{'type': 'Polygon', 'coordinates': []}", "") + "]}";
        AnnotatedObjects read = read("a.json", "[" + old + "," + pixel.formatted(1, 2) + "," + collection + "]", GRID);
        assertThat(read.objects().numbers()).startsWith(1, 2, 0, 0);
        assertThat(read.classes()).isEqualTo(Map.of(1, "Tumor: Positive"));
        assertThat(read.notes())
                .containsExactly(
                        "1 feature without a polygon, left out",
                        "2 features of kinds that are no objects (tile, core, class*), left out");
    }

    @Test
    void compressed_geojson_is_refused_by_name() throws Exception {
        Images.write(Image.of(GRID, new float[48]), folder.resolve("images/x.png"));
        Path zip = folder.resolve("masks/x.zip");
        Files.createDirectories(zip.getParent());
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("x.geojson"));
            out.write("[]".getBytes(StandardCharsets.UTF_8));
        }
        String sentence = "x.zip: compressed GeoJSON; expected GeoJSON as it is";
        assertThatThrownBy(() -> ObjectFiles.source(zip, zip)).hasMessageContaining(sentence);
        assertThatThrownBy(() -> ObjectFiles.find(folder.resolve("images"), zip.getParent(), true))
                .hasMessageContaining(sentence);
    }

    @Test
    void an_annotation_around_several_detections_is_no_object() throws Exception {
        String square = "{'type': 'Polygon', 'coordinates': [[[%1$d,0],[%2$d,0],[%2$d,%3$d],[%1$d,%3$d]]]}";
        String[] detections = {
            feature(square.formatted(1, 3, 2), "'objectType': 'detection'"),
            feature(
                    square.formatted(4, 6, 2),
                    "'objectType': 'cell', 'classification': {'names': ['Tumor', 'Positive']}"),
            feature(square.formatted(7, 8, 2), "'objectType': 'annotation'")
        };
        String tissue = feature(square.formatted(0, 8, 6), "'objectType': 'annotation'");
        AnnotatedObjects read = read("a.geojson", "[" + tissue + "," + String.join(",", detections) + "]", GRID);
        assertThat(read.objects().numbers())
                .startsWith(0, 1, 1, 0, 2, 2, 0, 3, 0, 1)
                .endsWith(0, 0, 0);
        assertThat(read.notes()).containsExactly("1 annotation around several detections, left out");
        assertThat(read.classes()).isEqualTo(Map.of(2, "Tumor: Positive"));
        assertThat(read("a.geojson", "[" + tissue + "," + detections[0] + "]", GRID)
                        .objects()
                        .largest())
                .isEqualTo(2);
    }

    @Test
    void images_of_one_name_in_two_folders_and_annotations_of_none() throws Exception {
        for (String image : new String[] {"images/s1/x.png", "images/s2/x.png"}) {
            Images.write(Image.of(GRID, new float[48]), folder.resolve(image));
        }
        String square = "{'image_id': %d, 'segmentation': [[0, 0, %2$d, 0, %2$d, 1, 0, 1]]}";
        save(
                "a.json",
                "{'images': [{'id': 1, 'file_name': 's1/x.png'}, {'id': 2, 'file_name': 's2/x.png'}], 'annotations': ["
                        + square.formatted(1, 1) + "," + square.formatted(2, 2) + "," + square.formatted(3, 3) + "]}");
        ObjectCases found = ObjectFiles.find(folder, false).orElseThrow();
        assertThat(found.cases()).extracting(ObjectCase::id).containsExactly("s1_x", "s2_x");
        assertThat(found.cases().get(1).read(GRID).objects().numbers()).startsWith(1, 1, 0);
        assertThat(found.notes()).containsExactly("1 annotation in a.json of images that it doesn't list, left out");

        save("a.json", "{'images': [], 'annotations': [{'id': 1}, {'id"); // as a stopped download leaves it
        assertThatThrownBy(() -> ObjectFiles.find(folder, false))
                .hasMessageContaining("a.json: it is not JSON (line 1");
    }

    private static String feature(String geometry, String properties) {
        return "{'type': 'Feature', 'id': 'x', 'geometry': " + geometry + ", 'properties': {" + properties + "}}";
    }

    /** Java2D decides by its own rules whether a pixel's centre is inside, also on the border. */
    @Test
    void a_polygon_holds_the_centres_that_java2d_finds_in_it() throws Exception {
        Random random = new Random(5);
        Grid grid = Grid.ofPixels(30, 20);
        for (int round = 0; round < 100; round++) {
            Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            StringBuilder ring = new StringBuilder();
            for (int i = 0; i < 3 + round % 9; i++) {
                double scale = round % 2 == 0 ? 4 : 1000;
                double x = Math.rint((random.nextDouble() * 40 - 5) * scale) / scale;
                double y = Math.rint((random.nextDouble() * 30 - 5) * scale) / scale;
                ring.append(String.format(Locale.ROOT, "%s[%s,%s]", i == 0 ? "" : ",", x, y));
                if (i == 0) {
                    path.moveTo(x, y);
                } else {
                    path.lineTo(x, y);
                }
            }
            path.closePath();
            int[] expected = new int[grid.voxels()];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = path.contains(i % 30 + 0.5, i / 30 + 0.5) ? 1 : 0;
            }
            String geometry = "{'type': 'Polygon', 'coordinates': [[" + ring + "]]}";
            assertThat(read("a.geojson", feature(geometry, ""), grid).objects().numbers())
                    .as("round " + round)
                    .isEqualTo(expected);
        }
    }

    @Test
    void data_sets_of_outlines_are_recognised() throws Exception {
        Images.write(Image.of(GRID, new float[48]), folder.resolve("c/images/x.png"));
        save("c/annotations/a.json", coco(annotation("[[0, 0, 2, 0, 2, 1, 0, 1]]", 0)));
        ObjectCases coco = ObjectFiles.find(folder.resolve("c"), false).orElseThrow();
        assertThat(coco.layout()).isEqualTo(ObjectLayout.COCO);
        assertThat(coco.notes()).containsExactly("1 image in a.json without a file left out: y.png");
        assertThat(coco.cases().get(0).read(GRID).objects().numbers()).startsWith(1, 1, 0);

        Images.write(Image.of(GRID, new float[48]), folder.resolve("q/x.ome.tif"));
        save("q/x.geojson", "[]");
        assertThat(ObjectFiles.find(folder.resolve("q"), false).orElseThrow().layout())
                .isEqualTo(ObjectLayout.GEOJSON);

        Images.write(Image.of(GRID, new float[48]), folder.resolve("r/x.tif"));
        Files.write(folder.resolve("r/x.roi"), new byte[0]);
        assertThat(ObjectFiles.find(folder.resolve("r"), false).orElseThrow().layout())
                .isEqualTo(ObjectLayout.IMAGEJ_ROIS);
        assertThatThrownBy(() -> ObjectFiles.find(folder.resolve("r"), false)
                        .orElseThrow()
                        .cases()
                        .get(0)
                        .read(GRID))
                .hasMessageContaining("x.roi: selection 1 ends too early");
    }
}
