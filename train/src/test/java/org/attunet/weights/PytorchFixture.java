package org.attunet.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.attunet.image.Sizes;
import org.attunet.io.Npy;
import org.attunet.torch.TorchNetwork;

/**
 * A network that PyTorch computed: weights, input, logits, attention and training, in {@code src/test/resources/networks}.
 *
 * @param name of the folder
 */
public record PytorchFixture(String name) {
    /** All six networks, for {@code @MethodSource}. */
    public static Stream<PytorchFixture> all() {
        return Stream.of(
                        "seed_attunet",
                        "seed_attunet_multiclass",
                        "leejunhyun_attunet",
                        "official_multi_att_dsv_3d",
                        "official_single_att_dsv_3d",
                        "official_unet_dsv_3d")
                .map(PytorchFixture::new);
    }

    private Path folder() {
        try {
            return Path.of(PytorchFixture.class.getResource("/networks/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The weights as their file has them. */
    public StateDict stateDict() {
        return TorchFile.read(folder().resolve("state_dict.pt"));
    }

    /** The configuration and the weights under canonical names. */
    public Architecture.Recognised recognised() {
        return Architecture.recognise(stateDict(), name);
    }

    /** The network with PyTorch's weights. */
    public TorchNetwork network() {
        var recognised = recognised();
        TorchNetwork network = TorchNetwork.create(recognised.config(), 7);
        NetworkWeights.load(network, recognised.weights(), name);
        return network;
    }

    /** What PyTorch noted: {@code parameters}, {@code training.losses} and more. */
    public JsonNode about() {
        try {
            return new ObjectMapper().readTree(folder().resolve("about.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An array such as {@code input}, {@code target}, {@code logits}, {@code logits_after_training}. */
    public Npy array(String array) {
        return Npy.read(folder().resolve(array + ".npy"));
    }

    /** The number of attention maps. */
    public long gates() {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.getFileName().toString().startsWith("attention_"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The input's size in grid order. */
    public int[] size() {
        return Sizes.ofShape(array("input").shape());
    }

    /** Asserts that values equal one of PyTorch's arrays. */
    public void assertClose(float[] actual, String array, double tolerance) {
        float[] expected = array(array).values();
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        }
        assertThat(worst).as(array + " of " + name).isLessThan(tolerance);
    }

    @Override
    public String toString() {
        return name;
    }
}
