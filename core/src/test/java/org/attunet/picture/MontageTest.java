package org.attunet.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;

class MontageTest {
    private static final Grid GRID = Grid.of(5, 4, 30);

    private static LabelMap labelled(int first, int last) {
        short[] voxels = new short[GRID.voxels()];
        for (int z = first; z <= last; z++) {
            voxels[20 * z] = 1; // x 0, y 0
        }
        return new LabelMap(GRID, voxels);
    }

    @Test
    void slices_are_spread_over_those_with_labels() {
        assertThat(Montage.slices(labelled(3, 5))).containsExactly(3, 4, 5);
        assertThat(Montage.slices(labelled(6, 29))).containsExactly(7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29);
        assertThat(Montage.slices(labelled(1, 0)))
                .hasSize(12)
                .doesNotHaveDuplicates()
                .startsWith(1);
    }

    @Test
    void slices_lie_side_by_side_and_scans_are_turned_as_radiologists_see_them() {
        Image image = Image.of(GRID, new float[GRID.voxels()]);
        BufferedImage stored = Montage.of(image, labelled(3, 7), false);
        assertThat(stored.getWidth()).isEqualTo(4 * 5 * 38); // 38 times the size
        assertThat(stored.getHeight()).isEqualTo(2 * 4 * 38);
        int colour = LabelColours.of(1) & 0xffffff;
        assertThat(stored.getRGB(0, 0) & 0xffffff).isEqualTo(colour);
        assertThat(stored.getRGB(190, 0) & 0xffffff).isEqualTo(colour);
        assertThat(stored.getRGB(0, 152) & 0xffffff).isEqualTo(colour);
        assertThat(stored.getRGB(190, 152) & 0xffffff).isZero(); // five slices
        BufferedImage upright = Montage.of(image, labelled(3, 7), true);
        assertThat(upright.getRGB(189, 151) & 0xffffff).isEqualTo(colour);
        assertThat(upright.getRGB(0, 0) & 0xffffff).isNotEqualTo(colour);
    }
}
