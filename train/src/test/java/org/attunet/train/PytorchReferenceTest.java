package org.attunet.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.io.Npy;
import org.attunet.loss.Loss;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.attunet.torch.Forward;
import org.attunet.torch.Mode;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.Architecture;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The six networks of the references: the same weights and input give PyTorch's numbers, before and after training. */
class PytorchReferenceTest {
    @BeforeAll
    static void one_thread_is_fastest_for_networks_this_small() {
        Natives.threads(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seed_attunet",
                "seed_attunet_multiclass",
                "leejunhyun_attunet",
                "official_multi_att_dsv_3d",
                "official_single_att_dsv_3d",
                "official_unet_dsv_3d"
            })
    void logits_attention_and_training_equal_pytorch(String name) throws Exception {
        Path folder = folder(name);
        JsonNode about = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("about.json")));
        Path file = folder.resolve("state_dict.pt");
        var recognised = Architecture.recognise(TorchFile.read(file), file.toString());
        try (TorchNetwork network = TorchNetwork.create(recognised.config(), 7)) {
            NetworkWeights.load(network, recognised.weights(), file.toString());
            assertThat(network.parameterCount())
                    .isEqualTo(about.get("parameters").asLong());
            assertThat(NetworkWeights.of(network)).isEqualTo(recognised.weights());

            inference(network, folder);
            if (name.equals("leejunhyun_attunet")) {
                // Four steps amplify this network's rounding: in float32 PyTorch itself is 1.2e-3 from these losses in
                // its channels-last layout. Without rounding they agree.
                network.toDouble();
            }
            training(network, folder, about);
            close(logits(network, folder), folder.resolve("logits_after_training.npy"), 1e-3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"seed_attunet", "official_multi_att_dsv_3d"})
    void a_frozen_network_gives_the_same_logits(String name) throws Exception {
        Path folder = folder(name);
        Path file = folder.resolve("state_dict.pt");
        var recognised = Architecture.recognise(TorchFile.read(file), file.toString());
        try (TorchNetwork network = TorchNetwork.create(recognised.config(), 7)) {
            NetworkWeights.load(network, recognised.weights(), file.toString());
            network.freeze();
            inference(network, folder);
        }
    }

    private static void inference(TorchNetwork network, Path folder) throws IOException {
        try (var scope = TensorScope.withoutGradients()) {
            Forward forward = network.forward(input(network, folder), Mode.INFERENCE);
            close(Tensors.toFloats(forward.logits()), folder.resolve("logits.npy"), 1e-4);
            try (var maps = Files.list(folder)) {
                assertThat(maps.filter(f -> f.getFileName().toString().startsWith("attention_")))
                        .hasSize(forward.attention().size());
            }
            for (Forward.Attention map : forward.attention()) {
                close(Tensors.toFloats(map.coefficients()), folder.resolve("attention_" + map.gate() + ".npy"), 1e-4);
            }
        }
    }

    private static void training(TorchNetwork network, Path folder, JsonNode about) {
        JsonNode losses = about.get("training").get("losses");
        try (var optimizer = Optimizer.sgd(network.parameters(), 0.9, false, 0)) {
            for (int step = 0; step < losses.size(); step++) {
                try (var scope = TensorScope.open()) {
                    Forward forward = network.forward(input(network, folder), Mode.TRAINING);
                    optimizer.zeroGradients();
                    Npy target = Npy.read(folder.resolve("target.npy"));
                    Tensor loss = loss(forward.logits(), target);
                    loss.backward();
                    optimizer.step(0.01, step + 1);
                    assertThat(loss.item_double())
                            .as("loss of step %d", step)
                            .isCloseTo(losses.get(step).asDouble(), within(1e-4));
                }
            }
        }
    }

    private static Tensor loss(Tensor logits, Npy target) {
        int[] shape = target.shape();
        int extra = shape.length == logits.dim() ? 1 : 0; // a channel axis of one
        long[] classShape = new long[shape.length - extra];
        classShape[0] = shape[0];
        for (int i = 1; i < classShape.length; i++) {
            classShape[i] = shape[i + extra];
        }
        long[] classes = new long[target.values().length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (long) target.values()[i];
        }
        return new Loss.CrossEntropy().of(logits, Tensors.ofLongs(classes, classShape));
    }

    private static float[] logits(TorchNetwork network, Path folder) {
        try (var scope = TensorScope.withoutGradients()) {
            return Tensors.toFloats(
                    network.forward(input(network, folder), Mode.INFERENCE).logits());
        }
    }

    private static void close(float[] actual, Path expected, double tolerance) {
        float[] numbers = Npy.read(expected).values();
        assertThat(actual).hasSameSizeAs(numbers);
        double worst = 0;
        for (int i = 0; i < numbers.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - numbers[i]));
        }
        assertThat(worst).as(expected.getFileName().toString()).isLessThan(tolerance);
    }

    private static Tensor input(TorchNetwork network, Path folder) {
        Npy npy = Npy.read(folder.resolve("input.npy"));
        Tensor values = Tensors.of(
                npy.values(), Arrays.stream(npy.shape()).asLongStream().toArray());
        return values.to(Tensors.type(network.parameters().values().iterator().next()));
    }

    private static Path folder(String name) throws URISyntaxException {
        return Path.of(
                PytorchReferenceTest.class.getResource("/networks/" + name).toURI());
    }
}
