package org.attunet.objects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatershedTest {
    /**
     * The sums are scikit-image 0.19.3's: {@code watershed(-heights, seeds, mask=heights > 0)}, with i the index of the voxel,
     * heights 1 + (2654435761 i mod 2^32 >> 16) mod m, 0 where i mod 11 = 5, seeds 1 + i / k where k divides i, of the height
     * 1000 less their number, because scikit-image doesn't define the order of seeds of one height.
     */
    @ParameterizedTest
    @CsvSource({
        "80, 60, 1, 40, 97, 50, 4364, 57291434",
        "80, 60, 1, 3, 389, 13, 4364, 14578313",
        "30, 20, 12, 40, 97, 75, 6545, 128081364",
        "30, 20, 12, 5, 701, 11, 6545, 21961316"
    })
    void numbers_equal_those_of_scikit_image(
            int x, int y, int z, int m, int k, int largest, int reached, long weighted) {
        Grid grid = z == 1 ? Grid.of(x, y) : Grid.of(x, y, z);
        short[] heights = new short[grid.voxels()];
        int[] seeds = new int[heights.length];
        for (int i = 0; i < heights.length; i++) {
            long noise = (i * 2654435761L & 0xFFFFFFFFL) >> 16;
            heights[i] = (short) (i % 11 == 5 ? 0 : 1 + noise % m);
            if (i % k == 0 && heights[i] != 0) {
                seeds[i] = 1 + i / k;
                heights[i] = (short) (1000 - seeds[i]);
            }
        }
        int[] numbers = Watershed.flood(new LabelMap(grid, heights), seeds);
        int most = 0;
        int count = 0;
        long sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            most = Math.max(most, numbers[i]);
            count += numbers[i] > 0 ? 1 : 0;
            sum += (long) numbers[i] * (i % 1009 + 1);
        }
        assertThat(new long[] {most, count, sum}).containsExactly(largest, reached, weighted);
    }

    @Test
    void a_piece_that_holds_whole_parts_of_the_map_gives_the_same_numbers() {
        var random = new Random(4);
        Grid whole = Grid.of(60, 40);
        Grid piece = Grid.of(35, 40);
        short[] heights = new short[whole.voxels()];
        int[] seeds = new int[whole.voxels()];
        short[] cutHeights = new short[piece.voxels()];
        int[] cutSeeds = new int[piece.voxels()];
        for (int i = 0; i < heights.length; i++) {
            int x = i % 60;
            heights[i] = (short) (x == 35 ? 0 : 1 + random.nextInt(4)); // a gap from top to bottom
            seeds[i] = random.nextInt(30) == 0 ? i + 1 : 0;
            if (x < 35) {
                cutHeights[x + i / 60 * 35] = heights[i];
                cutSeeds[x + i / 60 * 35] = seeds[i];
            }
        }
        int[] numbers = Watershed.flood(new LabelMap(whole, heights), seeds);
        int[] cut = Watershed.flood(new LabelMap(piece, cutHeights), cutSeeds);
        for (int i = 0; i < cut.length; i++) {
            assertThat(cut[i]).isEqualTo(numbers[i % 35 + i / 35 * 60]);
        }
    }
}
