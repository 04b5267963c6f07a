package org.attunet.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
    private static final Grid PLANE = Grid.ofPixels(3, 2);

    @Test
    void a_masks_colours_number_its_labels_also_in_a_file(@TempDir Path folder) throws Exception {
        var labels = new LabelMap(PLANE, new short[] {0, 1, 2, 9, 255, 0});
        BufferedImage mask = Pictures.mask(labels);
        assertThat(mask.getRGB(1, 0)).isEqualTo(0xff2fd39b);
        assertThat(mask.getRGB(0, 0)).isEqualTo(0xff000000);
        assertThat(Images.labelsOf(mask)).usingRecursiveComparison().isEqualTo(labels);
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(mask, "png", bytes);
        Path file = Files.write(folder.resolve("mask.png"), bytes.toByteArray());
        assertThat(Images.readLabels(file).voxels()).containsExactly(labels.voxels());
    }

    @Test
    void grey_masks_and_images_come_back_as_they_were() {
        var labels = new LabelMap(PLANE, new short[] {0, 1, 2, 256, (short) 65535, 0});
        assertThat(Images.labelsOf(Pictures.grey(labels)).voxels()).containsExactly(labels.voxels());
        Image colours = Image.of(
                PLANE, new float[] {0, 1, 2, 3, 4, 255}, new float[] {9, 8, 7, 6, 5, 4}, new float[] {7, 0, 0, 1, 0, 9
                });
        assertThat(Images.of(Pictures.of(colours)).channels()).isDeepEqualTo(colours.channels());
        assertThatThrownBy(() -> Pictures.mask(labels)).hasMessageContaining("label 65535");
    }

    @Test
    void an_overlay_is_opaque_at_borders_and_mixed_inside() {
        Grid grid = Grid.ofPixels(5, 5);
        float[] values = new float[25];
        java.util.Arrays.fill(values, 100);
        short[] voxels = new short[25];
        for (int i = 0; i < 25; i++) {
            voxels[i] = (short) (i % 5 > 0 && i / 5 > 0 ? 1 : 0);
        }
        BufferedImage overlay =
                Pictures.overlay(Image.of(grid, values), new LabelMap(grid, voxels), new Window(0, 200));
        assertThat(overlay.getRGB(0, 0)).isEqualTo(0xff808080); // 127.5 rounds up
        assertThat(overlay.getRGB(1, 1)).isEqualTo(0xff2fd39b);
        int red = (int) Math.round(128 + 0.4 * (0x2f - 128));
        assertThat(overlay.getRGB(2, 2) >> 16 & 255).isEqualTo(red);
        LabelMap other = new LabelMap(Grid.ofPixels(5, 4), new short[20]);
        assertThatThrownBy(() -> Pictures.overlay(Image.of(grid, values), other))
                .hasMessageContaining("5 x 4 pixels");
    }

    @Test
    void a_volume_is_drawn_slice_by_slice() {
        Grid grid = Grid.ofAffine(
                new int[] {2, 3, 4}, new double[][] {{0, 0, 5, 1}, {2, 0, 0, 2}, {0, 3, 0, 3}, {0, 0, 0, 1}});
        float[] values = new float[24];
        short[] voxels = new short[24];
        for (int i = 0; i < 24; i++) {
            values[i] = i;
            voxels[i] = (short) i;
        }
        Image image = Image.of(grid, values);
        LabelMap labels = new LabelMap(grid, voxels);
        // As numpy has it for a.reshape(4, 3, 2): a[3], a[:, 1], a[:, :, 1].
        assertThat(image.slice(2, 3).channel(0)).containsExactly(18, 19, 20, 21, 22, 23);
        assertThat(labels.slice(1, 1).voxels())
                .containsExactly(
                        (short) 2, (short) 3, (short) 8, (short) 9, (short) 14, (short) 15, (short) 20, (short) 21);
        assertThat(labels.slice(0, 1).voxels())
                .containsExactly(
                        (short) 1,
                        (short) 3,
                        (short) 5,
                        (short) 7,
                        (short) 9,
                        (short) 11,
                        (short) 13,
                        (short) 15,
                        (short) 17,
                        (short) 19,
                        (short) 21,
                        (short) 23);
        Grid plane = grid.slice(1, 2);
        assertThat(plane.spacing()).containsExactly(2, 5);
        assertThat(plane.affine()).isDeepEqualTo(new double[][] {{0, 5, 0, 1}, {2, 0, 0, 2}, {0, 0, 3, 9}});
        assertThat(Pictures.of(image.slice(0, 0)).getHeight()).isEqualTo(4);
        assertThatThrownBy(() -> Pictures.of(image)).hasMessageContaining("slice(2, 0)");
        assertThatThrownBy(() -> image.slice(2, 4)).hasMessageContaining("from 0 to 3");
        assertThatThrownBy(() -> image.slice(3, 0)).hasMessageContaining("axis");
    }
}
