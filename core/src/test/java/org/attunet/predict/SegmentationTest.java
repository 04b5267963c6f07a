package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;

class SegmentationTest {
    private static Segmentation of(Grid grid, short[] voxels, OptionalDouble confidence, String... warnings) {
        LabelSet labels = LabelSet.of(Map.of(1, "anterior", 2, "posterior"));
        var reliability = new Reliability(confidence, OptionalDouble.empty(), Map.of(), List.of(warnings));
        return new Segmentation(new LabelMap(grid, voxels), labels, reliability, null, Map.of(), null, null);
    }

    @Test
    void a_result_prints_as_a_table() {
        Grid grid = Grid.of(new int[] {2, 2, 2}, new double[] {1, 1, 1.5});
        Segmentation result =
                of(grid, new short[] {1, 0, 0, 1, 2, 0, 0, 0}, OptionalDouble.of(0.934), "unlike the training data");
        assertThat(result.toString().lines())
                .containsExactly(
                        "2 x 2 x 2 voxels of 1 x 1 x 1.5 mm",
                        "label              voxels          volume  components",
                        "1 anterior              2           3 mm³           2",
                        "2 posterior             1         1.5 mm³           1",
                        "confidence 0.93",
                        "warning: unlike the training data");
        Segmentation empty = of(Grid.ofPixels(2, 1), new short[2], OptionalDouble.empty());
        assertThat(empty.toString().lines())
                .containsExactly(
                        "2 x 1 pixels",
                        "label              pixels            area  components",
                        "1 anterior              0           0 px²           0",
                        "2 posterior             0           0 px²           0",
                        "empty mask");
    }

    @Test
    void a_result_draws_itself() {
        Grid grid = Grid.ofPixels(3, 1);
        Segmentation result = of(grid, new short[] {0, 1, 2}, OptionalDouble.of(1));
        assertThat(result.picture().getRGB(2, 0)).isEqualTo(0xfff5a524);
        Image image = Image.ofUnsigned(grid, new byte[] {0, 100, (byte) 255});
        assertThat(result.overlay(image).getRGB(1, 0)).isEqualTo(0xff2fd39b);
        assertThat(result.overlay(image).getRGB(0, 0)).isEqualTo(0xff000000);
    }

    @Test
    void images_of_arrays_are_checked() {
        Grid grid = Grid.of(2, 1);
        assertThat(Image.of(grid, new short[] {-5, 7}).channel(0)).containsExactly(-5, 7);
        assertThat(Image.ofUnsigned(grid, new short[] {-1, 7}).channel(0)).containsExactly(65535, 7);
        assertThat(Image.of(grid, new double[] {0.5, 1}, new double[] {2, 3}).channel(1))
                .containsExactly(2, 3);
        assertThatThrownBy(() -> Image.of(grid, new int[3])).hasMessageContaining("3 values; expected 2 values");
        assertThatThrownBy(() -> Grid.of(new int[] {2, 1}, new double[] {1, 0})).hasMessageContaining("0.0 on axis y");
        assertThatThrownBy(() -> Grid.of(new int[] {2, 1, 1}, new double[] {1, 1}))
                .hasMessageContaining("2 spacings");
        assertThatThrownBy(() -> Grid.of(new int[] {2, 1}, new double[] {-1, 1}))
                .hasMessageContaining("-1.0 on axis x");
        assertThatThrownBy(() -> Grid.ofAffine(new int[] {2, 1}, new double[][] {{1, 0}, {0, 1}, {0, 0}}))
                .hasMessageContaining("2 numbers");
        assertThatThrownBy(() -> Image.of(grid, new short[][] {null}))
                .hasMessageContaining("a channel must not be null");
        Segmenter segmenter = SegmenterTest.segmenter(2, 1, 0, 8, 8);
        assertThatThrownBy(() -> segmenter.segment(Image.of(grid, new float[] {0, Float.NaN})))
                .hasMessageContaining("1 voxel is NaN or infinite, the first at (1, 0)");
    }
}
