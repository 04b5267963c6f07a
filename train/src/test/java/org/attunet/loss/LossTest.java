package org.attunet.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
    private static JsonNode expected(String name) throws IOException {
        return new ObjectMapper().readTree(LossTest.class.getResourceAsStream("/losses/" + name));
    }

    /** The values are PyTorch's: binary_cross_entropy_with_logits, and 1 - 2 |p t| / (|p| + |t|) of each label. */
    @ParameterizedTest
    @CsvSource({"ce, 0.49306828", "dice, 0.36638245", "focal(2), 0.14121170"})
    void labels_that_overlap_have_a_loss_each(String loss, double value) {
        try (var scope = TensorScope.open()) {
            Tensor logits = Tensors.of(new float[] {0.5f, -1, 2, -0.3f, -0.7f, 1.5f, 0.1f, -2}, 1, 2, 2, 2);
            Tensor target = Tensors.of(new float[] {1, 1, 1, 0, 0, 1, 0, 0}, 1, 2, 2, 2);
            assertThat((double) Loss.parse(loss).of(logits, target).item_float())
                    .isCloseTo(value, within(3e-4)); // the smoothing
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1x2d", "4x2d", "3x3d"})
    void values_and_gradients_equal_pytorch(String name) throws IOException {
        JsonNode fixture = expected("losses.json").get(name);
        long[] shape = longs(fixture.get("shape"));
        float[] values = floats(fixture.get("logits"));
        long[] classes = longs(fixture.get("target"));
        long[] targetShape = new long[shape.length - 1];
        targetShape[0] = shape[0];
        System.arraycopy(shape, 2, targetShape, 1, targetShape.length - 1);

        for (var entry : fixture.get("losses").properties()) {
            try (var scope = TensorScope.open()) {
                Tensor logits = Tensors.of(values, shape).requires_grad_(true);
                Tensor loss = Loss.parse(entry.getKey()).of(logits, Tensors.ofLongs(classes, targetShape));
                loss.backward();
                float[] gradient = Tensors.toFloats(logits.grad());
                double norm = 0;
                for (float g : gradient) {
                    norm += (double) g * g;
                }
                JsonNode number = entry.getValue();
                assertThat((double) loss.item_float())
                        .as(entry.getKey())
                        .isCloseTo(number.get("value").asDouble(), within(1e-5));
                assertThat(Math.sqrt(norm))
                        .as(entry.getKey())
                        .isCloseTo(number.get("gradient_norm").asDouble(), within(1e-5));
                assertThat((double) gradient[0])
                        .as(entry.getKey())
                        .isCloseTo(number.get("gradient_first").asDouble(), within(1e-6));
            }
        }
    }

    /** Values and norms of gradients by PyTorch: ignore_index of its cross-entropy, and the formulas over the other voxels. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | ce | 0.5874656 | 0.1059396",
                "1 | focal(2) | 0.2872202 | 0.1085080",
                "1 | dice | 0.3681003 | 0.0368979",
                "1 | tversky(0.3,0.7) | 0.3961427 | 0.0380582",
                "1 | focal-tversky(0.3,0.7,1.5) | 0.5393878 | 0.0345467",
                "1 | dice+ce | 0.9555659 | 0.1411938",
                "3 | ce | 2.3903158 | 0.2539108",
                "3 | focal(2) | 2.1342487 | 0.2919557",
                "3 | dice | 0.6220683 | 0.0351937",
                "3 | tversky(0.3,0.7) | 0.6006807 | 0.0382343",
                "3 | focal-tversky(0.3,0.7,1.5) | 0.7107978 | 0.0304087",
                "3 | dice+ce | 3.0123839 | 0.2671957"
            })
    void voxels_without_a_judgement_count_nowhere(int outputs, String text, double value, double norm) {
        float[] values = new float[2 * outputs * 12];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((i * 37) % 61 - 30) / 10f;
        }
        long[] classes = new long[24];
        for (int i = 0; i < classes.length; i++) {
            long one = new long[] {0, 1, 2, LabelSet.IGNORED}[(i * 7 + i / 5) % 4];
            classes[i] = one == 2 && outputs == 1 ? 1 : one;
        }
        try (var scope = TensorScope.open()) {
            Tensor logits = Tensors.of(values, 2, outputs, 3, 4).requires_grad_(true);
            Tensor loss = Loss.parse(text).of(logits, Tensors.ofLongs(classes, 2, 3, 4));
            loss.backward();
            assertThat((double) loss.item_float()).isCloseTo(value, within(2e-6));
            assertThat((double) logits.grad().norm().item_float()).isCloseTo(norm, within(2e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dice+ce", "focal(2)", "focal-tversky"})
    void of_labels_that_overlap_unjudged_voxels_are_as_if_they_were_not_there(String text) {
        try (var scope = TensorScope.open()) {
            float[] values = new float[12];
            for (int i = 0; i < 12; i++) {
                values[i] = ((i * 37) % 61 - 30) / 10f;
            }
            Tensor logits = Tensors.of(values, 1, 2, 1, 6);
            Tensor regions = Tensors.of(new float[] {1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0}, 1, 2, 1, 6);
            Tensor classes = Tensors.ofLongs(new long[] {1, 3, 0, 3, 255, 255}, 1, 1, 6);
            Loss loss = Loss.parse(text);
            float sparse = loss.of(logits, regions, Loss.Part.of(classes, 4 / 6.0, ProcessGroup.alone()))
                    .item_float();
            float cropped =
                    loss.of(logits.narrow(3, 0, 4), regions.narrow(3, 0, 4)).item_float();
            assertThat(sparse).isCloseTo(cropped, within(1e-6f));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,dice+ce", "3,dice+ce", "1,focal(2)", "3,focal(2)", "1,focal-tversky", "3,tversky"})
    void a_batch_without_a_judgement_has_no_loss_and_finite_gradients(int outputs, String text) {
        long[] classes = new long[6];
        Arrays.fill(classes, LabelSet.IGNORED);
        float[] values = new float[6 * outputs];
        Arrays.fill(values, 90); // at which sloppy code overflows
        try (var scope = TensorScope.open()) {
            Tensor logits = Tensors.of(values, 1, outputs, 2, 3).requires_grad_(true);
            Tensor loss = Loss.parse(text).of(logits, Tensors.ofLongs(classes, 1, 2, 3));
            loss.backward();
            assertThat(loss.item_float()).isZero();
            assertThat(Tensors.toFloats(logits.grad())).containsOnly(0f);
        }
    }

    @Test
    void a_label_absent_from_both_masks_adds_no_reward() {
        try (var scope = TensorScope.open()) {
            // Two classes besides the background, of which the second is nowhere, neither in truth nor in prediction.
            float[] sure = {-20, 20, 20, -20, -20, -20}; // (1, 3, 2): the first voxel is class 1, the second class 0
            Tensor logits = Tensors.of(sure, 1, 3, 1, 2);
            Tensor right = new Loss.Dice().of(logits, Tensors.ofLongs(new long[] {1, 0}, 1, 1, 2));
            Tensor wrong = new Loss.Dice().of(logits, Tensors.ofLongs(new long[] {0, 1}, 1, 1, 2));
            assertThat(right.item_float()).isCloseTo(0f, within(1e-4f));
            assertThat(wrong.item_float()).as("not halved by the absent label").isCloseTo(1f, within(2e-3f));
        }
    }

    @Test
    void words_come_back_from_a_parsed_loss() {
        for (String text : new String[] {"ce", "dice", "dice+ce", "0.5*dice+focal(2.0)", "tversky(0.3,0.7)"}) {
            assertThat(Loss.parse(text).text()).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dise | loss | a sum of ce, dice, focal(gamma), tversky(alpha,beta), focal-tversky(alpha,beta,gamma)",
                "'' | loss | a sum of ce, dice, focal(gamma)",
                "dice+ | loss | a sum of ce, dice, focal(gamma)",
                "tversky(0.3) | loss | tversky(alpha,beta)",
                "x*ce | loss | numbers such as 0.5 in place of 'x'",
                "-1*dice | loss weight | a number above 0",
                "focal(9) | gamma | a number from 0 to 5",
                "tversky(0.3,1.7) | beta | a number from 0 to 1",
                "focal-tversky(0.3,0.7,0.5) | gamma | a number from 1 to 3"
            })
    void unknown_words_and_ranges_are_refused_with_the_known_ones(String text, String subject, String expected) {
        assertThatThrownBy(() -> Loss.parse(text)).isInstanceOfSatisfying(ConfigException.class, refused -> {
            assertThat(refused.subject()).isEqualTo(subject);
            assertThat(refused.expected()).contains(expected);
        });
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static long[] longs(JsonNode array) {
        return Arrays.stream(StreamSupport.stream(array.spliterator(), false)
                        .mapToLong(JsonNode::asLong)
                        .toArray())
                .toArray();
    }
}
