package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.attunet.network.NetworkConfig;
import org.junit.jupiter.api.Test;

class AxisTilesTest {
    @Test
    void tiles_cover_the_axis_from_its_first_voxel_to_its_last_with_the_overlap() {
        for (int size = 1; size <= 70; size++) {
            for (int tile = 1; tile <= 40; tile += 3) {
                for (double overlap : new double[] {0, 0.25, 0.5, 0.9}) {
                    int[] starts = AxisTiles.starts(size, tile, overlap);
                    assertThat(starts[0]).isZero();
                    assertThat(starts[starts.length - 1]).isEqualTo(Math.max(0, size - tile));
                    for (int i = 1; i < starts.length; i++) {
                        int step = starts[i] - starts[i - 1];
                        assertThat(step).isBetween(1, Math.max(1, (int) Math.ceil(tile * (1 - overlap))));
                    }
                }
            }
        }
    }

    @Test
    void a_hundred_voxels_take_three_half_overlapping_tiles_of_fifty_at_0_25_and_50() {
        assertThat(AxisTiles.starts(100, 50, 0.5)).containsExactly(0, 25, 50);
        assertThat(AxisTiles.starts(101, 50, 0.5)).containsExactly(0, 17, 34, 51);
        assertThat(AxisTiles.starts(100, 50, 0)).containsExactly(0, 50);
        assertThat(AxisTiles.starts(4, 1, 0.5)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void weights_are_a_gaussian_of_an_eighth_of_the_tile_about_its_centre() {
        float[] weights = AxisTiles.gaussian(16);
        assertThat(weights[7]).isEqualTo(weights[8]);
        // one standard deviation (2 voxels) from 7.5 lies midway between 9 and 10
        assertThat((double) weights[9]).isEqualTo(Math.exp(-0.5 * 0.75 * 0.75), within());
        assertThat((double) weights[0]).isEqualTo(Math.exp(-0.5 * 3.75 * 3.75), within());
        assertThat(AxisTiles.gaussian(1)).containsExactly(1);
        for (float weight : AxisTiles.gaussian(512)) {
            assertThat(weight * weight * weight).isPositive();
        }
    }

    @Test
    void memory_is_ten_maps_of_each_level_at_its_resolution() {
        // 10 * (4 + 8 / 4) values of 4 bytes for each pixel; 8 / 8 in 3D
        NetworkConfig flat = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        NetworkConfig deep = NetworkConfig.attUNet(3, 1, 1).withWidths(List.of(4, 8));
        assertThat(TilePlanner.tenMaps(flat)).isEqualTo(240);
        assertThat(TilePlanner.tenMaps(deep)).isEqualTo(200);
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-6);
    }
}
