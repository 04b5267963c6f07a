package org.attunet.image;

/** Noise masks, equal to those of the Python script that computed the expected numbers. */
public final class NoiseLabels {
    private NoiseLabels() {}

    /** Labels 1 and 2, each on so many voxels of a hundred, from a linear congruential generator. */
    public static LabelMap noise(Grid grid, int share) {
        short[] voxels = new short[grid.voxels()];
        int state = 7;
        for (int i = 0; i < voxels.length; i++) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            int drawn = (state >> 16) % 100;
            voxels[i] = (short) (drawn < share ? 1 : drawn < 2 * share ? 2 : 0);
        }
        return new LabelMap(grid, voxels);
    }
}
