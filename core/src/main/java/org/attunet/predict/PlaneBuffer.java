package org.attunet.predict;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.VoxelLoop;

/**
 * A slab of planes (slices of a volume, rows of a picture) of an image's maps, in which tiles are assembled. Planes that
 * no later tile touches are passed on and their memory is reused, so that an image's maps are never in memory as a whole.
 *
 * <p>Exact tiles contribute their cores. Blended tiles contribute to a running weighted mean at each voxel (West,
 * Communications of the ACM 22(9), 1979): with the sum W of the weights so far, a value v of weight w moves the mean by (v
 * - mean) * w / (W + w). Tiles with equal values at a voxel thus give exactly this value, however their weights round.
 *
 * <p>Not thread-safe.
 */
final class PlaneBuffer {
    private final Grid grid;
    private final int plane; // voxels of one plane
    private final int axis; // the image's last axis, across the planes
    private final float[] weight;
    private final float[][] probabilities;
    private final Map<String, float[][]> attention = new LinkedHashMap<>();
    private int first; // the first plane in the buffer

    /** Receives finished planes in the image's order. */
    @FunctionalInterface
    interface Sink {
        /**
         * Receives planes.
         *
         * @param count the number of planes, at the beginning of the arrays; the arrays are reused afterwards
         * @param probabilities one array for each output
         * @param attention the maps of each gate on the image's grid, in the engine's order
         */
        void accept(int count, float[][] probabilities, Map<String, float[][]> attention);
    }

    /**
     * @param planes the capacity in planes
     * @param blended whether tiles overlap and are averaged
     */
    PlaneBuffer(Grid grid, int outputs, int planes, boolean blended) {
        this.grid = grid;
        axis = grid.dimension() - 1;
        plane = grid.voxels() / grid.size(axis);
        weight = new float[blended ? planes * plane : 0];
        probabilities = new float[outputs][planes * plane];
    }

    /**
     * Copies the core of a tile.
     *
     * @param start the tile's first voxel (x, y, z)
     * @param tile the tile's size (x, y, z)
     * @param from the core's first voxel
     * @param to the voxel after its last, within the image
     */
    void place(BlockPrediction block, int[] start, int[] tile, int[] from, int[] to) {
        add(block, tile, (target, values) -> copy(target, values, start, tile, from, to));
    }

    /**
     * Adds a tile to the weighted mean.
     *
     * @param start the tile's first voxel (x, y, z)
     * @param tile the tile's size (x, y, z); voxels beyond the image are ignored
     * @param gaussian the weights of the tile's voxels along each axis
     */
    void blend(BlockPrediction block, int[] start, int[] tile, float[][] gaussian) {
        float[] share = shares(start, tile, gaussian);
        add(block, tile, (target, values) -> blend(target, values, share, start, tile));
    }

    /** Adds the probabilities to their maps, then each attention map, interpolated to the tile's size, to its own. */
    private void add(BlockPrediction block, int[] tile, BiConsumer<float[][], float[]> adder) {
        adder.accept(probabilities, block.probabilities());
        for (Engine.AttentionMap map : block.attention()) {
            float[][] maps =
                    attention.computeIfAbsent(map.gate(), gate -> new float[map.channels()][probabilities[0].length]);
            for (int channel = 0; channel < map.channels(); channel++) {
                adder.accept(new float[][] {maps[channel]}, onTile(map, channel, tile));
            }
        }
    }

    /** Passes on the planes before {@code next}, and moves the others to the beginning. */
    void advance(int next, Sink sink) {
        sink.accept(next - first, probabilities, attention);
        int gone = (next - first) * plane;
        VoxelLoop.parallel(probabilities.length, probabilities[0].length, (from, to) -> {
            for (int channel = from; channel < to; channel++) {
                shift(probabilities[channel], gone);
            }
        });
        attention.values().forEach(maps -> Arrays.stream(maps).forEach(map -> shift(map, gone)));
        shift(weight, gone);
        first = next;
    }

    private static void shift(float[] values, int gone) {
        Interruption.check();
        int rest = Math.max(0, values.length - gone);
        System.arraycopy(values, values.length - rest, values, 0, rest);
        Arrays.fill(values, rest, values.length, 0);
    }

    private static float[] onTile(Engine.AttentionMap map, int channel, int[] tile) {
        int[] from = threeAxes(map.size());
        int voxels = from[0] * from[1] * from[2];
        float[] values = Arrays.copyOfRange(map.values(), channel * voxels, (channel + 1) * voxels);
        return Interpolation.linear(values, from, tile);
    }

    private void copy(float[][] target, float[] block, int[] start, int[] tile, int[] from, int[] to) {
        int tileVoxels = tile[0] * tile[1] * tile[2];
        VoxelLoop.parallel(target.length, tileVoxels, (first, end) -> {
            for (int channel = first; channel < end; channel++) {
                copy(target[channel], block, channel * tileVoxels, start, tile, from, to);
            }
        });
    }

    private void copy(float[] target, float[] block, int first, int[] start, int[] tile, int[] from, int[] to) {
        for (int z = from[2]; z < to[2]; z++) {
            for (int y = from[1]; y < to[1]; y++) {
                int row = ((z - start[2]) * tile[1] + y - start[1]) * tile[0];
                int inBlock = first + row + from[0] - start[0];
                System.arraycopy(block, inBlock, target, index(from[0], y, z), to[0] - from[0]);
            }
        }
    }

    /** Adds the tile's weights to the sums and returns each voxel's w / (W + w). */
    private float[] shares(int[] start, int[] tile, float[][] gaussian) {
        float[] share = new float[tile[0] * tile[1] * tile[2]];
        int endX = Math.min(tile[0], grid.size(0) - start[0]);
        int endY = Math.min(tile[1], grid.size(1) - start[1]);
        int endZ = Math.min(tile[2], grid.size(2) - start[2]);
        for (int z = 0; z < endZ; z++) {
            Interruption.check();
            for (int y = 0; y < endY; y++) {
                float rowWeight = gaussian[1][y] * gaussian[2][z];
                int inTile = (z * tile[1] + y) * tile[0];
                int inBuffer = index(start[0], start[1] + y, start[2] + z);
                for (int x = 0; x < endX; x++) {
                    float w = gaussian[0][x] * rowWeight;
                    float before = weight[inBuffer + x];
                    share[inTile + x] = w / (before + w);
                    weight[inBuffer + x] = before + w;
                }
            }
        }
        return share;
    }

    private void blend(float[][] target, float[] block, float[] share, int[] start, int[] tile) {
        VoxelLoop.parallel(target.length, share.length, (first, end) -> {
            for (int channel = first; channel < end; channel++) {
                blend(target[channel], block, channel * share.length, share, start, tile);
            }
        });
    }

    private void blend(float[] mean, float[] block, int first, float[] share, int[] start, int[] tile) {
        int endX = Math.min(tile[0], grid.size(0) - start[0]);
        int endY = Math.min(tile[1], grid.size(1) - start[1]);
        int endZ = Math.min(tile[2], grid.size(2) - start[2]);
        for (int z = 0; z < endZ; z++) {
            for (int y = 0; y < endY; y++) {
                int inTile = (z * tile[1] + y) * tile[0];
                int inBuffer = index(start[0], start[1] + y, start[2] + z);
                for (int x = 0; x < endX; x++) {
                    mean[inBuffer + x] += (block[first + inTile + x] - mean[inBuffer + x]) * share[inTile + x];
                }
            }
        }
    }

    private int index(int x, int y, int z) {
        return x + grid.size(0) * (y + (axis == 2 ? grid.size(1) * (z - first) : 0) - (axis == 1 ? first : 0));
    }

    /** The size with 1 for a missing z axis. */
    static int[] threeAxes(int[] size) {
        return new int[] {size[0], size[1], size.length > 2 ? size[2] : 1};
    }
}
