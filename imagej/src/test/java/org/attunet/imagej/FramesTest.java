package org.attunet.imagej;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.LUT;
import ij.process.ShortProcessor;
import java.awt.Color;
import org.attunet.error.AttunetException;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;

class FramesTest {
    @Test
    void values_of_a_hyperstack_lie_in_its_channels_slices_and_frames() {
        var stack = new ImageStack(1, 1);
        for (int i = 0; i < 2 * 3 * 4; i++) {
            stack.addSlice(new ByteProcessor(1, 1, new byte[] {(byte) i}));
        }
        var image = new ImagePlus("hyper", stack);
        image.setDimensions(2, 3, 4);
        var frames = new Frames(image, 2);

        assertThat(frames.count()).isEqualTo(4);
        // ImageJ's order: channels fastest, then slices, then frames.
        assertThat(frames.read(2).channel(0)).containsExactly(6, 8, 10);
        assertThat(frames.read(2).channel(1)).containsExactly(7, 9, 11);
    }

    @Test
    void sixteen_bit_values_are_unsigned_and_signed_ones_those_that_imagej_measures() {
        var image = new ImagePlus("16", new ShortProcessor(2, 1, new short[] {-1, 0}, null));
        assertThat(new Frames(image, 1).read(1).channel(0)).containsExactly(65535, 0);

        image.getCalibration().setSigned16BitCalibration();
        assertThat(new Frames(image, 1).read(1).channel(0)).containsExactly(32767, -32768);
    }

    @Test
    void a_calibration_function_gives_real_values() {
        var image = new ImagePlus("8", new ByteProcessor(2, 1, new byte[] {10, (byte) 200}));
        image.getCalibration().setFunction(Calibration.STRAIGHT_LINE, new double[] {-100, 0.5}, "HU");

        assertThat(new Frames(image, 1).read(1).channel(0)).containsExactly(-95, 0);
    }

    @Test
    void an_inverting_table_changes_no_value() {
        var image = new ImagePlus("8", new ByteProcessor(2, 1, new byte[] {10, (byte) 200}));
        image.getProcessor().invertLut();

        assertThat(new Frames(image, 1).read(1).channel(0)).containsExactly(10, 200);
    }

    @Test
    void a_lookup_table_of_one_hue_changes_no_value_and_needs_no_note() {
        var image = new ImagePlus("8", new ByteProcessor(2, 1, new byte[] {10, (byte) 200}));
        image.setLut(LUT.createLutFromColor(Color.GREEN));
        var frames = new Frames(image, 3);

        assertThat(frames.read(1).channels().length).isEqualTo(1);
        assertThat(frames.read(1).channel(0)).containsExactly(10, 200);
        assertThat(frames.notes()).isEmpty();
    }

    @Test
    void a_palette_gives_its_colours_to_a_model_of_three_channels_and_its_numbers_to_others_with_a_note() {
        byte[] red = new byte[256];
        byte[] green = new byte[256];
        byte[] blue = new byte[256];
        for (int i = 3; i < 256; i++) {
            red[i] = (byte) (i * 97);
            green[i] = (byte) (i * 61);
        }
        green[0] = 100;
        red[1] = (byte) 250;
        blue[2] = 50;
        var processor = new ByteProcessor(3, 1, new byte[] {0, 1, 2});
        processor.setColorModel(new LUT(red, green, blue));
        var image = new ImagePlus("palette", processor);
        var colours = new Frames(image, 3);
        var numbers = new Frames(image, 1);

        assertThat(colours.read(1).channels()).isDeepEqualTo(new float[][] {{0, 250, 0}, {100, 0, 0}, {0, 0, 50}});
        assertThat(colours.notes()).singleElement().asString().contains("8-bit colour");
        assertThat(numbers.read(1).channel(0)).containsExactly(0, 1, 2);
        assertThat(numbers.notes()).singleElement().asString().contains("pixel values");
    }

    @Test
    void rgb_has_three_channels() {
        var image = new ImagePlus("rgb", new ColorProcessor(1, 1, new int[] {0x0a141e}));

        assertThat(new Frames(image, 3).read(1).channels()).isDeepEqualTo(new float[][] {{10}, {20}, {30}});
    }

    @Test
    void a_value_that_is_no_number_is_refused_with_its_place() {
        float[] values = new float[6];
        values[4] = Float.NaN;
        var image = new ImagePlus("32", new FloatProcessor(3, 2, values));

        assertThatThrownBy(() -> new Frames(image, 1).read(1))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("(1, 1)");
    }

    @Test
    void lengths_are_those_of_the_calibration_in_any_unit() {
        assertThat(spacing("µm", 0.5)).containsExactly(0.0005, 0.0005, 0.001);
        assertThat(spacing("um", 0.5)).containsExactly(0.0005, 0.0005, 0.001);
        assertThat(spacing("micron", 0.5)).containsExactly(0.0005, 0.0005, 0.001);
        assertThat(spacing("nm", 500)).containsExactly(0.0005, 0.0005, 0.001);
        assertThat(spacing("inch", 0.1)).containsExactly(2.54, 2.54, 5.08);
        assertThat(new Lengths(calibration("pixel", 3)).grid(2, 2, 2).unit()).isEqualTo(LengthUnit.PIXEL);
        assertThat(new Lengths(calibration("furlong", 3)).grid(2, 2, 2).unit()).isEqualTo(LengthUnit.PIXEL);
    }

    @Test
    void axes_may_have_units_of_their_own() {
        Calibration calibration = calibration("µm", 0.5);
        calibration.setZUnit("mm");

        assertThat(new Lengths(calibration).grid(2, 2, 2).spacing()).containsExactly(0.0005, 0.0005, 1);
        assertThat(new Lengths(calibration).unit(3)).isEqualTo("µm·µm·mm");
        assertThat(new Lengths(calibration).unit(2)).isEqualTo("µm²");
    }

    private static double[] spacing(String unit, double side) {
        double[] spacing = new Lengths(calibration(unit, side)).grid(2, 2, 2).spacing();
        for (int axis = 0; axis < 3; axis++) {
            spacing[axis] = Math.round(spacing[axis] * 1e9) / 1e9;
        }
        return spacing;
    }

    private static Calibration calibration(String unit, double side) {
        var calibration = new Calibration();
        calibration.setUnit(unit);
        calibration.pixelWidth = side;
        calibration.pixelHeight = side;
        calibration.pixelDepth = 2 * side;
        return calibration;
    }
}
