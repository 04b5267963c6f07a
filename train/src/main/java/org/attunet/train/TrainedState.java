package org.attunet.train;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.bundle.ModelDescription;
import org.attunet.network.NetworkConfig;
import org.attunet.patches.Batch;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The tensors that training changes, and the step that changes them: the network's weights, their moving average and the
 * optimizer's memory. Owns them until {@link #close}. One thread only.
 */
final class TrainedState implements AutoCloseable {
    private final TorchNetwork network;
    private final WeightAverage average;
    private final Optimizer optimizer;
    private final TrainingStep step;

    /** @param config this rank's part of the settings */
    TrainedState(ModelDescription model, TrainingConfig config, ProcessGroup ranks) {
        NetworkConfig shape = model.network();
        var device = new Device(config.compute().device());
        Deque<Runnable> opened = new ArrayDeque<>();
        try {
            network = TorchNetwork.create(shape, config.seed(), device);
            opened.push(network::close);
            TorchNetwork averaged = TorchNetwork.create(shape, config.seed(), device);
            opened.push(averaged::close);
            average = new WeightAverage(network, averaged, config.optimization().average());
            optimizer = Optimizer.of(
                    config.optimization().rule(),
                    network.parameters(),
                    config.optimization().weightDecay());
            opened.push(optimizer::close);
            step = new TrainingStep(network, optimizer, model.labels(), config, ranks);
        } catch (RuntimeException | Error e) {
            opened.forEach(Runnable::run); // natives, which a long-lived process would lose
            throw e;
        }
    }

    /** The network that is trained. */
    TorchNetwork network() {
        return network;
    }

    /** The network with the averaged weights. */
    TorchNetwork averaged() {
        return average.network();
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** Starts from another model's weights. */
    TransferReport start(PretrainedWeights weights, TrainingJob job) {
        TransferReport taken = weights.apply(network, job.model());
        average.reset(network);
        return taken;
    }

    /**
     * Takes a training step and updates the average.
     *
     * @param number of the step, 1 for the first
     * @return the loss before the step; if it is not finite, the weights may be unusable
     */
    double step(Batch batch, double learningRate, long number) {
        return NativeErrors.translate("training step " + number, () -> {
            try (var scope = TensorScope.open()) {
                double loss = step.take(batch.inputTensor(), batch.targetTensor(), learningRate, number);
                average.update(network, number);
                return loss;
            }
        });
    }

    /** Replaces the tensors by rank 0's, bit for bit. */
    void broadcast(ProcessGroup ranks) {
        if (ranks.count() == 1) {
            return;
        }
        String own = String.join("\n", optimizer.memory().keySet());
        String first = new String(ranks.broadcast(own.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
        if (!own.equals(first)) {
            // The ranks remember different tensors: those that rank 0 lacks become 0.
            Map<String, Tensor> zeros = new LinkedHashMap<>();
            try (var scope = TensorScope.withoutGradients()) {
                first.lines().forEach(name -> zeros.put(name, Tensors.zeros(1)));
                optimizer.restore(zeros);
            }
        }
        List<Tensor> all = new ArrayList<>(network.state().values());
        all.addAll(averaged().state().values());
        first.lines()
                .forEach(name ->
                        all.add(Objects.requireNonNull(optimizer.memory().get(name))));
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.Double, ScalarType.Long)) {
            List<Tensor> some =
                    all.stream().filter(tensor -> Tensors.type(tensor) == type).toList();
            if (!some.isEmpty()) {
                ranks.broadcast(some);
            }
        }
    }

    @Override
    public void close() {
        step.close();
        optimizer.close();
        average.close();
        network.close();
    }
}
