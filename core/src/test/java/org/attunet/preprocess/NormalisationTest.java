package org.attunet.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;

class NormalisationTest {
    private static final List<Normalisation> ALL = List.of(
            new Normalisation.ZScore(),
            new Normalisation.PercentileClip(0.5, 99.5),
            new Normalisation.Window(-160, 240),
            new Normalisation.ClipStandardise(-100, 300, 80, 140.5),
            new Normalisation.UnitRange(0, 255),
            new Normalisation.MinMax(),
            new Normalisation.Identity());

    private static float[] pattern(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (i * 37 + i * i * 11) % 101;
        }
        return values;
    }

    private static Image random(int channels) {
        var random = new Random(7);
        float[][] values = new float[channels][1000];
        for (float[] channel : values) {
            for (int i = 0; i < channel.length; i++) {
                channel[i] = (float) (random.nextGaussian() * 200 + 40);
            }
        }
        return new Image(Grid.of(10, 10, 10), values);
    }

    /** Mean and standard deviation are NumPy 1.24.2's. */
    @Test
    void z_score_subtracts_the_mean_and_divides_by_the_standard_deviation() {
        float[] out = new Normalisation.ZScore()
                .apply(Image.of(Grid.of(7, 9), pattern(63)))
                .channel(0);
        assertThat((double) out[1]).isCloseTo((48 - 43.41269841269841) / 29.95426933591817, within(1e-6));
    }

    /** The percentiles are NumPy 1.24.2's. */
    @Test
    void percentiles_equal_numpys() {
        float[] values = pattern(63);
        assertThat(Intensities.percentile(values, 0.5)).isCloseTo(0.0, within(1e-9));
        assertThat(Intensities.percentile(values, 99.5)).isCloseTo(97.69, within(1e-5));
        assertThat(Intensities.percentile(values, 37.3)).isCloseTo(25.378, within(1e-5));
        assertThat(Intensities.percentile(values, 0)).isEqualTo(0);
        assertThat(Intensities.percentile(values, 100)).isEqualTo(98);
    }

    @Test
    void percentiles_equal_those_of_the_sorted_values_for_any_floats() {
        var random = new Random(3);
        float[] values = new float[501];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(20) - 10));
        }
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        for (int rank = 0; rank <= 500; rank++) {
            assertThat((float) Intensities.percentile(values, rank / 5.0)).isEqualTo(sorted[rank]);
        }
    }

    @Test
    void a_ct_window_clips_and_maps_to_0_to_1() {
        float[] hu = {-1000, -160, 40, 240, 3000};
        Image image = Image.of(Grid.of(5, 1), hu);
        assertThat(new Normalisation.Window(-160, 240).apply(image).channel(0)).containsExactly(0, 0, 0.5f, 1, 1);
        assertThat(new Normalisation.UnitRange(-160, 240).apply(image).channel(0))
                .containsExactly(-2.1f, 0, 0.5f, 1, 7.9f);
        assertThat(new Normalisation.ClipStandardise(-100, 300, 100, 200)
                        .apply(image)
                        .channel(0))
                .containsExactly(-1, -1, -0.3f, 0.7f, 1);
    }

    @Test
    void min_max_takes_the_images_own_range_in_each_channel() {
        Image image = new Image(Grid.of(3, 1), new float[][] {{10, 20, 30}, {-4, 0, -2}});
        Image out = new Normalisation.MinMax().apply(image);
        assertThat(out.channel(0)).containsExactly(0, 0.5f, 1);
        assertThat(out.channel(1)).containsExactly(0, 1, 0.5f);
    }

    @Test
    void a_constant_image_never_becomes_nan() {
        for (float value : new float[] {0, 0.1f, -3e38f, 1e-40f, 77}) {
            float[] values = new float[27];
            Arrays.fill(values, value);
            Image image = Image.of(Grid.of(3, 3, 3), values);
            for (Normalisation normalisation : ALL) {
                for (float v : normalisation.apply(image).channel(0)) {
                    assertThat(Float.isFinite(v))
                            .as("%s of %s", normalisation, value)
                            .isTrue();
                }
            }
            assertThat(new Normalisation.ZScore().apply(image).channel(0)).containsOnly(0);
        }
    }

    @Test
    void the_scale_of_a_scanner_makes_no_difference() {
        Image image = random(1);
        float[] scaled = image.channel(0).clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = scaled[i] * 15000 + 1e6f;
        }
        float[] one = new Normalisation.ZScore().apply(image).channel(0);
        float[] other =
                new Normalisation.ZScore().apply(Image.of(image.grid(), scaled)).channel(0);
        for (int i = 0; i < one.length; i++) {
            assertThat(other[i]).isCloseTo(one[i], within(1e-5f));
        }
    }

    @Test
    void voxels_that_are_not_finite_count_as_the_ends_of_the_range() {
        float[] values = {Float.NaN, 2, 4, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        Image out = new Normalisation.MinMax().apply(Image.of(Grid.of(5, 1), values));
        assertThat(out.channel(0)).containsExactly(0, 0, 1, 1, 0);
    }

    @Test
    void an_image_without_any_finite_voxel_is_refused() {
        Image image = Image.of(Grid.of(2, 1), new float[] {Float.NaN, Float.NaN});
        assertThatThrownBy(() -> new Normalisation.ZScore().apply(image))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no finite value");
    }

    @Test
    void the_given_image_is_left_unchanged() {
        Image image = random(1);
        float[] copy = image.channel(0).clone();
        ALL.forEach(normalisation -> normalisation.apply(image));
        assertThat(image.channel(0)).isEqualTo(copy);
    }

    @Test
    void ranges_that_make_no_sense_are_refused() {
        assertThatThrownBy(() -> new Normalisation.Window(3, 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Normalisation.UnitRange(0, Double.NaN)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Normalisation.PercentileClip(-1, 99)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Normalisation.PercentileClip(1, 101)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Normalisation.ClipStandardise(0, 1, 0, 0)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Normalisation.ClipStandardise(0, 1, Double.NaN, 1))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void json_restores_every_normalisation() throws JsonProcessingException {
        var json = new ObjectMapper();
        for (Normalisation normalisation : ALL) {
            for (double[] spacing : new double[][] {null, {0.7, 0.7, 3}}) {
                Preprocessing preprocessing = new Preprocessing(3, true, spacing, normalisation);
                String text = json.writeValueAsString(preprocessing);
                assertThat(json.readValue(text, Preprocessing.class)).isEqualTo(preprocessing);
            }
        }
        assertThat(json.writeValueAsString(new Normalisation.Window(-160, 240)))
                .isEqualTo("{\"type\":\"window\",\"low\":-160.0,\"high\":240.0}");
    }
}
