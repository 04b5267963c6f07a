package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredLabelsTest {
    private static LabelSet of(String json) throws JsonProcessingException {
        return DeclaredLabels.of(Path.of("dataset.json"), Json.FOREIGN.readTree(json.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'labels': {'background': 0, 'liver': 1, 'tumour': 5}}",
                "{'labels': {'0': 'background', '1': 'liver', '5': 'tumour'}}",
                "{'labels': {'Background': '0', 'liver': '1', 'tumour': '5'}}",
                "{'labels': {'0': 'unlabelled', '05': 'tumour', ' 1 ': 'liver'}}",
                "{'labels': {'tumour': 5, 'liver': 1}}"
            })
    void both_dialects_are_read_whatever_the_order_and_the_gaps(String json) throws Exception {
        assertThat(of(json)).hasToString("1 liver, 5 tumour");
    }

    @Test
    void numbers_may_be_names() throws Exception {
        assertThat(of("{'labels': {'0': 0, '1': 1, '7': '2'}}")).hasToString("1 1, 2 7");
    }

    @Test
    void the_label_ignore_is_no_structure_in_any_dialect() throws Exception {
        for (String text : List.of(
                "{'labels': {'background': 0, 'a': 1, 'ignore': 4}}",
                "{'labels': {'0': 'background', '1': 'a', '4': ' IGNORE'}}",
                "{'labels': {'background': 0, 'a': [1], 'ignore': 4}, 'regions_class_order': [1]}")) {
            JsonNode tree = Json.OWN.readTree(text.replace('\'', '"'));
            assertThat(DeclaredLabels.ignored(Path.of("dataset.json"), tree)).isEqualTo(4);
            assertThat(of(text).names()).containsExactly("a");
        }
        assertThat(DeclaredLabels.ignored(Path.of("dataset.json"), Json.OWN.readTree("{}")))
                .isEqualTo(LabelMap.NONE);
    }

    @Test
    void regions_write_the_values_of_the_class_order() throws Exception {
        LabelSet kidney =
                of("{'labels': {'background': 0, 'kidney and masses': [1, 2, 3], 'masses': [2, 3], 'tumour': 2},"
                        + " 'regions_class_order': [1, 3, 2]}");
        assertThat(kidney).hasToString("1 kidney and masses (1, 2, 3), 3 masses (2, 3), 2 tumour (2)");
        assertThat(kidney.parts())
                .hasToString("1 kidney and masses, 2 kidney and masses and masses and tumour, 3 kidney and masses and"
                        + " masses");
    }

    @Test
    void no_labels_are_none() throws Exception {
        assertThat(of("{}")).isNull();
        assertThat(of("{'labels': {}}")).isNull();
        assertThat(of("{'labels': null}")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'labels': {'background': 0, 'a': 1, 'ignore': 1}}|both have the value 1",
                "{'labels': {'background': 0, 'a': 1, 'ignore': 70000}}|the label 'ignore' has the value 70000",
                "{'labels': {'a': 1, 'ignore': 2, 'Ignore': 3}}|the label 'ignore' is declared twice",
                "{'labels': {'a': [1, 2], 'b': [2, 3], 'ignore': 3}, 'regions_class_order': [1, 2]}|without that of 'ignore', 3",
                "{'labels': {'background': 0, 'whole': [1, 2], 'core': 2}}|regions_class_order is missing",
                "{'labels': {'a': 1}, 'regions_class_order': [1, 2]}|regions_class_order holds 2 values",
                "{'labels': {'a': [1, 2], 'b': 2}, 'regions_class_order': {'a': 1, 'b': 2}}|regions_class_order is {",
                "{'labels': {'a': [1, 2], 'b': [2]}, 'regions_class_order': [2, 2]}|as another region does",
                "{'labels': {'a': [1, 2], 'b': [2]}, 'regions_class_order': [1, 1]}|covers [2]",
                "{'labels': {'a': [0, 2], 'b': [2]}, 'regions_class_order': [2, 1]}|covers the values [0, 2]",
                "{'labels': {'a': [], 'b': [2]}, 'regions_class_order': [2, 1]}|covers the values []",
                "{'labels': {'a': [1, 'x'], 'b': [2]}, 'regions_class_order': [1, 2]}|one whole number",
                "{'labels': ['background', 'a']}|labels is a list",
                "{'labels': 3}|labels is 3",
                "{'labels': {'background': 1, 'a': 2}}|the background has the value 1",
                "{'labels': {'liver': 0, 'kidney': 1}}|the value 0 is called 'liver'",
                "{'labels': {'a': 1, 'b': 1}}|both have the value 1",
                "{'labels': {'a': 1.5}}|one whole number",
                "{'labels': {'a': true}}|one whole number",
                "{'labels': {'background': 0}}|no label but the background"
            })
    void what_would_be_trained_wrongly_is_refused(String json, String sentence) {
        assertThatThrownBy(() -> of(json)).hasMessageContainingAll("dataset.json", sentence, "Remedy");
    }
}
