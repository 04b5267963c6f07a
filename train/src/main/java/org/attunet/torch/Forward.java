package org.attunet.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The results of one pass. All tensors belong to the caller's scope.
 *
 * @param logits (B, outputs, [D,] H, W), the input's spatial size
 * @param heads with deep supervision, the logits of coarser decoder levels, finest first, each at its own resolution;
 *     else empty
 * @param attention the gates' coefficients, coarsest gate first
 */
public record Forward(Tensor logits, List<Tensor> heads, List<Attention> attention) {
    /**
     * One gate's coefficients.
     *
     * @param gate the gate's name, as in the names of its weights
     * @param coefficients (B, gates side by side, [d,] h, w) in 0..1, at the resolution of the skip connection
     */
    public record Attention(String gate, Tensor coefficients) {}
}
