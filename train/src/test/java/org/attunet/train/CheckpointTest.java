package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CheckpointTest {
    /** As where no validation case has a judged voxel: the first weights, hardly trained, would be the model. */
    @Test
    void while_validation_finds_nothing_the_latest_weights_are_kept() {
        TrainingHealth health = TrainingHealth.none();
        Checkpoint state = Checkpoint.start();
        for (int k = 1; k <= 3; k++) {
            state = state.afterStep(1, 0).afterValidation(0, health);
            assertThat(state.bestStep()).isEqualTo(k);
            assertThat(state.stale()).as("early stopping counts on").isEqualTo(k - 1);
        }
        state = state.afterStep(1, 0).afterValidation(0.5, health);
        assertThat(state.afterStep(1, 0).afterValidation(0, health).bestStep()).isEqualTo(4);
    }
}
