package org.attunet.imagej;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

class MacroOptionsTest {
    @Test
    void options_are_flags_words_and_values_in_brackets() {
        SegmentOptions options = SegmentOptions.ofMacro("model=[/my models/a [2D].zip] labels table mirror ");

        assertThat(options.model()).isEqualTo("/my models/a [2D].zip");
        assertThat(options.outputs()).containsExactlyInAnyOrder(Output.LABELS, Output.TABLE);
        assertThat(options.mirror()).isTrue();
        assertThat(options.goOn()).isFalse();
    }

    @Test
    void an_unknown_option_is_refused_by_its_name() {
        assertThatThrownBy(() -> SegmentOptions.ofMacro("model=nuclei lables"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("an option \"lables\"");
    }

    @Test
    void a_missing_model_and_missing_results_are_refused() {
        assertThatThrownBy(() -> SegmentOptions.ofMacro("labels")).hasMessageContaining("no option \"model\"");
        assertThatThrownBy(() -> SegmentOptions.ofMacro("model= labels")).hasMessageContaining("no option \"model\"");
        assertThatThrownBy(() -> SegmentOptions.ofMacro("model=nuclei")).hasMessageContaining("no result");
    }

    @Test
    void an_open_bracket_is_refused() {
        assertThatThrownBy(() -> MacroOptions.parse("c", "model=[a b", Set.of("model")))
                .hasMessageContaining("no ] after");
    }
}
