package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.OverlapCounts;
import org.attunet.report.AttentionShare;
import org.junit.jupiter.api.Test;

class TrainingHealthTest {
    private static final Grid ROW = Grid.of(4, 1);
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "liver", 2, "spleen"));

    private static LabelMap row(int... values) {
        short[] voxels = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            voxels[i] = (short) values[i];
        }
        return new LabelMap(ROW, voxels);
    }

    private static Validation.Outcome outcome(LabelMap truth, LabelMap prediction) {
        return new Validation.Outcome(
                0.5,
                truth.values().isEmpty(),
                SilentLabel.among(List.of(OverlapCounts.of(truth, prediction, LABELS)), LABELS),
                new AttentionMeasure());
    }

    @Test
    void coefficients_are_averaged_inside_and_outside_the_target_and_each_case_counts_alike() {
        var measure = new AttentionMeasure();
        measure.add(AttentionMeasure.of(row(0, 1, 2, 0), Map.of("g", Image.of(ROW, new float[] {0.25f, 1, 0.5f, 0.75f
        }))));
        measure.add(AttentionMeasure.of(row(0, 0, 0, 1), Map.of("g", Image.of(ROW, new float[] {0, 0, 0, 0.25f}))));
        measure.add(AttentionMeasure.of(row(0, 0, 0, 0), Map.of("g", Image.of(ROW, new float[] {1, 1, 1, 1}))));
        assertThat(measure.rows(7)).containsExactly(new AttentionShare(7, "g", (0.75 + 0.25) / 2, (0.5 + 0) / 2));
    }

    @Test
    void a_label_that_is_never_predicted_is_reported_from_a_third_of_the_run_on_and_forgotten_once_it_is_found() {
        LabelMap truth = row(1, 1, 2, 0);
        Validation.Outcome silent = outcome(truth, row(1, 1, 0, 0));
        assertThat(silent.silent()).containsExactly(new SilentLabel("spleen", 2, 1));
        assertThat(TrainingHealth.none().validated(silent, 3, 0.3).warnings()).isEmpty();
        TrainingHealth told = TrainingHealth.none().validated(silent, 4, 0.4);
        assertThat(told.warnings()).hasSize(1);
        assertThat(told.warnings().get(0).text()).contains("spleen (label 2)", "1 validation case", "--foreground");
        assertThat(told.validated(silent, 5, 0.5)).isEqualTo(told);
        assertThat(told.validated(outcome(truth, truth), 5, 0.5).warnings()).isEmpty();
    }

    @Test
    void a_label_that_no_mask_holds_is_not_missed() {
        assertThat(outcome(row(1, 1, 0, 0), row(0, 0, 0, 0)).silent()).containsExactly(new SilentLabel("liver", 1, 1));
    }

    @Test
    void masks_that_hold_nothing_to_validate_on_are_reported_at_once_and_once() {
        Validation.Outcome blank = outcome(row(0, 0, 0, 0), row(0, 1, 0, 0));
        TrainingHealth told = TrainingHealth.none().validated(blank, 1, 0.05);
        assertThat(told.warnings())
                .singleElement()
                .satisfies(warning ->
                        assertThat(warning.text()).contains("No mask of the validation cases has a label", "--seed"));
        assertThat(told.validated(blank, 2, 0.1)).isEqualTo(told);
    }

    private static final Checkpoint GOOD = new Checkpoint(8, 0, -1, 0, 0, 0, 0, new History(), TrainingHealth.none());

    @Test
    void each_return_halves_the_rate_and_skips_the_batches_that_were_drawn() {
        TrainingHealth once = TrainingHealth.none().wentBack(GOOD, 11, "the loss became NaN", 0.01);
        assertThat(once.rateFactor()).isEqualTo(0.5);
        assertThat(once.skipped()).isEqualTo(3);
        TrainingHealth twice = once.wentBack(GOOD, 9, "the loss became NaN", 0.01);
        assertThat(twice.rateFactor()).isEqualTo(0.25);
        assertThat(twice.skipped()).isEqualTo(4);
        assertThat(twice.warnings()).hasSize(2);
    }
}
