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
}
