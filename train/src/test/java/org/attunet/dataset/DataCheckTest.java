package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCheckTest {
    @TempDir
    static Path folder;

    static DataSet phantoms;
    static List<Case.Pair> pairs;

    @BeforeAll
    static void write() {
        PhantomFiles.write(folder.resolve("data"), 12, 40, 128);
        phantoms = DataSets.open(folder.resolve("data"));
        pairs = phantoms.cases().stream().map(c -> c.read(phantoms.labels())).toList();
    }

    private static LabelMap moved(LabelMap mask, int dx, int dy, boolean mirrored) {
        Grid grid = mask.grid();
        short[] out = new short[mask.voxels().length];
        for (int y = 0; y < grid.size(1); y++) {
            for (int x = 0; x < grid.size(0); x++) {
                int fromX = mirrored ? grid.size(0) - 1 - x : x - dx;
                int fromY = y - dy;
                if (fromX >= 0 && fromY >= 0 && fromX < grid.size(0) && fromY < grid.size(1)) {
                    out[y * grid.size(0) + x] = mask.voxels()[fromY * grid.size(0) + fromX];
                }
            }
        }
        return new LabelMap(grid, out);
    }

    /** The verdict for phantoms whose masks are moved. */
    private static String verdict(int dx, int dy, boolean mirrored) {
        return verdict(pairs, dx, dy, mirrored);
    }

    private static String verdict(List<Case.Pair> cases, int dx, int dy, boolean mirrored) {
        List<Alignment> all = new ArrayList<>();
        cases.forEach(pair -> Alignment.of(pair.image(), moved(pair.labels(), dx, dy, mirrored))
                .ifPresent(all::add));
        return Alignment.verdict(all).orElse("");
    }

    /** Image and mask with the order of their rows reversed. */
    private static Case.Pair upsideDown(Case.Pair pair) {
        Grid grid = pair.image().grid();
        int width = grid.size(0);
        float[] image = new float[grid.voxels()];
        short[] mask = new short[grid.voxels()];
        for (int y = 0; y < grid.size(1); y++) {
            int from = (grid.size(1) - 1 - y) * width;
            System.arraycopy(pair.image().channel(0), from, image, y * width, width);
            System.arraycopy(pair.labels().voxels(), from, mask, y * width, width);
        }
        return new Case.Pair(Image.of(grid, image), new LabelMap(grid, mask));
    }

    @Test
    void masks_that_lie_on_their_images_raise_no_warning() {
        assertThat(verdict(0, 0, false)).isEmpty();
        assertThat(verdict(1, 0, false)).isEmpty();
        assertThat(DataCheck.of(phantoms, ProgressListener.NONE).notes(Split.of(phantoms, 1)))
                .isEmpty();
    }

    /**
     * The shift reported leads to where the masks fit best. For these phantoms that is one voxel towards lower y of where
     * they were drawn: a property of the images, since it turns over with them.
     */
    @Test
    void masks_that_are_shifted_by_four_voxels_or_more_are_found_with_the_way_to_their_best_fit() {
        assertThat(verdict(4, 0, false)).contains("shifted", "by about -4, -1 ");
        assertThat(verdict(-4, 0, false)).contains("shifted", "by about 4, -1 ");
        assertThat(verdict(0, 4, false)).contains("shifted", "by about 0, -5 ");
        assertThat(verdict(0, -4, false)).contains("shifted", "by about 0, 3 ");
        assertThat(verdict(-6, 5, false)).contains("shifted", "by about 6, -6 ");
        List<Case.Pair> turned = pairs.stream().map(DataCheckTest::upsideDown).toList();
        assertThat(verdict(turned, 4, 0, false)).contains("by about -4, 1 ");
        assertThat(verdict(turned, 0, 4, false)).contains("by about 0, -3 ");
        assertThat(verdict(turned, 0, -4, false)).contains("by about 0, 5 ");
    }

    @Test
    void mirrored_masks_are_found() {
        assertThat(verdict(0, 0, true)).contains("mirrored", "axis x");
    }

    @Test
    void few_cases_are_not_judged() {
        List<Alignment> few = pairs.stream()
                .limit(19)
                .flatMap(pair -> Alignment.of(pair.image(), moved(pair.labels(), 6, 0, false)).stream())
                .toList();
        assertThat(Alignment.verdict(few)).isEmpty();
    }

    @Test
    void a_brighter_copy_in_another_part_is_named_and_one_in_the_same_part_is_not() throws Exception {
        Path root = folder.resolve("copies");
        PhantomFiles.write(root, 2, 12, 64);
        Split before = Split.of(DataSets.open(root), 1);
        String original = before.test().get(0);
        Path image = root.resolve("images").resolve(original + ".nii.gz");
        Image read = Images.read(image);
        float[] brighter = read.channel(0).clone();
        for (int i = 0; i < brighter.length; i++) {
            brighter[i] = 1.2f * brighter[i] + 30 + i % 2;
        }
        for (int k = 0; k < 6; k++) { // of six copies some are in another part than the original
            Images.write(Image.of(read.grid(), brighter), root.resolve("images").resolve("copy" + k + ".nii.gz"));
            Files.copy(
                    root.resolve("masks").resolve(original + ".nii.gz"),
                    root.resolve("masks").resolve("copy" + k + ".nii.gz"));
            for (int i = 0; i < brighter.length; i += 7) {
                brighter[i] += 1;
            }
        }
        DataSet set = DataSets.open(root);
        List<String> everyone = set.cases().stream().map(Case::id).toList();
        Split apart = new Split(
                1,
                everyone.stream().filter(id -> !id.equals(original)).toList(),
                List.of(original),
                List.of(),
                before.hashes());
        DataCheck check = DataCheck.of(set, ProgressListener.NONE);
        assertThat(check.notes(apart)).singleElement().asString().contains("copy0 and " + original, "and 1 more pairs");
        Split together = new Split(1, everyone, List.of("phantom_none"), List.of(), before.hashes());
        assertThat(check.notes(together)).isEmpty();
    }

    @Test
    void the_real_sets_raise_no_alarm_about_their_masks() {
        String place = System.getenv("ATTUNET_DATA");
        assumeTrue(place != null, "ATTUNET_DATA names no folder of real data");
        for (String name : List.of("Task04_Hippocampus", "dsb2018")) {
            DataSet set = DataSets.open(Path.of(place).resolve(name));
            assertThat(DataCheck.of(set, ProgressListener.NONE).masks())
                    .as(name)
                    .isEmpty();
        }
    }
}
