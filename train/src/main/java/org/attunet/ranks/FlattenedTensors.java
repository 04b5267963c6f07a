package org.attunet.ranks;

import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Tensors of one type laid end to end in one tensor in the host's memory, so that one exchange serves all of them. Lives
 * in the caller's scope.
 *
 * @param tensors of any shapes and layouts, one or more
 * @param values (n), a copy
 */
record FlattenedTensors(List<Tensor> tensors, Tensor values) {
    /** Copies tensors. */
    static FlattenedTensors of(List<Tensor> tensors) {
        Tensor[] rows = tensors.stream().map(tensor -> tensor.reshape(-1)).toArray(Tensor[]::new);
        return new FlattenedTensors(
                tensors, torch.cat(new TensorVector(rows), 0).to(new Device("cpu"), rows[0].scalar_type()));
    }

    /** Copies the values back into the tensors. */
    void back() {
        long from = 0;
        for (Tensor tensor : tensors) {
            long size = tensor.numel();
            tensor.copy_(values.narrow(0, from, size).reshape(tensor.shape()));
            from += size;
        }
    }
}
