package org.attunet.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GateCurvesTest {
    private static String sentence(double inside, double outside) {
        return GateCurves.sentence(new AttentionShare(20, "g", inside, outside));
    }

    @Test
    void a_sentence_says_a_validations_numbers_and_what_they_mean() {
        assertThat(sentence(0.71, 0.23))
                .isEqualTo("Lets through 0.71 of the signal inside the target and 0.23 outside: it attends to the"
                        + " target.");
        assertThat(sentence(0.5, 0.45)).endsWith("it hardly distinguishes the target from the rest.");
        assertThat(sentence(0.1, 0.4)).contains("attends to what surrounds the target");
    }

    @Test
    void the_chart_holds_both_lines_and_escapes_the_name() {
        String html = GateCurves.of(
                List.of(new AttentionShare(10, "Att<2>", 0.5, 0.5), new AttentionShare(20, "Att<2>", 0.9, 0.2)));
        assertThat(html.split("<polyline", -1)).hasSize(3);
        assertThat(html).contains("Gate Att&lt;2&gt;", "0.90 of the signal").doesNotContain("Att<2>");
    }

    @Test
    void each_gate_has_a_chart_of_its_own() {
        String html = GateCurves.of(List.of(
                new AttentionShare(10, "Att3", 0.5, 0.5),
                new AttentionShare(10, "Att2", 0.4, 0.5),
                new AttentionShare(20, "Att3", 0.9, 0.2),
                new AttentionShare(20, "Att2", 0.2, 0.8)));
        assertThat(html.split("<polyline", -1)).hasSize(5);
        assertThat(html.indexOf("Gate Att3")).isBetween(0, html.indexOf("Gate Att2"));
    }

    @Test
    void one_validation_has_its_sentence_without_a_chart_and_none_has_nothing() {
        String html = GateCurves.of(List.of(new AttentionShare(10, "g", 0.5, 0.1)));
        assertThat(html).contains("Lets through").doesNotContain("polyline");
        assertThat(GateCurves.of(List.of())).isEmpty();
    }
}
