package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Published data sets, read if the environment variable ATTUNET_DATA names their folder. */
class RealDataTest {
    @TempDir
    Path folder;

    private static List<Path> files(String name) throws Exception {
        String data = System.getenv("ATTUNET_DATA");
        assumeTrue(data != null && Files.isDirectory(Path.of(data, name)), "ATTUNET_DATA holds no folder " + name);
        try (Stream<Path> paths = Files.list(Path.of(data, name))) {
            return paths.filter(Images::isImage).sorted().toList();
        }
    }

    @Test
    void hippocampus_volumes_have_masks_of_labels_0_to_2_on_their_grid() throws Exception {
        for (Path file : files("Task04_Hippocampus/imagesTr")) {
            Image image = Images.read(file);
            Path maskFile = file.resolveSibling("../labelsTr").resolve(file.getFileName());
            LabelMap mask = Images.readLabels(maskFile);
            assertThat(image.channels()).hasNumberOfRows(1);
            assertThat(image.grid().sameAs(mask.grid(), 1e-6))
                    .as(file.toString())
                    .isTrue();
            assertThat(image.grid().spacing()).containsExactly(1, 1, 1);
            boolean[] seen = new boolean[65536];
            for (int i = 0; i < mask.voxels().length; i++) {
                seen[mask.label(i)] = true;
            }
            assertThat(Arrays.copyOf(seen, 4)).containsExactly(true, true, true, false);
        }
    }

    /** Sum, largest value, sizes and affine by nibabel. */
    @Test
    void the_first_hippocampus_is_as_nibabel_reads_it_and_comes_back() throws Exception {
        Path file = files("Task04_Hippocampus/imagesTr").get(0);
        assertThat(Images.stem(file)).isEqualTo("hippocampus_001");
        Image image = Images.read(file);
        double sum = 0;
        float largest = 0;
        for (float v : image.channel(0)) {
            sum += v;
            largest = Math.max(largest, v);
        }
        assertThat(sum).isEqualTo(3968524.0);
        assertThat(largest).isEqualTo(139f);
        double[][] affine = {{1, 0, 0, 1}, {0, 1, 0, 1}, {0, 0, 1, 1}};
        assertThat(image.grid()).isEqualTo(Grid.ofAffine(new int[] {35, 51, 35}, affine));
        Images.write(image, folder.resolve("back.nii.gz"));
        Image back = Images.read(folder.resolve("back.nii.gz"));
        assertThat(back.grid()).isEqualTo(image.grid());
        assertThat(back.channel(0)).isEqualTo(image.channel(0));
    }

    @Test
    void nuclei_pictures_have_three_channels_and_masks_of_0_and_255() throws Exception {
        List<Path> files = files("dsb2018/images");
        for (int i = 0; i < files.size(); i += 5) {
            Image image = Images.read(files.get(i));
            LabelMap mask = Images.readLabels(
                    files.get(i).resolveSibling("../masks").resolve(files.get(i).getFileName()));
            assertThat(image.channels()).hasNumberOfRows(3);
            assertThat(mask.grid()).isEqualTo(image.grid());
            for (int v = 0; v < mask.voxels().length; v++) {
                assertThat(mask.label(v) == 0 || mask.label(v) == 255).isTrue();
            }
        }
    }
}
