package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
    private static CaseResult result(String name, long tp, long fp, long fn) {
        return new CaseResult(name, Map.of(1, LabelMetrics.ofCounts(tp, fp, fn, 0.001, 1)));
    }

    private static Statistic dice(Summary summary) {
        return Objects.requireNonNull(
                Objects.requireNonNull(summary.labels().get(1)).get(Metric.DICE));
    }

    @Test
    void mean_and_sample_standard_deviation_follow_their_definitions() {
        // Dice 0.5, 0.8, 1.0: mean 23/30, sd with divisor 2.
        Statistic dice = dice(Summary.of(List.of(result("a", 1, 1, 1), result("b", 4, 1, 1), result("c", 3, 0, 0))));
        assertThat(dice.mean()).isCloseTo(2.3 / 3, within(1e-12));
        assertThat(dice.standardDeviation()).isCloseTo(0.2516611478423583, within(1e-12));
        assertThat(dice.n()).isEqualTo(3);
    }

    @Test
    void the_interval_is_the_same_at_each_call_and_close_to_the_normal_one_for_many_cases() {
        var random = new Random(5);
        double[] values = new double[400];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.8 + 0.1 * random.nextGaussian();
        }
        Statistic one = Statistic.of(values, 0, 0);
        assertThat(Statistic.of(values.clone(), 0, 0)).isEqualTo(one);
        double half = 1.96 * Objects.requireNonNull(one.standardDeviation()) / Math.sqrt(400);
        double mean = Objects.requireNonNull(one.mean());
        assertThat(one.low()).isCloseTo(mean - half, within(0.1 * half));
        assertThat(one.high()).isCloseTo(mean + half, within(0.1 * half));
    }

    @Test
    void a_single_case_has_an_interval_of_no_width() {
        Statistic dice = dice(Summary.of(List.of(result("a", 4, 1, 1))));
        assertThat(dice.standardDeviation()).isZero();
        assertThat(dice.low()).isEqualTo(dice.mean());
        assertThat(dice.high()).isEqualTo(dice.mean());
    }

    @Test
    void a_label_that_no_case_has_gives_no_mean_and_is_counted() {
        Summary summary = Summary.of(List.of(result("a", 0, 0, 0), result("b", 0, 0, 0)));
        assertThat(dice(summary).mean()).isNull();
        assertThat(dice(summary).undefined()).isEqualTo(2);
        assertThat(summary.meanDice()).isNaN();
        assertThat(ResultsTable.toJson(List.of(), summary)
                        .at("/summary/mean_dice")
                        .isNull())
                .isTrue();
        assertThat(Summary.of(List.of()).meanDice()).isNaN();
    }

    @Test
    void a_failed_case_counts_as_dice_0_in_the_mean() {
        Summary summary = Summary.of(List.of(result("a", 3, 0, 0), result("b", 0, 0, 5), result("c", 0, 0, 0)));
        assertThat(summary.meanDice()).isEqualTo(0.5);
        assertThat(summary.failed()).isEqualTo(1);
        assertThat(summary.undefined()).isEqualTo(1);
    }

    @Test
    void the_grand_mean_is_over_labels_of_the_labels_means() {
        LabelMetrics perfect = LabelMetrics.ofCounts(3, 0, 0, 1, 1);
        LabelMetrics half = LabelMetrics.ofCounts(1, 1, 1, 1, 1);
        LabelMetrics absent = LabelMetrics.ofCounts(0, 0, 0, 1, 1);
        Summary summary = Summary.of(List.of(
                new CaseResult("a", Map.of(1, perfect, 2, half)), new CaseResult("b", Map.of(1, perfect, 2, absent))));
        assertThat(summary.meanDice()).isEqualTo(0.75);
    }

    @Test
    void csv_quotes_names_and_leaves_undefined_measures_empty() {
        String csv = ResultsTable.toCsv(List.of(result("a, \"b\"", 0, 0, 5)));
        assertThat(csv.lines().toList())
                .containsExactly(
                        "case,label,status,dice,iou,precision,recall,hd_mm,hd95_mm,assd_mm,nsd,volume_difference_ml,"
                                + "area_difference_mm2,hd_px,hd95_px,assd_px,size_difference_px,"
                                + "nsd_tolerance_mm,nsd_tolerance_px,tp,fp,fn,confidence,novelty",
                        "\"a, \"\"b\"\"\",1,failed,0.0,0.0,,0.0,,,,,-0.005,,,,,,1.0,,0,0,5,,");
    }

    @Test
    void tables_of_versions_that_knew_millimetres_alone_are_read(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("cases.csv");
        Files.writeString(
                file,
                "case,label,status,dice,iou,precision,recall,hd_mm,hd95_mm,assd_mm,nsd,volume_difference_ml,"
                        + "nsd_tolerance_mm,tp,fp,fn\na,1,failed,0.0,0.0,,0.0,,,,,-0.005,1.0,0,0,5\n");
        assertThat(CasesCsv.read(file)).containsExactly(result("a", 0, 0, 5));
        Files.writeString(file, ResultsTable.toCsv(List.of(result("a", 0, 0, 5))));
        assertThat(CasesCsv.read(file)).containsExactly(result("a", 0, 0, 5));
    }

    @Test
    void json_has_the_published_keys() {
        List<CaseResult> cases = new ArrayList<>(List.of(result("a", 4, 1, 1)));
        var json = ResultsTable.toJson(cases, Summary.of(cases));
        assertThat(json.at("/cases/0/case").asText()).isEqualTo("a");
        assertThat(json.at("/cases/0/labels/1").fieldNames())
                .toIterable()
                .contains("dice", "iou", "precision", "recall", "hd_mm", "hd95_mm", "assd_mm", "nsd", "tp", "fp", "fn")
                .contains("volume_difference_ml", "nsd_tolerance_mm");
        assertThat(json.at("/cases/0/labels/1/dice").asDouble()).isEqualTo(0.8);
        assertThat(json.at("/summary/mean_dice").asDouble()).isEqualTo(0.8);
        assertThat(json.at("/summary/labels/1/dice/ci95/1").asDouble()).isEqualTo(0.8);
        assertThat(json.at("/summary/labels/1/hd_mm/n").asInt(-1)).isZero();
    }

    @Test
    void the_table_is_aligned_and_names_labels_and_failures() {
        List<CaseResult> cases = List.of(result("a", 4, 1, 1), result("longer name", 0, 3, 0));
        String text = ResultsTable.toText(cases, Summary.of(cases), LabelSet.of(Map.of(1, "pancreas")));
        List<String> lines = text.lines().toList();
        assertThat(lines.get(1)).startsWith("a            1 pancreas  0.8000  0.6667");
        assertThat(lines.get(2)).startsWith("longer name  1 pancreas  0.0000").endsWith("failed");
        assertThat(lines.get(0).indexOf("IoU") + 3).isEqualTo(lines.get(1).indexOf("0.6667") + 6);
        assertThat(text)
                .contains("0.4000 ± 0.5657")
                .contains("mean Dice 0.4000 over 2 cases")
                .contains("failed: 1");
    }
}
