package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnsembleTest {
    private static final SegmenterOptions ALL =
            SegmenterOptions.defaults().withProbabilities(true).withUncertainty(true);
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    @Test
    void two_models_that_contradict_each_other_are_unsure_and_disagree() {
        // Logits of the first voxel: ln 9 and -ln 9, so 0.9 and 0.1; of the second: 0 and 0, so 0.5 twice.
        ModelDescription model = PointEngine.model(2, 2);
        float nine = (float) Math.log(9);
        Segmenter segmenter = Segmenter.ensemble(
                List.of(PointEngine.segmenter(model, nine, 0), PointEngine.segmenter(model, -nine, 0)), ALL);
        Segmentation result = segmenter.segment(Image.of(Grid.of(2, 1), new float[] {1, 0}));
        assertThat(channel(result.probabilities())[0]).isCloseTo(0.5f, ROUNDING);
        assertThat(channel(result.entropy())).containsExactly(new float[] {1, 1}, ROUNDING);
        // 1 bit less the entropy of 0.1, which is 0.468996 bit
        assertThat(channel(result.mutualInformation())).containsExactly(new float[] {0.531_004f, 0}, ROUNDING);
    }

    @Test
    void gates_are_reported_where_all_models_have_them() {
        ModelDescription model = PointEngine.model(2, 2);
        Segmenter gated = Segmenter.of(new FunctionEngine(model.network(), 0), model, SegmenterOptions.defaults());
        assertThat(gated.gates()).containsExactly("Att2");
        assertThat(Segmenter.ensemble(List.of(gated, gated), ALL).gates()).containsExactly("Att2");
        assertThat(Segmenter.ensemble(List.of(gated, PointEngine.segmenter(model, 1, 0)), ALL)
                        .gates())
                .isEmpty();
    }

    @Test
    void models_that_say_the_same_give_exactly_what_one_says_and_do_not_disagree() {
        ModelDescription model = PointEngine.model(6, 6, 4);
        Image image = noise(1, 9, 7, 5);
        Segmentation one = PointEngine.segmenter(model, 3, -1).segment(image, ALL);
        Segmentation three = Segmenter.ensemble(
                        List.of(
                                PointEngine.segmenter(model, 3, -1),
                                PointEngine.segmenter(model, 3, -1),
                                PointEngine.segmenter(model, 3, -1)),
                        ALL)
                .segment(image);
        assertThat(three.labels().voxels()).containsExactly(one.labels().voxels());
        assertThat(channel(three.probabilities())).containsExactly(channel(one.probabilities()));
        assertThat(channel(three.entropy())).containsExactly(channel(one.entropy()));
        assertThat(three.confidence()).isEqualTo(one.confidence());
        assertThat(one.mutualInformation()).isNull();
        for (float value : channel(three.mutualInformation())) {
            assertThat(value).isCloseTo(0, ROUNDING);
        }
    }

    @Test
    void models_on_different_grids_and_tiles_average_to_the_mean_of_what_each_says() {
        // An image whose axes run against the canonical ones, so that the way back has to turn it.
        double[][] affine = {{0, -1, 0, 5}, {1.5, 0, 0, -2}, {0, 0, -2, 3}, {0, 0, 0, 1}};
        Image image = new Image(
                Grid.ofAffine(new int[] {11, 9, 8}, affine),
                new float[][] {noise(2, 11, 9, 8).channel(0)});
        ModelDescription fine = oriented(PointEngine.model(6, 6, 4), 0.8, 1, 0.9);
        ModelDescription coarse = oriented(PointEngine.model(4, 4, 4), 1.2, 1.6, 2.5);
        SegmenterOptions tiles = ALL.withTiles(TileMode.BLENDED);
        Segmenter a = PointEngine.segmenter(fine, 5, -2);
        Segmenter b = PointEngine.segmenter(coarse, -4, 1);
        float[] ofA = channel(a.segment(image, tiles).probabilities());
        float[] ofB = channel(b.segment(image, tiles).probabilities());
        Segmentation both = Segmenter.ensemble(List.of(a, b), tiles).segment(image);
        float[] mean = channel(both.probabilities());
        float[] entropy = channel(both.entropy());
        float[] disagreement = channel(both.mutualInformation());
        for (int i = 0; i < mean.length; i++) {
            assertThat(mean[i]).isCloseTo((ofA[i] + ofB[i]) / 2, ROUNDING);
            assertThat(both.labels().label(i)).isEqualTo(mean[i] > 0.5f ? 255 : 0);
            assertThat(disagreement[i]).isBetween(0f, entropy[i]);
        }
    }

    @Test
    void mirror_images_are_votes_too() {
        ModelDescription model = PointEngine.model(4, 4);
        Image image = noise(3, 8, 8);
        Segmentation mirrored = PointEngine.segmenter(model, 2, -1).segment(image, ALL.withMirror(true));
        for (float value : channel(mirrored.mutualInformation())) {
            assertThat(value).isCloseTo(0, ROUNDING); // a network of single voxels doesn't mind mirrors
        }
        Segmentation corner = Segmenter.of(new CornerEngine(model.network()), model, ALL.withMirror(true))
                .segment(Image.of(Grid.of(4, 4), new float[16]));
        // Each corner gets one sure vote for and three sure ones against: the entropy of 1/4 is 0.811278 bit.
        assertThat(channel(corner.entropy())[0]).isCloseTo(0.811_278f, ROUNDING);
        assertThat(channel(corner.mutualInformation())[0]).isCloseTo(0.811_278f, ROUNDING);
        assertThat(channel(corner.mutualInformation())[5]).isCloseTo(0, ROUNDING);
    }

    @Test
    void a_temperature_divides_the_logits_of_its_own_model_alone() {
        ModelDescription model = PointEngine.model(2, 2);
        float nine = (float) Math.log(9);
        Segmenter halved =
                Segmenter.of(new PointEngine(model.network(), nine, 0), model, 2, SegmenterOptions.defaults());
        Image image = Image.of(Grid.of(1, 1), new float[] {1});
        assertThat(channel(halved.segment(image, ALL).probabilities())[0]).isCloseTo(0.75f, ROUNDING); // 3 to 1
        Segmenter both = Segmenter.ensemble(List.of(halved, PointEngine.segmenter(model, nine, 0)), ALL);
        assertThat(channel(both.segment(image).probabilities())[0]).isCloseTo(0.825f, ROUNDING);
    }

    @Test
    void models_of_other_labels_or_dimensions_are_refused_with_both_names() {
        ModelDescription nuclei = PointEngine.model(4, 4);
        ModelDescription other = ModelDescription.of(
                "livers", nuclei.network(), nuclei.preprocessing(), LabelSet.of(Map.of(1, "liver")), 4, 4);
        assertThatThrownBy(() -> Segmenter.ensemble(
                        List.of(PointEngine.segmenter(nuclei, 1, 0), PointEngine.segmenter(other, 1, 0)), ALL))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model 2 (livers)")
                .hasMessageContaining("model 1 (points)");
        assertThatThrownBy(() -> Segmenter.ensemble(
                        List.of(
                                PointEngine.segmenter(nuclei, 1, 0),
                                PointEngine.segmenter(PointEngine.model(4, 4, 4), 1, 0)),
                        ALL))
                .hasMessageContaining("dimension 3");
        assertThatThrownBy(() -> Segmenter.ensemble(List.of(), ALL)).isInstanceOf(ConfigException.class);
    }

    @Test
    void confidence_is_the_dice_to_be_expected_of_the_mask() {
        var confidence = new Confidence(1, false);
        confidence.add(new float[][] {{0.8f, 0.6f, 0.4f, 0.2f, 0.04f}}, new short[] {1, 1, 0, 0, 0});
        // 2 x 1.4 over a mask of 2 and a truth of 2 to be expected, the least probability left out
        assertThat(confidence.value().orElseThrow()).isCloseTo(0.7, Offset.offset(1e-7));
    }

    @Test
    void a_label_that_the_mask_lacks_has_no_expected_dice() {
        float[][] probabilities = {{0.9f, 0.3f}, {0.1f, 0.6f}, {0, 0.1f}};
        var one = new Confidence(3, false);
        one.add(probabilities, new short[] {0, 1});
        assertThat(one.value().orElseThrow()).isCloseTo(2 * 0.6 / 1.7, Offset.offset(1e-7));
        var none = new Confidence(3, false);
        none.add(probabilities, new short[] {0, 0});
        assertThat(none.value()).isEmpty();
    }

    @Test
    void truths_drawn_from_the_probabilities_have_that_dice_on_average() {
        Random random = new Random(4);
        int voxels = 2000;
        float[] p = new float[voxels];
        short[] mask = new short[voxels];
        for (int i = 0; i < voxels; i++) {
            double drawn = Math.pow(random.nextDouble(), i < 1200 ? 4 : 0.3);
            p[i] = (float) (drawn < 0.05 ? 0 : drawn);
            mask[i] = (short) (p[i] > 0.5 ? 1 : 0);
        }
        var confidence = new Confidence(1, false);
        confidence.add(new float[][] {p}, mask);
        double sum = 0;
        for (int draw = 0; draw < 400; draw++) {
            int both = 0;
            int either = 0;
            for (int i = 0; i < voxels; i++) {
                int truth = random.nextFloat() < p[i] ? 1 : 0;
                both += truth * mask[i];
                either += truth + mask[i];
            }
            sum += 2.0 * both / either;
        }
        assertThat(sum / 400).isCloseTo(confidence.value().orElseThrow(), Offset.offset(0.003));
    }

    private static ModelDescription oriented(ModelDescription model, double... spacing) {
        return model.withPreprocessing(
                model.preprocessing().withCanonicalOrientation(true).withTargetSpacing(spacing));
    }

    private static float[] channel(@Nullable Image image) {
        return Objects.requireNonNull(image).channel(0);
    }

    private static Image noise(long seed, int... size) {
        Random random = new Random(seed);
        float[] values = new float[Grid.of(size).voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Image.of(Grid.of(size), values);
    }
}
