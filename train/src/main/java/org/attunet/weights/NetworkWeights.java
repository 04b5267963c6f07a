package org.attunet.weights;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.attunet.error.AttunetException;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Moves weights between a network's tensors and a state_dict, value for value. */
public final class NetworkWeights {
    private NetworkWeights() {}

    /** A copy of a network's weights under their published names, in the order of a state_dict. */
    public static StateDict of(TorchNetwork network) {
        return of(network.state());
    }

    /** A copy of named tensors: int64 ones as int64, the others as float32. */
    public static StateDict of(Map<String, Tensor> tensors) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        try (var scope = TensorScope.withoutGradients()) {
            tensors.forEach((name, tensor) -> weights.put(
                    name,
                    Tensors.type(tensor) == ScalarType.Long
                            ? Weight.ofLongs(Tensors.toLongs(tensor), tensor.shape())
                            : Weight.of(Tensors.toFloats(tensor), tensor.shape())));
        }
        return new StateDict(weights);
    }

    /**
     * Copies weights into a network.
     *
     * @param source names where they come from, for messages
     * @throws AttunetException where a weight is missing, is not one of the network's or has another shape; the network
     *     is then unchanged
     */
    public static void load(TorchNetwork network, StateDict weights, String source) {
        load(network.state(), weights, source);
    }

    /** The same for named tensors. */
    public static void load(Map<String, Tensor> tensors, StateDict weights, String source) {
        refuse(source, "has no weight", tensors.keySet(), name -> !weights.contains(name));
        refuse(source, "has a weight too many", weights.names(), name -> !tensors.containsKey(name));
        refuse(
                source,
                "has another shape for",
                tensors.keySet(),
                name -> !Arrays.equals(
                        Objects.requireNonNull(tensors.get(name)).shape(),
                        weights.get(name).shape()));
        copy(tensors, weights, tensors.keySet());
    }

    /** Copies some weights into the tensors of their names, which have their shapes. */
    public static void copy(Map<String, Tensor> tensors, StateDict weights, Iterable<String> names) {
        try (var scope = TensorScope.withoutGradients()) {
            for (String name : names) {
                Tensor tensor = Objects.requireNonNull(tensors.get(name));
                Weight weight = weights.get(name);
                tensor.copy_(
                        Tensors.type(tensor) == ScalarType.Long
                                ? Tensors.ofLongs(weight.longs(), weight.shape())
                                : Tensors.of(weight.floats(), weight.shape()));
            }
        }
    }

    private static void refuse(String source, String what, Collection<String> names, Predicate<String> wrong) {
        List<String> found = names.stream().filter(wrong).toList();
        if (!found.isEmpty()) {
            throw new AttunetException(
                    source,
                    what + " " + StateDict.listed(found),
                    "exactly the weights of this network",
                    "use the file that was saved from this network, or import it with 'attunet import'");
        }
    }
}
