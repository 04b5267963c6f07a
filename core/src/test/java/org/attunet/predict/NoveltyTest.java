package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TrainingProfile;
import org.attunet.bundle.TrainingProfile.Range;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

/** Images against what a model keeps of its training cases. */
class NoveltyTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(3, "bright", 7, "brighter"));

    @Test
    void the_limit_lies_beyond_the_range_of_training_and_further_off_the_fewer_cases_there_are() {
        // half the range times 3 (1 + 12/n) / (0.57 + 0.97 log10 n): 1 x 6.6 / 1.54 for 10 cases, 1 x 3.36 / 2.51 for
        // 100
        assertThat(profile(10, 0, Map.of()).novelty("size x", 4.2857, 0)).isCloseTo(1, Offset.offset(1e-3));
        assertThat(profile(100, 0, Map.of()).novelty("size x", 1.3386, 0)).isCloseTo(1, Offset.offset(1e-3));
        assertThat(profile(100, 0, Map.of()).novelty("size x", 0, 0)).isZero();
        // the least width counts where all training cases are equal
        var equal = new TrainingProfile(100, 0, Map.of(), Map.of("size x", new Range(2, 2)));
        assertThat(equal.novelty("size x", 2.5, 0.25)).isEqualTo(2);
        assertThat(equal.novelty("size y", 2.5, 0.25)).isZero();
    }

    @Test
    void an_image_like_those_of_training_passes_and_others_are_named_by_what_differs() {
        Segmenter segmenter = trained(segmenter());
        Segmentation like = segmenter.segment(smooth(99, 1, 24, 20));
        assertThat(like.reliability().novelty().orElseThrow()).isLessThan(Reliability.NOVELTY_LIMIT);
        assertThat(like.warnings()).isEmpty();
        assertThat(unlike(segmenter, noise(24, 20))).contains("its texture").doesNotContain("size");
        assertThat(unlike(segmenter, smooth(1, 1, 120, 20))).contains("its size along x (120; 24 to 24 in training)");
        assertThat(unlike(segmenter, smooth(1, 3, 24, 20))).contains("its spacing along x (3; 1 to 1 in training)");
        assertThat(unlike(segmenter, inverted(smooth(1, 1, 24, 20)))).contains("its intensities");
    }

    @Test
    void without_a_profile_or_with_few_cases_nothing_is_known() {
        for (TrainingProfile profile : Arrays.asList(null, profile(4, 0, Map.of()))) {
            Segmentation result = segmenter().withProfile(profile).segment(noise(24, 20));
            assertThat(result.reliability().novelty()).isEmpty();
            assertThat(result.reliability().unlikeTrainingOrNull()).isNull();
            assertThat(result.warnings()).isEmpty();
        }
    }

    @Test
    void of_an_ensemble_the_model_decides_that_knows_the_image_least() {
        var strange = new TrainingProfile(50, 0, Map.of(), Map.of("size x", new Range(1, 1.1)));
        Segmenter both = Segmenter.ensemble(
                List.of(trained(segmenter()), segmenter().withProfile(strange), segmenter()),
                SegmenterOptions.defaults());
        assertThat(unlike(both, smooth(5, 1, 24, 20))).contains("its size along x");
    }

    @Test
    void an_empty_mask_and_a_missing_label_are_compared_with_the_training_cases() {
        Image dark = Image.of(Grid.of(2, 32), new float[64]); // a size within the range
        assertThat(segmenter()
                        .withProfile(profile(200, 3, Map.of(3, 197, 7, 100)))
                        .segment(dark)
                        .warnings())
                .first()
                .isEqualTo("empty mask: no voxel has a label, as in 3 of 200 training cases");
        float[] one = new float[64];
        one[5] = 1;
        Segmentation bright =
                segmenter().withProfile(profile(200, 3, Map.of(3, 197, 7, 197))).segment(Image.of(Grid.of(2, 32), one));
        assertThat(bright.confidence()).isPresent();
        assertThat(bright.warnings()).contains("the mask has no brighter, which 197 of 200 training cases have");
        assertThat(segmenter()
                        .withProfile(profile(200, 3, Map.of(3, 197, 7, 100)))
                        .segment(Image.of(Grid.of(2, 32), one))
                        .warnings())
                .isEmpty();
    }

    @Test
    void traits_of_each_channel_of_volumes_and_of_tiles_are_the_whole_images() {
        ModelDescription model = ModelDescription.of(
                "m",
                FunctionEngine.network(3, 2, 3),
                Preprocessing.of(2, new Normalisation.Identity()),
                LABELS,
                8,
                8,
                8);
        Segmenter segmenter = Segmenter.of(new FunctionEngine(model.network(), 0), model, SegmenterOptions.defaults());
        float[] a = smooth(1, 1, 16, 16, 12).channel(0);
        float[] b = smooth(2, 1, 16, 16, 12).channel(0);
        var image = new Image(Grid.of(16, 16, 12), new float[][] {a, b});
        Map<String, Double> whole = segmenter.segment(image).reliability().traits();
        assertThat(whole).containsKeys("colour 1", "texture 1 z grain", "response 2 share", "spacing z");
        Map<String, Double> tiled = segmenter
                .segment(image, SegmenterOptions.defaults().withTiles(TileMode.BLENDED))
                .reliability()
                .traits();
        assertThat(tiled).isEqualTo(whole);
    }

    private static String unlike(Segmenter segmenter, Image image) {
        Segmentation result = segmenter.segment(image);
        assertThat(result.reliability().unlikeTraining()).isTrue();
        return result.warnings().stream()
                .filter(warning -> warning.startsWith("unlike the training data in "))
                .findFirst()
                .orElseThrow();
    }

    private static TrainingProfile profile(int cases, int empty, Map<Integer, Integer> labelled) {
        return new TrainingProfile(cases, empty, labelled, Map.of("size x", new Range(-1, 1)));
    }

    private static Segmenter segmenter() {
        ModelDescription model = ModelDescription.of(
                "m", FunctionEngine.network(2, 1, 3), Preprocessing.of(1, new Normalisation.Identity()), LABELS, 8, 8);
        return Segmenter.of(new FunctionEngine(model.network(), 0), model, SegmenterOptions.defaults());
    }

    private static Segmenter trained(Segmenter segmenter) {
        List<Map<String, Double>> traits = new ArrayList<>();
        for (int seed = 0; seed < 30; seed++) {
            traits.add(segmenter.segment(smooth(seed, 1, 24, 20)).reliability().traits());
        }
        return segmenter.withProfile(TrainingProfile.of(0, Map.of(3, 30, 7, 30), traits));
    }

    /** A smooth bump from 0 to about 2.2 and a little noise. */
    private static Image smooth(long seed, double spacing, int... size) {
        var random = new Random(seed);
        double[] spacings = new double[size.length];
        Arrays.fill(spacings, spacing);
        Grid grid = Grid.of(size, spacings);
        double place = 0.45 + 0.1 * random.nextDouble();
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            double x = (double) (i % size[0]) / size[0] - place;
            double y = (double) (i / size[0] % size[1]) / size[1] - place;
            values[i] = (float) (2.2 * Math.exp(-12 * (x * x + y * y)) + 0.02 * random.nextGaussian());
        }
        return Image.of(grid, values);
    }

    private static Image noise(int... size) {
        var random = new Random(3);
        float[] values = new float[size[0] * size[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2.2f;
        }
        return Image.of(Grid.of(size), values);
    }

    private static Image inverted(Image image) {
        float[] values = image.channel(0).clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = 2.2f - values[i];
        }
        return Image.of(image.grid(), values);
    }
}
