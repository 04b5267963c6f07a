package org.attunet.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The paper's grid attention gate (Oktay et al., arXiv 1804.03999, section 3): the skip connection x is brought to half
 * its resolution by theta, the gating signal g from a coarser level is resized to it, and the coefficients
 *
 * <pre>psi = sigmoid(conv1(ReLU(theta(x) + phi(g))))</pre>
 *
 * <p>are interpolated back to x's grid and multiplied to it. One gate or two side by side, whose outputs are joined and
 * combined by Conv1 + BN + ReLU.
 */
final class GridAttentionGate {
    private final List<Single> gates = new ArrayList<>();
    private final ConvNorm combine;

    /** The gated skip connection (B, x's channels, ...) and the coefficients (B, gates, ...) at x's resolution. */
    record Gated(Tensor skip, Tensor coefficients) {}

    GridAttentionGate(TorchNetwork network, String name, int skip, int gating, int count) {
        for (int k = 1; k <= count; k++) {
            gates.add(new Single(network, name + ".gate_block_" + k, skip, gating));
        }
        combine = network.unit(name + ".combine_gates.0", name + ".combine_gates.1", skip * count, skip, 1);
    }

    Gated forward(Tensor x, Tensor g, Mode mode) {
        Tensor[] gated = new Tensor[gates.size()];
        Tensor[] coefficients = new Tensor[gates.size()];
        for (int k = 0; k < gated.length; k++) {
            Single gate = gates.get(k);
            coefficients[k] = gate.coefficients(x, g);
            gated[k] = gate.output.forward(x.mul(coefficients[k]), mode);
        }
        Tensor joined = gated.length == 1 ? gated[0] : TorchLayers.concat(gated);
        return new Gated(
                combine.relu(joined, mode),
                coefficients.length == 1 ? coefficients[0] : TorchLayers.concat(coefficients));
    }

    /** One gate; inner channels are the skip connection's. */
    private static final class Single {
        private final Tensor theta; // (skip, skip, [2,] 2, 2)
        private final TorchNetwork.Conv1 phi;
        private final TorchNetwork.Conv1 psi;
        private final ConvNorm output; // the authors' W

        Single(TorchNetwork network, String name, int skip, int gating) {
            output = network.unit(name + ".W.0", name + ".W.1", skip, skip, 1);
            theta = network.weights.convWeight(
                    name + ".theta.weight",
                    ConvNorm.convShape(skip, skip, network.config().dimension(), 2));
            phi = network.conv1(name + ".phi", gating, skip);
            psi = network.conv1(name + ".psi", skip, 1);
        }

        Tensor coefficients(Tensor x, Tensor g) {
            return TorchNetwork.scoped(() -> {
                Tensor half = TorchLayers.conv(x, theta, null, 2, 0); // (B, skip, size / 2)
                Tensor signal = TorchLayers.linear(phi.forward(g), TorchLayers.size(half)); // (B, skip, size / 2)
                Tensor coarse = psi.forward(half.add(signal).relu_()).sigmoid(); // (B, 1, size / 2)
                return TorchLayers.linear(coarse, TorchLayers.size(x)); // (B, 1, size)
            });
        }
    }
}
