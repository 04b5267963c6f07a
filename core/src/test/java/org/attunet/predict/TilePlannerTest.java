package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.attunet.bundle.Tiling;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.attunet.network.ReceptiveField;
import org.junit.jupiter.api.Test;

class TilePlannerTest {
    private static final NetworkConfig SMALL = NetworkConfig.attUNet(3, 1, 2).withWidths(List.of(8, 16, 32));
    private static final Grid CT = Grid.of(512, 512, 400);
    private static final long MIB = 1 << 20;

    @Test
    void the_reach_of_a_network_of_two_levels_is_that_counted_by_hand() {
        // Transposed, for the logits 0..1: joined map -2..3, coarse map -1..1, its block's input -3..3, the pooled fine
        // map -6..7, its block's input -8..9.
        NetworkConfig two = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        assertThat(ReceptiveField.of(two)).isEqualTo(new ReceptiveField(8, 8, 2));
        // Nearest: upsampled map -3..4, coarse map -2..2, and so on.
        assertThat(ReceptiveField.of(two.withUpsampling(Upsampling.NEAREST))).isEqualTo(new ReceptiveField(10, 10, 2));
        assertThat(ReceptiveField.of(two.withGates(Gates.NONE))).isEqualTo(ReceptiveField.of(two));
    }

    @Test
    void a_halo_is_the_reach_in_whole_cells() {
        assertThat(new ReceptiveField(9, 17, 4).halo()).isEqualTo(20);
        assertThat(new ReceptiveField(16, 16, 4).halo()).isEqualTo(16);
        assertThat(TileMode.tiling(SMALL)).isEqualTo(Tiling.exact(24, 24, 24));
        assertThat(TileMode.tiling(SMALL.withNormalisation(NormLayer.INSTANCE))).isEqualTo(Tiling.gaussian());
    }

    @Test
    void exact_cores_part_the_axis_and_keep_the_halo_from_every_end_that_is_not_the_images() {
        int cell = 4;
        for (int halo = 4; halo <= 12; halo += 4) {
            for (int padded = cell; padded <= 120; padded += cell) {
                for (int tile = Math.min(padded, 2 * halo + cell); tile <= padded; tile += cell) {
                    for (int size : new int[] {1, padded - 3, padded}) {
                        assertParts(AxisTiles.exact(size, padded, tile, halo), size, padded, halo);
                    }
                }
            }
        }
    }

    private static void assertParts(AxisTiles tiles, int size, int padded, int halo) {
        int next = 0;
        for (int i = 0; i < tiles.count(); i++) {
            int start = tiles.starts()[i];
            int end = start + tiles.tile();
            assertThat(start % 4).isZero();
            assertThat(end).isLessThanOrEqualTo(padded);
            assertThat(tiles.from()[i]).isEqualTo(next).isGreaterThanOrEqualTo(start == 0 ? 0 : start + halo);
            next = tiles.to()[i];
            assertThat(next).isGreaterThan(tiles.from()[i]).isLessThanOrEqualTo(end == padded ? padded : end - halo);
        }
        assertThat(next).isEqualTo(size);
    }

    @Test
    void an_image_that_fits_is_computed_whole() {
        TilePlan plan = choose(SMALL, Grid.of(64, 60, 61), SegmenterOptions.defaults(), 1024 * MIB);
        assertThat(plan.mode()).isEqualTo(TileMode.WHOLE);
        assertThat(plan.tile()).containsExactly(64, 60, 64);
        assertThat(plan.work()).isEqualTo(1);
        assertThat(plan)
                .hasToString("the whole image as a block of 64 x 60 x 64, about " + (plan.bytes() >> 20) + " MiB");
    }

    @Test
    void a_larger_image_gets_exact_tiles_within_the_budget_and_more_memory_never_means_more_work() {
        double work = Double.MAX_VALUE;
        for (long budget : new long[] {768, 1024, 2048, 4096, 8192}) {
            TilePlan plan = choose(SMALL, CT, SegmenterOptions.defaults(), budget * MIB);
            assertThat(plan.mode()).isEqualTo(TileMode.EXACT);
            assertThat(plan.bytes()).isLessThanOrEqualTo(budget * MIB);
            assertThat(plan.work()).isBetween(1.0, work);
            assertThat(plan.tile()).allMatch(n -> n % 4 == 0);
            assertThat(plan.toString()).contains("exact tiles of", "with a halo of 24", "MiB");
            work = plan.work();
        }
    }

    @Test
    void blended_tiles_use_the_budget_too() {
        NetworkConfig deep = NetworkConfig.attUNet(3, 1, 2).withWidths(List.of(8, 16, 32, 64)); // a halo of 48
        double work = 8;
        for (long budget : new long[] {64, 128, 256, 512}) {
            TilePlan plan = choose(deep, Grid.of(160, 160, 160), SegmenterOptions.defaults(), budget * MIB);
            assertThat(plan.mode()).isEqualTo(TileMode.BLENDED);
            assertThat(plan.bytes()).isBetween(budget * MIB / 2, budget * MIB);
            assertThat(plan.work()).isLessThan(work);
            assertThat(plan.tile()).allMatch(n -> n % 8 == 0 && n >= 32);
            work = plan.work();
        }
        assertThat(work).isLessThan(2);
        TilePlan asked = choose(
                deep, Grid.of(160, 160, 160), SegmenterOptions.defaults().withTiles(TileMode.BLENDED), 512 * MIB);
        assertThat(asked.tile()).containsExactly(32, 32, 32);
    }

    @Test
    void tiles_are_blended_where_exact_ones_would_cost_more_than_blending() {
        NetworkConfig wide = NetworkConfig.attUNet(3, 1, 2);
        SegmenterOptions options = SegmenterOptions.defaults();
        assertThat(choose(wide, CT, options, 4096 * MIB).mode()).isEqualTo(TileMode.BLENDED);
        assertThatThrownBy(() -> choose(wide, CT, options.withTiles(TileMode.EXACT), 512 * MIB))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("512 MiB")
                .hasMessageContaining("blended");
    }

    @Test
    void a_network_that_looks_at_the_whole_block_has_no_exact_tiles() {
        NetworkConfig instance = SMALL.withNormalisation(NormLayer.INSTANCE);
        SegmenterOptions options = SegmenterOptions.defaults();
        assertThat(TileMode.ownOf(instance)).isEqualTo(TileMode.BLENDED);
        TilePlan plan = choose(instance, Grid.of(100, 40, 40), options, 8192 * MIB);
        assertThat(plan.mode()).isEqualTo(TileMode.BLENDED);
        assertThat(plan.tile()).containsExactly(32, 32, 32);
        assertThat(plan.blocks()).isEqualTo(6 * 2 * 2);
        assertThatThrownBy(() -> choose(instance, CT, options.withTiles(TileMode.EXACT), 8192 * MIB))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void a_budget_is_half_of_what_is_free_in_coarse_steps() {
        assertThat(MemoryBudget.share(0)).isEqualTo(512 * MIB);
        assertThat(MemoryBudget.share(4096 * MIB)).isEqualTo(2048 * MIB);
        assertThat(MemoryBudget.share(5000 * MIB)).isEqualTo(2048 * MIB);
        assertThat(MemoryBudget.share(6144 * MIB)).isEqualTo(3072 * MIB);
        assertThat(MemoryBudget.share(100_000 * MIB)).isEqualTo(8192 * MIB);
        assertThat(MemoryBudget.ofMachine()).isBetween(512 * MIB, 8192 * MIB);
    }

    private static TilePlan choose(NetworkConfig network, Grid grid, SegmenterOptions options, long budget) {
        return new TilePlanner(network, new int[] {32, 32, 32}, grid, options, TilePlanner.tenMaps(network), false)
                .choose(budget);
    }
}
