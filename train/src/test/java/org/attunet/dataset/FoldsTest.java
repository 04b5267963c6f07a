package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against numpy.random.RandomState(12345).shuffle, cut as scikit-learn's KFold does. */
class FoldsTest {
    @TempDir
    Path folder;

    private static List<String> ids(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> String.format("case_%03d", i))
                .toList();
    }

    private static List<List<Integer>> indices(int n) {
        return Folds.of(ids(n), 5).held().stream()
                .map(fold -> fold.stream()
                        .map(id -> Integer.valueOf(id.substring(5)))
                        .toList())
                .toList();
    }

    @Test
    void few_cases_are_held_out_in_numpys_order() {
        assertThat(indices(5)).containsExactly(List.of(0), List.of(4), List.of(3), List.of(1), List.of(2));
        assertThat(indices(7)).containsExactly(List.of(3, 6), List.of(0, 4), List.of(1), List.of(5), List.of(2));
    }

    @Test
    void hundreds_of_cases_are_held_out_as_numpy_has_them() {
        check(
                208,
                List.of(14, 16, 17, 19, 20, 27),
                List.of(4523, 4451, 4247, 3931, 4376),
                List.of(652835, 609097, 565819, 546525, 603764));
        check(
                240,
                List.of(9, 16, 20, 27, 30, 33),
                List.of(5766, 6039, 5451, 5455, 5969),
                List.of(910870, 987335, 828717, 885095, 967223));
        check(
                260,
                List.of(9, 10, 16, 18, 20, 30),
                List.of(6744, 6892, 6615, 6587, 6832),
                List.of(1150962, 1174134, 1141341, 1153151, 1205322));
    }

    /** The first fold's first six, and each fold's sum and sum of squares. */
    private static void check(int n, List<Integer> first, List<Integer> sums, List<Integer> squares) {
        List<List<Integer>> folds = indices(n);
        assertThat(folds.get(0).subList(0, 6)).isEqualTo(first);
        assertThat(folds).map(f -> f.stream().mapToInt(i -> i).sum()).isEqualTo(sums);
        assertThat(folds).map(f -> f.stream().mapToInt(i -> i * i).sum()).isEqualTo(squares);
    }

    @Test
    void a_folds_split_holds_out_its_cases_and_validates_on_a_tenth_of_the_others() {
        Map<String, String> hashes = new TreeMap<>();
        ids(50).forEach(id -> hashes.put(id, "hash of " + id));
        List<String> held = Folds.of(ids(50), 5).held().get(2);
        Split split = Split.holdingOut(hashes, held, 1);
        assertThat(split.test()).isEqualTo(held);
        assertThat(split.validation()).hasSize(4).doesNotContainAnyElementsOf(held);
        assertThat(split.train()).hasSize(36).doesNotContainAnyElementsOf(split.validation());
    }

    @Test
    void folds_come_back_from_their_file_and_a_damaged_one_is_refused() throws Exception {
        Path file = folder.resolve("folds.json");
        Folds folds = Folds.of(ids(11), 3);
        folds.write(file);
        assertThat(Folds.read(file)).isEqualTo(folds);
        Files.writeString(file, "{\"held_out\": [[\"a\"], [\"a\"]]}");
        assertThatThrownBy(() -> Folds.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no folds");
        assertThatThrownBy(() -> Folds.of(ids(4), 5)).isInstanceOf(ConfigException.class);
    }
}
