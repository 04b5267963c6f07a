package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.export.BundleExport;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.StateDict;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedWeightsTest {
    private static final NetworkConfig NET =
            NetworkConfig.attUNet(2, 1, 3).withWidths(List.of(4, 8)).withDeepSupervision(true);
    private static final LabelSet TWO = LabelSet.of(Map.of(1, "liver", 2, "spleen"));

    @TempDir
    static Path folder;

    static Path run;
    static StateDict trained;

    @BeforeAll
    static void model() {
        run = folder.resolve("run");
        Run written = Run.create(run);
        try (TorchNetwork network = TorchNetwork.create(NET, 5)) {
            trained = NetworkWeights.of(network);
        }
        trained.write(written.weights());
        described(NET, TWO).write(written.model());
        trained.write(folder.resolve("w.pth"));
        trained.write(folder.resolve("w.safetensors"));
    }

    private static ModelDescription described(NetworkConfig network, LabelSet labels) {
        return ModelDescription.of(
                "m", network, Preprocessing.of(network.channels(), new Normalisation.ZScore()), labels, new int[] {
                    16, 16
                });
    }

    @Test
    void where_nothing_differs_every_weight_and_so_the_logits_are_the_models_own() {
        for (Path place : List.of(run, folder.resolve("w.pth"), folder.resolve("w.safetensors"))) {
            PretrainedWeights start = PretrainedWeights.read(place);
            try (TorchNetwork network = TorchNetwork.create(start.shape(NET.withWidths(List.of(3, 5))), 9)) {
                TransferReport taken = start.apply(network, described(NET, TWO));
                assertThat(NetworkWeights.of(network)).isEqualTo(trained);
                assertThat(taken.taken()).containsExactlyElementsOf(trained.names());
                assertThat(taken.fresh()).isEmpty();
                assertThat(taken.unused()).isEmpty();
            }
        }
    }

    @Test
    void a_bundle_gives_its_weights_and_where_they_are_stored_in_half_precision_the_nearest_halves() {
        for (boolean half : List.of(false, true)) {
            for (String name : List.of("bundle-" + half, "bundle-" + half + ".zip")) {
                Path bundle = folder.resolve(name);
                var request = new BundleExport.Request(
                        null,
                        null,
                        half,
                        false,
                        new BundleExport.About(null, null, List.of(), null, "1.0.0"),
                        OnnxOptions.defaults());
                BundleExport.write(Run.open(run), request, bundle, (phase, done, total) -> {});
                PretrainedWeights start = PretrainedWeights.read(bundle);
                try (TorchNetwork network = TorchNetwork.create(start.shape(NET), 9)) {
                    TransferReport taken = start.apply(network, described(NET, TWO));
                    assertThat(taken.taken()).containsExactlyElementsOf(trained.names());
                    StateDict now = NetworkWeights.of(network);
                    trained.weights().forEach((weight, own) -> {
                        float[] floats = own.floats();
                        float[] found = now.get(weight).floats();
                        for (int i = 0; i < floats.length; i++) {
                            float step = half ? Math.max(Math.ulp(floats[i]) * 0x1p13f, 0x1p-24f) : 0;
                            assertThat(Math.abs(found[i] - floats[i]))
                                    .as("%s of %s", weight, name)
                                    .isLessThanOrEqualTo(step / 2);
                        }
                    });
                }
            }
        }
    }

    @Test
    void with_other_classes_the_heads_are_fresh_and_the_rest_is_equal() {
        LabelSet three = LabelSet.of(Map.of(1, "liver", 2, "spleen", 3, "kidney"));
        NetworkConfig wider = withOutputs(4);
        PretrainedWeights start = PretrainedWeights.read(run);
        assertThat(start.shape(wider)).isEqualTo(wider);
        try (TorchNetwork network = TorchNetwork.create(wider, 9);
                TorchNetwork untouched = TorchNetwork.create(wider, 9)) {
            TransferReport taken = start.apply(network, described(wider, three));
            assertThat(taken.fresh()).containsOnlyKeys("Conv.weight", "Conv.bias");
            StateDict now = NetworkWeights.of(network);
            StateDict fresh = NetworkWeights.of(untouched);
            now.weights()
                    .forEach((name, weight) -> assertThat(weight)
                            .as(name)
                            .isEqualTo((taken.fresh().containsKey(name) ? fresh : trained).get(name)));
            assertThat(taken.lines())
                    .containsExactly(
                            "taken over from " + run + ": " + (trained.size() - 2) + " of " + trained.size()
                                    + " weights: Conv1, Conv2, Up2, Att2, Up_conv2",
                            "starts fresh: Conv (the model's labels are " + TWO + ", here " + three + ")");
        }
    }

    @Test
    void labels_of_other_names_have_a_fresh_head_though_it_has_the_same_shape() {
        LabelSet others = LabelSet.of(Map.of(1, "pancreas", 2, "tumour"));
        try (TorchNetwork network = TorchNetwork.create(NET, 9)) {
            assertThat(PretrainedWeights.read(run)
                            .apply(network, described(NET, others))
                            .fresh())
                    .containsOnlyKeys("Conv.weight", "Conv.bias");
            assertThat(PretrainedWeights.read(folder.resolve("w.pth"))
                            .apply(network, described(NET, others))
                            .fresh())
                    .isEmpty();
        }
    }

    @Test
    void with_other_channels_the_first_convolution_is_fresh_whole_and_says_its_shapes() {
        NetworkConfig colour = new NetworkConfig(
                NET.family(),
                2,
                3,
                3,
                NET.widths(),
                NET.upsampling(),
                NET.normalisation(),
                NetworkConfig.Gates.NONE,
                true);
        try (TorchNetwork network = TorchNetwork.create(colour, 9)) {
            TransferReport taken = PretrainedWeights.read(run).apply(network, described(colour, TWO));
            assertThat(taken.fresh())
                    .containsOnlyKeys("Conv1.conv.0.weight", "Conv1.conv.0.bias")
                    .containsEntry("Conv1.conv.0.bias", "the model's is 4 x 1 x 3 x 3, but 4 x 3 x 3 x 3 is needed");
            assertThat(taken.unused()).isNotEmpty().allMatch(name -> name.startsWith("Att2."));
        }
    }

    @Test
    void a_model_of_another_dimension_is_refused() {
        assertThatThrownBy(() -> PretrainedWeights.read(run).shape(NetworkConfig.attUNet(3, 1, 3)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("2D")
                .hasMessageContaining("3D");
    }

    @Test
    void a_model_of_which_nothing_fits_is_refused_and_changes_nothing() {
        NetworkConfig paper =
                NetworkConfig.paper(2, 1, 3, NetworkConfig.Gates.GRID_SINGLE).withWidths(List.of(2, 3, 4, 5, 6));
        try (TorchNetwork network = TorchNetwork.create(paper, 9)) {
            StateDict before = NetworkWeights.of(network);
            assertThatThrownBy(() -> PretrainedWeights.read(run).apply(network, described(paper, TWO)))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("none of its");
            assertThat(NetworkWeights.of(network)).isEqualTo(before);
        }
    }

    @Test
    void what_is_no_model_is_refused_by_its_path() throws Exception {
        Path text = Files.writeString(folder.resolve("no.pt"), "no weights");
        for (Path place : List.of(text, folder.resolve("missing.pt"), Files.createDirectories(folder.resolve("e")))) {
            assertThatThrownBy(() -> PretrainedWeights.read(place))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining(place.toString());
        }
    }

    private static NetworkConfig withOutputs(int outputs) {
        return new NetworkConfig(
                NET.family(),
                2,
                1,
                outputs,
                NET.widths(),
                NET.upsampling(),
                NET.normalisation(),
                NET.gates(),
                NET.deepSupervision());
    }
}
