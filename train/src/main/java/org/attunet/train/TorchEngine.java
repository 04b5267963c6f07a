package org.attunet.train;

import java.util.List;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.tensor.NativeErrors;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.Forward;
import org.attunet.torch.Mode;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** An engine that runs a network with libtorch. Safe for use by several threads. */
public final class TorchEngine implements Engine {
    private final TorchNetwork network;
    private final String device;
    private final boolean owner;

    private TorchEngine(TorchNetwork network, String device, boolean owner) {
        this.network = network;
        this.device = device;
        this.owner = owner;
    }

    /** An engine that owns a network, whose weights no longer change; closed with the engine. */
    public static TorchEngine owning(TorchNetwork network, String device) {
        network.freeze();
        return new TorchEngine(network, device, true);
    }

    /** An engine on a network whose owner may change its weights between calls. */
    static TorchEngine borrowing(TorchNetwork network, String device) {
        return new TorchEngine(network, device, false);
    }

    @Override
    public NetworkConfig network() {
        return network.config();
    }

    @Override
    public Output run(float[] input, int batch, int[] size, boolean attention) {
        return NativeErrors.translate("prediction", () -> {
            try (var scope = TensorScope.withoutGradients()) {
                Tensor x = Tensors.of(
                        input, Sizes.shape(size, batch, network.config().channels()));
                Forward forward = network.forward(x.to(new Device(device), ScalarType.Float), Mode.INFERENCE);
                List<AttentionMap> maps = !attention
                        ? List.of()
                        : forward.attention().stream().map(TorchEngine::map).toList();
                return new Output(Tensors.toFloats(forward.logits()), maps);
            }
        });
    }

    private static AttentionMap map(Forward.Attention attention) {
        long[] shape = attention.coefficients().shape(); // (B, gates, [d,] h, w)
        return new AttentionMap(
                attention.gate(), (int) shape[1], Sizes.ofShape(shape), Tensors.toFloats(attention.coefficients()));
    }

    @Override
    public void close() {
        if (owner) {
            network.close();
        }
    }
}
