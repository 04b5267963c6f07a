package org.attunet.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.io.JsonFile;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.Architecture;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a trained model, from which another training starts. Immutable; holds no natives.
 *
 * <p>A layer is taken over whole (weight and bias) or not at all, by name and shape. If the number of channels differs, the
 * first convolution starts fresh; if the labels differ, the heads do.
 *
 * @param source the path of the model
 * @param network its configuration
 * @param weights under PyTorch's names
 * @param model its description; null for a mere file of weights
 * @param notes what was read otherwise than the file has it, one sentence each
 * @param seen content hashes of the cases that have shaped the weights; null if the model doesn't record them
 */
public record PretrainedWeights(
        String source,
        NetworkConfig network,
        StateDict weights,
        @Nullable ModelDescription model,
        List<String> notes,
        @Nullable Set<String> seen) {
    /**
     * Reads a model.
     *
     * @param place a run folder, a bundle (folder or zip) with {@code weights.pt}, or weights as .pt, .pth or .safetensors
     * @throws AttunetException if it is none of these, is damaged, or its network is not known
     */
    public static PretrainedWeights read(Path place) {
        if (Bundle.looksLike(place)) {
            return bundle(place);
        }
        if (Files.isDirectory(place)) {
            Run run = Run.open(place);
            ModelDescription model = ModelDescription.read(run.model());
            return new PretrainedWeights(
                    place.toString(),
                    model.network(),
                    TorchFile.read(run.weights()),
                    model,
                    List.of(),
                    Files.exists(run.split()) ? run.seen() : null);
        }
        if (!Files.exists(place)) {
            throw new AttunetException(
                    place,
                    "no such file or folder",
                    "a run folder, a bundle or a file of weights (.pt, .pth, .safetensors)",
                    "correct the path given with --from");
        }
        Architecture.Recognised found = Architecture.read(place, null);
        return new PretrainedWeights(place.toString(), found.config(), found.weights(), null, found.notes(), null);
    }

    /** The model whose weights a run's training began with; empty for random weights. */
    public static Optional<Path> source(Run run) {
        return Files.exists(run.takenOver())
                ? Optional.of(Path.of(JsonFile.read(run.takenOver(), "the transfer from another model")
                        .path("from")
                        .asText()))
                : Optional.empty();
    }

    private static PretrainedWeights bundle(Path place) {
        Bundle bundle = Bundle.open(place);
        byte[] bytes = bundle.weights()
                .orElseThrow(() -> new AttunetException(
                        place,
                        bundle.own() ? "it holds no weights.pt" : "it is another program's bundle",
                        "a bundle of attunet with weights.pt",
                        "give the run folder that it was exported from, or a file of weights"));
        return new PretrainedWeights(
                place.toString(), bundle.model().network(), unpacked(place, bytes), bundle.model(), List.of(), null);
    }

    private static StateDict unpacked(Path place, byte[] bytes) {
        try {
            Path file = Files.createTempFile("attunet-weights", ".pt");
            try {
                Files.write(file, bytes);
                return TorchFile.read(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new AttunetException(
                    place.toString(),
                    "its weights can't be unpacked (" + e + ")",
                    "room in the folder for temporary files",
                    "free some space, or unpack the bundle and give its weights.pt",
                    e);
        }
    }

    /**
     * The model's network for other data: its layers, with the planned channels and outputs.
     *
     * @throws AttunetException if one is for planes and the other for volumes
     */
    public NetworkConfig shape(NetworkConfig planned) {
        if (network.dimension() != planned.dimension()) {
            throw new AttunetException(
                    source,
                    "its network is for " + network.dimension() + "D images",
                    "one for " + planned.dimension() + "D, as the data is",
                    "choose a " + planned.dimension() + "D model, or leave out --from");
        }
        return new NetworkConfig(
                network.family(),
                network.dimension(),
                planned.channels(),
                planned.outputs(),
                network.widths(),
                network.upsampling(),
                network.normalisation(),
                network.gates(),
                network.deepSupervision());
    }

    /**
     * Copies the weights that fit into a network.
     *
     * @param own the description of the network's model
     * @throws AttunetException if nothing fits; the network is then unchanged
     */
    TransferReport apply(TorchNetwork target, ModelDescription own) {
        Map<String, Tensor> tensors = target.state();
        boolean otherLabels = !sameLabels(own.labels());
        String labelsDiffer =
                "the model's labels are " + (model == null ? "unknown" : model.labels()) + ", here " + own.labels();
        Map<String, String> reasons = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            String reason = otherLabels && head(name) ? labelsDiffer : mismatch(name, tensor);
            if (reason != null) {
                reasons.putIfAbsent(layer(name), reason);
            }
        });
        List<String> taken = tensors.keySet().stream()
                .filter(name -> !reasons.containsKey(layer(name)))
                .toList();
        Map<String, String> fresh = new LinkedHashMap<>();
        tensors.keySet().forEach(name -> fresh.computeIfAbsent(name, n -> reasons.get(layer(n))));
        if (taken.stream().noneMatch(name -> name.endsWith(".weight"))) {
            throw new AttunetException(
                    source,
                    "none of its " + weights.size() + " weights fits by name and shape",
                    "a network like the one to be trained",
                    "leave out --network, --widths, --norm and --upsampling, so that the model's own are taken");
        }
        NetworkWeights.copy(tensors, weights, taken);
        List<String> unused = weights.names().stream()
                .filter(name -> !tensors.containsKey(name))
                .toList();
        return new TransferReport(
                source, taken, fresh, unused, notes(own), seen == null ? List.of() : List.copyOf(seen));
    }

    private @Nullable String mismatch(String name, Tensor tensor) {
        if (!weights.contains(name)) {
            return "the model has none";
        }
        long[] there = weights.get(name).shape();
        long[] here = tensor.shape();
        return Arrays.equals(there, here)
                ? null
                : "the model's is " + text(there) + ", but " + text(here) + " is needed";
    }

    private static String text(long[] shape) {
        return String.join(" x ", Arrays.stream(shape).mapToObj(Long::toString).toList());
    }

    /** Single labels are the same by any name; with several, the order of the names counts. A file's labels are unknown. */
    private boolean sameLabels(LabelSet own) {
        if (model == null || (own.size() == 1 && model.labels().size() == 1)) {
            return true;
        }
        return lowerCase(own).equals(lowerCase(model.labels()));
    }

    private static List<String> lowerCase(LabelSet labels) {
        return labels.names().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static boolean head(String name) {
        return name.matches("(Conv|Conv_1x1|Head\\d+|dsv\\d+(\\.dsv\\.0)?|final)\\.(weight|bias)");
    }

    private static String layer(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    private List<String> notes(ModelDescription own) {
        List<String> all = new ArrayList<>(notes);
        Normalisation here = own.preprocessing().normalisation();
        if (model != null && !model.preprocessing().normalisation().equals(here)) {
            all.add("the model's images were normalised by "
                    + model.preprocessing().normalisation() + ", these by " + here
                    + "; with --normalisation they can be treated alike");
        }
        double size = own.preprocessing().resize();
        if (model != null && model.preprocessing().resize() != size) {
            all.add("the model's images were resized by "
                    + model.preprocessing().resize() + ", these by " + size + "; with --resize "
                    + model.preprocessing().resize() + " they are treated alike");
        }
        return all;
    }
}
