package org.attunet.ranks;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The only process of a training: everything in common is its own. Holds nothing. */
enum SingleProcess implements ProcessGroup {
    ALONE;

    @Override
    public int number() {
        return 0;
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public int neighbours() {
        return 1;
    }

    @Override
    public void sum(List<Tensor> tensors) {}

    @Override
    public double[] sum(double... values) {
        return values;
    }

    @Override
    public Tensor summed(Tensor tensor) {
        return tensor;
    }

    @Override
    public void fromFirst(List<Tensor> tensors) {}

    @Override
    public byte[] fromFirst(byte[] bytes) {
        return bytes;
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        return List.of(bytes);
    }

    @Override
    public void meet() {}

    @Override
    public void check() {}

    @Override
    public void fail(Throwable reason) {}

    @Override
    public void close() {}
}
