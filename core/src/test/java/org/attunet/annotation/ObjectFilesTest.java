package org.attunet.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.objects.ObjectMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectFilesTest {
    private static final Grid GRID = Grid.ofPixels(4, 2);

    @TempDir
    private Path folder;

    private void image(String name) {
        Images.write(Image.of(GRID, new float[8]), folder.resolve(name));
    }

    private void mask(String name, int... values) {
        short[] labels = new short[values.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (short) values[i];
        }
        Images.write(new LabelMap(GRID, labels), folder.resolve(name));
    }

    private ObjectCases found(boolean objects) {
        return ObjectFiles.find(folder, objects).orElseThrow();
    }

    private AnnotatedObjects only() {
        return found(true).cases().get(0).read(GRID);
    }

    @Test
    void a_mask_for_each_object_as_the_data_science_bowl_has_them() {
        image("a/images/a.png");
        mask("a/masks/1.png", 255, 255, 0, 0, 0, 0, 0, 0);
        mask("a/masks/2.png", 0, 0, 0, 255, 0, 0, 0, 255);
        image("b/images/b.png");
        ObjectCases found = found(false);
        assertThat(found.layout()).isEqualTo(ObjectLayout.MASK_FILES);
        assertThat(found.notes())
                .containsExactly("1 folder in " + folder.getFileName() + " without masks/ left out: b");
        assertThat(found.cases()).extracting(ObjectCase::id).containsExactly("a");
        AnnotatedObjects read = found.cases().get(0).read(GRID);
        assertThat(read.objects().numbers()).containsExactly(1, 1, 0, 2, 0, 0, 0, 2);
        assertThat(read.notes()).isEmpty();
    }

    @Test
    void a_pixel_of_several_masks_belongs_to_the_smallest_object_in_any_order() {
        image("images/a.png");
        mask("masks/a/1.png", 1, 0, 0, 0, 0, 0, 0, 0);
        mask("masks/a/2.png", 9, 9, 9, 9, 0, 0, 0, 0);
        mask("masks/a/3.png", 0, 0, 1, 1, 0, 0, 0, 0);
        mask("masks/a/4.png", 0, 0, 1, 1, 0, 0, 0, 0);
        mask("masks/a/5.png", 0, 0, 0, 0, 0, 0, 0, 0);
        AnnotatedObjects read = only();
        assertThat(read.objects().numbers()).containsExactly(1, 2, 3, 3, 0, 0, 0, 0);
        assertThat(read.notes())
                .containsExactly(
                        "3 pixels are part of several objects, and given to the smallest of them",
                        "1 object lies wholly under others that aren't larger, and left out",
                        "1 object holds no pixel of the image, and left out");
    }

    @Test
    void parts_of_a_data_set_with_many_images_each_are_no_objects() {
        image("train/images/a.png");
        image("train/images/b.png");
        mask("train/masks/a.png", 0, 1, 0, 0, 0, 0, 0, 0);
        assertThat(ObjectFiles.find(folder, true)).isEmpty();
    }

    @Test
    void masks_of_one_object_hold_one_value() {
        image("images/a.png");
        mask("masks/a/1.png", 1, 2, 0, 0, 0, 0, 0, 0);
        assertThatThrownBy(this::only)
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("1.png: the mask holds 1 and 2; expected one value");
    }

    @Test
    void label_images_of_cellpose_beside_their_images() {
        image("a_img.png");
        mask("a_cp_masks.png", 0, 1, 0, 0, 0, 0, 300, 0);
        image("b.png");
        mask("b_masks.tif", 0, 1, 0, 0, 0, 0, 0, 7);
        ObjectCases found = found(true);
        assertThat(found.layout()).isEqualTo(ObjectLayout.LABEL_IMAGES);
        assertThat(found.cases()).extracting(ObjectCase::id).containsExactly("a_img", "b");
        assertThat(found.cases().get(0).read(GRID).objects().numbers()).containsExactly(0, 1, 0, 0, 0, 0, 300, 0);
        assertThat(found.cases().get(1).read(GRID).objects().numbers()).containsExactly(0, 1, 0, 0, 0, 0, 0, 7);
        assertThat(ObjectFiles.find(folder, false))
                .as("two values may be classes")
                .isEmpty();
    }

    @Test
    void numbered_masks_of_an_image_are_objects_if_the_user_says_so() {
        image("images/a.png");
        mask("masks/a_mask.png", 255, 0, 0, 0, 0, 0, 0, 0);
        mask("masks/a_mask_1.png", 0, 0, 0, 255, 0, 0, 0, 0);
        assertThat(only().objects().numbers()).containsExactly(1, 0, 0, 2, 0, 0, 0, 0);
        assertThat(ObjectFiles.find(folder, false)).isEmpty();
    }

    @Test
    void many_values_in_one_piece_each_are_objects() {
        int[] objects = new int[400];
        int[] classes = new int[400];
        for (int k = 0; k < 12; k++) {
            objects[k * 33] = k + 1;
            objects[k * 33 + 21] = k + 1; // connected at a corner
            classes[k * 33] = k % 3 + 1;
        }
        Grid grid = Grid.ofPixels(20, 20);
        assertThat(ObjectFiles.looksLikeObjects(List.of(new ObjectMap(grid, objects))))
                .isTrue();
        assertThat(ObjectFiles.looksLikeObjects(List.of(new ObjectMap(grid, classes))))
                .isFalse();
        assertThat(ObjectFiles.looksLikeObjects(List.of(new ObjectMap(grid, objects), new ObjectMap(grid, objects))))
                .as("as many organs in each image")
                .isFalse();
    }

    /** Public data, CC0: the same objects in two layouts. */
    @Test
    void the_download_of_the_data_science_bowl_equals_its_label_images() {
        String place = System.getenv("ATTUNET_DATA");
        assumeTrue(place != null, "skipped: ATTUNET_DATA does not name a folder with the real data sets");
        Path root = Path.of(place, "dsb2018_objects");
        ObjectCases downloaded =
                ObjectFiles.find(root.resolve("as_downloaded"), false).orElseThrow();
        ObjectCases labels = ObjectFiles.find(Path.of(place, "dsb2018", "images"), root.resolve("labels"), false)
                .orElseThrow();
        assertThat(labels.cases()).hasSize(240);
        Map<String, ObjectCase> byId = new HashMap<>();
        labels.cases().forEach(one -> byId.put(one.id(), one));
        assertThat(downloaded.cases()).hasSize(8).allSatisfy(one -> {
            Grid grid = one.image().readGrid();
            AnnotatedObjects read = one.read(grid);
            assertThat(read.notes()).isEmpty();
            assertSameObjects(read.objects(), byId.get(one.id()).read(grid).objects());
        });
    }

    /** Whether the numbers of two maps stand for the same voxels, one to one. */
    static void assertSameObjects(ObjectMap one, ObjectMap other) {
        Map<Integer, Integer> there = new HashMap<>();
        Map<Integer, Integer> back = new HashMap<>();
        boolean same = true;
        for (int i = 0; i < one.numbers().length; i++) {
            int a = one.numbers()[i];
            int b = other.numbers()[i];
            same &= there.merge(a, b, (before, now) -> before) == b
                    && back.merge(b, a, (before, now) -> before) == a
                    && (a == 0) == (b == 0);
        }
        assertThat(same).isTrue();
    }
}
