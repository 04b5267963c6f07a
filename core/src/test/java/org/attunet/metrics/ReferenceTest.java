package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;

/** Every number of expected.json, which SciPy 1.10.1 computed from the masks beside it. */
class ReferenceTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "first", 2, "second"));
    private static final Set<String> DISTANCES = Set.of("hd_mm", "hd95_mm", "assd_mm");

    private static Path folder() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(ReferenceTest.class.getResource("/metrics/expected.json"))
                        .toURI())
                .getParent();
    }

    private static JsonNode expected() throws IOException, URISyntaxException {
        return new ObjectMapper().readTree(folder().resolve("expected.json").toFile());
    }

    private static List<CaseResult> compareAll() throws URISyntaxException {
        List<CaseResult> results = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            String name = "case_" + i;
            results.add(CaseComparison.compare(
                    name,
                    Images.readLabels(folder().resolve(name + "_truth.nii.gz")),
                    Images.readLabels(folder().resolve(name + "_prediction.nii.gz")),
                    LABELS,
                    Tolerance.of(1)));
        }
        return results;
    }

    @Test
    void every_number_equals_scipys() throws IOException, URISyntaxException {
        List<CaseResult> results = compareAll();
        JsonNode found = ResultsTable.toJson(results, Summary.of(results)).get("cases");
        JsonNode cases = expected().get("cases");
        int numbers = 0;
        for (int i = 0; i < cases.size(); i++) {
            assertThat(found.get(i).get("case")).isEqualTo(cases.get(i).get("case"));
            for (var label : cases.get(i).get("labels").properties()) {
                for (var number : label.getValue().properties()) {
                    if (!number.getKey().equals("note")) {
                        JsonNode actual =
                                found.get(i).get("labels").get(label.getKey()).get(number.getKey());
                        String what = "case " + i + " label " + label.getKey() + " " + number.getKey();
                        assertSame(what, number.getKey(), actual, number.getValue());
                        numbers++;
                    }
                }
            }
        }
        assertThat(numbers).isEqualTo(158);
    }

    private static void assertSame(String what, String key, JsonNode actual, JsonNode expected) {
        assertThat(actual).as(what).isNotNull();
        if (expected.isNull()) {
            assertThat(actual.isNull()).as(what).isTrue();
            return;
        }
        double tolerance = DISTANCES.contains(key) ? 1e-4 : 1e-6;
        double difference = Math.abs(actual.asDouble() - expected.asDouble());
        assertThat(difference).as(what).isLessThanOrEqualTo(tolerance * Math.abs(expected.asDouble()));
    }

    @Test
    void the_summary_counts_failed_and_undefined_cases() throws URISyntaxException {
        Summary summary = Summary.of(compareAll());
        Statistic dice = Objects.requireNonNull(summary.labels().get(1)).get(Metric.DICE);
        Statistic hd = Objects.requireNonNull(summary.labels().get(1)).get(Metric.HD);
        assertThat(dice.n()).isEqualTo(7);
        assertThat(dice.failed()).isEqualTo(2);
        assertThat(hd.n()).isEqualTo(5);
        assertThat(hd.failed()).isEqualTo(2);
        Statistic second = Objects.requireNonNull(summary.labels().get(2)).get(Metric.DICE);
        assertThat(second.n()).isEqualTo(5);
        assertThat(second.undefined()).isEqualTo(2);
        assertThat(summary.failed()).isEqualTo(2);
        assertThat(summary.undefined()).isEqualTo(2);
    }
}
