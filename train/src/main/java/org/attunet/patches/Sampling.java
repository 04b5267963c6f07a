package org.attunet.patches;

import java.util.Arrays;
import org.attunet.error.ConfigException;

/**
 * How patches are drawn and put together.
 *
 * @param patch the size in grid order (x, y[, z])
 * @param batch patches in a batch, 1 or more
 * @param foregroundShare the share of patches, 0 to 1, that are centred on a voxel of a structure; the others lie anywhere
 *     with equal probability
 */
public record Sampling(int[] patch, int batch, double foregroundShare) {
    /** Copies and checks the ranges. */
    public Sampling {
        patch = patch.clone();
        if (patch.length != 2 && patch.length != 3) {
            throw new ConfigException("patch", Arrays.toString(patch), "2 or 3 sizes");
        }
        long voxels = 1;
        for (int n : patch) {
            if (n < 1 || n > 1 << 16) {
                throw new ConfigException("patch", Arrays.toString(patch), "sizes from 1 to 65536");
            }
            voxels *= n;
        }
        if (batch < 1 || batch > 4096) {
            throw new ConfigException("batch", batch, "a number from 1 to 4096");
        }
        if (voxels * batch > 1 << 29) {
            throw new ConfigException("patch", Arrays.toString(patch), "sizes for at most 2^29 voxels in a batch");
        }
        ConfigException.check(
                foregroundShare >= 0 && foregroundShare <= 1,
                "foregroundShare",
                foregroundShare,
                "a number from 0 to 1");
    }
}
