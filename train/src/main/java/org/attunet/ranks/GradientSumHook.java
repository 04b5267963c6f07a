package org.attunet.ranks;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;

/**
 * A backward hook that replaces a gradient by its sum over the ranks. It belongs to no tensor, so one serves all: libtorch
 * has room for ten such callbacks in a process.
 */
final class GradientSumHook extends TensorTensorHook {
    private final UnaryOperator<Tensor> sum;

    /** @param sum returns a new tensor */
    GradientSumHook(UnaryOperator<Tensor> sum) {
        this.sum = sum;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
        return sum.apply(new Tensor(gradient));
    }
}
