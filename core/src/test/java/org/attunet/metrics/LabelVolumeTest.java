package org.attunet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

class LabelVolumeTest {
    @Test
    void each_label_has_its_voxels_times_a_voxels_volume() {
        Grid grid = Grid.of(new int[] {2, 3, 1}, new double[] {0.5, 2, 4}); // voxels of 4 cubic millimetres
        var mask = new LabelMap(grid, new short[] {0, 7, 7, (short) 40000, 1, 7});
        LabelSet labels = LabelSet.of(Map.of(7, "liver", 9, "spleen", 40000, "vessel"));
        List<LabelVolume> volumes = LabelVolume.of(mask, labels);
        assertThat(volumes).extracting(LabelVolume::value).containsExactly(7, 9, 40000);
        assertThat(volumes).extracting(LabelVolume::name).containsExactly("liver", "spleen", "vessel");
        assertThat(volumes).extracting(LabelVolume::voxels).containsExactly(3L, 0L, 1L);
        assertThat(volumes.get(0).millilitres()).isCloseTo(0.012, within(1e-12));
    }

    @Test
    void a_plane_has_an_area_and_a_photograph_pixels_alone() {
        LabelSet labels = LabelSet.of(Map.of(1, "cell"));
        short[] voxels = {1, 1, 0, 1};
        Grid plane = Grid.of(new int[] {2, 2}, new double[] {0.5, 2});
        LabelVolume area = LabelVolume.of(new LabelMap(plane, voxels), labels).get(0);
        assertThat(area.squareMillimetres()).isEqualTo(3);
        assertThat(area.millilitres()).isNull();
        LabelVolume pixels = LabelVolume.of(new LabelMap(Grid.ofPixels(2, 2), voxels), labels)
                .get(0);
        assertThat(pixels).isEqualTo(new LabelVolume(1, "cell", 3, null, null));
    }
}
