package org.attunet.torch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.attunet.error.Interruption;
import org.attunet.network.Conv;
import org.attunet.network.ConvNorm;
import org.attunet.network.Operations;
import org.attunet.tensor.TensorScope;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One pass of a network on libtorch. Results belong to the scope that is open when the pass begins. */
final class TorchOperations implements Operations<Tensor> {
    private final TorchNetwork network;
    private final Mode mode;
    private final @Nullable PointerScope scope = PointerScope.getInnerScope();
    private final Deque<Tensor> heads = new ArrayDeque<>();
    private final List<Forward.Attention> attention = new ArrayList<>();

    TorchOperations(TorchNetwork network, Mode mode) {
        this.network = network;
        this.mode = mode;
    }

    /** All results of the pass, given its logits. */
    Forward results(Tensor logits) {
        return new Forward(logits, List.copyOf(heads), attention);
    }

    /** Ends an inference whose thread is interrupted: a layer of a large block takes seconds. */
    private void check() {
        if (mode == Mode.INFERENCE) {
            Interruption.check();
        }
    }

    @Override
    public Tensor conv(Conv layer, Tensor x) {
        check();
        Tensor weight = network.tensor(layer.weight());
        Tensor bias = layer.bias() ? network.tensor(layer.biasName()) : null;
        return layer.kernel() == 1
                ? TorchLayers.conv(
                        x, weight, bias, 1, 0, x.suggest_memory_format()) // one pass over the map, as it lies
                : TorchLayers.conv(x, weight, bias, layer.stride(), layer.padding());
    }

    @Override
    public Tensor convTranspose(Conv layer, Tensor x) {
        check();
        return TorchLayers.convTranspose(x, network.tensor(layer.weight()), network.tensor(layer.biasName()));
    }

    @Override
    public Tensor convNorm(ConvNorm layer, Tensor x) {
        check();
        return network.tensors(layer).forward(x, mode);
    }

    @Override
    public Tensor relu(Tensor x) {
        return x.relu_();
    }

    @Override
    public Tensor sigmoid(Tensor x) {
        return x.sigmoid();
    }

    @Override
    public Tensor maxPool(Tensor x) {
        return TorchLayers.maxPool(x);
    }

    @Override
    public Tensor upsampleNearest(Tensor x) {
        return TorchLayers.nearestTwice(x);
    }

    @Override
    public Tensor resize(Tensor x, Tensor like) {
        return TorchLayers.linear(x, TorchLayers.size(like));
    }

    @Override
    public Tensor concat(List<Tensor> maps) {
        return TorchLayers.concat(maps.toArray(Tensor[]::new));
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        return a.add_(b);
    }

    @Override
    public Tensor mul(Tensor x, Tensor coefficients) {
        return x.mul(coefficients);
    }

    /** Runs the block in a scope of its own, so that in inference its inner maps are freed when it ends. */
    @Override
    public Tensor block(Supplier<Tensor> body) {
        Tensor result;
        try (var inner = TensorScope.open()) {
            result = TensorScope.keep(body.get());
        }
        return attached(result, PointerScope.getInnerScope());
    }

    @Override
    public Tensor attention(String gate, Tensor coefficients) {
        Tensor kept = attached(TensorScope.keep(coefficients), scope);
        attention.add(new Forward.Attention(gate, kept));
        return coefficients;
    }

    @Override
    public void supervise(Supplier<Tensor> logits) {
        if (mode == Mode.TRAINING) {
            heads.addFirst(logits.get());
        }
    }

    /** Moves a kept tensor into a scope. */
    private static Tensor attached(Tensor kept, @Nullable PointerScope to) {
        if (to != null) {
            to.attach(kept);
            TensorScope.release(kept);
        }
        return kept;
    }
}
