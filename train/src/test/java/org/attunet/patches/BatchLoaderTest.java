package org.attunet.patches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchLoaderTest {
    private static CaseStore store(int dimension, int cases) {
        List<PreparedCase> all = new ArrayList<>();
        for (int k = 0; k < cases; k++) {
            Grid grid = dimension == 2 ? Grid.of(40 + k, 37) : Grid.of(20 + k, 17, 12);
            all.add(SyntheticCases.noise("case " + k, grid, 2, 3, k));
        }
        return CaseStore.of(all);
    }

    private static int[] patch(int dimension) {
        return dimension == 2 ? new int[] {24, 32} : new int[] {16, 12, 16};
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void the_slots_of_several_processes_put_together_are_the_batch(int processes) {
        CaseStore store = store(2, 5);
        Sampling sampling = new Sampling(patch(2), 7, 1.0 / 3);
        Augmentation augmentation = Augmentation.standard(2);
        Batch whole = new PatchSampler(store, sampling, augmentation, 7, BatchShare.all(sampling.batch())).batch(3);
        List<String> cases = new ArrayList<>();
        int at = 0;
        for (int number = 0; number < processes; number++) {
            BatchShare slots = BatchShare.of(7, number, processes);
            Batch part = new PatchSampler(store, sampling, augmentation, 7, slots).batch(3);
            assertThat(part.size()).isBetween(7 / processes, (7 + processes - 1) / processes);
            cases.addAll(part.cases());
            int end = at + part.input().length;
            assertThat(part.input()).isEqualTo(Arrays.copyOfRange(whole.input(), at, end));
            at = end;
        }
        assertThat(cases).isEqualTo(whole.cases());
        assertThat(at).isEqualTo(whole.input().length);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void batches_do_not_depend_on_threads_and_resume_in_the_middle(int dimension) {
        CaseStore store = store(dimension, 5);
        Sampling sampling = new Sampling(patch(dimension), 3, 1.0 / 3);
        Augmentation augmentation = AugmentationDraft.of(Augmentation.standard(dimension), a -> a.quarterTurn = 0.5);
        List<Batch> one = new ArrayList<>();
        try (var loader =
                new BatchLoader(store, sampling, augmentation, 7, 0, 1, 1, BatchShare.all(sampling.batch()))) {
            for (int i = 0; i < 24; i++) {
                one.add(loader.next());
            }
        }
        for (int first : new int[] {0, 13}) {
            try (var loader =
                    new BatchLoader(store, sampling, augmentation, 7, first, 4, 9, BatchShare.all(sampling.batch()))) {
                for (int i = first; i < 24; i++) {
                    assertThat(loader.position()).isEqualTo(i);
                    Batch batch = loader.next();
                    assertThat(batch.number()).isEqualTo(i);
                    assertThat(batch.cases()).isEqualTo(one.get(i).cases());
                    assertThat(Arrays.equals(batch.input(), one.get(i).input())).isTrue();
                    assertThat(Arrays.equals(batch.classes(), one.get(i).classes()))
                            .isTrue();
                }
            }
        }
        try (var loader =
                new BatchLoader(store, sampling, augmentation, 8, 0, 1, 1, BatchShare.all(sampling.batch()))) {
            assertThat(Arrays.equals(loader.next().input(), one.get(0).input())).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void without_augmentation_a_patch_is_a_piece_of_its_case(int dimension) {
        PreparedCase source =
                SyntheticCases.noise("a", dimension == 2 ? Grid.of(30, 20) : Grid.of(14, 12, 10), 2, 5, 3);
        int[] patch = dimension == 2 ? new int[] {8, 6} : new int[] {6, 5, 4};
        var sampler = new PatchSampler(
                CaseStore.of(List.of(source)),
                new Sampling(patch, 1, 1.0 / 3),
                Augmentation.none(),
                1,
                BatchShare.all(1));
        int sx = source.grid().size(0);
        int sy = source.grid().size(1);
        for (int b = 0; b < 20; b++) {
            Batch batch = sampler.batch(b);
            int n = batch.classes().length;
            // the noise tells voxels apart, so the first value says where the patch begins
            int begin = 0;
            while (source.image().channel(0)[begin] != batch.input()[0]) {
                begin++;
            }
            for (int i = 0; i < n; i++) {
                int at = begin + i % patch[0] + sx * (i / patch[0] % patch[1] + sy * (i / (patch[0] * patch[1])));
                assertThat(batch.input()[i]).isEqualTo(source.image().channel(0)[at]);
                assertThat(batch.input()[n + i]).isEqualTo(source.image().channel(1)[at]);
                assertThat(batch.classes()[i]).isEqualTo(source.classes()[at]);
            }
        }
    }

    @Test
    void a_case_smaller_than_the_patch_lies_whole_among_zeros() {
        PreparedCase source = SyntheticCases.noise("a", Grid.of(9, 7, 5), 1, 5, 3);
        var sampler = new PatchSampler(
                CaseStore.of(List.of(source)),
                new Sampling(new int[] {16, 7, 8}, 1, 1.0 / 3),
                Augmentation.none(),
                1,
                BatchShare.all(1));
        for (int b = 0; b < 10; b++) {
            double sum = 0;
            int zeros = 0;
            int foreground = 0;
            Batch batch = sampler.batch(b);
            for (int i = 0; i < batch.classes().length; i++) {
                sum += batch.input()[i];
                zeros += batch.input()[i] == 0 ? 1 : 0;
                foreground += batch.classes()[i] > 0 ? 1 : 0;
            }
            double expected = 0;
            int expectedForeground = 0;
            for (int i = 0; i < source.classes().length; i++) {
                expected += source.image().channel(0)[i];
                expectedForeground += source.classes()[i] > 0 ? 1 : 0;
            }
            assertThat(sum).isCloseTo(expected, Offset.offset(1e-3));
            assertThat(zeros).isEqualTo(16 * 7 * 8 - 9 * 7 * 5);
            assertThat(foreground).isEqualTo(expectedForeground);
        }
    }

    @Test
    void a_third_of_the_patches_is_centred_on_foreground_however_rare_it_is() {
        List<PreparedCase> cases = new ArrayList<>();
        for (int k = 0; k < 6; k++) {
            // two of six cases have 3 foreground voxels of 40,000, the others none
            cases.add(rare("case " + k, k < 2 ? 3 : 0, k));
        }
        int[] patch = {15, 15};
        var sampler = new PatchSampler(
                CaseStore.of(cases), new Sampling(patch, 2, 1.0 / 3), Augmentation.none(), 5, BatchShare.all(2));
        int hits = 0;
        int n = 1200;
        for (int b = 0; b < n / 2; b++) {
            Batch batch = sampler.batch(b);
            for (int slot = 0; slot < 2; slot++) {
                hits += batch.classes()[slot * 225 + 112] != 0 ? 1 : 0;
            }
        }
        // patches drawn anywhere are centred on foreground with a probability below 1 in 10,000
        assertThat(hits).isBetween(n / 3, n / 3 + 5);
    }

    private static PreparedCase rare(String id, int points, long seed) {
        Grid grid = Grid.of(200, 200);
        short[] mask = new short[40_000];
        var random = new SplittableRandom(seed);
        for (int k = 0; k < points; k++) {
            mask[random.nextInt(20, 180) + 200 * random.nextInt(20, 180)] = 2;
        }
        return PreparedCase.of(id, Image.of(grid, new float[40_000]), new LabelMap(grid, mask), SyntheticCases.TWO);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void patches_are_drawn_where_something_is_judged(int dimension) {
        Grid grid = dimension == 2 ? Grid.of(90, 80) : Grid.of(40, 50, 44);
        short[] mask = new short[grid.voxels()];
        Arrays.fill(mask, (short) 7);
        int judged = dimension == 2 ? 13 + 90 * 61 : 33 + 40 * (21 + 50 * 9);
        mask[judged] = 0;
        short[] nothing = new short[grid.voxels()];
        Arrays.fill(nothing, (short) 7);
        Image image = Image.of(grid, new float[grid.voxels()]);
        CaseStore store = CaseStore.of(List.of(
                PreparedCase.of("sparse", image, new LabelMap(grid, mask, 7), SyntheticCases.TWO),
                PreparedCase.of("without", image, new LabelMap(grid, nothing, 7), SyntheticCases.TWO)));
        assertThat(store.hasForeground(0)).isFalse();
        Sampling sampling = new Sampling(dimension == 2 ? new int[] {16, 16} : new int[] {16, 12, 16}, 4, 1.0 / 3);
        PatchSampler sampler = new PatchSampler(store, sampling, Augmentation.none(), 3, BatchShare.all(4));
        var places = new HashSet<Integer>();
        for (int number = 0; number < 20; number++) {
            Batch batch = sampler.batch(number);
            assertThat(batch.cases()).containsOnly("sparse");
            int voxels = batch.classes().length / 4;
            for (int slot = 0; slot < 4; slot++) {
                int found = 0;
                for (int i = 0; i < voxels; i++) {
                    int one = batch.classes()[slot * voxels + i] & 0xFF;
                    assertThat(one).isIn(0, 255);
                    if (one == 0) {
                        found++;
                        places.add(i);
                    }
                }
                assertThat(found).as("patch %d of batch %d", slot, number).isEqualTo(1);
            }
        }
        assertThat(places).as("not always in the middle").hasSizeGreaterThan(20);
    }

    @Test
    void classes_take_turns_evenly_at_the_centre() {
        // class 1 has some 5,000 voxels, class 2 has 4: drawn by class first, each has half
        PreparedCase source = SyntheticCases.noise("a", Grid.of(200, 200), 1, 4, 9);
        var sampler = new PatchSampler(
                CaseStore.of(List.of(source)),
                new Sampling(new int[] {3, 3}, 1, 1),
                Augmentation.none(),
                2,
                BatchShare.all(1));
        int points = 0;
        for (int b = 0; b < 1000; b++) {
            points += sampler.batch(b).classes()[4] == 2 ? 1 : 0;
        }
        assertThat(points).isBetween(500 - 64, 500 + 64); // four standard deviations of Binomial(1000, 1/2)
    }

    @Test
    void an_epoch_visits_each_case_once() {
        var sampler = new PatchSampler(
                store(2, 7), new Sampling(new int[] {8, 8}, 7, 0), Augmentation.none(), 3, BatchShare.all(7));
        assertThat(new HashSet<>(sampler.batch(0).cases())).hasSize(7);
        assertThat(new HashSet<>(sampler.batch(5).cases())).hasSize(7);
        assertThat(sampler.batch(5).cases()).isNotEqualTo(sampler.batch(0).cases());
    }

    @Test
    void all_augmentations_together_give_finite_values_and_known_classes() {
        var always = new RandomRange(1, 0.5, 0.9);
        var all = new Augmentation(
                1, 3, 1, always, always, always, always, always, always, always, always, always, always);
        for (int dimension = 2; dimension <= 3; dimension++) {
            var sampler = new PatchSampler(
                    store(dimension, 3), new Sampling(patch(dimension), 2, 1.0 / 3), all, 3, BatchShare.all(2));
            for (int b = 0; b < 10; b++) {
                Batch batch = sampler.batch(b);
                for (float v : batch.input()) {
                    assertThat(Float.isFinite(v)).isTrue();
                }
                for (byte c : batch.classes()) {
                    assertThat((int) c).isBetween(0, 2);
                }
            }
        }
    }

    @Test
    void tensors_have_depth_before_height_before_width() {
        var sampler = new PatchSampler(
                store(3, 2),
                new Sampling(new int[] {16, 12, 8}, 3, 1.0 / 3),
                Augmentation.none(),
                3,
                BatchShare.all(3));
        Batch batch = sampler.batch(0);
        try (var scope = TensorScope.open()) {
            var input = batch.inputTensor();
            var target = batch.targetTensor();
            assertThat(input.shape()).containsExactly(3, 2, 8, 12, 16);
            assertThat(target.shape()).containsExactly(3, 8, 12, 16);
            assertThat(Tensors.toFloats(input)).isEqualTo(batch.input());
            long[] classes = Tensors.toLongs(target);
            for (int i = 0; i < classes.length; i++) {
                assertThat(classes[i]).isEqualTo(batch.classes()[i]);
            }
        }
    }

    @Test
    void a_patch_of_another_dimension_is_refused_by_next() {
        try (var loader = new BatchLoader(
                store(3, 2),
                new Sampling(new int[] {8, 8}, 1, 1.0 / 3),
                Augmentation.none(),
                1,
                0,
                2,
                4,
                BatchShare.all(1))) {
            assertThatThrownBy(loader::next)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("3 dimensions");
        }
    }

    @Test
    void closing_stops_all_threads() throws InterruptedException {
        var loader = new BatchLoader(
                store(3, 2),
                new Sampling(new int[] {64, 64, 64}, 16, 1.0 / 3),
                Augmentation.standard(3),
                1,
                0,
                3,
                8,
                BatchShare.all(16));
        loader.close();
        long left = 1;
        for (int k = 0; k < 100 && left > 0; k++) {
            left = Thread.getAllStackTraces().keySet().stream()
                    .filter(t -> t.getName().equals("attunet-batches"))
                    .count();
            Thread.sleep(20);
        }
        assertThat(left).isZero();
        assertThatThrownBy(loader::next).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void settings_survive_json() throws Exception {
        var mapper = new ObjectMapper();
        Augmentation augmentation = Augmentation.standard(3);
        assertThat(mapper.readValue(mapper.writeValueAsString(augmentation), Augmentation.class))
                .isEqualTo(augmentation);
    }

    @Test
    void settings_out_of_range_are_refused() {
        assertThatThrownBy(() -> new Sampling(new int[] {8}, 1, 1.0 / 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Sampling(new int[] {8, 0}, 1, 1.0 / 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Sampling(new int[] {8, 8}, 0, 1.0 / 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new Sampling(new int[] {8, 8}, 1, Double.NaN)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new RandomRange(1.1, 0, 1)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new RandomRange(1, 2, 1)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> AugmentationDraft.of(Augmentation.none(), a -> a.scaling = new RandomRange(1, 0, 1)))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> Augmentation.standard(4)).isInstanceOf(ConfigException.class);
    }
}
