package org.attunet.predict;

import org.attunet.image.VoxelLoop;

/** Mirror images of dense arrays along any combination of axes. */
final class Mirror {
    private Mirror() {}

    /**
     * Reverses axes of every plane or volume in an array; applying it twice restores the array.
     *
     * @param values (planes, [z,] y, x) for any number of planes
     * @param size the size in grid order (x, y[, z])
     * @param axes bit a is set to reverse axis a; the array itself is returned for 0
     */
    static float[] flip(float[] values, int[] size, int axes) {
        if (axes == 0) {
            return values;
        }
        int sizeX = size[0];
        int sizeY = size[1];
        int sizeZ = size.length > 2 ? size[2] : 1;
        boolean flipX = (axes & 1) != 0;
        boolean flipY = (axes & 2) != 0;
        boolean flipZ = (axes & 4) != 0;
        float[] flipped = new float[values.length];
        int slices = values.length / (sizeX * sizeY);
        VoxelLoop.parallel(slices * sizeY, sizeX, (first, end) -> {
            for (int row = first; row < end; row++) {
                int slice = row / sizeY;
                int y = row % sizeY;
                int z = slice % sizeZ;
                int fromSlice = flipZ ? slice - z + (sizeZ - 1 - z) : slice;
                int to = row * sizeX;
                int from = (fromSlice * sizeY + (flipY ? sizeY - 1 - y : y)) * sizeX;
                if (flipX) {
                    for (int x = 0; x < sizeX; x++) {
                        flipped[to + x] = values[from + sizeX - 1 - x];
                    }
                } else {
                    System.arraycopy(values, from, flipped, to, sizeX);
                }
            }
        });
        return flipped;
    }
}
