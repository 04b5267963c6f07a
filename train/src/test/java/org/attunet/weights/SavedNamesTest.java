package org.attunet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that lie in a file beside other tensors. */
class SavedNamesTest {
    @TempDir
    Path folder;

    /** The weights of a small network, each of one value. */
    private static Map<String, Weight> network(float value) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        Architecture.expected(Plan.network(2, 1, LabelSet.of(Map.of(1, "a"))).withWidths(List.of(2, 4)))
                .forEach((name, shape) -> {
                    int count = (int) Shapes.elements(shape);
                    float[] values = new float[count];
                    java.util.Arrays.fill(values, value);
                    weights.put(
                            name,
                            name.endsWith("num_batches_tracked")
                                    ? Weight.ofLongs(new long[count], shape)
                                    : Weight.of(values, shape));
                });
        return weights;
    }

    private static Map<String, Weight> under(String prefix, Map<String, Weight> network) {
        Map<String, Weight> renamed = new LinkedHashMap<>();
        network.forEach((name, weight) -> renamed.put(prefix + name, weight));
        return renamed;
    }

    @SafeVarargs
    private Path file(String name, Map<String, Weight>... parts) {
        Map<String, Weight> all = new LinkedHashMap<>();
        for (Map<String, Weight> part : parts) {
            all.putAll(part);
        }
        Path file = folder.resolve(name);
        new StateDict(all).write(file);
        return file;
    }

    private static final Map<String, Weight> COUNT = Map.of("n_averaged", Weight.ofLongs(new long[] {7}));

    @Test
    void a_prefix_that_the_network_s_keys_share_goes_and_odd_keys_are_named() {
        for (String name : List.of("x.pt", "x.safetensors")) {
            for (String prefix : List.of("module.", "net.", "_orig_mod.module.", "model.net.", "a.b.c.")) {
                Path file = file(name, COUNT, under(prefix, network(1)));
                Architecture.Recognised found = Architecture.read(file, null);
                assertThat(found.weights()).isEqualTo(new StateDict(network(1)));
                assertThat(found.notes())
                        .containsExactly("left out what is no part of the network under "
                                + prefix.replace("_orig_mod.", "").replaceFirst("\\.$", "") + ": n_averaged");
            }
        }
    }

    @Test
    void a_plain_or_wrapped_network_alone_has_no_notes() {
        assertThat(Architecture.read(file("a.pt", network(1)), null).notes()).isEmpty();
        assertThat(Architecture.read(file("b.pt", under("module.", network(1))), null)
                        .notes())
                .isEmpty();
        Map<String, Weight> inside = new LinkedHashMap<>();
        network(1).forEach((name, weight) -> inside.put(name.replaceFirst("\\.", "._orig_mod."), weight));
        assertThat(Architecture.read(file("c.pt", inside), null).weights()).isEqualTo(new StateDict(network(1)));
    }

    @Test
    void what_profilers_losses_and_metrics_leave_is_dropped_and_named() {
        Weight one = Weight.of(new float[] {1}, 1);
        Map<String, Weight> odd = new LinkedHashMap<>();
        odd.put("total_ops", one);
        odd.put("Conv1.conv.0.total_params", one);
        odd.put("criterion.pos_weight", one);
        odd.put("dice_loss.weight", one);
        odd.put("val_metrics.state", one);
        Architecture.Recognised found = Architecture.read(file("odd.pt", network(1), odd), null);
        assertThat(found.weights()).isEqualTo(new StateDict(network(1)));
        assertThat(found.notes())
                .containsExactly("left out what is no part of the network: total_ops, Conv1.conv.0.total_params,"
                        + " criterion.pos_weight, dice_loss.weight, val_metrics.state");
    }

    @Test
    void a_layer_that_the_network_lacks_or_has_in_addition_is_an_error() {
        Map<String, Weight> more = network(1);
        more.put("se1.fc.weight", Weight.of(new float[] {1}, 1));
        assertThatThrownBy(() -> Architecture.read(file("more.pt", COUNT, under("module.", more)), null))
                .hasMessageContaining("unknown: se1.fc.weight");
        Map<String, Weight> fewer = network(1);
        fewer.remove("Up2.up.1.weight");
        fewer.remove("Att2.psi.0.weight");
        assertThatThrownBy(() -> Architecture.read(file("fewer.pt", COUNT, under("module.", fewer)), null))
                .hasMessageContaining("missing: ")
                .hasMessageContaining("Att2.psi.0.weight");
    }

    @Test
    void of_a_network_and_its_average_the_network_is_taken_and_a_key_takes_the_other() {
        for (String average :
                List.of("ema", "ema_model", "model_ema", "shadow", "swa_model.module", "state_dict_ema")) {
            Path file = file("two.pt", under("model.", network(1)), under(average + ".", network(2)));
            Architecture.Recognised found = Architecture.read(file, null);
            assertThat(found.weights()).as(average).isEqualTo(new StateDict(network(1)));
            assertThat(found.notes())
                    .containsExactly("took the network model and left " + average
                            + "; 'attunet import FILE --key NAME' takes another");
            assertThat(Architecture.read(file, average).weights()).isEqualTo(new StateDict(network(2)));
        }
    }

    @Test
    void networks_of_equal_standing_need_a_key() {
        Path file = file("equal.safetensors", under("student.net.", network(1)), under("teacher.net.", network(2)));
        assertThatThrownBy(() -> Architecture.read(file, null))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it holds several networks: student.net, teacher.net")
                .hasMessageContaining("--key student.net");
        assertThat(Architecture.read(file, "teacher").weights()).isEqualTo(new StateDict(network(2)));
        assertThatThrownBy(() -> Architecture.read(file, "net")).hasMessageContaining("several networks");
        assertThatThrownBy(() -> Architecture.read(file, "ema"))
                .hasMessageContaining("no network under the key ema, but under student.net, teacher.net");
    }

    @Test
    void a_network_without_a_prefix_is_named_by_a_dot() {
        Path file = file("top.pt", network(1), under("other.", network(2)));
        assertThatThrownBy(() -> Architecture.read(file, null)).hasMessageContaining("several networks: ., other");
        assertThat(Architecture.read(file, ".").weights()).isEqualTo(new StateDict(network(1)));
        assertThat(Architecture.read(file, "other").weights()).isEqualTo(new StateDict(network(2)));
    }

    @Test
    void a_key_of_a_file_without_a_network_is_refused() {
        Path file = file("none.pt", Map.of("w", Weight.of(new float[] {1}, 1)));
        assertThatThrownBy(() -> Architecture.read(file, "ema")).hasMessageContaining("no network that is known");
        assertThatThrownBy(() -> Architecture.read(file, null)).hasMessageContaining("belong to no known network");
    }

    @Test
    void the_prefix_is_found_in_every_spelling_of_the_levels() {
        List<String> names =
                new ArrayList<>(List.of("net.conv_1.double_conv.0.weight", "net.conv_2.double_conv.0.weight"));
        names.add("n_averaged");
        assertThat(SavedNames.of(names, List.of()).isEmpty()).isFalse();
        assertThat(SavedNames.of(List.of("stem.conv1.0.weight"), List.of()).isEmpty())
                .isTrue();
    }
}
