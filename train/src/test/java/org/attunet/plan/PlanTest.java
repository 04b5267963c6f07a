package org.attunet.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Fingerprint.Intensity;
import org.attunet.dataset.Fingerprint.Pieces;
import org.attunet.dataset.Fingerprint.Structure;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelSet;
import org.attunet.patches.Augmentation;
import org.attunet.plan.TrainingConfig.Length;
import org.attunet.plan.TrainingConfig.ValidationConfig;
import org.attunet.preprocess.Normalisation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
    @TempDir
    Path folder;

    private static final Intensity SOME = new Intensity(80, 30, -20, 180, 1000);

    private static Fingerprint fingerprint(
            List<String> channels, boolean oriented, double share, long smallest, List<Grid> grids) {
        List<Intensity> intensities = channels.stream().map(c -> SOME).toList();
        return new Fingerprint(
                "made",
                channels,
                LabelSet.of(Map.of(1, "organ")),
                oriented,
                grids,
                intensities,
                List.of(new Structure("organ", 100 * smallest, share, grids.size(), smallest, 0)),
                new Pieces(1, 120),
                0);
    }

    private static List<Grid> grids(int[] size, double[]... spacings) {
        List<Grid> grids = new ArrayList<>();
        for (double[] spacing : spacings) {
            grids.add(Grid.of(size, spacing));
        }
        return grids;
    }

    private static Plan ct(Plan.Budget budget) {
        double[] fine = {0.8, 0.8, 2.5};
        return Plan.of(
                fingerprint(List.of("CT"), true, 0.001, 900, grids(new int[] {512, 512, 100}, fine, fine, fine)),
                budget);
    }

    @Test
    void ct_is_clipped_and_standardised_by_the_labelled_voxels_and_small_organs_are_sought() {
        Plan plan = ct(Plan.Budget.USUAL);
        assertThat(plan.model().preprocessing().normalisation())
                .isEqualTo(new Normalisation.ClipStandardise(-20, 180, 80, 30));
        assertThat(plan.model().preprocessing().targetSpacing()).containsExactly(0.8, 0.8, 2.5);
        assertThat(plan.config().batches().foregroundShare()).isEqualTo(0.5);
        assertThat(plan.config().augmentation()).isEqualTo(Augmentation.anatomical(true));
        int[] patch = plan.model().patch();
        assertThat(patch[0]).isCloseTo(patch[1], within(8));
        assertThat((long) patch[0] * patch[1] * patch[2]).isLessThanOrEqualTo(112 * 1024);
        // the same length in mm along each axis, to a multiple of the network
        assertThat(patch[0] * 0.8).isCloseTo(patch[2] * 2.5, within(8 * 2.5));
        assertThat(patch[2]).isLessThan(patch[0]);
    }

    private static Plan pictures(Pieces pieces, double breadth, long smallest, Double resize, Grid grid) {
        Fingerprint base = fingerprint(List.of("grey"), false, 0.08, smallest, List.of(grid, grid, grid));
        Structure lesion = new Structure("lesion", 100_000, 0.08, 3, smallest, breadth);
        return Plan.of(
                new Fingerprint(
                        base.name(),
                        base.channelNames(),
                        base.labels(),
                        false,
                        base.grids(),
                        base.foreground(),
                        List.of(lesion),
                        pieces,
                        0),
                Plan.Budget.USUAL,
                resize);
    }

    @Test
    void pictures_of_large_objects_are_reduced_with_a_reason() {
        Grid large = Grid.ofPixels(600, 500);
        Plan plan = pictures(new Pieces(1, 190), 114, 9000, null, large);
        assertThat(plan.model().preprocessing().resize()).isEqualTo(0.25);
        assertThat(plan.model().patch()).containsExactly(160, 128);
        assertThat(plan.reasons().get("preprocessing.resize")).contains("114 pixels", "1/4");
        assertThat(plan.toYaml()).contains("resize: 0.25");

        assertThat(resize(pictures(new Pieces(1, 190), 114, 9000, 1.0, large))).isEqualTo(1);
        assertThat(resize(pictures(new Pieces(40, 190), 114, 9000, null, large)))
                .isEqualTo(1); // many
        assertThat(resize(pictures(new Pieces(1, 550), 9, 9000, null, large))).isEqualTo(1); // vessels
        assertThat(resize(pictures(new Pieces(1, 190), 114, 40, null, large))).isEqualTo(1); // a small one among them
        assertThat(resize(pictures(new Pieces(1, 90), 70, 4000, null, Grid.ofPixels(100, 90))))
                .isEqualTo(1);
        Grid sized = Grid.of(new int[] {600, 500}, new double[] {0.002, 0.002});
        Plan micrographs = pictures(new Pieces(1, 0.38), 0.228, 9000, null, sized);
        assertThat(micrographs.model().preprocessing().targetSpacing()).containsExactly(0.002, 0.002);
        assertThat(micrographs.model().preprocessing().resizedSpacing()).containsExactly(0.008, 0.008);
    }

    private static double resize(Plan plan) {
        return plan.model().preprocessing().resize();
    }

    @Test
    void the_spacing_is_recorded_unless_an_image_has_no_physical_size() {
        Grid sized = Grid.of(new int[] {300, 200}, new double[] {0.0005, 0.0005});
        Grid pixels = Grid.ofPixels(300, 200);
        assertThat(spacingOf(sized, sized)).containsExactly(0.0005, 0.0005);
        assertThat(spacingOf(pixels, pixels)).isNull();
        assertThat(spacingOf(sized, pixels)).isNull();
    }

    private static double[] spacingOf(Grid... grids) {
        Plan plan = Plan.of(fingerprint(List.of("grey"), false, 0.05, 900, List.of(grids)), Plan.Budget.USUAL);
        boolean physical = List.of(grids).stream().allMatch(Grid::hasPhysicalSize);
        assertThat(String.join(" ", plan.reasons().values()).contains(" mm")).isEqualTo(physical);
        return plan.model().preprocessing().targetSpacing();
    }

    @Test
    void volumes_of_35_by_51_by_36_voxels_keep_their_spacing_and_get_the_whole_in_a_patch() {
        double[] one = {1, 1, 1};
        Plan plan = Plan.of(
                fingerprint(List.of("MRI"), true, 0.053, 993, grids(new int[] {35, 51, 36}, one, one)),
                Plan.Budget.USUAL);
        assertThat(plan.model().patch()).containsExactly(40, 56, 40);
        assertThat(plan.model().network().widths()).containsExactly(16, 32, 64, 128);
        assertThat(plan.model().network().deepSupervision()).isTrue();
        assertThat(plan.model().preprocessing().normalisation()).isEqualTo(new Normalisation.ZScore());
        assertThat(plan.config().batches().size()).isEqualTo(4);
        assertThat(plan.config().batches().foregroundShare()).isEqualTo(1.0 / 3);
    }

    @Test
    void what_shows_one_side_alone_is_not_mirrored_in_a_short_training() {
        double[][] spacings = new double[200][];
        Arrays.fill(spacings, new double[] {1, 1, 1});
        Fingerprint both = fingerprint(List.of("MRI"), true, 0.05, 900, grids(new int[] {40, 50, 40}, spacings));
        assertThat(Plan.of(both, Plan.Budget.USUAL).config().augmentation().mirrored(3))
                .isEqualTo(1);
        Fingerprint right = new Fingerprint(
                "made",
                both.channelNames(),
                both.labels(),
                true,
                both.grids(),
                both.foreground(),
                both.structures(),
                both.pieces(),
                0.97);
        Plan plan = Plan.of(right, new Plan.Budget(0, 0.01));
        assertThat(plan.config().augmentation().mirrored(3)).isZero();
        assertThat(Plan.of(right, new Plan.Budget(0, 1000))
                        .config()
                        .augmentation()
                        .mirrored(3))
                .isEqualTo(1);
        assertThat(plan.reasons().get("training.augmentation")).contains("97%", "not mirrored");
        for (Plan.Budget few : List.of(new Plan.Budget(0, 0, 10), new Plan.Budget(0, 1000, 10))) {
            assertThat(Plan.of(right, few).config().augmentation().mirrored(3)).isZero();
        }
        assertThat(Plan.of(right, new Plan.Budget(0, 0, 1_000_000))
                        .config()
                        .augmentation()
                        .mirrored(3))
                .isEqualTo(1);
        assertThat(Plan.of(right, new Plan.Budget(0, 0.01, 1_000_000))
                        .config()
                        .augmentation()
                        .mirrored(3))
                .isZero();
    }

    @Test
    void photographs_keep_their_pixels_and_are_turned_at_will() {
        double[] pixel = {1, 1};
        Plan plan = Plan.of(
                fingerprint(
                        List.of("red", "green", "blue"), false, 0.12, 40, grids(new int[] {360, 256}, pixel, pixel)),
                Plan.Budget.USUAL);
        assertThat(plan.model().patch()).containsExactly(256, 256);
        assertThat(plan.model().network().channels()).isEqualTo(3);
        assertThat(plan.model().network().widths()).containsExactly(16, 32, 64, 128, 256);
        assertThat(plan.model().preprocessing().canonicalOrientation()).isFalse();
        assertThat(plan.config().augmentation()).isEqualTo(Augmentation.standard(2));
    }

    @Test
    void several_mr_channels_are_standardised_image_by_image() {
        double[] one = {1, 1, 1};
        Plan plan = Plan.of(
                fingerprint(
                        List.of("FLAIR", "T1w", "t1gd", "T2w"),
                        true,
                        0.02,
                        500,
                        grids(new int[] {240, 240, 155}, one, one)),
                Plan.Budget.USUAL);
        assertThat(plan.model().network().channels()).isEqualTo(4);
        assertThat(plan.model().patch()).containsExactly(48, 48, 48);
        assertThat(plan.model().preprocessing().normalisation()).isEqualTo(new Normalisation.ZScore());
    }

    @Test
    void a_strongly_anisotropic_axis_takes_the_tenth_percentile_of_its_spacing() {
        // numpy.percentile([3, 4, 5, 6, 7], 10) is 3.4; the median is 5
        List<Grid> grids = grids(
                new int[] {256, 256, 20},
                new double[] {0.6, 0.6, 3},
                new double[] {0.6, 0.6, 4},
                new double[] {0.6, 0.6, 5},
                new double[] {0.6, 0.6, 6},
                new double[] {0.6, 0.6, 7});
        Plan plan = Plan.of(fingerprint(List.of("T2"), true, 0.02, 500, grids), Plan.Budget.USUAL);
        double[] target = plan.model().preprocessing().targetSpacing();
        assertThat(target).isNotNull();
        assertThat(target[0]).isCloseTo(0.6, within(1e-9));
        assertThat(target[2]).isCloseTo(3.4, within(1e-9));
        assertThat(plan.reasons().get("preprocessing.targetSpacing")).contains("3.4", "10th percentile");
    }

    @Test
    void less_memory_and_less_time_never_plan_more() {
        double before = Double.POSITIVE_INFINITY;
        for (long mib : List.of(4000L, 1500L, 1000L, 800L)) {
            Plan plan = ct(new Plan.Budget(mib << 20, 0));
            double bytes = CostModel.bytes(
                    plan.model().network(),
                    plan.model().patch(),
                    plan.config().batches().size());
            assertThat(bytes).isLessThanOrEqualTo(before);
            before = bytes;
        }
        assertThat(ct(new Plan.Budget(0, 0.5)).model().network().widths()).containsExactly(8, 16, 32, 64);
        assertThat(ct(new Plan.Budget(0, 60)).model().network().widths()).containsExactly(16, 32, 64, 128);
    }

    @Test
    void a_plan_that_was_written_is_read_back_as_it_was() {
        Plan plan = ct(Plan.Budget.USUAL).withExpected(new CostEstimate(1.5, 0.8125, 3, 10, 2345));
        Path file = folder.resolve("plan.yaml");
        plan.write(file);
        Plan read = Plan.read(file);
        assertThat(read.model()).isEqualTo(plan.model());
        assertThat(read.config()).isEqualTo(plan.config());
        assertThat(read.expected()).isEqualTo(plan.expected());
        assertThat(plan.differences(read)).isEmpty();
    }

    @Test
    void every_reason_stands_above_its_setting() throws Exception {
        Plan plan = ct(Plan.Budget.USUAL);
        Path file = folder.resolve("plan.yaml");
        plan.write(file);
        String text = Files.readString(file).replaceAll("\\n *#", "");
        plan.reasons().forEach((key, reason) -> {
            String last = key.substring(key.lastIndexOf('.') + 1);
            String sentence = reason.replaceAll("\\s+", " ");
            assertThat(text.replaceAll(" +", " ")).contains(sentence);
            assertThat(text).contains(last + ":");
        });
    }

    private void refused(String from, String to, String... words) throws Exception {
        Path file = folder.resolve("edited.yaml");
        ct(Plan.Budget.USUAL).write(file);
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
        assertThatThrownBy(() -> Plan.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("edited.yaml")
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void an_edited_plan_is_refused_with_file_key_finding_and_expectation() throws Exception {
        refused("  batch: 4", "  batch: four", "training.batch", "four", "a whole number");
        refused("  batch: 4", "  batch: 4.5", "training.batch", "4.5", "a whole number");
        refused("  batch: 4", "  batch: 0", "batch", "0", "1 to 4096");
        refused("  batch: 4", "  bach: 4", "training.bach", "batch");
        refused("  batch: 4\n", "", "no key training.batch");
        refused("    flip: 0.5", "    flip: 7", "flip", "7", "0 to 1");
        refused("    flip: 0.5", "    flop: 0.5", "training.augmentation.flop", "flip");
        refused("  optimizer: ADAMW", "  optimizer: ADAM", "training.optimizer", "ADAM");
        refused("  widths: [16, 32, 64, 128]", "  widths: wide", "widths");
        refused("version: 1", "version: 9", "version 9");
        refused("patch: ", "patches: ", "patches");
        refused("training:", "train:", "no key training");
        refused("version: 1", "version: [1", "not YAML");
    }

    @Test
    void numbers_with_exponents_are_numbers() throws Exception {
        Path file = folder.resolve("edited.yaml");
        ct(Plan.Budget.USUAL).write(file);
        Files.writeString(file, Files.readString(file).replace("learningRate: 0.002", "learningRate: 5e-4"));
        assertThat(Plan.read(file).config().optimization().learningRate()).isEqualTo(5e-4);
    }

    @Test
    void steps_times_and_minutes_add_up() {
        var expected = new CostEstimate(30, 0.5, 6, 90, 1000);
        TrainingConfig byClock =
                TrainingConfig.defaults().with(new Length(0, 10)).with(new ValidationConfig(20, 0));
        assertThat(expected.steps(byClock)).isEqualTo((600 - 120) * 2);
        assertThat(expected.minutes(byClock)).isEqualTo(12);
        TrainingConfig bySteps = byClock.with(new Length(240, 0));
        assertThat(expected.minutes(bySteps)).isEqualTo(2 + 2 + 2);
    }

    @Test
    void an_expectation_holds_for_another_length_and_no_other_network() {
        Plan plan = ct(Plan.Budget.USUAL).withExpected(new CostEstimate(1, 1, 1, 1, 1));
        Plan longer = plan.with(plan.model(), plan.config().with(new Length(0, 90)), "the command line");
        assertThat(longer.expected()).isEqualTo(plan.expected());
        assertThat(longer.reasons().get("training.maxMinutes")).contains("the command line", "90");
        assertThat(plan.with(
                                plan.model(),
                                plan.config().with(plan.config().batches().withSize(2)),
                                "me")
                        .expected())
                .isNull();
    }

    @Test
    void validations_take_a_quarter_of_the_minutes_at_most() {
        Plan plan = ct(new Plan.Budget(0, 10));
        assertThat(plan.measured(new CostEstimate(1, 1, 1, 1, 1)).config()).isEqualTo(plan.config());
        // a quarter of 600 s is 150 s
        assertThat(plan.measured(new CostEstimate(1, 1, 30, 1, 1))
                        .config()
                        .validation()
                        .count())
                .isEqualTo(Math.min(5, plan.config().validation().count()));
    }
}
