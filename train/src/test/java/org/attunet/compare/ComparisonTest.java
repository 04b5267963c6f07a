package org.attunet.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.CasesCsv;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ObjectsCsv;
import org.attunet.metrics.ResultsTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "head", 2, "tail"));

    @TempDir
    Path folder;

    /** A case of 100 true and 100 predicted voxels a label, of which so many coincide: Dice is their share. */
    private static CaseResult caseOf(String name, int first, int second) {
        return new CaseResult(
                name,
                Map.of(
                        1, LabelMetrics.ofCounts(first, 100 - first, 100 - first, 0.001, 1),
                        2, LabelMetrics.ofCounts(second, 100 - second, 100 - second, 0.001, 1)));
    }

    private static ComparedRun run(String network, long seed, int more) {
        return run(network, seed, more, 8);
    }

    private static ComparedRun run(String network, long seed, int more, int count) {
        List<CaseResult> cases = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            cases.add(caseOf("case " + k, 60 + k + more, 70 + k));
        }
        return new ComparedRun(network, seed, cases, Map.of(), 1000, 50, 2);
    }

    @Test
    void a_case_counts_with_its_mean_over_seeds_and_labels() {
        Comparison comparison =
                Comparison.of(List.of(run("unet", 1, 0), run("gates", 1, 2), run("unet", 2, 0), run("gates", 2, 6)));
        assertThat(comparison.rows()).extracting(Comparison.Row::network).containsExactly("unet", "gates");
        Comparison.Row first = comparison.rows().get(0);
        Comparison.Row second = comparison.rows().get(1);
        assertThat(first.dice().mean()).isCloseTo(0.685, within(1e-12));
        assertThat(first.labelDice().get(1)).isCloseTo(0.635, within(1e-12));
        assertThat(first.labelDice().get(2)).isCloseTo(0.735, within(1e-12));
        assertThat(first.seedDeviation()).isZero();
        assertThat(first.difference()).isNull();
        assertThat(second.dice().mean()).isCloseTo(0.705, within(1e-12));
        // the runs' mean Dice are 0.695 and 0.715
        assertThat(second.seedDeviation()).isCloseTo(0.02 / Math.sqrt(2), within(1e-12));
        PairedTest test = second.difference();
        assertThat(test).isNotNull();
        assertThat(test.n()).isEqualTo(8);
        assertThat(test.median()).isCloseTo(0.02, within(1e-12));
        assertThat(test.pValue()).isEqualTo(2.0 / 256);
        assertThat(second.secondsPerStep()).isCloseTo(2.4, within(1e-12));
    }

    /** Ten cases of equal Dice, of which so many tenths of the objects are found at each IoU. */
    private static ComparedRun objects(String network, double found) {
        Map<String, List<Double>> objects = new TreeMap<>();
        List<CaseResult> cases = new ArrayList<>();
        for (int k = 0; k < 10; k++) {
            cases.add(caseOf("case " + k, 60 + k, 70));
            double ap = found + 0.01 * k;
            objects.put("case " + k, ObjectMatch.IOUS.stream().map(iou -> ap).toList());
        }
        return new ComparedRun(network, 1, cases, objects, 1000, 50, 2);
    }

    @Test
    void networks_of_objects_are_compared_by_AP_also_if_their_Dice_is_equal() {
        Comparison comparison = Comparison.of(List.of(objects("unet", 0.2), objects("gates", 0.5)));
        assertThat(comparison.rows().get(0).ap().mean()).isCloseTo(0.245, within(1e-12));
        PairedTest test = comparison.rows().get(1).difference();
        assertThat(test).isNotNull();
        assertThat(test.median()).isCloseTo(0.3, within(1e-12));
        assertThat(test.pValue()).isEqualTo(2.0 / 1024);
        assertThat(ComparisonTable.toMarkdown(comparison, LABELS))
                .contains("AP@0.5:0.95", "difference of AP", "0.5450", "+0.3000", "Dice head", "compared by AP")
                .doesNotContain("Dice tail");
        assertThat(ComparisonTable.toJson(comparison)
                        .at("/rows/1/difference/of")
                        .asText())
                .isEqualTo("ap");
    }

    @Test
    void a_run_of_objects_is_read_with_their_AP() throws Exception {
        var match = new ObjectMatch(4, 4, List.of(0.9, 0.8, 0.6), 0, 0);
        Path file = folder.resolve("objects.csv");
        Files.writeString(
                file, ObjectResults.toCsv(Map.of("a, b", match, "empty", new ObjectMatch(0, 0, List.of(), 0, 0))));
        Map<String, List<Double>> read = ObjectsCsv.averagePrecisions(file);
        assertThat(read).containsOnlyKeys("a, b");
        assertThat(read.get("a, b"))
                .isEqualTo(ObjectMatch.IOUS.stream()
                        .map(iou -> match.at(iou).averagePrecision())
                        .toList());
    }

    @Test
    void the_tables_have_a_line_for_each_network() {
        Comparison comparison = Comparison.of(List.of(run("unet", 1, 0, 10), run("gates", 1, 3, 10)));
        String markdown = ComparisonTable.toMarkdown(comparison, LABELS);
        assertThat(markdown.lines().limit(4)).allMatch(line -> line.startsWith("|"));
        assertThat(markdown)
                .contains("Dice head", "Dice tail", "+0.0150", "0.0020")
                .doesNotContain("no p");
        List<String> csv = ComparisonTable.toCsv(comparison).lines().toList();
        assertThat(csv).hasSize(3);
        assertThat(csv.get(0)).startsWith("network,seeds,cases,dice,").endsWith("difference_p");
        int columns = csv.get(0).split(",", -1).length;
        assertThat(csv).allMatch(line -> line.split(",", -1).length == columns);
        assertThat(ComparisonTable.toJson(comparison).at("/rows/1/difference/p").asDouble())
                .isEqualTo(2.0 / 1024);
    }

    @Test
    void fewer_than_ten_cases_get_a_sentence_in_place_of_p() throws Exception {
        Comparison comparison = Comparison.of(List.of(run("unet", 1, 0), run("gates", 1, 3)));
        assertThat(ComparisonTable.toMarkdown(comparison, LABELS))
                .contains("There is no p from 8 cases")
                .doesNotContain("0.0078");
        assertThat(ComparisonTable.toJson(comparison).at("/rows/1/difference/p").isNull())
                .isTrue();
        assertThat(ComparisonTable.toJson(comparison)
                        .at("/rows/1/difference/pairs")
                        .asInt())
                .isEqualTo(8);
        Path page = folder.resolve("page.html");
        ComparisonPage.write(page, "title", "", comparison, LABELS, Map.of());
        assertThat(Files.readString(page))
                .contains("There is no p from 8 cases")
                .doesNotContain("0.0078");
    }

    @Test
    void cases_come_back_from_their_table_to_the_last_bit() throws Exception {
        List<CaseResult> cases = List.of(
                caseOf("plain", 33, 0),
                caseOf("with, comma and \"quotes\"\nand a line", 1, 99),
                new CaseResult("empty", Map.of(1, LabelMetrics.ofCounts(0, 0, 0, 0.3, 2)), null, 2.5));
        Path file = folder.resolve("cases.csv");
        Files.writeString(file, ResultsTable.toCsv(cases));
        assertThat(CasesCsv.read(file)).isEqualTo(cases);
        List<CaseResult> old = List.of(caseOf("plain", 33, 0));
        String table =
                ResultsTable.toCsv(old).replace(",confidence,novelty", "").replace(",,\n", "\n");
        assertThat(CasesCsv.read(Files.writeString(file, table))).isEqualTo(old);
        Files.writeString(file, ResultsTable.toCsv(cases) + "x,1\n");
        assertThatThrownBy(() -> CasesCsv.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("doesn't fit the header");
        Files.writeString(file, "something else\n");
        assertThatThrownBy(() -> CasesCsv.read(file)).hasMessageContaining("header of metrics");
    }
}
