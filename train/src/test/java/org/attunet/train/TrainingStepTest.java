package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.plan.OptimizerRule;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.NetworkWeights;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingStepTest {
    private static final int BATCH = 2;
    private static final int SIDE = 16;

    private static final NetworkConfig NETWORK =
            NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(4, 8)).withNormalisation(NormLayer.INSTANCE);

    /** Also in bfloat16, whose copies of the weights must not outlive the step that changes them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_second_step_computes_with_the_weights_that_the_first_has_left(boolean autocast) {
        TrainingConfig config = config(autocast);
        try (TorchNetwork network = TorchNetwork.create(NETWORK, 3);
                TorchNetwork fresh = TorchNetwork.create(NETWORK, 4)) {
            double first;
            double second;
            try (var optimizer = Optimizer.of(OptimizerRule.SGD, network.parameters(), 0);
                    var step = new TrainingStep(network, optimizer, config, ProcessGroup.alone())) {
                first = take(step, 0.1, 1);
                NetworkWeights.load(fresh, NetworkWeights.of(network), "the first step's weights");
                second = take(step, 0.1, 2);
            }
            assertThat(second).as("the first step changes the loss").isNotCloseTo(first, within(1e-3));
            try (var optimizer = Optimizer.of(OptimizerRule.SGD, fresh.parameters(), 0);
                    var step = new TrainingStep(fresh, optimizer, config, ProcessGroup.alone())) {
                assertThat(take(step, 0.1, 1)).isCloseTo(second, within(1e-5));
            }
        }
    }

    private static TrainingConfig config(boolean autocast) {
        TrainingConfig usual = TrainingConfig.defaults();
        return usual.with(usual.batches().withSize(BATCH))
                .with(new TrainingConfig.ComputeConfig("cpu", 1, 1, 1, autocast, false));
    }

    private static double take(TrainingStep step, double rate, long number) {
        try (var scope = TensorScope.open()) {
            var random = new Random(5);
            float[] input = new float[BATCH * SIDE * SIDE];
            long[] target = new long[input.length];
            for (int i = 0; i < input.length; i++) {
                input[i] = (float) random.nextGaussian();
                target[i] = input[i] > 0.5 ? 1 : 0;
            }
            Tensor x = Tensors.of(input, BATCH, 1, SIDE, SIDE);
            return step.take(x, Tensors.ofLongs(target, BATCH, SIDE, SIDE), rate, number);
        }
    }
}
