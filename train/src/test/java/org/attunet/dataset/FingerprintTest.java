package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
    @TempDir
    Path folder;

    /** Voxel i has intensity i; the label 1 covers voxels 0 to labelled - 1, the label 2 the following four. */
    private void write(String name, double spacing, int labelled) throws Exception {
        Grid grid = Grid.of(new int[] {10, 8, 6}, new double[] {1, spacing, 2});
        float[] values = new float[grid.voxels()];
        short[] mask = new short[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
            mask[i] = (short) (i < labelled ? 1 : i < labelled + 4 ? 2 : 0);
        }
        Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(folder.resolve("masks"));
        Images.write(Image.of(grid, values), folder.resolve("images/" + name + ".nii.gz"));
        Images.write(new LabelMap(grid, mask), folder.resolve("masks/" + name + ".nii.gz"));
    }

    @Test
    void intensities_and_volumes_are_those_of_the_labelled_voxels() throws Exception {
        write("a", 1, 197);
        write("b", 1.5, 97);
        write("c", 3, 197);
        DataSet data = DataSets.open(folder);
        Fingerprint found = Fingerprint.of(data);

        assertThat(found).isEqualTo(Fingerprint.of(data));
        assertThat(found.cases()).isEqualTo(3);
        assertThat(found.oriented()).isTrue();
        assertThat(found.spacings(1)).containsExactly(1, 1.5, 3);
        assertThat(found.sizes(0)).containsExactly(10, 10, 10);
        // numpy: v = concatenate([arange(201), arange(101), arange(201)]); mean, std, percentile 0.5 and 99.5
        assertThat(found.foreground().get(0).samples()).isEqualTo(503);
        assertThat(found.foreground().get(0).mean()).isCloseTo(89.960239, within(1e-4));
        assertThat(found.foreground().get(0).std()).isCloseTo(57.118502, within(1e-4));
        assertThat(found.foreground().get(0).low()).isCloseTo(0.510000, within(1e-4));
        assertThat(found.foreground().get(0).high()).isCloseTo(199.000000, within(1e-4));
        assertThat(found.structures().get(0).voxels()).isEqualTo(197 + 97 + 197);
        assertThat(found.structures().get(0).smallest()).isEqualTo(97);
        assertThat(found.structures().get(1).cases()).isEqualTo(3);
        assertThat(found.structures().get(1).share()).isEqualTo(12.0 / (3 * 480));
        // one block in each; the longest side is 10 voxels of 1 mm, or 8 of 1.5 or 3 mm
        assertThat(found.pieces()).isEqualTo(new Fingerprint.Pieces(1, 12));
        assertThat(found.labelled()).isCloseTo(503.0 / 1440, within(1e-12));
    }

    @Test
    void breadth_is_the_side_of_a_square_and_twice_the_width_of_a_line() {
        Grid grid = Grid.of(new int[] {40, 30}, new double[] {0.5, 0.5});
        short[] mask = new short[grid.voxels()];
        for (int y = 0; y < 30; y++) {
            for (int x = 0; x < 40; x++) {
                boolean square = x < 12 && y < 12;
                boolean line = x == 20 || x == 21;
                mask[40 * y + x] = (short) (square ? 1 : line ? 2 : 0);
            }
        }
        double[] breadth = Breadth.of(new LabelMap(grid, mask), new int[] {0, 1, 2, 3}, 4);
        assertThat(breadth[0]).isZero();
        assertThat(breadth[1]).isEqualTo(6);
        assertThat(breadth[2]).isCloseTo(2 * 1, within(0.13)); // 60 pixels in an outline of 64
        assertThat(breadth[3]).isZero();
    }
}
