package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.Npy;
import org.attunet.io.Sha256;
import org.attunet.network.ForeignNetwork;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bundles in the zoo's formats that somebody else wrote. */
class ForeignBundleTest {
    /** A 2D model as the format 0.5 describes it. */
    private static final String NEW = """
        format_version: 0.5.3
        type: model
        name: Nuclei
        version: 1.2
        license: MIT
        documentation: README.md
        attachments:
        - source: extra.bin
        inputs:
        - id: raw
          axes:
          - type: batch
          - type: channel
            channel_names: [grey]
          - type: space
            id: y
            size: {min: 32, step: 16}
          - type: space
            id: x
            size: {tensor_id: raw, axis_id: y}
          test_tensor: {source: in.npy}
          preprocessing:
          - id: ensure_dtype
            kwargs: {dtype: float32}
          - id: scale_range
            kwargs: {axes: [y, x], min_percentile: 1, max_percentile: 99.8, eps: 1e-6}
          - id: clip
            kwargs: {min: 0, max: 1}
        outputs:
        - id: mask
          axes:
          - type: batch
          - type: channel
            channel_names: [nucleus]
          - type: space
            id: y
            halo: 8
            size: {tensor_id: raw, axis_id: y}
          - type: space
            id: x
            halo: 8
            size: {tensor_id: raw, axis_id: x}
          test_tensor: {source: out.npy}
          postprocessing:
          - id: sigmoid
        weights:
          torchscript: {source: model.pt, pytorch_version: 1.13}
          onnx: {source: model.onnx, opset_version: 15, sha256: HASH}
        """.replace("HASH", Sha256.hex(Samples.ONNX));

    /** A 3D model as the format 0.4 describes it. */
    private static final String OLD = """
        format_version: 0.4.9
        type: model
        name: Membranes
        inputs:
        - name: input0
          axes: bczyx
          data_type: float32
          shape: {min: [1, 1, 8, 16, 16], step: [0, 0, 8, 16, 16]}
          preprocessing:
          - name: zero_mean_unit_variance
            kwargs: {mode: per_sample, axes: czyx}
        outputs:
        - name: output0
          axes: bczyx
          data_type: float32
          halo: [0, 0, 2, 4, 4]
          shape: {reference_tensor: input0, scale: [1, 0, 1, 1, 1], offset: [0, 1, 0, 0, 0]}
        test_inputs: [in.npy]
        test_outputs: [./out.npy]
        weights:
          onnx: {source: model.onnx, opset_version: 12}
        """;

    @TempDir
    private Path folder;

    private Path place(String rdf, Npy input, Npy output) throws IOException {
        Files.writeString(folder.resolve("rdf.yaml"), rdf);
        Files.writeString(folder.resolve("README.md"), "About nuclei");
        Files.write(folder.resolve("model.onnx"), Samples.ONNX);
        Files.write(folder.resolve("in.npy"), input.toBytes());
        Files.write(folder.resolve("out.npy"), output.toBytes());
        return folder;
    }

    private static Npy npy(float value, int... shape) {
        int count = 1;
        for (int n : shape) {
            count *= n;
        }
        float[] values = new float[count];
        java.util.Arrays.fill(values, value);
        return new Npy(shape, values);
    }

    private Path placeNew(String rdf) throws IOException {
        return place(rdf, npy(1, 1, 1, 48, 64), npy(0.5f, 1, 1, 48, 64));
    }

    private Path placeOld(String rdf, float probability) throws IOException {
        return place(rdf, npy(1, 1, 1, 16, 32, 32), npy(probability, 1, 2, 16, 32, 32));
    }

    @Test
    void a_model_of_the_format_05_is_described() throws IOException {
        Bundle bundle = Bundle.open(placeNew(NEW));

        assertThat(bundle.own()).isFalse();
        assertThat(bundle.model().shape()).isEqualTo(new ForeignNetwork(2, 1, 1, 16, false, false, "raw", "mask"));
        assertThat(bundle.model().patch()).containsExactly(64, 48);
        assertThat(bundle.model().labels()).hasToString("1 nucleus");
        assertThat(bundle.model().preprocessing().normalisation())
                .isEqualTo(new Normalisation.Steps(
                        List.of(new IntensityStep.Range(1, 99.8, 1e-6), new IntensityStep.Clip(0, 1))));
        assertThat(bundle.licence()).isEqualTo("MIT");
        assertThat(bundle.page()).isEqualTo("About nuclei");
        assertThat(bundle.onnx(Precision.FP32)).isEqualTo(Samples.ONNX);
        assertThat(bundle.verify()).containsExactly("model.onnx");
        assertThat(bundle.test()).isPresent();
    }

    @Test
    void a_model_of_the_format_04_is_described() throws IOException {
        Bundle bundle = Bundle.open(placeOld(OLD, 0.5f));

        assertThat(bundle.model().shape()).isEqualTo(new ForeignNetwork(3, 1, 2, 16, true, false, "input0", "output0"));
        assertThat(bundle.model().patch()).containsExactly(32, 32, 16);
        assertThat(bundle.model().labels()).hasToString("1 class 1");
        assertThat(bundle.model().preprocessing().normalisation())
                .isEqualTo(new Normalisation.Steps(List.of(new IntensityStep.Standardise(1e-6))));
        assertThat(bundle.verify()).isEmpty();
    }

    @Test
    void a_zip_of_the_zoo_with_files_that_we_do_not_know_is_described() throws IOException {
        placeNew(NEW);
        Files.writeString(folder.resolve("sample.tif"), "not read");
        Path zip = folder.resolveSibling(folder.getFileName() + ".zip");
        try {
            assertThat(Bundle.open(Zips.of(zip, folder, "")).verify()).containsExactly("model.onnx");
        } finally {
            Files.deleteIfExists(zip);
        }
    }

    @Test
    void sizes_that_are_no_multiples_of_their_step_leave_the_patch_as_the_only_one() throws IOException {
        Bundle bundle = Bundle.open(placeNew(NEW.replace("min: 32", "min: 40")));

        assertThat(bundle.model().shape().patchOnly()).isTrue();
        assertThat(bundle.model().shape().multiple()).isEqualTo(1);
        assertThat(bundle.model().patch()).containsExactly(40, 40); // the test tensor's 48 and 64 are no sizes of it
    }

    @Test
    void a_wrong_hash_of_a_foreign_model_is_refused() throws IOException {
        Path place = placeNew(NEW);
        Files.writeString(place.resolve("model.onnx"), "another");

        assertThatThrownBy(() -> Bundle.open(place).onnx(Precision.FP32))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("SHA-256");
    }

    @Test
    void a_foreign_network_has_no_layers() throws IOException {
        ModelDescription model = Bundle.open(placeNew(NEW)).model();

        assertThatThrownBy(model::network)
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("whose layers are not known");
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void what_we_cannot_do_is_named(String from, String to, String said) throws IOException {
        assertThat(NEW).contains(from);
        Path place = placeNew(NEW.replace(from, to));

        assertThatThrownBy(() -> Bundle.open(place))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("rdf.yaml")
                .hasMessageContaining(said);
    }

    static Stream<Object[]> unsupported() {
        return Stream.of(
                new Object[] {"0.5.3", "0.3.6", "format version 0.3.6"},
                new Object[] {"0.5.3", "0.6.0", "format version 0.6.0"},
                new Object[] {"type: model\nname", "type: dataset\nname", "a description of type dataset"},
                new Object[] {"id: clip", "id: binarize", "the preprocessing binarize"},
                new Object[] {"id: clip", "id: gaussian_blur", "the preprocessing gaussian_blur"},
                new Object[] {"dtype: float32", "dtype: uint8", "ensure_dtype to uint8"},
                new Object[] {"axes: [y, x], min_", "axes: [x], min_", "scale_range over x"},
                new Object[] {"eps: 1e-6}", "reference_tensor: raw}", "scale_range by another tensor"},
                new Object[] {"max_percentile: 99.8", "max_percentile: often", "max_percentile is \"often\""},
                new Object[] {"- id: sigmoid", "- id: softmax", "the postprocessing softmax"},
                new Object[] {"- id: sigmoid", "- id: zero_mean_unit_variance", "the postprocessing zero_mean"},
                new Object[] {"[nucleus]", "[a, b]", "sigmoid of 2 labels that may overlap"},
                new Object[] {
                    "onnx: {source: model.onnx",
                    "tensorflow_js: {source: model.onnx",
                    "weights as torchscript, tensorflow_js"
                },
                new Object[] {"source: model.onnx", "source: https://zenodo.org/model.onnx", "is on the web"},
                new Object[] {"id: x\n    size: {tensor_id: raw, axis_id: y}", "id: q\n    size: 7", "axes b, c, y, q"},
                new Object[] {
                    "size: {tensor_id: raw, axis_id: x}",
                    "size: {tensor_id: raw, axis_id: x, offset: -4}",
                    "another grid"
                },
                new Object[] {"outputs:\n", "outputs:\n- id: more\n", "2 outputs; expected one output"},
                new Object[] {"step: 16", "step: 0", "a whole number from 1"},
                new Object[] {"opset_version: 15", "external_data: {source: w.bin}", "are in another file"});
    }

    @Test
    void files_beyond_the_bundle_are_not_there() throws IOException {
        Path place = placeNew(NEW.replace("source: model.onnx", "source: ../../etc/passwd"));

        assertThatThrownBy(() -> Bundle.open(place))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("there is no such file");
    }

    @Test
    void an_output_that_is_no_probability_is_reported() throws IOException {
        Path place = placeOld(OLD, 0.8f);

        assertThatThrownBy(() -> Bundle.open(place))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("add up to 1.6");
        place(OLD, npy(1, 1, 1, 16, 32, 32), npy(7, 1, 2, 16, 32, 32));
        assertThatThrownBy(() -> Bundle.open(place)).hasMessageContaining("values outside 0 to 1");
    }

    @Test
    void an_output_without_test_and_postprocessing_is_refused() throws IOException {
        Path place = placeOld(OLD.replace("test_outputs: [./out.npy]\n", ""), 0.5f);

        assertThatThrownBy(() -> Bundle.open(place))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("the meaning of the values is unknown");
    }
}
