package org.attunet.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;

class ObjectMeasuresTest {
    private static final int LARGE = 2_000_000_000;

    private static ObjectMap plane(Grid grid) {
        int[] numbers = new int[grid.voxels()];
        for (int i = 0; i < numbers.length; i++) {
            double x = i % 50;
            double y = i / 50;
            boolean ellipse = Math.pow((x - 22) / 14, 2) + Math.pow((y - 18) / 7, 2) <= 1;
            boolean disk = (x - 2) * (x - 2) + (y - 30) * (y - 30) <= 36;
            numbers[i] = ellipse ? 7 : disk ? 9 : 0;
        }
        numbers[49] = LARGE;
        return new ObjectMap(grid, numbers);
    }

    /** By scikit-image 0.19.3: {@code regionprops} and {@code perimeter_crofton(mask, 4)}. */
    @Test
    void measures_in_pixels_equal_those_of_scikit_image() {
        Grid grid = Grid.ofPixels(50, 40);
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 50 + 2 * (i / 50);
        }
        List<ObjectMeasures> all = ObjectMeasures.of(plane(grid), Image.of(grid, values));
        assertThat(all).extracting(ObjectMeasures::number).containsExactly(7, 9, LARGE);
        assertThat(all).extracting(ObjectMeasures::size).containsExactly(303.0, 85.0, 1.0);
        double[] outlines = {68.98986196021505, 35.050291347377325, 2.681517061334488};
        double[] diameters = {19.64157789116634, 10.403141895720198, 1.1283791670955126};
        double[] intensities = {58, 63.294117647058826, 49};
        for (int k = 0; k < 3; k++) {
            assertThat(all.get(k).boundary()).isCloseTo(outlines[k], within(1e-9));
            assertThat(all.get(k).equivalentDiameter()).isCloseTo(diameters[k], within(1e-9));
            assertThat(all.get(k).intensity().get(0)).isCloseTo(intensities[k], within(1e-9));
            assertThat(all.get(k).confidence()).isNull();
        }
        assertThat(all.get(1).centroid().get(0)).isCloseTo(3.2941176470588234, within(1e-12));
        assertThat(all.get(1).centroid().get(1)).isCloseTo(30, within(1e-12));
        assertThat(all.get(0).place().low()).containsExactly(8, 11);
        assertThat(all.get(0).place().high()).containsExactly(37, 26);
        assertThat(all.get(2).roundness()).isEqualTo(1);
        assertThat(all.get(2).sizeUnit()).isEqualTo("px²");
    }

    @Test
    void measures_are_in_the_unit_of_the_file() {
        Grid grid = Grid.of(new int[] {50, 40}, new double[] {0.5, 0.5}, LengthUnit.MICROMETRE);
        ObjectMeasures ellipse = ObjectMeasures.of(plane(grid), null).get(0);
        assertThat(ellipse.size()).isCloseTo(303 / 4.0, within(1e-9));
        assertThat(ellipse.boundary()).isCloseTo(68.98986196021505 / 2, within(1e-9));
        assertThat(ellipse.centroid().get(0)).isCloseTo(11, within(1e-9));
        assertThat(ellipse.sizeUnit()).isEqualTo("µm²");
        assertThat(ellipse.roundness()).isCloseTo(4 * Math.PI * 303 / Math.pow(68.98986196021505, 2), within(1e-9));
    }

    private static ObjectMeasures ball(double[] spacing, double radius) {
        int[] size = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            size[axis] = (int) (2 * radius / spacing[axis]) + 4;
        }
        int[] numbers = new int[size[0] * size[1] * size[2]];
        for (int i = 0; i < numbers.length; i++) {
            double x = (i % size[0] - size[0] / 2) * spacing[0];
            double y = (i / size[0] % size[1] - size[1] / 2) * spacing[1];
            double z = (i / size[0] / size[1] - size[2] / 2) * spacing[2];
            numbers[i] = x * x + y * y + z * z <= radius * radius ? 1 : 0;
        }
        return ObjectMeasures.of(new ObjectMap(Grid.of(size, spacing), numbers), null)
                .get(0);
    }

    @Test
    void the_surface_of_a_ball_is_right_whatever_the_spacing() {
        for (double[] spacing : new double[][] {{1, 1, 1}, {0.7, 0.7, 1.5}, {1, 0.5, 2}}) {
            ObjectMeasures ball = ball(spacing, 15);
            assertThat(ball.boundary()).isCloseTo(4 * Math.PI * 225, within(0.03 * 4 * Math.PI * 225));
            assertThat(ball.roundness()).isGreaterThan(0.97);
            assertThat(ball.equivalentDiameter()).isCloseTo(30, within(0.2));
            assertThat(ball.sizeUnit()).isEqualTo("mm³");
        }
    }

    @Test
    void an_image_of_another_size_is_refused() {
        ObjectMap map = plane(Grid.ofPixels(50, 40));
        assertThatThrownBy(() -> ObjectMeasures.of(map, Image.of(Grid.ofPixels(40, 50), new float[2000])))
                .isInstanceOf(AttunetException.class);
        assertThat(ObjectMeasures.of(new ObjectMap(Grid.of(2, 2), new int[4]), null))
                .isEmpty();
    }
}
