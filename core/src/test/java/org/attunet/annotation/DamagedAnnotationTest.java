package org.attunet.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files of objects end in a sentence. */
class DamagedAnnotationTest {
    private static final Grid GRID = Grid.ofPixels(40, 30);
    private static final String COCO = "{\"images\":[{\"id\":1,\"file_name\":\"x.png\",\"width\":40,\"height\":30}],"
            + "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"segmentation\":[[1,2,30,4,20.5,25]],\"iscrowd\":0},"
            + "{\"image_id\":1,\"segmentation\":{\"size\":[30,40],\"counts\":[100,50,20,30,1000]},\"iscrowd\":1}],"
            + "\"categories\":[{\"id\":1,\"name\":\"c\"}]}";
    private static final List<String> NASTY = List.of(
            "1e308", "-1e308", "NaN", "2147483648", "9223372036854775808", "-1", "1e999", "\"x\"", "null", "[]", "{}");

    @TempDir
    private Path folder;

    private void read(Path file) {
        ObjectFiles.source(file, Path.of("x.png")).read(Path.of("x.png"), GRID);
    }

    /** Whether it is refused; anything but a sentence fails the test. */
    private boolean isRefused(Path file) {
        try {
            read(file);
            return false;
        } catch (AttunetException e) {
            return true;
        }
    }

    private static byte[] changed(byte[] content, Random random) {
        byte[] bytes = content.clone();
        for (int k = 0; k <= random.nextInt(5); k++) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
        return random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }

    @Test
    void changed_files_end_in_a_sentence() throws Exception {
        Random random = new Random(7);
        int[] numbers = new int[GRID.voxels()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i % 40 < 20 ? 1 : i % 7 == 0 ? 2 : 0;
        }
        ObjectMap objects = new ObjectMap(GRID, numbers);
        Path zip = folder.resolve("a.zip");
        ObjectWriter.writeRois(objects, zip);
        Path json = folder.resolve("a.geojson");
        ObjectWriter.writeGeoJson(objects, Map.of(), List.of(), json);
        Path coco = Files.writeString(folder.resolve("a.json"), COCO);
        for (Path file : List.of(zip, json, coco)) {
            byte[] content = Files.readAllBytes(file);
            int refused = 0;
            for (int round = 0; round < 200; round++) {
                Files.write(file, changed(content, random));
                refused += isRefused(file) ? 1 : 0;
            }
            assertThat(refused).as(file.getFileName().toString()).isBetween(50, 200);
        }
    }

    @Test
    void numbers_that_no_file_should_hold_end_in_a_sentence() throws Exception {
        String feature =
                "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[5,6]]]}}";
        for (String nasty : NASTY) {
            for (String text : List.of(COCO, feature)) {
                String[] parts = text.split("(?<=[\\[,:])-?\\d+(\\.\\d+)?", -1);
                for (int k = 1; k < parts.length; k++) {
                    String changed = String.join("7", List.of(parts).subList(0, k))
                            + nasty
                            + String.join("7", List.of(parts).subList(k, parts.length));
                    String name = text.equals(COCO) ? "a.json" : "a.geojson";
                    isRefused(Files.writeString(folder.resolve(name), changed));
                }
            }
        }
    }

    @Test
    void a_zip_file_of_zeros_is_refused_before_it_fills_the_memory() throws Exception {
        Path file = folder.resolve("bomb.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int k = 0; k < 4; k++) {
                zip.putNextEntry(new ZipEntry("../../" + k + ".roi"));
                zip.write("Iout".getBytes(StandardCharsets.US_ASCII));
                zip.write(new byte[1 << 22]);
            }
        }
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("expand to more than 50 times the file");
    }

    @Test
    void huge_polygons_again_and_again_are_refused() throws Exception {
        Path file = folder.resolve("a.geojson");
        String one =
                "{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[-9e8,-9e8],[9e8,-9e8],[9e8,9e8],[-9e8,9e8]]]}}";
        Files.writeString(file, "[" + one + ("," + one).repeat(120) + "]");
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("cover the image more than 100 times");
        Files.writeString(file, "[".repeat(100_000));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it is not JSON");
    }

    @Test
    void an_oval_beyond_all_images_is_refused() throws Exception {
        ByteBuffer roi = ByteBuffer.allocate(128);
        roi.put("Iout".getBytes(StandardCharsets.US_ASCII))
                .putShort((short) 228)
                .put((byte) 2);
        roi.putShort(50, (short) 128).putFloat(22, -3e9f).putFloat(26, 9).putFloat(30, 4e9f);
        Path file = Files.write(folder.resolve("a.roi"), roi.array());
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("selection 1 lies at 0, -2147483648");
    }

    @Test
    void a_selection_that_claims_more_than_it_holds_is_refused() throws Exception {
        ByteBuffer roi = ByteBuffer.allocate(128);
        roi.put("Iout".getBytes(StandardCharsets.US_ASCII)).putShort((short) 228);
        roi.putInt(18, Integer.MAX_VALUE); // corners of a polygon
        Path file = folder.resolve("a.roi");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(roi.array());
        }
        assertThatThrownBy(() -> read(file)).hasMessageContaining("selection 1 has 2147483647 corners in 128 bytes");
        roi.put(6, (byte) 1).putInt(36, Integer.MAX_VALUE);
        Files.write(file, roi.array());
        assertThatThrownBy(() -> read(file)).hasMessageContaining("selection 1 has 2147483647 numbers in 128 bytes");
    }
}
