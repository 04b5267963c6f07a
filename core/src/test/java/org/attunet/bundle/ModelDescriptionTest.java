package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDescriptionTest {
    @TempDir
    Path folder;

    @Test
    void what_is_written_is_read_back() {
        for (Normalisation normalisation : List.of(
                new Normalisation.ZScore(),
                new Normalisation.PercentileClip(0.5, 99.5),
                new Normalisation.Window(-160, 240),
                new Normalisation.ClipStandardise(-1000, 1000, 30.25, 0.1),
                new Normalisation.UnitRange(0, 255),
                new Normalisation.MinMax(),
                new Normalisation.Identity())) {
            for (double[] spacing : new double[][] {null, {0.7, 0.7, 1.25}}) {
                Preprocessing preprocessing = new Preprocessing(1, true, spacing, normalisation);
                ModelDescription model = ModelDescription.of(
                        "Hippocampus \"left\" ½",
                        NetworkConfig.paper(1, 3, NetworkConfig.Gates.GRID_MULTI),
                        preprocessing,
                        LabelSet.of(Map.of(1, "anterior", 2, "posterior")),
                        40,
                        56,
                        40);
                Path file = folder.resolve("model.json");
                model.write(file);
                assertThat(ModelDescription.read(file)).isEqualTo(model).hasSameHashCodeAs(model);
            }
        }
    }

    @Test
    void labels_that_overlap_keep_what_they_cover_and_the_order_in_which_they_are_written() {
        for (LabelSet labels : List.of(
                LabelSet.regions(List.of(
                        new LabelSet.Region(1, "kidney and masses", Set.of(1, 2, 3)),
                        new LabelSet.Region(3, "masses", Set.of(2, 3)),
                        new LabelSet.Region(2, "tumour", Set.of(2)))),
                LabelSet.overlapping(List.of("vessel", "lesion", "organ")))) {
            ModelDescription model = ModelDescription.of(
                    "nested",
                    NetworkConfig.attUNet(2, 1, 3),
                    Preprocessing.of(1, new Normalisation.ZScore()),
                    labels,
                    32,
                    32);
            Path file = folder.resolve("model.json");
            model.write(file);
            assertThat(ModelDescription.read(file)).isEqualTo(model);
            assertThat(model.hasIndependentOutputs()).isTrue();
            assertThat(model.outputNames()).isEqualTo(labels.names());
        }
    }

    @Test
    void the_file_is_the_documented_json() throws IOException {
        Path file = folder.resolve("model.json");
        model().write(file);
        assertThat(Files.readString(file)).isEqualTo("""
            {
              "version" : 1,
              "name" : "cells",
              "network" : {
                "family" : "ATTENTION_UNET",
                "dimension" : 2,
                "channels" : 3,
                "outputs" : 1,
                "widths" : [ 64, 128, 256, 512, 1024 ],
                "upsampling" : "TRANSPOSED",
                "normalisation" : "BATCH",
                "gates" : "ADDITIVE",
                "deepSupervision" : false
              },
              "preprocessing" : {
                "channels" : 3,
                "canonicalOrientation" : false,
                "targetSpacing" : null,
                "normalisation" : {
                  "type" : "unit_range",
                  "low" : 0.0,
                  "high" : 255.0
                }
              },
              "labels" : {
                "255" : "nucleus"
              },
              "patch" : [ 256, 192 ],
              "mirroredAxes" : 2
            }
            """);
    }

    @Test
    void another_version_is_refused_with_its_number() throws IOException {
        assertRefused("\"version\" : 1", "\"version\" : 2", "version 2", "version 1");
        assertRefused("\"version\" : 1", "\"version\" : \"1\"", "version \"1\"", "version 1");
    }

    @Test
    void unknown_fields_are_refused_with_their_name() throws IOException {
        assertRefused("\"name\"", "\"colour\" : 1, \"name\"", "unknown field colour");
        assertRefused("\"family\"", "\"depth\" : 1, \"family\"", "unknown field network.depth");
        assertRefused("\"canonicalOrientation\"", "\"flip\" : 1, \"canonicalOrientation\"", "flip");
        assertRefused("\"low\"", "\"mid\" : 1, \"low\"", "mid");
    }

    @Test
    void missing_or_null_fields_are_refused_with_their_name() throws IOException {
        assertRefused("\"name\" : \"cells\",", "", "no field name");
        assertRefused("\"name\" : \"cells\"", "\"name\" : null", "no field name");
        assertRefused("\"gates\" : \"ADDITIVE\",", "", "no field network.gates");
        assertRefused("\"family\" : \"ATTENTION_UNET\"", "\"family\" : null", "no field network.family");
        assertRefused("\"canonicalOrientation\" : false,", "", "canonicalOrientation");
        assertRefused("\"targetSpacing\" : null,", "", "targetSpacing");
        assertRefused("\"type\" : \"unit_range\",", "", "type");
        assertRefused("\"low\" : 0.0,", "", "low");
    }

    @Test
    void without_a_word_on_mirror_images_the_usual_ones_were_seen() throws IOException {
        Path file = folder.resolve("model.json");
        ModelDescription model = model();
        model.withMirroredAxes(0).write(file);
        assertThat(ModelDescription.read(file).mirroredAxes()).isZero();
        Files.writeString(file, Files.readString(file).replaceAll(",\\s*\"mirroredAxes\" : 0", ""));
        assertThat(ModelDescription.read(file)).isEqualTo(model);
        assertThat(model.mirroredAxes()).isEqualTo(2);
        assertRefused("\"mirroredAxes\" : 2", "\"mirroredAxes\" : 3", "mirroredAxes", "0 to 2");
        assertRefused("\"mirroredAxes\" : 2", "\"mirroredAxes\" : null", "mirroredAxes");
        assertRefused("\"mirroredAxes\" : 2", "\"mirroredAxes\" : \"x\"", "mirroredAxes");
    }

    @Test
    void a_factor_for_the_size_is_kept_and_files_without_one_mean_1() throws IOException {
        Path file = folder.resolve("model.json");
        ModelDescription model = model();
        ModelDescription quarter = model.withPreprocessing(model.preprocessing().withResize(0.25));
        quarter.write(file);
        assertThat(ModelDescription.read(file)).isEqualTo(quarter).isNotEqualTo(model);
        Files.writeString(file, Files.readString(file).replaceAll(",\\s*\"resize\" : 0.25", ""));
        assertThat(ModelDescription.read(file)).isEqualTo(model);
        assertRefused("\"targetSpacing\"", "\"resize\" : 100, \"targetSpacing\"", "resize", "0.01 to 8.0");
        assertRefused("\"targetSpacing\"", "\"resize\" : null, \"targetSpacing\"", "resize");
        assertRefused("\"targetSpacing\"", "\"resize\" : \"half\", \"targetSpacing\"", "resize");
    }

    @Test
    void values_of_the_wrong_kind_are_refused() throws IOException {
        assertRefused("\"name\" : \"cells\"", "\"name\" : 5", "name 5");
        assertRefused("\"ADDITIVE\"", "\"CIRCULAR\"", "CIRCULAR", "gates");
        assertRefused("\"ADDITIVE\"", "1", "gates");
        assertRefused("\"dimension\" : 2", "\"dimension\" : 2.5", "dimension");
        assertRefused("\"dimension\" : 2", "\"dimension\" : \"2\"", "dimension");
        assertRefused("\"dimension\" : 2", "\"dimension\" : 99999999999", "dimension");
        assertRefused("64, 128", "64, null", "widths");
        assertRefused("[ 256, 192 ]", "[ 256, null ]", "patch");
        assertRefused("[ 256, 192 ]", "256", "patch");
        assertRefused("[ 256, 192 ]", "[ [ 256 ], 192 ]", "patch");
        assertRefused("unit_range", "cube_root", "cube_root");
        assertRefused("\"255\"", "\"x\"", "label \"x\"");
        assertRefused("\"255\"", "\"0\"", "label \"0\"");
        assertRefused("\"255\"", "\"65536\"", "label value 65536");
        assertRefused("\"255\" : \"nucleus\"", "", "no label");
    }

    @Test
    void values_out_of_range_are_refused_with_the_range() throws IOException {
        assertRefused("\"dimension\" : 2", "\"dimension\" : 4", "dimension", "2 or 3");
        assertRefused("[ 256, 192 ]", "[ 0, 192 ]", "patch", "1 to 65536");
        assertRefused("\"low\" : 0.0", "\"low\" : 300", "low < high");
    }

    @Test
    void what_is_not_json_is_refused() throws IOException {
        assertRefused("}", "", "model.json");
        assertRefused("\"name\"", "\"name\" : \"a\", \"name\"", "name");
        assertRefused("\"mirroredAxes\" : 2\n}", "\"mirroredAxes\" : 2\n} x", "model.json");
        for (String text : new String[] {"", "null", "[]", "3", "\u0000\u0001"}) {
            Path file = Files.writeString(folder.resolve("model.json"), text);
            assertThatThrownBy(() -> ModelDescription.read(file)).isInstanceOf(AttunetException.class);
        }
        Path file = Files.write(folder.resolve("model.json"), new byte[] {'{', (byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> ModelDescription.read(file)).isInstanceOf(AttunetException.class);
        assertThatThrownBy(() -> ModelDescription.read(folder.resolve("none.json")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("none.json: no such file");
        assertThatThrownBy(() -> ModelDescription.read(folder)).isInstanceOf(AttunetException.class);
    }

    @Test
    void parts_that_do_not_belong_together_are_refused() {
        NetworkConfig network = NetworkConfig.attUNet(2, 3, 1);
        Preprocessing colour = Preprocessing.of(3, new Normalisation.ZScore());
        LabelSet one = LabelSet.of(Map.of(1, "a"));
        LabelSet two = LabelSet.of(Map.of(1, "a", 2, "b"));
        assertThatThrownBy(() -> ModelDescription.of("x", network, colour, two, 32, 32))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("3 outputs");
        assertThatThrownBy(() -> ModelDescription.of("x", NetworkConfig.attUNet(2, 3, 3), colour, one, 32, 32))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("2 outputs");
        assertThatThrownBy(() ->
                        ModelDescription.of("x", network, Preprocessing.of(1, colour.normalisation()), one, 32, 32))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("preprocessing.channels");
        assertThatThrownBy(() -> ModelDescription.of("x", network, colour, one, 32, 32, 32))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("patch");
        assertThatThrownBy(() -> ModelDescription.of("x", network, colour, one, 65536, 65536))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("patch");
        assertThat(ModelDescription.of("x", NetworkConfig.attUNet(2, 3, 2), colour, one, 32, 32)
                        .network()
                        .outputs())
                .isEqualTo(2);
    }

    private static ModelDescription model() {
        return ModelDescription.of(
                "cells",
                NetworkConfig.attUNet(2, 3, 1),
                Preprocessing.of(3, new Normalisation.UnitRange(0, 255)),
                LabelSet.of(Map.of(255, "nucleus")),
                256,
                192);
    }

    private void assertRefused(String part, String replacement, String... words) throws IOException {
        Path file = folder.resolve("model.json");
        model().write(file);
        String text = Files.readString(file);
        assertThat(text).contains(part);
        Files.writeString(file, text.replace(part, replacement));
        assertThatThrownBy(() -> ModelDescription.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("Remedy: ")
                .hasMessageContainingAll(words);
    }
}
