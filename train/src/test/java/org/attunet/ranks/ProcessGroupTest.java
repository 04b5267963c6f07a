package org.attunet.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessGroupTest {
    private static final String HERE = "127.0.0.1";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void tensors_of_any_shape_become_their_sums_on_every_rank(int count) {
        List<float[]> sums = RankThreads.run(count, ranks -> {
            try (var scope = TensorScope.open()) {
                float r = ranks.number();
                Tensor matrix = Tensors.of(new float[] {r, 1, r * r, 2}, 2, 2).t(); // not as it lies
                Tensor row = Tensors.of(new float[] {10 * r}, 1);
                ranks.sum(List.of(matrix, row));
                float[] all = java.util.Arrays.copyOf(Tensors.toFloats(matrix), 5);
                all[4] = Tensors.toFloats(row)[0];
                return all;
            }
        });
        float first = count * (count - 1) / 2f;
        float squares = count == 3 ? 5 : count - 1;
        for (float[] values : sums) {
            assertThat(values).containsExactly(first, squares, count, 2 * count, 10 * first);
        }
    }

    @Test
    void what_rank_0_gives_reaches_all_and_what_each_gives_comes_in_the_order_of_the_ranks() {
        List<List<String>> texts = RankThreads.run(3, ranks -> {
            String own = ranks.number() == 1 ? "" : "x".repeat(1000 * (ranks.number() + 1)) + ranks.number();
            List<String> all = new java.util.ArrayList<>(List.of(text(ranks.broadcast(bytes(own)))));
            ranks.gather(bytes(own)).forEach(part -> all.add(text(part)));
            return all;
        });
        String zero = "x".repeat(1000) + 0;
        assertThat(texts)
                .hasSize(3)
                .allSatisfy(all -> assertThat(all).containsExactly(zero, zero, "", "x".repeat(3000) + 2));
    }

    @Test
    void gradients_flow_back_through_a_sum_to_what_each_rank_gave() {
        // L = sum over r of (r + 1) S^2, S = sum of x_r^2: dL/dx_r = (1 + 2 + 3) * 2 S * 2 x_r
        List<double[]> gradients = RankThreads.run(3, ranks -> {
            try (var scope = TensorScope.open()) {
                Tensor x =
                        Tensors.ofDoubles(new double[] {ranks.number() + 1}, 1).requires_grad_(true);
                Tensor sum = ranks.summed(x.mul(x));
                assertThat(Tensors.toDoubles(sum)).containsExactly(14);
                sum.mul(sum).mul(new Scalar((double) (ranks.number() + 1))).backward();
                return Tensors.toDoubles(x.grad());
            }
        });
        for (int r = 0; r < 3; r++) {
            assertThat(gradients.get(r)).containsExactly(6 * 2 * 14 * 2 * (r + 1));
        }
    }

    @Test
    void whoever_works_longer_than_the_timeout_is_waited_for_at_a_meeting() {
        List<Object> outcomes = RankThreads.outcomes(2, 1, ranks -> {
            if (!ranks.first()) {
                sleep(2500);
            }
            ranks.barrier();
            return ranks.sum(1)[0];
        });
        assertThat(outcomes).containsExactly(2.0, 2.0);
    }

    @Test
    void the_failure_of_a_rank_is_reported_by_the_others_with_its_own_words() {
        var broken = new AttunetException("case 7", "its mask is empty", "a mask", "leave it out");
        List<Object> outcomes = RankThreads.outcomes(3, 60, ranks -> {
            ranks.sum(1);
            if (ranks.number() == 1) {
                throw broken;
            }
            return ranks.sum(1)[0];
        });
        assertThat(outcomes.get(1)).isSameAs(broken);
        for (int r : List.of(0, 2)) {
            assertThat((AttunetException) outcomes.get(r))
                    .hasMessageStartingWith("rank 1 of 3: case 7: its mask is empty; expected a mask")
                    .hasMessageContaining("--resume");
        }
    }

    @Test
    void a_failure_that_a_backward_pass_meets_is_kept() {
        var broken = new AttunetException("case 7", "its mask is empty", "a mask", "leave it out");
        List<Object> outcomes = RankThreads.outcomes(2, 60, ranks -> {
            try (var scope = TensorScope.open()) {
                Tensor x = Tensors.ofDoubles(new double[] {1}, 1).requires_grad_(true);
                Tensor sum = ranks.summed(x.mul(x));
                if (!ranks.first()) {
                    throw broken;
                }
                try {
                    sum.backward();
                } catch (RuntimeException inNativeWords) {
                    ranks.check();
                }
                return "nothing failed";
            }
        });
        assertThat((AttunetException) outcomes.get(0)).hasMessageStartingWith("rank 1 of 2: case 7");
    }

    @Test
    void a_rank_that_fails_before_a_meeting_ends_it() {
        List<Object> outcomes = RankThreads.outcomes(2, 60, ranks -> {
            if (ranks.first()) {
                throw new AttunetException("run", "the disk is full", "room", "make room");
            }
            ranks.barrier();
            return 0;
        });
        assertThat((AttunetException) outcomes.get(1)).hasMessageStartingWith("rank 0 of 2: run: the disk is full");
    }

    @Test
    void a_rank_that_leaves_without_a_word_is_named_as_lost() {
        List<Object> outcomes;
        try (var server = Rendezvous.open()) {
            outcomes = RankThreads.inThreads(3, number -> {
                try (ProcessGroup ranks =
                        ProcessGroup.join(new RankConfig(HERE, server.port(), number, 3, HERE, 1, 60))) {
                    ranks.sum(1);
                    return number == 2 ? "gone" : ranks.sum(1)[0];
                }
            });
        }
        for (int r : List.of(0, 1)) {
            assertThat((AttunetException) outcomes.get(r))
                    .hasMessageStartingWith("rank 2 of 3: lost")
                    .hasMessageContaining("--resume");
        }
    }

    @Test
    void a_rank_that_leaves_others_waiting_beyond_the_timeout_is_named_too() {
        List<Object> outcomes = RankThreads.outcomes(2, 1, ranks -> {
            if (!ranks.first()) {
                sleep(6000);
            }
            return ranks.sum(1)[0];
        });
        assertThat((AttunetException) outcomes.get(0)).hasMessageStartingWith("rank 1 of 2: lost");
    }

    @Test
    void a_rank_that_never_comes_is_named() {
        try (var server = Rendezvous.open()) {
            assertThatThrownBy(() -> ProcessGroup.join(new RankConfig(HERE, server.port(), 0, 2, HERE, 1, 1)))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageStartingWith("rank 1 of 2: it did not join within 1 s");
        }
    }

    @Test
    void a_server_that_is_not_there_is_reported_with_its_address() throws IOException {
        int free;
        try (var socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThatThrownBy(() -> ProcessGroup.join(new RankConfig(HERE, free, 1, 2, HERE, 1, 1)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no server at 127.0.0.1:" + free + " within 1 s");
        assertThatThrownBy(() -> ProcessGroup.join(new RankConfig("no.such.host.invalid", free, 1, 2, HERE, 1, 1)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no.such.host.invalid");
    }

    @Test
    void an_address_of_another_machine_is_refused() {
        try (var server = Rendezvous.open()) {
            List<Object> outcomes = RankThreads.inThreads(
                    2, number -> ProcessGroup.join(new RankConfig(HERE, server.port(), number, 2, "192.0.2.1", 1, 5)));
            assertThat(outcomes)
                    .allSatisfy(
                            outcome -> assertThat((AttunetException) outcome).hasMessageContaining("192.0.2.1"));
        }
    }

    @Test
    void a_number_that_is_taken_is_refused() {
        try (var server = Rendezvous.open()) {
            List<Object> outcomes = RankThreads.inThreads(
                    2, ignored -> ProcessGroup.join(new RankConfig(HERE, server.port(), 1, 2, HERE, 1, 1)));
            assertThat(outcomes)
                    .anySatisfy(
                            outcome -> assertThat((AttunetException) outcome).hasMessageContaining("twice"));
        }
    }

    private static byte[] bytes(String text) {
        return Objects.requireNonNull(text).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
