package org.attunet.patches;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformTest {
    private static final Augmentation TURNS = AugmentationDraft.of(Augmentation.none(), a -> {
        a.flip = 0.5;
        a.quarterTurn = 0.5;
    });

    @Test
    void a_rotated_and_enlarged_slice_equals_scipys() {
        // scipy.ndimage.affine_transform(order=1, mode='grid-constant'), 30 degrees, magnified 1.25
        float[] v = {0, 1, 4, 2, -3, 5, 0, 0, 7, 1, 2, 3, 5, -1, 0, 2, 8, 1, 1, 1, 2, 0, 0, 4};
        float[] expected = {
            0.96939f, 3.33846f, 2.48908f, 0.87703f, 2.43616f, 2.5296f, 0.81928f, 3.8919f,
            4.80487f, 1.48205f, 5.2782f, 4.47687f, 0.08723f, 1.19344f, 2.33026f, 1.26564f,
            2.23395f, 1.30277f, 2.15277f, -0.15461f, 0.23205f, 1.24267f, 0.10462f, 0.0f
        };
        var linear = Transform.linear(2, new double[] {0, 0, Math.toRadians(30)}, 1.25, new double[] {1, 1});
        assertThat(resampled(Grid.of(6, 4), v, linear)).containsExactly(expected, Offset.offset(1e-4f));
    }

    @Test
    void a_volume_rotated_in_millimetres_equals_scipys() {
        // the same function; angles 0.3, -0.2, 0.5 about x, y, z on spacings 1, 1.5, 2, magnified 0.9
        float[] v = new float[60];
        for (int i = 0; i < 60; i++) {
            v[i] = i * 37 % 11 - 5;
        }
        float[] expected = {
            0.2461f, 0.5172f, 0.5459f, -1.0296f, 0.0f, -0.2037f, -0.9798f, 1.495f, 0.1113f, -0.9802f, 1.5174f, -2.0061f,
            -1.4217f, 0.0582f, 1.9f, 0.0f, 0.5124f, 0.8359f, -0.3145f, 0.0f, 0.0172f, -1.2836f, -0.8573f, 0.9629f, 0.0f,
            -1.0319f, 0.5963f, 1.1296f, -2.2354f, -0.1273f, -0.7921f, -0.2018f, 0.7252f, -0.2811f, -0.9184f, 0.0f,
            1.5271f, -1.7883f, 0.1158f, 0.096f, 0.0f, -0.6342f, 0.1756f, -2.6744f, 0.0f, 1.61f, 1.3252f, -1.5296f,
            1.0759f, 2.1928f, -0.3952f, 1.0364f, 0.8084f, 0.6105f, -0.3269f, 0.0f, -1.5022f, -0.5853f, 1.0463f, -0.3941f
        };
        double[] spacing = {1, 1.5, 2};
        var linear = Transform.linear(3, new double[] {0.3, -0.2, 0.5}, 0.9, spacing);
        float[] actual = resampled(Grid.of(new int[] {5, 4, 3}, spacing), v, linear);
        assertThat(actual).containsExactly(expected, Offset.offset(2e-4f));
    }

    private static float[] resampled(Grid grid, float[] values, double[][] linear) {
        var labels = LabelSet.of(Map.of(1, "a"));
        var source = PreparedCase.of("a", Image.of(grid, values), new LabelMap(grid, new short[values.length]), labels);
        float[] out = new float[values.length];
        var transform = new Transform(new int[] {0, 1, 2}, new int[] {1, 1, 1}, linear);
        new PatchExtractor(new int[] {grid.size(0), grid.size(1), grid.size(2)})
                .cut(source, transform, new int[3], out, 0, new byte[values.length], 0);
        return out;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void copying_a_turned_patch_equals_resampling_it_with_the_same_matrix(int dimension) {
        Grid grid = dimension == 2 ? Grid.of(17, 13) : Grid.of(11, 9, 7);
        PreparedCase source = SyntheticCases.noise("a", grid, 2, 9, 5);
        int[] patch = dimension == 2 ? new int[] {8, 5, 1} : new int[] {6, 5, 4};
        int n = patch[0] * patch[1] * patch[2];
        double[][] identity = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        var random = new SplittableRandom(3);
        for (int k = 0; k < 100; k++) {
            Transform copied = Transform.draw(TURNS, dimension, grid.spacing(), random);
            Transform sampled = new Transform(copied.axis(), copied.sign(), identity);
            int[] start = {random.nextInt(-3, 12), random.nextInt(-3, 9), dimension == 2 ? 0 : random.nextInt(-3, 6)};
            float[][] images = new float[2][2 * n];
            byte[][] classes = new byte[2][n];
            new PatchExtractor(patch).cut(source, copied, start, images[0], 0, classes[0], 0);
            new PatchExtractor(patch).cut(source, sampled, start, images[1], 0, classes[1], 0);
            assertThat(images[1]).containsExactly(images[0], Offset.offset(1e-5f));
            assertThat(classes[1]).isEqualTo(classes[0]);
        }
    }

    @Test
    void four_quarter_turns_restore_the_patch() {
        PreparedCase source = SyntheticCases.noise("a", Grid.of(8, 8), 1, 4, 1);
        int[] axis = {1, 0, 2};
        int[] sign = {-1, 1, 1};
        PreparedCase turned = source;
        for (int k = 0; k < 4; k++) {
            float[] image = new float[64];
            byte[] classes = new byte[64];
            new PatchExtractor(new int[] {8, 8, 1})
                    .cut(turned, new Transform(axis, sign, null), new int[3], image, 0, classes, 0);
            short[] mask = new short[64];
            for (int i = 0; i < 64; i++) {
                mask[i] = classes[i];
            }
            turned = PreparedCase.of(
                    "a", Image.of(source.grid(), image), new LabelMap(source.grid(), mask), SyntheticCases.TWO);
            if (k < 3) {
                assertThat(turned.image().channel(0))
                        .isNotEqualTo(source.image().channel(0));
            }
        }
        assertThat(turned.image().channel(0)).isEqualTo(source.image().channel(0));
        assertThat(turned.classes()).isEqualTo(source.classes());
    }

    @Test
    void axes_of_different_spacing_are_never_swapped() {
        var random = new SplittableRandom(1);
        for (int k = 0; k < 200; k++) {
            Transform t = Transform.draw(
                    AugmentationDraft.of(Augmentation.none(), a -> a.quarterTurn = 1),
                    3,
                    new double[] {1, 1, 3},
                    random);
            assertThat(t.axis()[2]).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void image_and_mask_move_alike(int dimension) {
        Grid grid = dimension == 2
                ? Grid.of(new int[] {120, 90}, new double[] {1, 1.3})
                : Grid.of(new int[] {48, 40, 32}, new double[] {1, 1.2, 1.5});
        PreparedCase source = SyntheticCases.blob("a", grid);
        int[] patch = dimension == 2 ? new int[] {96, 80} : new int[] {40, 40, 32};
        Augmentation geometry = AugmentationDraft.of(Augmentation.standard(dimension), a -> {
            a.rotation = new RandomRange(1, -180, 180);
            a.scaling = new RandomRange(0.7, 0.7, 1.4);
            a.quarterTurn = 0.5;
        });
        Augmentation alone = AugmentationDraft.of(Augmentation.none(), a -> {
            a.flip = geometry.flip();
            a.quarterTurn = 0.5;
            a.rotation = geometry.rotation();
            a.scaling = geometry.scaling();
        });
        var sampler = new PatchSampler(
                CaseStore.of(List.of(source)), new Sampling(patch, 4, 1.0 / 3), alone, 11, BatchShare.all(4));
        for (int b = 0; b < 5; b++) {
            Batch batch = sampler.batch(b);
            int agree = 0;
            int foreground = 0;
            for (int i = 0; i < batch.classes().length; i++) {
                agree += (batch.input()[i] >= 0.5f) == (batch.classes()[i] == 1) ? 1 : 0;
                foreground += batch.classes()[i];
            }
            assertThat(agree).isGreaterThan((int) (0.97 * batch.classes().length));
            assertThat(foreground).isGreaterThan(batch.classes().length / 50);
        }
    }

    @Test
    void images_in_anatomical_orientation_are_mirrored_left_right_only() {
        Augmentation mirrored = AugmentationDraft.of(Augmentation.anatomical(true), a -> {
            a.flip = 1;
            a.rotation = RandomRange.NEVER;
            a.scaling = RandomRange.NEVER;
        });
        Transform drawn = Transform.draw(mirrored, 3, new double[] {1, 1, 1}, new java.util.SplittableRandom(1));
        assertThat(drawn.sign()).containsExactly(-1, 1, 1);
    }
}
