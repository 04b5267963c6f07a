package org.attunet.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCheckTest {
    @TempDir
    static Path folder;

    static DataSet phantoms;

    @BeforeAll
    static void write() {
        PhantomFiles.write(folder.resolve("data"), 1, 24, 128);
        phantoms = DataSets.open(folder.resolve("data"));
    }

    @Test
    void different_cases_raise_no_warning() {
        assertThat(DataCheck.notes(phantoms, Split.of(phantoms, 1), Progress.NONE))
                .isEmpty();
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
        assertThat(DataCheck.notes(set, apart, Progress.NONE))
                .singleElement()
                .asString()
                .contains("copy0 and " + original, "and 1 more pairs");
        Split together = new Split(1, everyone, List.of("phantom_none"), List.of(), before.hashes());
        assertThat(DataCheck.notes(set, together, Progress.NONE)).isEmpty();
    }
}
