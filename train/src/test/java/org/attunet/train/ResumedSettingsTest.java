package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.LabelSet;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.ComputeConfig;
import org.attunet.plan.TrainingConfig.Length;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

class ResumedSettingsTest {
    private static final ModelDescription MODEL = ModelDescription.of(
            "data",
            Plan.network(2, 1, LabelSet.of(Map.of(1, "a"))).withWidths(List.of(4, 8)),
            Preprocessing.of(1, new Normalisation.ZScore()),
            LabelSet.of(Map.of(1, "cell")),
            new int[] {32, 32});
    private static final TrainingConfig CONFIG = TrainingConfig.defaults().with(new Length(20, 0));
    private static final ResumedSettings BEGUN = new ResumedSettings(Path.of("run"), MODEL.withMirroredAxes(2), CONFIG);

    @Test
    void repeated_settings_another_name_and_another_division_of_the_work_are_no_contradiction() {
        Plan same = new Plan(
                MODEL.withName("other"),
                CONFIG.with(CONFIG.compute().withDevice("cuda").divided(7, 1, 3)));
        assertThatCode(() -> BEGUN.require(same)).doesNotThrowAnyException();
    }

    @Test
    void other_settings_are_refused_and_named() {
        Plan other = new Plan(
                MODEL.withNetwork(
                        Plan.network(2, 1, LabelSet.of(Map.of(1, "a"))).withWidths(List.of(8, 16))),
                CONFIG.with(new Length(30, 0)));
        assertThatThrownBy(() -> BEGUN.require(other))
                .hasMessageStartingWith(
                        "run: the options ask for network.widths [8,16] in place of [4,8], training.steps"
                                + " 30 in place of 20; expected the settings that the training there began with.");
    }

    @Test
    void another_start_is_refused() {
        Optional<Path> began = Optional.of(Path.of("a/../model.zip"));
        assertThatCode(() -> BEGUN.requireStart(Path.of("model.zip"), began)).doesNotThrowAnyException();
        assertThatCode(() -> BEGUN.requireStart(null, began)).doesNotThrowAnyException();
        assertThatThrownBy(() -> BEGUN.requireStart(Path.of("x.pt"), began))
                .hasMessageContaining("--from is x.pt, but it began with the weights of a/../model.zip");
        assertThatThrownBy(() -> BEGUN.requireStart(Path.of("x.pt"), Optional.empty()))
                .hasMessageContaining("it began with random weights");
    }

    @Test
    void another_device_is_noted() {
        ComputeConfig own = CONFIG.compute();
        assertThat(ResumedSettings.changes(own, own)).isEmpty();
        assertThat(ResumedSettings.changes(own, own.withDevice("cuda")))
                .singleElement()
                .asString()
                .startsWith("device is cuda from here on, in place of cpu");
    }
}
