package org.attunet.train;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The tensors that a training changes: weights, averaged weights, what the optimizer remembers. Owns them.
 *
 * @param network that is trained
 * @param average of its weights
 * @param optimizer of its parameters
 */
record TrainedState(TorchNetwork network, WeightAverage average, Optimizer optimizer) implements AutoCloseable {
    /** Takes rank 0's tensors, bit for bit; on rank 0 nothing changes. */
    void fromFirst(ProcessGroup ranks) {
        if (ranks.count() == 1) {
            return;
        }
        String own = String.join("\n", optimizer.memory().keySet());
        String first = new String(ranks.fromFirst(own.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
        if (!own.equals(first)) {
            // It has remembered something since: what rank 0 does not remember is 0.
            Map<String, Tensor> zeros = new LinkedHashMap<>();
            try (var scope = TensorScope.withoutGradients()) {
                first.lines().forEach(name -> zeros.put(name, Tensors.zeros(1)));
                optimizer.restore(zeros);
            }
        }
        List<Tensor> all = new ArrayList<>(network.state().values());
        all.addAll(average.network().state().values());
        first.lines()
                .forEach(name ->
                        all.add(Objects.requireNonNull(optimizer.memory().get(name))));
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.Double, ScalarType.Long)) {
            List<Tensor> some =
                    all.stream().filter(tensor -> Tensors.type(tensor) == type).toList();
            if (!some.isEmpty()) {
                ranks.fromFirst(some);
            }
        }
    }

    @Override
    public void close() {
        optimizer.close();
        average.close();
        network.close();
    }
}
