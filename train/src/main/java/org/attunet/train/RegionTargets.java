package org.attunet.train;

import org.attunet.image.LabelSet;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The targets of labels that may overlap: 0 or 1 for each of them, from the one class that a voxel has in a patch. */
final class RegionTargets implements AutoCloseable {
    private static final int CLASSES = 256;

    private final Tensor table; // (classes, regions)

    /** @param labels with regions */
    RegionTargets(LabelSet labels, String device) {
        LabelSet parts = labels.parts();
        int[] membership = labels.membership();
        int regions = labels.size();
        float[] members = new float[CLASSES * regions];
        for (int k = 1; k < parts.classes(); k++) {
            for (int region = 0; region < regions; region++) {
                members[k * regions + region] = membership[parts.valueOf(k)] >> region & 1;
            }
        }
        try (var scope = TensorScope.open()) {
            table = TensorScope.keep(Tensors.of(members, CLASSES, regions).to(new Device(device), ScalarType.Float));
        }
    }

    /**
     * Looks up the regions of classes.
     *
     * @param classes (B, [D,] H, W) in int64
     * @return (B, regions, [D,] H, W) in float32, in the caller's scope
     */
    Tensor of(Tensor classes) {
        long[] shape = classes.shape();
        long[] last = java.util.Arrays.copyOf(shape, shape.length + 1);
        last[shape.length] = table.size(1);
        Tensor each = table.index_select(0, classes.reshape(-1)).reshape(last);
        return each.movedim(shape.length, 1).contiguous();
    }

    @Override
    public void close() {
        table.close();
    }
}
