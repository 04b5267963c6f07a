package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitTest {
    private static Map<String, String> cases(int n, long order) {
        List<Integer> numbers = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            numbers.add(k);
        }
        Collections.shuffle(numbers, new Random(order));
        Map<String, String> cases = new LinkedHashMap<>();
        numbers.forEach(k -> cases.put("case" + k, String.format("%016x", k)));
        return cases;
    }

    @ParameterizedTest
    @CsvSource({
        "208, 150, 16, 42",
        "240, 176, 16, 48",
        "50, 36, 4, 10",
        "10, 7, 1, 2",
        "4, 2, 1, 1",
        "3, 1, 1, 1",
        "2, 1, 1, 0"
    })
    void a_fifth_is_held_out_and_a_tenth_of_the_rest_validates(int n, int train, int validation, int test) {
        Split split = Split.of(cases(n, 1), 5);
        assertThat(split.train()).hasSize(train);
        assertThat(split.validation()).hasSize(validation);
        assertThat(split.test()).hasSize(test);
        var all = new HashSet<>(split.train());
        all.addAll(split.validation());
        all.addAll(split.test());
        assertThat(all).isEqualTo(cases(n, 2).keySet());
        assertThat(all)
                .hasSize(split.train().size()
                        + split.validation().size()
                        + split.test().size());
    }

    @Test
    void a_single_case_trains_and_validates_and_a_note_says_so() {
        Split split = Split.of(cases(1, 1), 5);
        assertThat(split.train()).isEqualTo(split.validation()).hasSize(1);
        assertThat(split.notes().get(0)).contains("nothing is held out");
    }

    @Test
    void where_nothing_is_held_out_all_others_are_learnt_from() {
        Split split = Split.holdingOut(cases(208, 1), List.of(), 5);
        assertThat(split.test()).isEmpty();
        assertThat(split.validation()).hasSize(16);
        assertThat(split.train()).hasSize(192).doesNotContainAnyElementsOf(split.validation());
        assertThat(split.notes()).singleElement().asString().contains("nothing is held out");
    }

    @Test
    void the_parts_follow_from_the_seed_and_not_from_the_order() {
        assertThat(Split.of(cases(60, 1), 5)).isEqualTo(Split.of(cases(60, 2), 5));
        assertThat(Split.of(cases(60, 1), 5).test())
                .isNotEqualTo(Split.of(cases(60, 1), 6).test());
    }

    @Test
    void a_new_case_moves_only_those_at_the_borders() {
        Split before = Split.of(cases(60, 1), 5);
        Split after = Split.of(cases(61, 1), 5);
        List<String> moved = new ArrayList<>(before.test());
        moved.removeAll(after.test());
        assertThat(moved).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void renamed_files_stay_in_their_part_and_copies_in_two_parts_are_noted() {
        Map<String, String> renamed = new LinkedHashMap<>();
        cases(60, 1).forEach((id, hash) -> renamed.put("new " + id, hash));
        assertThat(Split.of(renamed, 5).test())
                .isEqualTo(Split.of(cases(60, 1), 5).test().stream()
                        .map(id -> "new " + id)
                        .toList());
        Split copies = new Split(1, List.of("a"), List.of("b"), List.of("c"), Map.of("a", "1", "b", "2", "c", "1"));
        assertThat(copies.notes()).anySatisfy(note -> assertThat(note).contains("a and c hold the same image"));
    }

    @Test
    void a_few_cases_keep_their_parts_and_a_fifth_of_them_is_held_out() {
        Map<String, String> hashes = new TreeMap<>();
        for (int k = 0; k < 60; k++) {
            hashes.put("case " + k, "hash " + k);
        }
        Split all = Split.of(hashes, 5);
        Split few = all.withCases(20);
        assertThat(few.count()).isEqualTo(20);
        assertThat(few.test()).hasSize(4);
        assertThat(all.test()).containsAll(few.test());
        assertThat(few.validation()).hasSize(2);
        assertThat(few.train()).doesNotContainAnyElementsOf(all.test()).hasSize(14);
        assertThat(few.hashes()).isEqualTo(all.hashes());
        assertThat(all.withCases(20)).isEqualTo(few);
        assertThat(Split.of(hashes, 6).withCases(20).train()).isNotEqualTo(few.train());
        assertThat(all.withCases(60)).isEqualTo(all);
        assertThat(all.withCases(1000)).isEqualTo(all);
        assertThat(all.withCases(1).count()).isEqualTo(1);
        assertThat(all.withCases(2).test()).isEmpty();
        assertThat(all.holdingOut(List.of()).withCases(20).test()).isEmpty();
        assertThat(few.notes()).isEmpty();
        assertThat(all.withCases(6).notes()).anyMatch(note -> note.contains("only 6 cases"));
        assertThatThrownBy(() -> all.withCases(0)).hasMessageContaining("cases");
    }

    @Test
    void writing_and_reading_gives_the_same_split(@TempDir Path folder) {
        Split split = Split.of(cases(30, 1), -5);
        split.write(folder.resolve("split.json"));
        assertThat(Split.read(folder.resolve("split.json"))).isEqualTo(split);
    }

    @Test
    void the_content_reports_the_part_whatever_the_name() {
        Split split = Split.of(cases(30, 1), 5);
        String id = split.test().get(0);
        assertThat(split.partOf(split.hashes().get(id))).contains(Split.Part.TEST);
        assertThat(split.partOf(split.hashes().get(split.train().get(0)))).contains(Split.Part.TRAIN);
        assertThat(split.partOf("ffffffffffffffff")).isEmpty();
    }

    @Test
    void a_broken_split_is_refused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("split.json");
        assertThatThrownBy(() -> Split.read(file)).isInstanceOf(AttunetException.class);
        for (String text : List.of("", "[", "[]", "{\"seed\": 1}", "{\"seed\": 1, \"hashes\": {}, \"train\": 3}")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> Split.read(file))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("split.json");
        }
    }

    @Test
    void the_hash_is_the_beginning_of_sha_256(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("a.png");
        Files.writeString(file, "abc");
        // FIPS 180-2, appendix B.1
        assertThat(new Case(new ImageCase("a", List.of(file)), file).contentHash())
                .isEqualTo("ba7816bf8f01cfea");
    }
}
