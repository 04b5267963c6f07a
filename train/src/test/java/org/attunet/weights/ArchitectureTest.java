package org.attunet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.attunet.error.AttunetException;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Family;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {
    private static final NetworkConfig SMALL = NetworkConfig.attUNet(2, 3, 1).withWidths(List.of(4, 8, 16, 32, 64));

    @ParameterizedTest
    @CsvSource({
        "seed_attunet, ATTENTION_UNET, 2, 3, 1, TRANSPOSED, ADDITIVE, false, 4, 220",
        "seed_attunet_multiclass, ATTENTION_UNET, 2, 1, 4, TRANSPOSED, ADDITIVE, false, 4, 220",
        "leejunhyun_attunet, ATTENTION_UNET, 2, 3, 1, NEAREST, ADDITIVE, false, 4, 240",
        "official_multi_att_dsv_3d, GRID_ATTENTION_UNET, 3, 1, 3, LINEAR, GRID_MULTI, true, 2, 236",
        "official_single_att_dsv_3d, GRID_ATTENTION_UNET, 3, 1, 3, LINEAR, GRID_SINGLE, true, 2, 200",
        "official_unet_dsv_3d, GRID_ATTENTION_UNET, 3, 1, 3, LINEAR, NONE, true, 2, 136"
    })
    void published_networks_are_recognised_with_their_own_names(
            String name,
            Family family,
            int dimension,
            int channels,
            int outputs,
            Upsampling upsampling,
            Gates gates,
            boolean deepSupervision,
            int base,
            int count) {
        var pytorch = new PytorchFixture(name);
        StateDict file = pytorch.stateDict();
        Architecture.Recognised found = Architecture.recognise(file, name);
        List<Integer> widths = List.of(base, 2 * base, 4 * base, 8 * base, 16 * base);
        assertThat(found.config())
                .isEqualTo(new NetworkConfig(
                        family,
                        dimension,
                        channels,
                        outputs,
                        widths,
                        upsampling,
                        NormLayer.BATCH,
                        gates,
                        deepSupervision));
        assertThat(found.weights()).isEqualTo(file);
        assertThat(found.weights().names())
                .containsExactlyElementsOf(file.names())
                .hasSize(count);
        assertThat(found.notes()).isEmpty();
        long parameters = pytorch.about().get("parameters").asLong();
        assertThat(file.parameters()).isEqualTo(parameters);
        assertThat(Architecture.parameters(found.config())).isEqualTo(parameters);
    }

    @Test
    void full_width_networks_have_the_published_numbers_of_parameters() {
        NetworkConfig seed = NetworkConfig.attUNet(2, 3, 1);
        assertThat(Architecture.parameters(seed)).isEqualTo(31_395_053);
        assertThat(Architecture.parameters(seed.withUpsampling(Upsampling.NEAREST)))
                .isEqualTo(34_878_573);
        assertThat(Architecture.parameters(NetworkConfig.paper(1, 4, Gates.GRID_SINGLE)))
                .isEqualTo(6_214_151);
        assertThat(Architecture.parameters(NetworkConfig.paper(1, 4, Gates.GRID_MULTI)))
                .isEqualTo(6_473_322);
        assertThat(Architecture.parameters(NetworkConfig.paper(1, 4, Gates.NONE)))
                .isEqualTo(5_888_004);
    }

    @Test
    void every_configuration_is_recognised_from_its_own_names() {
        for (int dimension : new int[] {2, 3}) {
            for (Upsampling upsampling : List.of(Upsampling.TRANSPOSED, Upsampling.NEAREST)) {
                for (NormLayer norm : NormLayer.values()) {
                    for (Gates gates : List.of(Gates.ADDITIVE, Gates.NONE)) {
                        for (boolean heads : new boolean[] {false, true}) {
                            NetworkConfig config = new NetworkConfig(
                                    Family.ATTENTION_UNET,
                                    dimension,
                                    2,
                                    3,
                                    List.of(1, 3, 5, 6),
                                    upsampling,
                                    norm,
                                    gates,
                                    heads);
                            assertThat(Architecture.recognise(zeros(config), "test")
                                            .config())
                                    .isEqualTo(config);
                        }
                    }
                }
            }
        }
    }

    @Test
    void the_papers_network_is_recognised_in_both_dimensions() {
        for (int dimension : new int[] {2, 3}) {
            for (Gates gates : List.of(Gates.GRID_SINGLE, Gates.GRID_MULTI, Gates.NONE)) {
                NetworkConfig config =
                        NetworkConfig.paper(dimension, 2, 3, gates).withWidths(List.of(1, 2, 3, 4, 5));
                assertThat(Architecture.recognise(zeros(config), "test").config())
                        .isEqualTo(config);
            }
        }
    }

    @Test
    void heads_of_deep_supervision_stand_on_the_inner_levels() {
        Map<String, long[]> expected = Architecture.expected(SMALL.withDeepSupervision(true));
        assertThat(expected.get("Head2.weight")).containsExactly(1, 8, 1, 1);
        assertThat(expected.get("Head4.weight")).containsExactly(1, 32, 1, 1);
        assertThat(expected).doesNotContainKeys("Head1.weight", "Head5.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "W_g, W_gate",
        "W_x, W_skip",
        "W_x, W_l",
        "Up_conv, UpConv",
        "Up_conv, up_conv",
        "Up_conv, Upconv",
        "Conv., Conv_1x1.",
        "Conv., conv_1x1.",
        "Conv., final.",
        "Conv., out.",
        "Conv., outc.conv.",
        "Att, att",
        "Att, Attention",
        "Conv1.conv, conv1.conv",
        "Conv2.conv, Conv2.double_conv",
        "Conv3.conv, Conv3",
        "Up5.up, Up5",
        "Up5.up, up5.up"
    })
    void spellings_in_public_checkpoints_are_recognised(String ours, String theirs) {
        Architecture.Recognised found =
                Architecture.recognise(renamed(zeros(SMALL), name -> name.replace(ours, theirs)), "test");
        assertThat(found.config()).isEqualTo(SMALL);
        assertThat(found.weights()).isEqualTo(zeros(SMALL));
    }

    @Test
    void the_nearest_variant_with_other_names_is_recognised() {
        NetworkConfig config = SMALL.withUpsampling(Upsampling.NEAREST).withWidths(List.of(4, 8, 16, 32));
        StateDict theirs = renamed(
                zeros(config),
                name -> "module."
                        + name.replace("Conv_1x1", "Conv")
                                .replace("Up_conv", "UpConv")
                                .replace("W_g", "W_gate"));
        Architecture.Recognised found = Architecture.recognise(theirs, "test");
        assertThat(found.config()).isEqualTo(config);
        assertThat(found.weights()).isEqualTo(zeros(config));
        assertThat(found.notes()).singleElement().asString().contains("UpConv2.conv as Up_conv2.conv");
    }

    @Test
    void a_decoder_counted_from_one_is_recognised() {
        StateDict theirs = renamed(zeros(SMALL), name -> {
            for (int level = 2; level <= 5; level++) {
                for (String stage : List.of("Up", "Att", "Up_conv")) {
                    if (name.startsWith(stage + level + ".")) {
                        return name.replace(stage + level, stage + (level - 1));
                    }
                }
            }
            return name;
        });
        assertThat(Architecture.recognise(theirs, "test").weights()).isEqualTo(zeros(SMALL));
    }

    @Test
    void batch_counters_that_old_pytorch_did_not_save_are_zero() {
        Map<String, Weight> old = new LinkedHashMap<>(zeros(SMALL).weights());
        old.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
        Architecture.Recognised found = Architecture.recognise(new StateDict(old), "test");
        assertThat(found.weights()).isEqualTo(zeros(SMALL));
        assertThat(found.notes()).singleElement().asString().contains("num_batches_tracked");
    }

    @Test
    void missing_unknown_and_misshapen_weights_are_all_listed() {
        Map<String, Weight> weights = new LinkedHashMap<>(zeros(SMALL).weights());
        weights.remove("Att3.psi.0.bias");
        weights.put("Extra.weight", Weight.of(new float[2], 2));
        weights.put("Up4.up.bias", Weight.of(new float[3], 3));
        assertThatThrownBy(() -> Architecture.recognise(new StateDict(weights), "net.pth"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("net.pth")
                .hasMessageContaining("missing: Att3.psi.0.bias")
                .hasMessageContaining("unknown: Extra.weight")
                .hasMessageContaining("Up4.up.bias is (3) and not (16)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"conv.weight", "RRCNN1.Conv_1x1.weight", "Conv1.conv.0.weight", "center.conv1.0.weight"})
    void other_networks_are_refused(String name) {
        StateDict weights = new StateDict(Map.of(name, Weight.of(new float[9], 1, 1, 3, 3)));
        assertThatThrownBy(() -> Architecture.recognise(weights, "net.pth")).isInstanceOf(AttunetException.class);
    }

    @Test
    void weights_of_absurd_shape_are_refused() {
        for (String name : List.of("Conv1.conv.0.weight", "Conv.weight", "Conv5.conv.0.weight")) {
            for (long[] shape : new long[][] {{}, {0}, {0, 0, 0, 0}, {0, 70_000, 3, 3}, {1, 1, 1, 1, 1, 1, 1}}) {
                Map<String, Weight> weights = new LinkedHashMap<>(zeros(SMALL).weights());
                int elements = (int) Shapes.elements(shape);
                weights.put(name, Weight.of(new float[elements], shape));
                assertThatThrownBy(() -> Architecture.recognise(new StateDict(weights), "net.pth"))
                        .isInstanceOf(AttunetException.class)
                        .hasMessageContaining("net.pth");
            }
        }
    }

    static StateDict zeros(NetworkConfig config) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        Architecture.expected(config).forEach((name, shape) -> {
            int elements = (int) Shapes.elements(shape);
            weights.put(
                    name,
                    name.endsWith("num_batches_tracked")
                            ? Weight.ofLongs(new long[elements], shape)
                            : Weight.of(new float[elements], shape));
        });
        return new StateDict(weights);
    }

    private static StateDict renamed(StateDict dict, UnaryOperator<String> rename) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        dict.weights().forEach((name, weight) -> weights.put(rename.apply(name), weight));
        return new StateDict(weights);
    }
}
