package org.attunet.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LengthUnit;
import org.attunet.io.Images;
import org.attunet.io.WholeNumbers;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectWriterTest {
    private static final Grid GRID = Grid.ofPixels(5, 4);

    /** An object with a hole that another fills, one in two pieces, one that touches itself at a corner. */
    private static final ObjectMap OBJECTS = new ObjectMap(GRID, new int[] {
        3, 3, 3, 0, 7, //
        3, 900, 3, 0, 0, //
        3, 3, 3, 7, 0, //
        0, 0, 0, 0, 7
    });

    @TempDir
    private Path folder;

    private static ObjectMap random(Grid grid, int largest) {
        return new ObjectMap(
                grid, new Random(3).ints(grid.voxels(), 0, largest + 1).toArray());
    }

    private ObjectMap read(Path file, Grid grid) {
        Path image = folder.resolve("image.png");
        if (!Files.exists(image)) {
            Images.write(Image.of(grid, new float[grid.voxels()]), image);
        }
        return ObjectFiles.source(file, image).read(image, grid).objects();
    }

    @Test
    void label_images_keep_every_number() {
        Grid volume = Grid.of(5, 4, 3);
        for (String name : List.of("a.png", "a.tif", "a.nii", "a.nii.gz", "v.tif", "v.nrrd", "v.nii.gz")) {
            Grid grid = name.startsWith("v") ? volume : GRID;
            for (int largest : new int[] {200, 65535, Integer.MAX_VALUE - 1}) {
                ObjectMap objects = random(grid, largest);
                Path file = folder.resolve(name);
                if (name.endsWith(".png") && largest > 65535) {
                    assertThatThrownBy(() -> ObjectWriter.writeLabels(objects, file))
                            .isInstanceOf(AttunetException.class)
                            .hasMessageContaining("at most 65535 in PNG");
                    continue;
                }
                ObjectWriter.writeLabels(objects, file);
                assertThat(WholeNumbers.read(file).values())
                        .as(name + " " + largest)
                        .isEqualTo(objects.numbers());
            }
        }
    }

    @Test
    void numbers_that_float32_cannot_tell_apart_are_refused() {
        Path file = folder.resolve("a.tif");
        Images.write(
                Image.of(GRID, new int[] {1, 1 << 25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), file);
        assertThatThrownBy(() -> WholeNumbers.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("number 33554432 in float32");
    }

    @Test
    void outlines_give_the_objects_back() {
        Path file = folder.resolve("a.geojson");
        ObjectWriter.writeGeoJson(OBJECTS, Map.of(7, "B"), ObjectMeasures.of(OBJECTS, null), file);
        AnnotatedObjects read = ObjectFiles.source(file, file).read(file, GRID);
        ObjectFilesTest.assertSameObjects(read.objects(), OBJECTS);
        assertThat(read.classes()).isEqualTo(Map.of(2, "B"));
        assertThat(file)
                .content()
                .contains("\"name\":\"900\",\"measurements\":{\"Area px^2\":1.0,")
                .contains("\"classification\":{\"name\":\"B\",\"color\":[47,211,155]}") // QuPath wants a colour
                .contains("\"MultiPolygon\"");
        Path zip = folder.resolve("a.zip");
        ObjectWriter.writeRois(OBJECTS, zip);
        ObjectFilesTest.assertSameObjects(read(zip, GRID), OBJECTS);
    }

    @Test
    void outlines_of_more_objects_than_labels_have_numbers() throws Exception {
        Grid grid = Grid.ofPixels(260, 260);
        int[] numbers = new int[grid.voxels()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i + 1;
        }
        Path file = folder.resolve("a.geojson");
        ObjectWriter.writeGeoJson(new ObjectMap(grid, numbers), Map.of(), List.of(), file);
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1 + numbers.length);
        assertThat(lines.get(numbers.length))
                .contains("[[259,259],[260,259],[260,260],[259,260],[259,259]]", "\"name\":\"67600\"");
    }

    @Test
    void volumes_have_no_outlines() {
        ObjectMap volume = random(Grid.of(5, 4, 3), 9);
        assertThatThrownBy(() -> ObjectWriter.writeRois(volume, folder.resolve("a.zip")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("outlines for a volume of 3 slices");
        assertThat(folder.resolve("a.zip")).doesNotExist();
    }

    @Test
    void tables_name_their_units_and_quote_kinds() throws Exception {
        Grid grid = Grid.of(new int[] {5, 4}, new double[] {0.5, 0.5}, LengthUnit.MICROMETRE);
        ObjectMap objects = new ObjectMap(grid, OBJECTS.numbers());
        Path file = folder.resolve("a.csv");
        ObjectWriter.writeTable(objects, Map.of(3, "=A,\"b\""), ObjectMeasures.of(objects, null), file);
        assertThat(Files.readAllLines(file).get(0))
                .isEqualTo("object,class,pixels,area_um2,centroid_x_um,centroid_y_um,box_x_from,box_y_from,box_x_to,"
                        + "box_y_to,outline_um,equivalent_diameter_um,circularity");
        assertThat(Files.readAllLines(file).get(1)).startsWith("3,\"'=A,\"\"b\"\"\",8,2,0.5,0.5,0,0,3,3,");
    }
}
