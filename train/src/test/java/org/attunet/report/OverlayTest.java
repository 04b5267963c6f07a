package org.attunet.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.picture.Window;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private static final int SIZE = 64;
    private static final int SCALE = 6; // 64 pixels become 384

    /** Mid grey everywhere but for one black and one white pixel, so that nothing is cut off. */
    private static Image grey() {
        float[] values = new float[SIZE * SIZE];
        java.util.Arrays.fill(values, 50);
        values[0] = 0;
        values[1] = 100;
        return Image.of(Grid.of(SIZE, SIZE), values);
    }

    private static LabelMap square(int left, int top, int right, int bottom) {
        short[] labels = new short[SIZE * SIZE];
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                labels[y * SIZE + x] = 1;
            }
        }
        return new LabelMap(Grid.of(SIZE, SIZE), labels);
    }

    private static void assertColour(Color expected, BufferedImage picture, int x, int y, int tolerance) {
        Color actual = new Color(picture.getRGB(x, y));
        String where = "at " + x + ", " + y + " " + actual + " instead of " + expected;
        assertEquals(expected.getRed(), actual.getRed(), tolerance, where);
        assertEquals(expected.getGreen(), actual.getGreen(), tolerance, where);
        assertEquals(expected.getBlue(), actual.getBlue(), tolerance, where);
    }

    @Test
    void outlines_run_where_the_masks_end() {
        Overlay overlay = Overlay.of(grey(), square(10, 12, 30, 40), square(20, 20, 50, 50), new Window(0, 100));
        BufferedImage truth = overlay.truth();
        BufferedImage picture = overlay.comparison();
        assertEquals(SIZE * SCALE, picture.getWidth());
        // halfway down each side of the truth's square, 10 to 30 by 12 to 40
        assertColour(Overlay.TRUTH, truth, 10 * SCALE, 26 * SCALE, 60);
        assertColour(Overlay.TRUTH, truth, 15 * SCALE, 12 * SCALE, 60);
        assertColour(Overlay.TRUTH, truth, 15 * SCALE, 40 * SCALE, 60);
        assertColour(Overlay.PREDICTION, picture, 50 * SCALE, 35 * SCALE, 60);
        assertColour(Overlay.PREDICTION, picture, 35 * SCALE, 20 * SCALE, 60);
        // inside the prediction and outside of both nothing is drawn
        assertColour(new Color(128, 128, 128), picture, 45 * SCALE, 45 * SCALE, 2);
        assertColour(new Color(128, 128, 128), picture, 5 * SCALE, 60 * SCALE, 2);
        assertColour(new Color(128, 128, 128), truth, 5 * SCALE, 60 * SCALE, 2);
    }

    @Test
    void the_comparison_fills_the_truth_and_outlines_the_prediction() {
        Overlay overlay = Overlay.of(grey(), square(10, 10, 30, 30), square(20, 20, 50, 50), new Window(0, 100));
        Color filled = new Color(overlay.comparison().getRGB(14 * SCALE, 14 * SCALE));
        assertTrue(filled.getGreen() > filled.getRed() + 40, filled.toString());
        assertColour(Overlay.PREDICTION, overlay.comparison(), 50 * SCALE, 35 * SCALE, 60);
        assertColour(new Color(128, 128, 128), overlay.comparison(), 45 * SCALE, 45 * SCALE, 2);
    }

    @Test
    void an_empty_mask_leaves_the_image_as_it_is() {
        Overlay overlay = Overlay.of(grey(), square(0, 0, 0, 0), square(0, 0, 0, 0));
        BufferedImage plain = overlay.image();
        BufferedImage both = overlay.comparison();
        assertArrayEquals(
                plain.getRGB(0, 0, plain.getWidth(), plain.getHeight(), null, 0, plain.getWidth()),
                both.getRGB(0, 0, plain.getWidth(), plain.getHeight(), null, 0, plain.getWidth()));
    }

    @Test
    void a_volume_shows_the_slice_with_most_of_the_masks() {
        Grid grid = Grid.of(20, 16, 9);
        short[] truth = new short[grid.voxels()];
        short[] prediction = new short[grid.voxels()];
        truth[5 + 20 * (5 + 16 * 2)] = 1;
        for (int x = 3; x < 10; x++) {
            prediction[x + 20 * (7 + 16 * 6)] = 2;
        }
        Image image = Image.of(grid, new float[grid.voxels()]);
        assertEquals(
                6,
                Overlay.of(image, new LabelMap(grid, truth), new LabelMap(grid, prediction))
                        .slice());
        assertEquals(4, Overlay.of(image, null, null).slice());
    }

    @Test
    void a_volume_is_seen_from_the_feet_with_the_front_on_top() {
        Grid grid = Grid.of(40, 40, 3); // axes run to the patient's right side's opposite: +x right, +y front, +z head
        float[] values = new float[grid.voxels()];
        java.util.Arrays.fill(values, 50);
        for (int z = 0; z < 3; z++) {
            values[38 + 40 * (38 + 40 * z)] = 100; // right and front
            values[38 + 40 * (37 + 40 * z)] = 100;
            values[37 + 40 * (38 + 40 * z)] = 100;
            values[37 + 40 * (37 + 40 * z)] = 100;
        }
        BufferedImage picture = Overlay.of(Image.of(grid, values), null, null, new Window(0, 100))
                .image();
        double pixels = picture.getWidth() / 40.0;
        assertTrue(new Color(picture.getRGB((int) (2 * pixels), (int) (2 * pixels))).getRed() > 200);
        assertTrue(new Color(picture.getRGB((int) (38 * pixels), (int) (38 * pixels))).getRed() < 150);
    }

    @Test
    void voxels_twice_as_high_as_wide_make_a_picture_twice_as_high() {
        Grid grid = Grid.of(new int[] {50, 50}, new double[] {1, 2});
        float[] values = new float[2500];
        java.util.Arrays.fill(values, 1);
        values[0] = 0;
        BufferedImage picture = Overlay.of(Image.of(grid, values), null, null).image();
        assertEquals(2.0, (double) picture.getHeight() / picture.getWidth(), 0.02);
    }

    @Test
    void the_heat_is_dark_where_attention_is_low_and_bright_where_it_is_high() {
        float[] map = new float[SIZE * SIZE];
        for (int i = 0; i < map.length; i++) {
            map[i] = i % SIZE < SIZE / 2 ? 0.2f : 0.9f;
        }
        Overlay overlay = Overlay.of(grey(), null, null, new Window(0, 100));
        Image attention = Image.of(Grid.of(SIZE, SIZE), map);
        Window range = overlay.heatRange(attention);
        assertEquals(0.2, range.low(), 1e-6);
        assertEquals(0.9, range.high(), 1e-6);
        BufferedImage picture = overlay.attention(attention, range);
        Color cold = new Color(picture.getRGB(60, 200));
        Color hot = new Color(picture.getRGB(320, 200));
        assertTrue(hot.getRed() > cold.getRed() + 80, cold + " " + hot);
    }

    @Test
    void colour_images_keep_their_colours() {
        float[] red = new float[SIZE * SIZE];
        java.util.Arrays.fill(red, 200);
        float[] green = new float[SIZE * SIZE];
        java.util.Arrays.fill(green, 100);
        Image image = new Image(Grid.of(SIZE, SIZE), new float[][] {red, green, new float[SIZE * SIZE]});
        assertColour(new Color(200, 100, 0), Overlay.of(image, null, null).image(), 100, 100, 1);
    }

    @Test
    void dark_colour_images_are_brightened_without_changing_their_hue() {
        float[] red = new float[SIZE * SIZE];
        java.util.Arrays.fill(red, 40);
        float[] green = new float[SIZE * SIZE];
        java.util.Arrays.fill(green, 20);
        Image image = new Image(Grid.of(SIZE, SIZE), new float[][] {red, green, new float[SIZE * SIZE]});
        assertColour(new Color(255, 128, 0), Overlay.of(image, null, null).image(), 100, 100, 1);
    }

    @Test
    void computed_tomography_is_shown_in_the_soft_tissue_window() {
        float[] values = new float[SIZE * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 0 ? -1000 : 40;
        }
        assertEquals(Window.SOFT_TISSUE, Window.of(Image.of(Grid.of(SIZE, SIZE), values)));
    }

    @Test
    void a_constant_image_has_a_window_too() {
        Window window = Window.of(Image.of(Grid.of(4, 4), new float[16]));
        assertTrue(window.low() < 0 && window.high() > 0);
    }

    @Test
    void a_mask_of_another_size_is_refused() {
        LabelMap other = new LabelMap(Grid.of(3, 3), new short[9]);
        assertThrows(AttunetException.class, () -> Overlay.of(grey(), other, null));
        assertThrows(AttunetException.class, () -> Overlay.of(grey(), null, other));
        Overlay overlay = Overlay.of(grey(), null, null);
        assertThrows(AttunetException.class, () -> overlay.heatRange(Image.of(Grid.of(3, 3), new float[9])));
    }

    @Test
    void the_data_address_holds_the_picture_as_png() throws IOException {
        BufferedImage picture = Overlay.of(grey(), null, null).image();
        String uri = Overlay.dataUri(picture);
        assertTrue(uri.startsWith("data:image/png;base64,"));
        byte[] png = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
        assertEquals(picture.getRGB(17, 130), read.getRGB(17, 130));
        assertEquals(picture.getWidth(), read.getWidth());
    }
}
