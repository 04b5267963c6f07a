package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import org.attunet.dataset.Parallel;
import org.attunet.error.AttunetException;
import org.attunet.tensor.Natives;
import org.attunet.tensor.Precaution;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Copies of a network that share its parameters, so that each can take a part of a batch on a thread of its own.
 *
 * <p>Operations of these networks are too short to be worth dividing among threads one by one; a whole forward and
 * backward pass is. Each copy normalises by the statistics of its own part, as several devices do in PyTorch; the running
 * statistics become the copies' mean. Gradients are added in the order of the copies, so that a step is the same each
 * time.
 *
 * <p>The network is borrowed and is itself the first copy. One thread calls.
 */
final class Replicas implements AutoCloseable {
    private final List<TorchNetwork> networks = new ArrayList<>();
    private final List<ExecutorService> threads = new ArrayList<>();
    private final int operationThreads;

    /** What a copy computes of its part. */
    interface Part {
        /**
         * Leaves gradients at the copy's parameters.
         *
         * @param number of the part, from 0
         * @return the part's share of the loss
         */
        double take(TorchNetwork copy, int number);
    }

    /**
     * @param count copies, 1 or more; a single one computes on the caller's thread
     * @param operationThreads the threads of one operation in all, shared out among the copies
     */
    Replicas(TorchNetwork network, int count, int operationThreads) {
        networks.add(network);
        for (int i = 1; i < count; i++) {
            networks.add(sharing(network));
        }
        for (int i = 0; count > 1 && i < count; i++) {
            threads.add(Executors.newSingleThreadExecutor(Parallel.daemons("attunet-replica-" + i)));
        }
        if (count > 1) {
            each(i -> {
                Natives.threads(Math.max(1, operationThreads / count));
                return 0.0;
            });
            Natives.threads(operationThreads);
        }
        this.operationThreads = operationThreads;
        Natives.blasThreads(Math.max(1, operationThreads / count));
    }

    private static TorchNetwork sharing(TorchNetwork network) {
        TorchNetwork copy = TorchNetwork.create(network.config(), 0);
        try (var scope = TensorScope.withoutGradients()) {
            Map<String, Tensor> shared = network.parameters();
            copy.parameters().forEach((name, tensor) -> tensor.set_data(of(shared, name)));
        }
        return copy;
    }

    /** The number of copies. */
    int count() {
        return networks.size();
    }

    /**
     * Computes all parts, side by side, and leaves the sum of their gradients at the network's parameters.
     *
     * @return the sum of the losses
     */
    double gradients(Part part) {
        if (networks.size() == 1) {
            return part.take(networks.get(0), 0);
        }
        try (var scope = TensorScope.withoutGradients()) {
            scatterStatistics();
        }
        double loss = each(i -> {
            try (var scope = TensorScope.open()) {
                return part.take(networks.get(i), i);
            }
        });
        try (var scope = TensorScope.withoutGradients()) {
            gatherStatistics();
            gatherGradients();
        }
        return loss;
    }

    /** Runs a task on each copy's thread and adds the results in their order. */
    private double each(IntToDoubleFunction task) {
        List<Future<Double>> results = new ArrayList<>();
        for (int i = 0; i < threads.size(); i++) {
            int number = i;
            results.add(threads.get(i).submit(() -> inTurn(task, number)));
        }
        double sum = 0;
        RuntimeException failure = null;
        boolean interrupted = false;
        for (Future<Double> result : results) {
            // Every copy is waited for, even after a failure or an interrupt: it still reads the caller's tensors.
            while (true) {
                try {
                    sum += result.get();
                    break;
                } catch (ExecutionException e) {
                    failure = e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new AttunetException("training", "it was interrupted", "time to finish", "resume it with --resume");
        }
        if (failure != null) {
            throw failure;
        }
        return sum;
    }

    private double inTurn(IntToDoubleFunction task, int number) {
        if (!Natives.avoids(Precaution.COPIES_IN_TURN)) {
            return task.applyAsDouble(number);
        }
        synchronized (threads) {
            return task.applyAsDouble(number);
        }
    }

    private void scatterStatistics() {
        Map<String, Tensor> own = networks.get(0).state();
        for (TorchNetwork copy : networks.subList(1, networks.size())) {
            copy.state().forEach((name, tensor) -> {
                if (statistic(copy, name, tensor)) {
                    tensor.copy_(of(own, name));
                }
            });
        }
    }

    private void gatherStatistics() {
        TorchNetwork first = networks.get(0);
        first.state().forEach((name, tensor) -> {
            if (statistic(first, name, tensor)) {
                for (TorchNetwork copy : networks.subList(1, networks.size())) {
                    tensor.add_(of(copy.state(), name));
                }
                tensor.div_(new Scalar((double) networks.size()));
            }
        });
    }

    /** Running means and variances; the count of batches is the network's own. */
    private static boolean statistic(TorchNetwork network, String name, Tensor tensor) {
        return !network.parameters().containsKey(name) && Tensors.type(tensor) == ScalarType.Float;
    }

    /** The running means and variances of a network. */
    static List<Tensor> statistics(TorchNetwork network) {
        return network.state().entrySet().stream()
                .filter(entry -> statistic(network, entry.getKey(), entry.getValue()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private void gatherGradients() {
        networks.get(0).parameters().forEach((name, parameter) -> {
            Tensor sum = parameter.grad();
            for (TorchNetwork copy : networks.subList(1, networks.size())) {
                Tensor shared = of(copy.parameters(), name);
                Tensor gradient = shared.grad();
                if (gradient.defined()) {
                    sum.add_(gradient);
                    shared.mutable_grad().put(new Tensor());
                }
            }
        });
    }

    private static Tensor of(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name));
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdown);
        Natives.blasThreads(operationThreads);
        networks.subList(1, networks.size()).forEach(TorchNetwork::close);
    }
}
