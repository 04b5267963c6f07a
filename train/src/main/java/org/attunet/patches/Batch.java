package org.attunet.patches;

import java.util.List;
import org.attunet.image.Sizes;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Patches that go through the network together, as Java arrays that are not copied.
 *
 * <p>A loader's thread makes it and hands it over to the thread that takes it. The tensors belong to the caller's native
 * scope.
 *
 * @param number its place in the stream of batches, from 0
 * @param channels of each patch
 * @param patch the patch size in grid order (x, y[, z])
 * @param cases the id of the case that each patch comes from
 * @param input normalised intensities (B, C, [D,] H, W)
 * @param classes class indices as unsigned bytes (B, [D,] H, W); 255 where the truth isn't known
 */
public record Batch(long number, int channels, int[] patch, List<String> cases, float[] input, byte[] classes) {
    /** Copies the list of ids. */
    public Batch {
        cases = List.copyOf(cases);
    }

    /** The number of patches. */
    public int size() {
        return cases.size();
    }

    /** The intensities as a float tensor (B, C, [D,] H, W). */
    public Tensor inputTensor() {
        return Tensors.of(input, Sizes.shape(patch, size(), channels));
    }

    /** The class indices as an int64 tensor (B, [D,] H, W). */
    public Tensor targetTensor() {
        long[] values = new long[classes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = classes[i] & 0xFF;
        }
        return Tensors.ofLongs(values, Sizes.shape(patch, size()));
    }
}
