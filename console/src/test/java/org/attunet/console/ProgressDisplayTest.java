package org.attunet.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    @Test
    void the_time_left_is_the_elapsed_time_scaled_by_the_steps_left() {
        assertThat(ProgressDisplay.line("Predicting", true, 30, 120, 10, ""))
                .isEqualTo("Predicting: 30 of 120 (25%), 10 s elapsed, about 30 s left");
    }

    @Test
    void before_the_first_step_no_time_left_is_claimed() {
        assertThat(ProgressDisplay.line("Training", false, 0, 8, 12, "loss 0.31"))
                .isEqualTo("Training: 0%, 12 s elapsed; loss 0.31");
    }

    @Test
    void durations_are_shown_in_the_two_largest_units() {
        assertThat(ProgressDisplay.duration(59.4)).isEqualTo("59 s");
        assertThat(ProgressDisplay.duration(185)).isEqualTo("3 min 5 s");
        assertThat(ProgressDisplay.duration(7_530)).isEqualTo("2 h 5 min");
    }
}
