package org.attunet.ranks;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;

/**
 * Replaces a gradient by its sum over the ranks, on its way back. Knows no tensor of its own, so one serves all: libtorch
 * has room for ten such callbacks in a process.
 */
final class GradientSumHook extends TensorTensorHook {
    private final UnaryOperator<Tensor> sum;

    /** @param sum gives a new tensor */
    GradientSumHook(UnaryOperator<Tensor> sum) {
        this.sum = sum;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
        return sum.apply(new Tensor(gradient));
    }
}
