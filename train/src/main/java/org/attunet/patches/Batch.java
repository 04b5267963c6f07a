package org.attunet.patches;

import java.util.List;
import org.attunet.image.Sizes;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Patches that go through the network together, as Java arrays.
 *
 * <p>Made by a loader's thread and handed over: afterwards it belongs to whoever took it. The tensors that it makes
 * belong to the caller's native scope.
 */
public final class Batch {
    private final long number;
    private final int channels;
    private final int[] patch;
    private final List<String> cases;
    private final float[] input;
    private final byte[] classes;

    Batch(long number, int channels, int[] patch, List<String> cases, float[] input, byte[] classes) {
        this.number = number;
        this.channels = channels;
        this.patch = patch.clone();
        this.cases = List.copyOf(cases);
        this.input = input;
        this.classes = classes;
    }

    /** Its place in the stream of batches, from 0. */
    public long number() {
        return number;
    }

    /** The number of patches. */
    public int size() {
        return cases.size();
    }

    /** The number of channels of each patch. */
    public int channels() {
        return channels;
    }

    /** A copy of the patch size in grid order (x, y[, z]). */
    public int[] patch() {
        return patch.clone();
    }

    /** The id of the case that each patch comes from. */
    public List<String> cases() {
        return cases;
    }

    /** Normalised intensities (B, C, [D,] H, W), not a copy. */
    public float[] input() {
        return input;
    }

    /** Class indices as unsigned bytes (B, [D,] H, W), not a copy. */
    public byte[] classes() {
        return classes;
    }

    /** The intensities as a float tensor (B, C, [D,] H, W). */
    public Tensor inputTensor() {
        return Tensors.of(input, shape(true));
    }

    /** The class indices as an int64 tensor (B, [D,] H, W). */
    public Tensor targetTensor() {
        long[] values = new long[classes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = classes[i] & 0xFF;
        }
        return Tensors.ofLongs(values, shape(false));
    }

    private long[] shape(boolean withChannels) {
        return withChannels ? Sizes.shape(patch, size(), channels) : Sizes.shape(patch, size());
    }
}
