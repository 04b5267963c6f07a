package org.attunet.patches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseStoreTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(2, "a", 200, "b"));
    private static final Preprocessing Z_SCORE = Preprocessing.of(1, new Normalisation.ZScore());

    @TempDir
    Path root;

    private final List<Case> cases = new ArrayList<>();

    @BeforeEach
    void write_cases() {
        var random = new SplittableRandom(1);
        for (int k = 0; k < 6; k++) {
            Grid grid = Grid.of(20 + k, 16);
            float[] values = new float[grid.voxels()];
            short[] mask = new short[grid.voxels()];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(256);
                mask[i] = (short) (k == 3 ? 0 : random.nextInt(3) * 100 == 200 ? 200 : random.nextInt(2) * 2);
            }
            Path image = root.resolve("i" + k + ".png");
            Path labels = root.resolve("m" + k + ".png");
            Images.write(Image.of(grid, values), image);
            Images.write(new LabelMap(grid, mask), labels);
            cases.add(new Case(new ImageCase("i" + k, List.of(image)), labels));
        }
    }

    @Test
    void prepared_cases_are_normalised_and_hold_class_indices() {
        List<Integer> heard = new ArrayList<>();
        CaseStore store = CaseStore.load(cases, Z_SCORE, LABELS, 1 << 20, (done, total) -> heard.add(done));
        assertThat(heard).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(store.resident()).isTrue();
        for (int k = 0; k < 6; k++) {
            PreparedCase c = store.get(k);
            LabelMap mask = Images.readLabels(cases.get(k).mask().firstFile());
            for (int i = 0; i < c.classes().length; i++) {
                assertThat(LABELS.valueOf(c.classes()[i])).isEqualTo(mask.label(i));
            }
            assertThat(c.deviations()[0]).isCloseTo(1, Offset.offset(1e-3f));
            assertThat(c.hasForeground()).isEqualTo(k != 3);
        }
    }

    @Test
    void a_store_that_reads_as_needed_gives_the_same_batches() {
        CaseStore resident = CaseStore.load(cases, Z_SCORE, LABELS, 1 << 20, ProgressListener.NONE);
        CaseStore lazy = CaseStore.load(cases, Z_SCORE, LABELS, 4000, ProgressListener.NONE);
        assertThat(lazy.resident()).isFalse();
        Sampling sampling = new Sampling(new int[] {16, 16}, 2, 1.0 / 3);
        Augmentation standard = Augmentation.standard(2);
        try (var a = new BatchLoader(resident, sampling, standard, 1, 0, 1, 2, BatchShare.all(sampling.batch()));
                var b = new BatchLoader(lazy, sampling, standard, 1, 0, 3, 6, BatchShare.all(sampling.batch()))) {
            for (int k = 0; k < 12; k++) {
                Batch x = a.next();
                Batch y = b.next();
                assertThat(Arrays.equals(x.input(), y.input())).isTrue();
                assertThat(Arrays.equals(x.classes(), y.classes())).isTrue();
            }
        }
    }

    @Test
    void a_file_that_breaks_during_training_is_named_by_next() throws Exception {
        CaseStore lazy = CaseStore.load(cases, Z_SCORE, LABELS, 1, ProgressListener.NONE);
        byte[] bytes = Files.readAllBytes(cases.get(4).firstFile());
        Files.write(cases.get(4).firstFile(), Arrays.copyOf(bytes, bytes.length / 2));
        try (var loader = new BatchLoader(
                lazy,
                new Sampling(new int[] {16, 16}, 6, 1.0 / 3),
                Augmentation.none(),
                1,
                0,
                2,
                2,
                BatchShare.all(6))) {
            assertThatThrownBy(loader::next)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("i4.png");
        }
    }

    @Test
    void the_estimate_counts_voxels_on_the_networks_grid() {
        // 16 * (20 + ... + 25) pixels, 4 bytes for the intensity and 1 for the class
        assertThat(CaseStore.estimate(cases, Z_SCORE)).isEqualTo(16 * 135 * 5);
        // a spacing says nothing about photographs, which have no physical size
        assertThat(CaseStore.estimate(cases, Z_SCORE.withTargetSpacing(new double[] {0.5, 0.5})))
                .isEqualTo(16 * 135 * 5);
    }

    @Test
    void an_undeclared_label_is_refused_with_the_masks_name() {
        assertThatThrownBy(() ->
                        CaseStore.load(cases, Z_SCORE, LabelSet.of(Map.of(2, "a")), 1 << 20, ProgressListener.NONE))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("m0.png")
                .hasMessageContaining("label 200");
    }
}
