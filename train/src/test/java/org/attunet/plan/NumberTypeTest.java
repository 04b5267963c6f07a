package org.attunet.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.LabelSet;
import org.attunet.plan.NumberType.Pair;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.tensor.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The choice as a function of given times; which type is faster is for the machine to say. */
class NumberTypeTest {
    private static final Processor ZEN_5 = new Processor("AMD EPYC", 2, List.of("avx2", "avx512_bf16"), List.of());
    private static final Processor OLD = new Processor("Xeon E5", 2, List.of("avx2", "fma"), List.of());

    @TempDir
    Path folder;

    private static List<Pair> pairs(int count, double float32, double bfloat16) {
        return new ArrayList<>(Collections.nCopies(count, new Pair(float32, bfloat16, 1.2, 1.21)));
    }

    @Test
    void what_is_reliably_faster_is_chosen_with_its_times() {
        NumberType chosen = NumberType.of(pairs(20, 0.084, 0.061), "AMD EPYC, 2 threads");
        assertThat(chosen.bfloat16()).isTrue();
        assertThat(chosen.reason())
                .isEqualTo(
                        "bfloat16 61.0 ms, float32 84.0 ms a step, mean loss 1.200 and 1.210 (20 pairs of steps in turn, in"
                                + " 20 of which bfloat16 was at least 1.1 times as fast; measured on AMD EPYC, 2 threads).");
    }

    /** SciPy's binomtest(k, n, 0.5, "greater"): 7 of 7 0.0078, 6 of 6 0.0156, 15 of 20 0.0207, 16 of 20 0.0059. */
    @ParameterizedTest
    @CsvSource({"7, 0, true", "6, 0, false", "15, 5, false", "16, 4, true", "9, 1, false", "30, 30, false"})
    void a_sign_test_decides(int won, int lost, boolean chosen) {
        List<Pair> pairs = pairs(won, 2.2, 2);
        pairs.addAll(pairs(lost, 2, 2.5));
        NumberType type = NumberType.of(pairs, "here");
        assertThat(type.bfloat16()).isEqualTo(chosen);
        assertThat(type.reason()).contains("in " + won + " of which").startsWith(chosen ? "bfloat16 " : "float32 ");
    }

    @Test
    void a_gain_below_the_margin_is_none_however_sure_it_is() {
        NumberType type = NumberType.of(pairs(60, 1.09, 1), "here");
        assertThat(type.bfloat16()).isFalse();
        assertThat(type.reason()).startsWith("float32 1.09 s, bfloat16 1.00 s a step: not reliably faster");
    }

    @Test
    void noise_alone_chooses_hardly_ever() {
        var random = new Random(1);
        int chosen = 0;
        for (int trial = 0; trial < 1000; trial++) {
            List<Pair> pairs = new ArrayList<>();
            for (int k = 0; k < 20; k++) { // equally fast, slowed down by up to 3 times
                pairs.add(new Pair(1 + 2 * random.nextDouble(), 1 + 2 * random.nextDouble(), 1, 1));
            }
            chosen += NumberType.of(pairs, "here").bfloat16() ? 1 : 0;
        }
        assertThat(chosen).isLessThan(10);
    }

    @ParameterizedTest
    @CsvSource({"1.2, 1.27", "1.2, 1.1", "1.2, NaN", "NaN, 1.2", "Infinity, Infinity"})
    void another_loss_keeps_float32(double expected, double found) {
        List<Pair> pairs = Collections.nCopies(20, new Pair(2, 1, expected, found));
        NumberType type = NumberType.of(pairs, "here");
        assertThat(type.bfloat16()).isFalse();
        assertThat(type.reason()).startsWith("float32 2.00 s a step: bfloat16 takes 1.00 s, but its loss differs");
    }

    @Test
    void settings_and_processors_without_bfloat16_are_not_tried() {
        ComputeConfig usual = new ComputeConfig("cpu", 2, 1, 1, false, false);
        assertThat(NumberType.obstacle(usual, ZEN_5)).isNull();
        assertThat(NumberType.obstacle(usual, OLD))
                .isEqualTo("this processor (Xeon E5) has no instructions for bfloat16");
        assertThat(NumberType.obstacle(usual, new Processor("aarch64", 2, List.of(), List.of())))
                .contains("it isn't known");
        assertThat(NumberType.obstacle(usual.withDevice("cuda"), OLD)).isNull();
        assertThat(NumberType.obstacle(new ComputeConfig("cpu", 2, 1, 1, false, true), ZEN_5))
                .contains("all ranks");
    }

    @Test
    void a_plan_in_bfloat16_comes_back_from_its_file_and_falls_back_to_float32_on_another_processor() throws Exception {
        Path file = folder.resolve("plan.yaml");
        plan().with(NumberType.of(pairs(20, 0.084, 0.061), "AMD EPYC")).write(file);
        assertThat(Files.readString(file)).containsPattern("# bfloat16 61.0 ms[^:]*\n( *#.*\n)*  autocast: true");

        Plan read = Plan.read(file);
        assertThat(read.config().compute().autocast()).isTrue();
        List<String> warnings = new ArrayList<>();
        assertThat(read.on(ZEN_5, warnings::add)).isSameAs(read);
        assertThat(warnings).isEmpty();

        Plan fallen = read.on(OLD, warnings::add);
        assertThat(fallen.config()).isEqualTo(plan().config());
        assertThat(fallen.toYaml()).contains("# float32, because this processor (Xeon E5)");
        assertThat(warnings)
                .containsExactly(
                        "the plan has convolutions in bfloat16, but this processor (Xeon E5) has no instructions"
                                + " for bfloat16: this training is in float32");
        assertThat(fallen.on(OLD, warnings::add)).isSameAs(fallen);
        assertThat(warnings).hasSize(1);
    }

    private static Plan plan() {
        return new Plan(
                ModelDescription.of(
                        "made",
                        Plan.network(2, 1, LabelSet.of(Map.of(1, "a"))),
                        Preprocessing.of(1, new Normalisation.ZScore()),
                        LabelSet.of(Map.of(1, "organ")),
                        32,
                        32),
                TrainingConfig.defaults());
    }
}
