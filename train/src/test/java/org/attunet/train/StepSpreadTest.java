package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.attunet.plan.CostEstimate;
import org.attunet.plan.TrainingConfig;
import org.attunet.plan.TrainingConfig.Length;
import org.junit.jupiter.api.Test;

class StepSpreadTest {
    private static final CostEstimate MEAN = new CostEstimate(6, 1, 0, 12, 0);

    @Test
    void even_steps_on_a_free_machine_need_no_range() {
        StepSpread even = StepSpread.of(Collections.nCopies(20, 1.0), 0);
        assertThat(even).isEqualTo(new StepSpread(1, 1, 0));
        assertThat(even.isWide()).isFalse();
        assertThat(StepSpread.of(List.of(0.5), 0.1).isWide()).isFalse();
    }

    @Test
    void steps_of_different_length_give_a_range_of_steps_in_the_same_minutes() {
        List<Double> times = IntStream.range(0, 20).mapToObj(k -> 0.5 + k * 0.1).toList();
        StepSpread spread = StepSpread.of(times, 0);
        assertThat(spread.isWide()).isTrue();
        assertThat(spread.low()).isCloseTo(0.7, within(1e-9));
        assertThat(spread.high()).isCloseTo(2.3, within(1e-9));
        TrainingConfig tenMinutes = TrainingConfig.defaults().with(new Length(0, 10));
        assertThat(spread.range(MEAN, tenMinutes)).isEqualTo("261 to 857 steps, 10.3 minutes from start to report");
        TrainingConfig thousand = TrainingConfig.defaults().with(new Length(1000, 0));
        assertThat(spread.range(MEAN, thousand)).isEqualTo("1000 steps, 12.0 to 38.6 minutes from start to report");
        assertThat(spread.reason()).contains("differed", "0.700 s", "2.30 s");
    }

    @Test
    void other_programs_make_steps_faster_once_they_end() {
        StepSpread busy = StepSpread.of(Collections.nCopies(10, 2.0), 0.5);
        assertThat(busy.isWide()).isTrue();
        assertThat(busy.low()).isEqualTo(1);
        assertThat(busy.high()).isEqualTo(2);
        assertThat(busy.reason()).contains("50%");
    }

    @Test
    void the_processors_are_watched() {
        assertThat(new StepSpread.Watch().others()).isBetween(0.0, 0.95);
    }
}
