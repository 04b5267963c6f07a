package org.attunet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.loss.Loss;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.Schedule;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.Mode;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Copies that divide a batch compute what one network computes of the whole. */
class ReplicasTest {
    private static final int BATCH = 4;
    private static final NetworkConfig INSTANCE = NetworkConfig.attUNet(2, 1, 2)
            .withWidths(List.of(4, 8))
            .withDeepSupervision(true)
            .withNormalisation(NormLayer.INSTANCE);

    @Test
    void without_statistics_over_the_batch_two_copies_give_the_gradients_of_one() {
        Map<String, float[]> one = gradients(INSTANCE, 1);
        Map<String, float[]> two = gradients(INSTANCE, 2);
        assertEquals(one.keySet(), two.keySet());
        one.forEach((name, values) -> assertArrayEquals(values, two.get(name), 2e-6f, name));
    }

    @Test
    void a_batch_that_the_copies_do_not_divide_evenly_is_weighted_by_its_parts() {
        Map<String, float[]> one = gradients(INSTANCE, 1);
        Map<String, float[]> three = gradients(INSTANCE, 3);
        one.forEach((name, values) -> assertArrayEquals(values, three.get(name), 2e-6f, name));
    }

    @Test
    void steps_of_copies_are_the_same_each_time() {
        var config = INSTANCE.withNormalisation(NormLayer.BATCH);
        Map<String, float[]> first = gradients(config, 2);
        Map<String, float[]> second = gradients(config, 2);
        first.forEach((name, values) -> assertArrayEquals(values, second.get(name), name));
    }

    @Test
    void the_threads_of_one_operation_are_shared_out_and_the_caller_keeps_its_own() {
        Natives.threads(4);
        try (TorchNetwork network = TorchNetwork.create(INSTANCE, 1);
                var replicas = new Replicas(network, 2, 4)) {
            Natives.threads(4);
            double each = replicas.gradients((copy, part) -> {
                try (var scope = TensorScope.withoutGradients()) {
                    // Long enough to be divided, which is when libtorch looks at its number of threads again.
                    Tensors.zeros(1 << 18).add(new org.bytedeco.pytorch.Scalar(1.0));
                }
                return torch.get_num_threads();
            });
            assertEquals(2 + 2, each);
            assertEquals(4, torch.get_num_threads());
        } finally {
            Natives.threads(1);
        }
    }

    @Test
    void running_statistics_become_the_mean_of_the_copies() {
        var config = INSTANCE.withNormalisation(NormLayer.BATCH);
        try (TorchNetwork together = trained(config, 2, input(), target());
                TorchNetwork front = trained(config, 1, half(input(), 0), half(target(), 0));
                TorchNetwork back = trained(config, 1, half(input(), 1), half(target(), 1))) {
            String name = "Conv1.conv.1.running_mean";
            float[] expected = values(front, name);
            float[] other = values(back, name);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (expected[i] + other[i]) / 2;
            }
            assertArrayEquals(expected, values(together, name), 1e-6f);
        }
    }

    @Test
    void the_failure_of_a_copy_reaches_the_caller_when_all_have_ended() {
        try (TorchNetwork network = TorchNetwork.create(INSTANCE, 1);
                var replicas = new Replicas(network, 2, 2)) {
            var failure = assertThrows(
                    AttunetException.class,
                    () -> replicas.gradients((copy, part) -> {
                        if (part == 1) {
                            throw new AttunetException("part 1", "it failed", "success", "none");
                        }
                        return 0;
                    }));
            assertEquals("part 1", failure.subject());
        }
    }

    /** The gradients after one pass over the batch. */
    private static Map<String, float[]> gradients(NetworkConfig config, int copies) {
        Map<String, float[]> result = new LinkedHashMap<>();
        try (TorchNetwork network = TorchNetwork.create(config, 7);
                var replicas = new Replicas(network, copies, 2);
                var scope = TensorScope.open()) {
            Tensor x = Tensors.of(input(), BATCH, 1, 16, 16);
            Tensor y = Tensors.ofLongs(target(), BATCH, 16, 16);
            replicas.gradients((copy, part) -> {
                long from = (long) BATCH * part / copies;
                long size = (long) BATCH * (part + 1) / copies - from;
                Tensor loss = new Loss.CrossEntropy()
                        .of(copy.forward(x.narrow(0, from, size), Mode.TRAINING).logits(), y.narrow(0, from, size))
                        .mul(new org.bytedeco.pytorch.Scalar((double) size / BATCH));
                loss.backward();
                return loss.item_float();
            });
            network.parameters().forEach((name, parameter) -> {
                if (parameter.grad().defined()) {
                    result.put(name, Tensors.toFloats(parameter.grad()));
                }
            });
        }
        return result;
    }

    private static TrainingConfig config(int batch, int copies) {
        var constant = new Schedule(Schedule.Shape.CONSTANT, 0);
        return TrainingConfig.defaults()
                .with(new TrainingConfig.Optimization("dice+ce", OptimizerRule.SGD, 1e-3, 0, constant, 0, 0))
                .with(new TrainingConfig.ComputeConfig("cpu", 2, 1, 1, false, false))
                .with(new TrainingConfig.BatchConfig(batch, 0))
                .with(new TrainingConfig.ComputeConfig("cpu", 2, copies, 1, false, false));
    }

    private static TorchNetwork trained(NetworkConfig config, int copies, float[] input, long[] target) {
        TorchNetwork network = TorchNetwork.create(config, 7);
        try (var optimizer = Optimizer.of(OptimizerRule.SGD, network.parameters(), 0);
                var step = new TrainingStep(
                        network, optimizer, config(target.length / 256, copies), ProcessGroup.alone());
                var scope = TensorScope.open()) {
            int batch = target.length / 256;
            step.take(Tensors.of(input, batch, 1, 16, 16), Tensors.ofLongs(target, batch, 16, 16), 1e-3, 1);
        }
        return network;
    }

    private static float[] values(TorchNetwork network, String name) {
        try (var scope = TensorScope.withoutGradients()) {
            return Tensors.toFloats(Objects.requireNonNull(network.state().get(name)));
        }
    }

    private static float[] input() {
        var random = new Random(3);
        float[] values = new float[BATCH * 256];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static long[] target() {
        return new Random(4).longs(BATCH * 256, 0, 2).toArray();
    }

    private static float[] half(float[] values, int which) {
        int size = values.length / 2;
        return java.util.Arrays.copyOfRange(values, which * size, (which + 1) * size);
    }

    private static long[] half(long[] values, int which) {
        int size = values.length / 2;
        return java.util.Arrays.copyOfRange(values, which * size, (which + 1) * size);
    }
}
