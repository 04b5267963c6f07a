package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

class TemperatureFitTest {
    private static final LabelSet ORGANS = LabelSet.of(Map.of(3, "kidney", 7, "liver"));

    @Test
    void truths_drawn_from_the_probabilities_need_no_temperature() {
        ModelCard.Calibration calibration = drawn(1, 1);
        assertThat(calibration.temperature()).isCloseTo(1, Offset.offset(0.03));
        assertThat(calibration.errorBefore()).isLessThan(0.02);
        assertThat(calibration.errorAfter()).isLessThan(0.02);
    }

    @Test
    void logits_times_a_factor_give_a_temperature_times_that_factor() {
        double once = drawn(1, 2).temperature();
        ModelCard.Calibration thrice = drawn(3, 2);
        assertThat(thrice.temperature()).isCloseTo(3 * once, Offset.offset(1e-3));
        assertThat(drawn(0.5, 2).temperature()).isCloseTo(0.5 * once, Offset.offset(1e-3));
        assertThat(thrice.errorBefore()).isGreaterThan(0.1);
        assertThat(thrice.errorAfter()).isLessThan(0.02);
    }

    @Test
    void a_model_that_is_never_wrong_ends_at_the_limit() {
        var fit = new TemperatureFit(ORGANS, 3, 1);
        for (int i = 0; i < 30; i++) {
            float[] logits = new float[3];
            logits[i % 3] = 2;
            fit.add(logits, i % 3);
        }
        assertThat(fit.calibration().orElseThrow().temperature())
                .isCloseTo(1 / TemperatureFit.LIMIT, Offset.offset(1e-6));
    }

    @Test
    void background_far_from_objects_does_not_count() {
        // One true voxel in the middle of 101, which the model misses: 9 voxels count, of which 1 is wrong.
        float[] p = new float[101];
        Arrays.fill(p, 0.2f);
        short[] truth = new short[101];
        truth[50] = 3;
        var fit = new TemperatureFit(LabelSet.of(Map.of(3, "kidney")), 1, 1);
        fit.add(Image.of(Grid.of(101, 1), p), new LabelMap(Grid.of(101, 1), truth));
        ModelCard.Calibration calibration = fit.calibration().orElseThrow();
        // 8 of 9 are right, which 0.8 says almost; the fit finds just that, so logits ln 8 in place of ln 4.
        assertThat(calibration.errorBefore()).isCloseTo(8.0 / 9 - 0.8, Offset.offset(1e-6));
        assertThat(calibration.errorAfter()).isCloseTo(0, Offset.offset(1e-6));
        assertThat(calibration.temperature()).isCloseTo(Math.log(4) / Math.log(8), Offset.offset(1e-5));
    }

    @Test
    void cases_without_any_object_give_no_temperature() {
        var fit = new TemperatureFit(LabelSet.of(Map.of(3, "kidney")), 1, 1);
        fit.add(Image.of(Grid.of(5, 5), new float[25]), new LabelMap(Grid.of(5, 5), new short[25]));
        assertThat(fit.calibration()).isEmpty();
    }

    @Test
    void a_segmenter_whose_logits_are_too_large_by_a_factor_gets_that_factor() {
        ModelDescription model = ModelDescription.of(
                "points",
                NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8)),
                Preprocessing.of(1, new Normalisation.Identity()),
                LabelSet.of(Map.of(255, "nucleus")),
                new int[] {16, 16});
        Random random = new Random(5);
        List<TemperatureFit.Sample> cases = IntStream.range(0, 20)
                .mapToObj(number -> {
                    float[] values = new float[64 * 64];
                    short[] truth = new short[values.length];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (2 * random.nextGaussian());
                        truth[i] = (short) (random.nextDouble() < 1 / (1 + Math.exp(-values[i])) ? 255 : 0);
                    }
                    Grid grid = Grid.of(64, 64);
                    return new TemperatureFit.Sample(Image.of(grid, values), new LabelMap(grid, truth));
                })
                .toList();
        ModelCard.Calibration calibration = TemperatureFit.of(
                        Segmenter.of(new TimesFactor(model.network(), 2.5f), model, SegmenterOptions.defaults()),
                        cases,
                        1)
                .orElseThrow();
        assertThat(calibration.temperature()).isCloseTo(2.5, Offset.offset(0.06));
        assertThat(calibration.errorBefore()).isGreaterThan(0.08);
        assertThat(calibration.errorAfter()).isLessThan(0.01);
    }

    /** An engine whose only logit at each voxel is a multiple of its value. */
    private record TimesFactor(NetworkConfig network, float factor) implements Engine {
        @Override
        public Output run(float[] input, int batch, int[] size, boolean attention) {
            float[] logits = new float[input.length];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = factor * input[i];
            }
            return new Output(logits, List.of());
        }

        @Override
        public void close() {}
    }

    /** Three classes whose truths are drawn from the softmax of logits, of which the fit sees a multiple. */
    private static ModelCard.Calibration drawn(double factor, long seed) {
        Random random = new Random(seed);
        var fit = new TemperatureFit(ORGANS, 3, 7);
        for (int i = 0; i < 40_000; i++) {
            double[] logits = {2 * random.nextGaussian(), random.nextGaussian(), random.nextGaussian() - 1};
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit);
            }
            double draw = random.nextDouble() * sum;
            int truth = 0;
            while (truth < 2 && (draw -= Math.exp(logits[truth])) > 0) {
                truth++;
            }
            float[] seen = new float[3];
            for (int k = 0; k < 3; k++) {
                seen[k] = (float) (factor * logits[k]);
            }
            fit.add(seen, truth);
        }
        return fit.calibration().orElseThrow();
    }
}
