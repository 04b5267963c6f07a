package org.attunet.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GateCurvesTest {
    private static GateCurves ending(double inside, double outside) {
        return new GateCurves(
                "Att<2>", List.of(new GateCurves.Point(10, 0.5, 0.5), new GateCurves.Point(20, inside, outside)));
    }

    @Test
    void a_sentence_says_the_last_validations_numbers_and_what_they_mean() {
        assertThat(ending(0.71, 0.23).sentence())
                .isEqualTo("Lets through 0.71 of the signal inside the target and 0.23 outside: it attends to the"
                        + " target.");
        assertThat(ending(0.5, 0.45).sentence()).endsWith("it hardly tells the target from the rest.");
        assertThat(ending(0.1, 0.4).sentence()).contains("attends to what surrounds the target");
    }

    @Test
    void the_chart_holds_both_lines_and_escapes_the_name() {
        String html = GateCurves.of(List.of(ending(0.9, 0.2)));
        assertThat(html.split("<polyline", -1)).hasSize(3);
        assertThat(html).contains("Gate Att&lt;2&gt;").doesNotContain("Att<2>");
    }

    @Test
    void one_validation_has_its_sentence_without_a_chart_and_none_has_nothing() {
        String html = GateCurves.of(List.of(new GateCurves("g", List.of(new GateCurves.Point(10, 0.5, 0.1)))));
        assertThat(html).contains("Lets through").doesNotContain("polyline");
        assertThat(GateCurves.of(List.of(new GateCurves("g", List.of())))).isEmpty();
    }
}
