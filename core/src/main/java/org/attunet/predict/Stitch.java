package org.attunet.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.image.Grid;

/**
 * Maps of a whole image put together from overlapping tiles: at each voxel the weighted mean of the tiles that cover it.
 *
 * <p>Kept as a running mean (West, Communications of the ACM 22(9), 1979): with the weights' sum W so far, a value v of
 * weight w moves the mean by (v - mean) * w / (W + w). Tiles that agree at a voxel thus give exactly their value, however
 * their weights round, and one tile alone gives its own values.
 *
 * <p>Not thread-safe.
 */
final class Stitch {
    private final Grid grid;
    private final float[] weight;
    private final float[][] probabilities;
    private final Map<String, float[][]> attention = new LinkedHashMap<>();

    Stitch(Grid grid, int outputs) {
        this.grid = grid;
        weight = new float[grid.voxels()];
        probabilities = new float[outputs][grid.voxels()];
    }

    /**
     * Blends a tile in.
     *
     * @param start the tile's first voxel (x, y, z)
     * @param tile the tile's sizes (x, y, z); what lies beyond the image is left out
     * @param gaussian the weights of the tile's voxels along each axis
     */
    void add(BlockPrediction block, int[] start, int[] tile, float[][] gaussian) {
        float[] share = shares(start, tile, gaussian);
        blend(probabilities, block.probabilities(), share, start, tile);
        for (Engine.AttentionMap map : block.attention()) {
            float[][] target = attention.computeIfAbsent(map.gate(), gate -> new float[map.channels()][grid.voxels()]);
            int[] from = threeAxes(map.size());
            int mapVoxels = from[0] * from[1] * from[2];
            for (int channel = 0; channel < map.channels(); channel++) {
                float[] values = new float[mapVoxels];
                System.arraycopy(map.values(), channel * mapVoxels, values, 0, mapVoxels);
                float[][] one = {target[channel]};
                blend(one, Interpolation.linear(values, from, tile), share, start, tile);
            }
        }
    }

    /** (outputs, voxels): the probabilities of each output. */
    float[][] probabilities() {
        return probabilities;
    }

    /** Gate to its maps (channels, voxels), in the engine's order. */
    Map<String, float[][]> attention() {
        return attention;
    }

    /** Adds the tile's weights to the sums and gives each voxel's w / (W + w). */
    private float[] shares(int[] start, int[] tile, float[][] gaussian) {
        float[] share = new float[tile[0] * tile[1] * tile[2]];
        int endX = Math.min(tile[0], grid.size(0) - start[0]);
        int endY = Math.min(tile[1], grid.size(1) - start[1]);
        int endZ = Math.min(tile[2], grid.size(2) - start[2]);
        for (int z = 0; z < endZ; z++) {
            for (int y = 0; y < endY; y++) {
                float rowWeight = gaussian[1][y] * gaussian[2][z];
                int inTile = (z * tile[1] + y) * tile[0];
                int inImage = index(start, y, z);
                for (int x = 0; x < endX; x++) {
                    float w = gaussian[0][x] * rowWeight;
                    float before = weight[inImage + x];
                    share[inTile + x] = w / (before + w);
                    weight[inImage + x] = before + w;
                }
            }
        }
        return share;
    }

    private void blend(float[][] target, float[] block, float[] share, int[] start, int[] tile) {
        int endX = Math.min(tile[0], grid.size(0) - start[0]);
        int endY = Math.min(tile[1], grid.size(1) - start[1]);
        int endZ = Math.min(tile[2], grid.size(2) - start[2]);
        for (int channel = 0; channel < target.length; channel++) {
            float[] mean = target[channel];
            for (int z = 0; z < endZ; z++) {
                for (int y = 0; y < endY; y++) {
                    int inTile = (z * tile[1] + y) * tile[0];
                    int inBlock = channel * share.length + inTile;
                    int inImage = index(start, y, z);
                    for (int x = 0; x < endX; x++) {
                        mean[inImage + x] += (block[inBlock + x] - mean[inImage + x]) * share[inTile + x];
                    }
                }
            }
        }
    }

    private int index(int[] start, int y, int z) {
        return start[0] + grid.size(0) * (start[1] + y + grid.size(1) * (start[2] + z));
    }

    /** Sizes with 1 for the axes that are missing. */
    static int[] threeAxes(int[] size) {
        return new int[] {size[0], size[1], size.length > 2 ? size[2] : 1};
    }
}
