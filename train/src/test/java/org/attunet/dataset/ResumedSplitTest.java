package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumedSplitTest {
    private static final Path DATA = Path.of("data");
    private static final Path RUN = Path.of("run");

    @TempDir
    Path folder;

    /** Four cases whose images are 1 to 4, in three parts; the masks' hashes are the ids'. */
    private static Split known() {
        Map<String, String> images = Map.of("a", "1", "b", "2", "c", "3", "d", "4");
        Map<String, String> contents = Map.of("a", "1a", "b", "2b", "c", "3c", "d", "4d");
        return new Split(1, List.of("a", "b"), List.of("c"), List.of("d"), images, contents);
    }

    /** A data set's split of cases given as id, image, content. */
    private static Split data(String... triples) {
        Map<String, String> images = new TreeMap<>();
        Map<String, String> contents = new TreeMap<>();
        for (int i = 0; i < triples.length; i += 3) {
            images.put(triples[i], triples[i + 1]);
            contents.put(triples[i], triples[i + 2]);
        }
        List<String> ids = List.copyOf(images.keySet());
        return new Split(2, ids, ids, List.of(), images, contents);
    }

    private static ResumedSplit resumed(Split known, Split data) {
        return ResumedSplit.of(known, data, DATA, RUN);
    }

    @Test
    void the_same_data_give_the_same_split_without_a_note() {
        ResumedSplit resumed = resumed(known(), data("a", "1", "1a", "b", "2", "2b", "c", "3", "3c", "d", "4", "4d"));
        assertThat(resumed.split()).isEqualTo(known());
        assertThat(resumed.notes()).isEmpty();
    }

    @Test
    void other_images_other_masks_and_missing_cases_are_refused_and_named() {
        Split other = data("a", "9", "9a", "b", "2", "2x", "c", "3", "3c", "e", "5", "5e");
        assertThatThrownBy(() -> resumed(known(), other))
                .isInstanceOf(AttunetException.class)
                .hasMessage(
                        "data: of the 4 cases of the training in run, 1 with another image (a), 1 with another mask or"
                                + " further channel (b), 1 missing (d); expected the files with which that training began."
                                + " Remedy: restore them, or train on this data in another folder, for instance with --from run"
                                + " to begin with the weights.");
    }

    @Test
    void renamed_cases_keep_their_part_and_place_and_are_noted() {
        Split renamed = data("z", "1", "1a", "b", "2", "2b", "d", "3", "3c", "c", "4", "4d");
        ResumedSplit resumed = resumed(known(), renamed);
        assertThat(resumed.split().train()).containsExactly("z", "b"); // in the order in which batches are drawn
        assertThat(resumed.split().validation()).containsExactly("d");
        assertThat(resumed.split().test()).containsExactly("c");
        assertThat(resumed.split().hashes()).containsEntry("z", "1").containsEntry("c", "4");
        assertThat(resumed.notes())
                .containsExactly("3 cases (a is now z, c is now d, d is now c): renamed since the training began, and"
                        + " recognised by content");
    }

    @Test
    void further_cases_are_noted_and_those_that_the_run_left_out_are_not() {
        Split few = new Split(1, List.of("a"), List.of("c"), List.of("d"), known().hashes(), known().contents());
        Split more = data("a", "1", "1a", "b", "2", "2b", "c", "3", "3c", "d", "4", "4d", "e", "1", "1e");
        ResumedSplit resumed = resumed(few, more);
        assertThat(resumed.split().train()).containsExactly("a");
        assertThat(resumed.notes())
                .containsExactly("1 case (e): unknown to the training in run, which continues without; only a new"
                        + " training would use them");
    }

    @Test
    void runs_of_older_versions_are_recognised_by_their_images_alone() {
        Split old = new Split(1, List.of("a", "b"), List.of("c"), List.of("d"), known().hashes());
        Split otherMask = data("a", "1", "1a", "b", "2", "2x", "c", "3", "3c", "d", "4", "4d");
        assertThat(resumed(old, otherMask).split().train()).containsExactly("a", "b");
        assertThatThrownBy(() -> resumed(old, data("a", "9", "1a", "b", "2", "2b", "c", "3", "3c", "d", "4", "4d")))
                .hasMessageContaining("1 with another image (a)");
    }

    @Test
    void copies_of_one_image_are_found_one_for_each() {
        Split copies = new Split(
                1, List.of("a"), List.of("b"), List.of(), Map.of("a", "1", "b", "1"), Map.of("a", "1m", "b", "1m"));
        assertThat(resumed(copies, data("x", "1", "1m", "y", "1", "1m")).split().train())
                .containsExactly("x");
        assertThatThrownBy(() -> resumed(copies, data("x", "1", "1m"))).hasMessageContaining("1 missing (b)");
    }

    @Test
    void the_content_of_a_case_covers_its_mask() throws Exception {
        PhantomFiles.write(folder, 1, 3, 64);
        Split before = Split.of(DataSets.open(folder), 1);
        Path masks = folder.resolve("masks");
        List<String> ids = List.copyOf(before.hashes().keySet());
        Files.copy(
                masks.resolve(ids.get(1) + ".nii.gz"),
                masks.resolve(ids.get(0) + ".nii.gz"),
                StandardCopyOption.REPLACE_EXISTING);
        Split after = Split.of(DataSets.open(folder), 1);
        assertThat(after.hashes()).isEqualTo(before.hashes());
        assertThatThrownBy(() -> resumed(before, after))
                .hasMessageContaining("1 with another mask or further channel (" + ids.get(0) + ")");
        before.write(folder.resolve("split.json"));
        assertThat(Split.read(folder.resolve("split.json"))).isEqualTo(before);
    }
}
