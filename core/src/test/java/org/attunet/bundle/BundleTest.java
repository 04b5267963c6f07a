package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.preprocess.Normalisation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles written and read back. */
class BundleTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"model", "model.zip", "sub/MODEL.ZIP"})
    void a_bundle_reads_back_as_it_was_written(String name) {
        BundleContent content = Samples.full();
        Path place = folder.resolve(name);

        BundleWriter.write(content, place);
        Bundle bundle = Bundle.open(place);

        assertThat(bundle.own()).isTrue();
        assertThat(bundle.model()).isEqualTo(content.model());
        assertThat(bundle.onnx(Precision.FP32)).isEqualTo(Samples.ONNX);
        assertThat(bundle.onnx(Precision.INT8)).isEqualTo(Samples.INT8);
        assertThat(bundle.settings().temperature()).isEqualTo(1.5);
        assertThat(bundle.settings().tiling()).isEqualTo(Tiling.exact(20, 20, 20));
        assertThat(bundle.card()).isEqualTo(content.card());
        assertThat(bundle.profile()).contains(content.profile());
        assertThat(bundle.content().publication()).usingRecursiveComparison().isEqualTo(content.publication());
        assertThat(bundle.licence()).isEqualTo("CC-BY-4.0");
        assertThat(bundle.version()).isEqualTo("1.0.0");
        TestCase test = bundle.test().orElseThrow();
        assertThat(test.input().values()).isEqualTo(content.test().input().values());
        assertThat(test.output().shape()).containsExactly(1, 3, 16, 24, 32);
        assertThat(bundle.verify())
                .containsExactlyInAnyOrder(
                        "README.md",
                        "cover.png",
                        "model.onnx",
                        "model_int8.onnx",
                        "weights.pt",
                        "test_input.npy",
                        "test_output.npy",
                        "test_output_int8.npy");
    }

    @Test
    void what_is_cut_down_to_its_largest_component_reads_back() {
        Path place = folder.resolve("kept.zip");
        BundleContent content = Samples.full();
        KeepLargest keep =
                new KeepLargest(true, List.of(content.model().labels().values().get(0)));
        BundleWriter.write(content.withSettings(new InferenceSettings(Tiling.gaussian(), 1, keep)), place);
        assertThat(Bundle.open(place).settings().keepLargest()).isEqualTo(keep);
        var unknown = new InferenceSettings(Tiling.gaussian(), 1, new KeepLargest(false, List.of(999)));
        assertThatThrownBy(() -> content.withSettings(unknown))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("999");
    }

    @Test
    void a_bundle_of_the_least_reads_back() {
        Path place = folder.resolve("model.zip");
        BundleContent content = Samples.photograph();

        BundleWriter.write(content, place);
        Bundle bundle = Bundle.open(place);

        assertThat(bundle.model()).isEqualTo(content.model());
        assertThat(bundle.has(Precision.INT8)).isFalse();
        assertThat(bundle.settings().tiling()).isEqualTo(Tiling.gaussian());
        assertThat(bundle.settings().keepLargest()).isEqualTo(KeepLargest.NONE);
        assertThat(bundle.files()).hasSize(5);
        assertThatThrownBy(() -> bundle.onnx(Precision.INT8))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no model in 8-bit integers");
    }

    @Test
    void equal_contents_give_equal_zip_files() throws IOException {
        BundleWriter.write(Samples.full(), folder.resolve("a.zip"));
        BundleWriter.write(Samples.full(), folder.resolve("b.zip"));

        assertThat(Files.mismatch(folder.resolve("a.zip"), folder.resolve("b.zip")))
                .isEqualTo(-1);
    }

    @Test
    void a_folder_that_is_taken_stays_as_it_is() throws IOException {
        Path place = Files.createDirectory(folder.resolve("model"));
        Files.writeString(place.resolve("thesis.txt"), "years of work");

        assertThatThrownBy(() -> BundleWriter.write(Samples.photograph(), place))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("not empty");
        assertThat(list(place)).containsExactly("thesis.txt");
    }

    @Test
    void an_empty_folder_is_filled_and_a_zip_file_replaced() throws IOException {
        Path place = Files.createDirectory(folder.resolve("model"));
        Path zip = Files.writeString(folder.resolve("model.zip"), "old");

        BundleWriter.write(Samples.photograph(), place);
        BundleWriter.write(Samples.photograph(), zip);

        assertThat(Bundle.open(place).verify()).hasSize(4);
        assertThat(Bundle.open(zip).verify()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "model.zip"})
    void a_bundle_in_a_place_that_is_no_folder_is_refused_and_leaves_nothing(String name) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "content");

        assertThatThrownBy(() -> BundleWriter.write(Samples.photograph(), file.resolve(name)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(file.toString());
        assertThat(list(folder)).containsExactly("file");
        assertThat(file).hasContent("content");
    }

    /** As Windows' and macOS' file managers pack a folder. */
    @Test
    void a_folder_that_was_packed_as_a_whole_is_a_bundle_too() throws IOException {
        BundleWriter.write(Samples.photograph(), folder.resolve("model"));
        Path zip = Zips.of(folder.resolve("packed.zip"), folder.resolve("model"), "my model/");

        assertThat(Bundle.open(zip).verify()).hasSize(4);
    }

    @Test
    void the_page_reports_data_measures_use_and_limits() {
        Path place = folder.resolve("model.zip");
        BundleWriter.write(Samples.full(), place);

        assertThat(Bundle.open(place).page())
                .contains("## Intended use", "## Limits", "## Data", "## Validation", "## Calibration")
                .contains("Task04 \\| Hippocampus", "| test (held out) | 30 |", "`ab12`")
                .contains("| int8 | test | posterior | Dice | 0.8600 | 0.8500 to 0.8690 | 30 |")
                .contains("10.48550/arXiv.1804.03999", "Josiah Carberry", "CC-BY-4.0");
    }

    @Test
    void a_test_case_is_rerun_by_normalising_and_activating() {
        BundleContent content = Samples.volume(new Normalisation.Window(0, 100));
        ModelDescription model = content.model();
        float[] raw = {50, 200, -3, 100};
        float[] logits = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
        TestCase test = TestCase.of(model, raw, logits, new int[] {4, 1, 1}, 2);

        assertThat(test.networkInput(model)).containsExactly(0.5f, 1f, 0f, 1f);
        assertThat(test.input().values()).containsExactly(50, 200, -3, 100);
        assertThat(test.output().values()[0]).isCloseTo(1 / 3f, within(1e-6f));
        assertThat(test.compare(Probabilities.of(logits.clone(), model.shape(), false, 2)))
                .isZero();
        float[] other = logits.clone();
        other[0] = 1;
        assertThat(test.compare(Probabilities.of(other, model.shape(), false, 2)))
                .isCloseTo(Math.exp(0.5) / (2 + Math.exp(0.5)) - 1 / 3.0, within(1e-6));
        assertThatThrownBy(() -> test.compare(new float[3])).hasMessageContaining("3 values; expected 12 values");
    }

    @Test
    void orcids_are_checked_by_their_last_digit() {
        assertThat(new Author("A", null, "0000-0002-1694-233X", null).orcid()).endsWith("X");
        assertThatThrownBy(() -> new Author("A", null, "0000-0002-1825-0098", null))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void names_become_identifiers_each_once() {
        assertThat(RdfWriter.identifiers(List.of("left ventricle", "left-ventricle", "3rd", "")))
                .containsExactly("left_ventricle", "left_ventricle_2", "class_3rd", "class_");
        assertThat(RdfWriter.zooName("a/b")).isEqualTo("a b segmentation");
        assertThat(RdfWriter.zooName("é".repeat(9))).isEqualTo("segmentation");
        assertThat(RdfWriter.zooName("x".repeat(99))).hasSize(64);
    }

    @Test
    void an_unknown_licence_and_a_test_of_the_wrong_size_are_refused() {
        BundleContent content = Samples.photograph();

        assertThatThrownBy(() -> new Publication("", List.of(), "GPL", "1.0.0", Instant.now(), null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("SPDX");
        assertThatThrownBy(() -> BundleContent.of(content.model(), Samples.ONNX, Samples.test(content.model(), 30, 32)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("a multiple of 4");
    }

    static List<String> list(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void contents_are_compared_by_value() {
        assertThat(Tiling.exact(1, 2)).isEqualTo(Tiling.exact(1, 2)).hasSameHashCodeAs(Tiling.exact(1, 2));
        assertThat(Arrays.asList(Tiling.Mode.values())).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_bundle_read_back_is_written_with_the_same_bytes(boolean photograph) throws Exception {
        Path first = folder.resolve("first.zip");
        Path second = folder.resolve("second.zip");
        BundleWriter.write(photograph ? Samples.photograph() : Samples.full(), first);
        BundleWriter.write(Bundle.open(first).content(), second);
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void a_bundle_can_be_amended_with_the_spacing_of_its_training() {
        Path old = folder.resolve("old.zip");
        Path amended = folder.resolve("amended.zip");
        BundleWriter.write(Samples.volume(new Normalisation.ZScore()), old);
        BundleContent content = Bundle.open(old).content();
        ModelDescription model = content.model();
        double[] spacing = {0.5, 0.75, 3};
        BundleWriter.write(
                content.withModel(model.withPreprocessing(model.preprocessing().withTargetSpacing(spacing))), amended);
        Bundle bundle = Bundle.open(amended);
        assertThat(bundle.verify()).contains(BundleFiles.CARD, BundleFiles.ONNX);
        assertThat(bundle.model().preprocessing().targetSpacing()).containsExactly(spacing);
        assertThat(bundle.page()).contains("resampled to 0.5 x 0.75 x 3 mm");
        assertThat(bundle.onnx(Precision.FP32)).isEqualTo(Samples.ONNX);
    }
}
