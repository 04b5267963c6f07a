package org.attunet.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.network.Network;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkConfig.Family;
import org.attunet.network.NetworkConfig.Gates;
import org.attunet.network.NetworkConfig.NormLayer;
import org.attunet.network.NetworkConfig.Upsampling;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the network that a set of weights belongs to from their names and shapes alone.
 *
 * <p>A few weights determine the configuration; then every name and shape is compared with those of that configuration,
 * so that recognised weights load strictly. Canonical names are the seed's (head {@code Conv}; {@code Conv_1x1} if levels
 * are upsampled by nearest neighbour, as in the {@code AttU_Net} from which the seed derives) and, for the paper's
 * network, its authors'. Thread-safe.
 */
public final class Architecture {
    private final String source;
    private final Map<String, Weight> named;
    private final List<String> notes = new ArrayList<>();

    private Architecture(StateDict weights, String source, boolean grid) {
        this.source = source;
        this.named = grid ? weights.weights() : seedNames(weights);
    }

    /**
     * A recognised network.
     *
     * @param config the network's configuration
     * @param weights all of its weights under their canonical names, in PyTorch's order
     * @param notes what was read otherwise than the file has it, a sentence each
     */
    public record Recognised(NetworkConfig config, StateDict weights, List<String> notes) {
        public Recognised {
            notes = List.copyOf(notes);
        }
    }

    /** The name and shape (tensor order) of every weight of a network, in PyTorch's order; buffers included. */
    public static Map<String, long[]> expected(NetworkConfig config) {
        return Network.of(config).weights();
    }

    /** The number of trained values of a network. */
    public static long parameters(NetworkConfig config) {
        return expected(config).entrySet().stream()
                .filter(entry -> StateDict.isParameter(entry.getKey()))
                .mapToLong(entry -> Shapes.elements(entry.getValue()))
                .sum();
    }

    /**
     * Recognises the network in a file, as {@link SavedNetwork#read} finds it; its notes come first.
     *
     * @throws AttunetException as {@link SavedNetwork#read} and {@link #recognise} do
     */
    public static Recognised read(Path file, @Nullable String key) {
        SavedNetwork saved = SavedNetwork.read(file, key);
        Recognised found = recognise(saved.weights(), file.toString());
        List<String> notes =
                Stream.of(saved.notes(), found.notes).flatMap(List::stream).toList();
        return new Recognised(found.config, found.weights, notes);
    }

    /**
     * Recognises the network of some weights.
     *
     * @param source the file, for messages
     * @throws AttunetException if no known network has such names, or some weights are missing, unknown or of another
     *     shape; the message lists them
     */
    public static Recognised recognise(StateDict weights, String source) {
        StateDict unwrapped = weights.withoutWrapperPrefixes();
        boolean grid =
                unwrapped.names().stream().anyMatch(name -> name.startsWith("center.") || name.startsWith("up_concat"));
        var reader = new Architecture(unwrapped, source, grid);
        try {
            NetworkConfig config = grid ? reader.gridConfig() : reader.seedConfig();
            return new Recognised(config, reader.strict(config), reader.notes);
        } catch (ConfigException e) {
            throw new AttunetException(
                    source,
                    "its weights would make a network of which " + e.subject() + " is out of range (" + e.found() + ")",
                    e.expected(),
                    "check that the file holds an Attention U-Net or U-Net",
                    e);
        }
    }

    /** The weights under the seed's names, with {@link NameVariants#HEAD} for the head. */
    private Map<String, Weight> seedNames(StateDict weights) {
        Map<String, Weight> renamed = new LinkedHashMap<>();
        Set<String> respelled = new TreeSet<>();
        NameVariants.canonical(weights.names()).forEach((name, canonical) -> {
            if (renamed.put(canonical, weights.get(name)) != null) {
                throw new AttunetException(
                        source,
                        "two of its weights mean " + canonical + ", one of them is " + name,
                        "each weight once",
                        "remove one of them");
            }
            if (!name.equals(canonical) && !canonical.startsWith(NameVariants.HEAD)) {
                respelled.add(stem(name) + " as " + stem(canonical));
            }
        });
        if (!respelled.isEmpty()) {
            notes.add("read " + StateDict.listed(respelled));
        }
        return renamed;
    }

    /** A name up to its first index: {@code att5.w_gate} of {@code att5.w_gate.0.weight}. */
    private static String stem(String name) {
        return name.replaceFirst("\\.(\\d+\\..*|weight|bias)$", "");
    }

    private NetworkConfig seedConfig() {
        Weight first = end("Conv1.conv.0.weight");
        Weight head = end(NameVariants.HEAD + ".weight");
        List<Integer> widths = new ArrayList<>();
        for (int level = 1; level == 1 || has("Conv" + level + "."); level++) {
            widths.add(width("Conv" + level + ".conv.0.weight"));
        }
        NormLayer norm = named.containsKey("Conv1.conv.1.running_mean")
                ? NormLayer.BATCH
                : named.containsKey("Conv1.conv.2.weight") ? NormLayer.NONE : NormLayer.INSTANCE;
        return new NetworkConfig(
                Family.ATTENTION_UNET,
                dimension(first),
                size(first, 1, "channels"),
                size(head, 0, "outputs"),
                widths,
                named.containsKey("Up" + widths.size() + ".up.1.weight") ? Upsampling.NEAREST : Upsampling.TRANSPOSED,
                norm,
                has("Att") ? Gates.ADDITIVE : Gates.NONE,
                has("Head"));
    }

    private NetworkConfig gridConfig() {
        List<Integer> widths = Stream.of("conv1", "conv2", "conv3", "conv4", "center")
                .map(level -> width(level + ".conv1.0.weight"))
                .toList();
        Weight first = end("conv1.conv1.0.weight");
        Weight head = end("final.weight");
        Gates gates = !has("attentionblock")
                ? Gates.NONE
                : named.keySet().stream().anyMatch(name -> name.contains(".gate_block_2."))
                        ? Gates.GRID_MULTI
                        : Gates.GRID_SINGLE;
        return new NetworkConfig(
                Family.GRID_ATTENTION_UNET,
                dimension(first),
                size(first, 1, "channels"),
                size(head, 0, "outputs"),
                widths,
                Upsampling.LINEAR,
                NormLayer.BATCH,
                gates,
                true);
    }

    /** Compares every name and shape and returns the weights in the expected order. */
    private StateDict strict(NetworkConfig config) {
        Map<String, Weight> rest = new LinkedHashMap<>(named);
        String headName = config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv";
        Map<String, Weight> weights = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        boolean counted = named.keySet().stream().anyMatch(name -> name.endsWith(".num_batches_tracked"));
        expected(config).forEach((name, shape) -> {
            Weight weight = rest.remove(name.replaceFirst("^" + headName + "\\.", NameVariants.HEAD + "."));
            if (weight == null && !counted && name.endsWith(".num_batches_tracked")) {
                weight = Weight.ofLongs(new long[1]);
            }
            if (weight == null) {
                missing.add(name);
            } else if (!weight.hasShape(shape)) {
                misshapen.add(name + " is " + Shapes.text(weight.shape()) + " and not " + Shapes.text(shape));
            } else {
                weights.put(name, weight);
            }
        });
        String faults = Stream.of(
                        fault("missing", missing),
                        fault("unknown", rest.keySet()),
                        fault("of another shape", misshapen))
                .filter(fault -> !fault.isEmpty())
                .collect(Collectors.joining("; "));
        if (!faults.isEmpty()) {
            throw new AttunetException(
                    source,
                    "its weights are nearly those of a known network; " + faults,
                    "exactly the weights of " + config.family() + " in " + config.dimension() + "D with widths "
                            + config.widths() + ", upsampling " + config.upsampling() + ", normalisation "
                            + config.normalisation() + ", gates " + config.gates(),
                    "save the state_dict of an unchanged network, or rename its weights");
        }
        if (!counted && config.normalisation() == NormLayer.BATCH) {
            notes.add("set num_batches_tracked to 0, which PyTorch before 0.4.1 did not save");
        }
        return new StateDict(weights);
    }

    private static String fault(String kind, Collection<String> names) {
        return names.isEmpty() ? "" : kind + ": " + StateDict.listed(names);
    }

    /** The weight of the first or last convolution, without which the network is unknown. */
    private Weight end(String name) {
        Weight weight = named.get(name);
        if (weight == null) {
            throw new AttunetException(
                    source,
                    "its weights belong to no known network; they begin with " + StateDict.listed(named.keySet()),
                    "an Attention U-Net or U-Net by the names of AttU_Net, or the 3D networks of the paper's authors",
                    "train with attunet, or rename the weights in Python");
        }
        return weight;
    }

    private int width(String name) {
        Weight weight = named.get(name);
        if (weight == null) {
            throw new AttunetException(
                    source,
                    "the weight " + name + " is missing",
                    "a first convolution at every level",
                    "save the whole state_dict of the network");
        }
        return size(weight, 0, "widths");
    }

    private static int dimension(Weight convolution) {
        return convolution.shape().length - 2;
    }

    private static int size(Weight weight, int axis, String what) {
        long[] shape = weight.shape();
        if (shape.length <= axis || shape[axis] > Integer.MAX_VALUE) {
            throw new ConfigException(what, Shapes.text(shape), "a convolution's weight");
        }
        return (int) shape[axis];
    }

    private boolean has(String prefix) {
        return named.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }
}
