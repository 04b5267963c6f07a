package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.assertj.core.data.Offset;
import org.attunet.dicom.result.CodedLabel.Concept;
import org.attunet.error.AttunetException;
import org.attunet.io.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodesTest {
    /** Codes of PS3.16 (CIDs 7150, 7151, 244). */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "Liver, 123037004, 10200004, -, -",
                "Kidney_Left, 123037004, 64033007, 7771000, -",
                "right kidney, 123037004, 64033007, 24028007, -",
                "heart_ventricle_left, 123037004, 87878005, -, -",
                "lung_upper_lobe_left, 123037004, 45653009, 7771000, -",
                "Hippocampus (anterior), 123037004, 5366008, 255549009, -",
                "liver tumour, 49755003, 108369006, -, 10200004",
                "cyst of the left kidney, 49755003, 367643001, 7771000, 64033007",
                "non-enhancing tumor, 49755003, C81175, -, -",
                "bone, 85756007, 272673000, -, -",
                "class 4, 85756007, 85756007, -, -"
            })
    void names_have_codes(String name, String category, String type, String modifier, String region) {
        Concept concept = Codes.defaults().of(1, name).concept();
        assertThat(concept.category().value()).isEqualTo(category);
        assertThat(concept.type().value()).isEqualTo(type);
        assertThat(concept.modifier() == null ? null : concept.modifier().value())
                .isEqualTo(modifier);
        assertThat(concept.region() == null ? null : concept.region().value()).isEqualTo(region);
    }

    @Test
    void given_codes_come_first() throws JsonProcessingException {
        Codes codes = Codes.of("dataset.json", Json.OWN.readTree("""
                {"Lump": {"scheme": "SCT", "value": "4147007", "meaning": "Mass"},
                 "liver": {"type": {"scheme": "99X", "value": "L1", "meaning": "My liver"},
                           "modifier": {"scheme": "SCT", "value": "7771000", "meaning": "Left"}}}"""));
        assertThat(codes.of(1, "lump").concept())
                .isEqualTo(new Concept(
                        new Code("SCT", "49755003", "Morphologically Abnormal Structure"),
                        new Code("SCT", "4147007", "Mass"),
                        null,
                        null));
        assertThat(codes.of(2, "Liver").concept().type()).isEqualTo(new Code("99X", "L1", "My liver"));
        assertThat(codes.of(2, "Liver").concept().category().value()).isEqualTo("85756007");
        assertThat(codes.of(3, "spleen").concept().type().value()).isEqualTo("78961009");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"a\": 3}",
                "{\"a\": {\"value\": \"1\"}}",
                "{\"a\": {\"scheme\": \"SCT\", \"value\": 1, \"meaning\": \"x\"}}",
                "{\"a\": {\"scheme\": \"SCT\", \"value\": \"1\\\\2\", \"meaning\": \"x\"}}",
                "{\"a\": {\"category\": {\"scheme\": \"SCT\", \"value\": \"1\", \"meaning\": \"x\"}}}",
                "{\"a\": {\"kind\": {}}}"
            })
    void incomplete_codes_are_refused(String json) throws JsonProcessingException {
        var codes = Json.OWN.readTree(json);
        assertThatThrownBy(() -> Codes.of("dataset.json", codes))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("dataset.json");
    }

    /** CIELab of D50 by Little CMS 2 (8 bits each) of sRGB: 75.7, -52, 16 and 54.1, 81, 70. */
    @ParameterizedTest
    @CsvSource({"0x2fd39b, 75.7, -52, 16", "0xff0000, 54.1, 81, 70", "0xffffff, 100, 0, 0", "0x000000, 0, 0, 0"})
    void colours_are_those_of_a_colour_management_system(int colour, double lightness, double a, double b) {
        double[] lab = CieLab.encoded(colour);
        assertThat(lab[0] / 65535 * 100).isCloseTo(lightness, Offset.offset(0.4));
        assertThat(lab[1] / 65535 * 255 - 128).isCloseTo(a, Offset.offset(0.6));
        assertThat(lab[2] / 65535 * 255 - 128).isCloseTo(b, Offset.offset(0.6));
    }
}
