package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StructureTest {
    @Test
    void each_label_has_its_voxels_times_a_voxels_volume() {
        Grid grid = Grid.of(new int[] {2, 3, 1}, new double[] {0.5, 2, 4}); // voxels of 4 cubic millimetres
        var mask = new LabelMap(grid, new short[] {0, 7, 7, (short) 40000, 1, 7});
        LabelSet labels = LabelSet.of(Map.of(7, "liver", 9, "spleen", 40000, "vessel"));
        List<Structure> volumes = Structure.of(mask, labels);
        assertThat(volumes).extracting(Structure::value).containsExactly(7, 9, 40000);
        assertThat(volumes).extracting(Structure::name).containsExactly("liver", "spleen", "vessel");
        assertThat(volumes).extracting(Structure::voxels).containsExactly(3L, 0L, 1L);
        assertThat(volumes.get(0).millilitres()).isCloseTo(0.012, within(1e-12));
    }

    @Test
    void a_plane_has_an_area_and_a_photograph_pixels_alone() {
        LabelSet labels = LabelSet.of(Map.of(1, "cell"));
        short[] voxels = {1, 1, 0, 1};
        Grid plane = Grid.of(new int[] {2, 2}, new double[] {0.5, 2});
        Structure area = Structure.of(new LabelMap(plane, voxels), labels).get(0);
        assertThat(area.squareMillimetres()).isEqualTo(3);
        assertThat(area.millilitres()).isNull();
        Structure pixels =
                Structure.of(new LabelMap(Grid.ofPixels(2, 2), voxels), labels).get(0);
        assertThat(pixels.voxels()).isEqualTo(3);
        assertThat(pixels.millilitres()).isNull();
        assertThat(pixels.squareMillimetres()).isNull();
    }

    @Test
    void volumes_are_in_the_unit_of_the_images_file() {
        LabelSet labels = LabelSet.of(Map.of(1, "cell"));
        Grid cells = Grid.of(new int[] {2, 2}, new double[] {0.5, 0.25}, LengthUnit.MICROMETRE);
        Structure cell = Structure.of(new LabelMap(cells, new short[] {1, 0, 0, 1}), labels)
                .get(0);
        assertThat(cell.volume()).isCloseTo(0.25, within(1e-12));
        assertThat(cell.squareMillimetres()).isCloseTo(0.25e-6, within(1e-18));
        assertThat(cell).hasToString("1 cell: 2 pixels, 0.25 µm², 2 components");
        Grid organ = Grid.of(new int[] {1, 1, 3}, new double[] {100, 100, 123.456});
        Structure large =
                Structure.of(new LabelMap(organ, new short[] {1, 1, 0}), labels).get(0);
        assertThat(large).hasToString("1 cell: 2 voxels, 2469120 mm³, 1 component");
        Structure none = Structure.of(new LabelMap(Grid.ofPixels(2, 1), new short[2]), labels)
                .get(0);
        assertThat(none).hasToString("1 cell: 0 pixels, 0 px², 0 components");
    }
}
