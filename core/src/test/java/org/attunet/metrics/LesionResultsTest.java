package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

class LesionResultsTest {
    private static LabelMap row(int... values) {
        short[] voxels = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            voxels[i] = (short) values[i];
        }
        return new LabelMap(Grid.of(values.length, 1), voxels, 9);
    }

    @Test
    void lesions_of_cases_are_added_and_false_positives_counted_per_case() {
        var results = new LesionResults(LabelSet.of(Map.of(1, "lesion", 2, "organ")), List.of(1), 0);
        results.add("a", row(1, 1, 0, 1, 0, 0, 2), row(0, 1, 0, 0, 0, 1, 1));
        results.add("b, c", row(0, 0, 0), row(1, 0, 1));
        results.add("empty", row(1, 0, 1), row(0, 0, 0));
        results.add("neither", row(0, 0, 2), row(0, 0, 0));
        results.add("open", row(9, 9, 9), row(1, 1, 1));
        assertThat(results.toCsv()).isEqualTo("""
                case,label,true,predicted,found,false_positives,sensitivity,precision,f1
                a,1,2,2,1,1,0.5,0.5,0.5
                "b, c",1,0,2,0,2,,0.0,0.0
                empty,1,2,0,0,0,0.0,,0.0
                neither,1,0,0,0,0,,,
                """);
        JsonNode label = results.toJson().path("labels").path("1");
        assertThat(results.toJson().path("labels")).hasSize(1);
        assertThat(label.path("cases").asInt()).isEqualTo(4);
        assertThat(label.path("sensitivity").asDouble()).isCloseTo(0.25, within(1e-12));
        assertThat(label.path("precision").asDouble()).isCloseTo(0.25, within(1e-12));
        JsonNode perCase = label.path("per_case");
        assertThat(perCase.path("false_positives").path("mean").asDouble()).isCloseTo(0.75, within(1e-12));
        assertThat(perCase.path("sensitivity").path("mean").asDouble()).isCloseTo(0.25, within(1e-12));
        assertThat(perCase.path("sensitivity").path("n").asInt()).isEqualTo(2);
        assertThat(perCase.path("f1").path("n").asInt()).isEqualTo(3);
        assertThat(results.toText()).contains("0.75 [", "lesion").doesNotContain("organ");
    }

    @Test
    void a_region_is_connected_through_all_values_that_it_covers() {
        LabelSet regions = LabelSet.regions(
                List.of(new LabelSet.Region(1, "whole", Set.of(1, 2)), new LabelSet.Region(2, "core", Set.of(2))));
        var results = new LesionResults(regions, List.of(1, 2), 0);
        results.add("a", row(2, 1, 2, 0, 0), row(1, 1, 0, 0, 2));
        assertThat(results.toCsv()).contains("a,1,1,2,1,1,", "a,2,2,1,0,1,");
    }

    @Test
    void without_a_case_nothing_is_known() {
        var results = new LesionResults(LabelSet.of(Map.of(3, "lesion")), List.of(3), 0.1);
        assertThat(results.toText()).contains("lesion", "-", "IoU above 0.1");
        assertThat(results.toJson().path("labels").path("3").path("sensitivity").isNull())
                .isTrue();
    }
}
