package org.attunet.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
 * The network behind a set of weights, known from their names and shapes alone.
 *
 * <p>A few weights tell the configuration; then every name and shape is compared with what that configuration has, so
 * that what is recognised loads strictly. Canonical names are the seed's (head {@code Conv}; {@code Conv_1x1} where
 * levels are upsampled by nearest neighbour, as in the {@code AttU_Net} from which the seed derives) and, for the
 * paper's network, its authors'. All methods may be called from any thread.
 */
public final class Architecture {
    private Architecture() {}

    /**
     * What was found.
     *
     * @param config the network's shape
     * @param weights all of its weights under their canonical names, in PyTorch's order
     * @param notes what was read in another way than it stands in the file, one sentence each
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
     * Finds the network that the weights belong to.
     *
     * @param source the file, for messages
     * @throws AttunetException when no network is known by such names, or some weights are missing, unknown or of
     *     another shape; the message lists which
     */
    public static Recognised recognise(StateDict weights, String source) {
        StateDict inner = weights.withoutWrapperPrefixes();
        List<String> notes = new ArrayList<>();
        boolean grid =
                inner.names().stream().anyMatch(name -> name.startsWith("center.") || name.startsWith("up_concat"));
        Map<String, Weight> named = grid ? inner.weights() : seedNames(inner, source, notes);
        try {
            NetworkConfig config = grid ? gridConfig(named, source) : seedConfig(named, source);
            return new Recognised(config, strict(config, named, source, notes), notes);
        } catch (ConfigException e) {
            throw new AttunetException(
                    source,
                    "its weights would make a network of which " + e.subject() + " is out of range (" + e.found() + ")",
                    e.expected(),
                    "check that the file holds an Attention U-Net or U-Net",
                    e);
        }
    }

    /** The weights under the seed's names, with the head's name still open. */
    private static Map<String, Weight> seedNames(StateDict weights, String source, List<String> notes) {
        Map<String, Weight> named = new LinkedHashMap<>();
        Set<String> spellings = new TreeSet<>();
        NameVariants.canonical(weights.names()).forEach((name, canonical) -> {
            if (named.put(canonical, weights.get(name)) != null) {
                throw new AttunetException(
                        source,
                        "two of its weights mean " + canonical + ", one of them is " + name,
                        "each weight once",
                        "remove one of them");
            }
            if (!name.equals(canonical) && !canonical.startsWith(NameVariants.HEAD)) {
                spellings.add(stem(name) + " as " + stem(canonical));
            }
        });
        if (!spellings.isEmpty()) {
            notes.add("read " + StateDict.some(spellings));
        }
        return named;
    }

    /** A name up to its first index: {@code att5.w_gate} of {@code att5.w_gate.0.weight}. */
    private static String stem(String name) {
        return name.replaceFirst("\\.(\\d+\\..*|weight|bias)$", "");
    }

    private static NetworkConfig seedConfig(Map<String, Weight> named, String source) {
        List<Integer> widths = new ArrayList<>();
        Weight first = named.get("Conv1.conv.0.weight");
        Weight head = named.get(NameVariants.HEAD + ".weight");
        if (first == null || head == null || first.shape().length < 4) {
            throw unknown(named, source);
        }
        for (int level = 1; level == 1 || has(named, "Conv" + level + "."); level++) {
            widths.add(width(named, "Conv" + level + ".conv.0.weight", source));
        }
        int levels = widths.size();
        Upsampling upsampling =
                named.containsKey("Up" + levels + ".up.1.weight") ? Upsampling.NEAREST : Upsampling.TRANSPOSED;
        NormLayer norm = named.containsKey("Conv1.conv.1.running_mean")
                ? NormLayer.BATCH
                : named.containsKey("Conv1.conv.2.weight") ? NormLayer.NONE : NormLayer.INSTANCE;
        return new NetworkConfig(
                Family.ATTENTION_UNET,
                first.shape().length - 2,
                size(first, 1, "channels"),
                size(head, 0, "outputs"),
                widths,
                upsampling,
                norm,
                has(named, "Att") ? Gates.ADDITIVE : Gates.NONE,
                has(named, "Head"));
    }

    private static NetworkConfig gridConfig(Map<String, Weight> named, String source) {
        List<Integer> widths = new ArrayList<>();
        for (String level : List.of("conv1", "conv2", "conv3", "conv4", "center")) {
            widths.add(width(named, level + ".conv1.0.weight", source));
        }
        Weight first = named.get("conv1.conv1.0.weight");
        Weight head = named.get("final.weight");
        if (first == null || head == null || first.shape().length < 4) {
            throw unknown(named, source);
        }
        Gates gates = !has(named, "attentionblock")
                ? Gates.NONE
                : named.keySet().stream().anyMatch(name -> name.contains(".gate_block_2."))
                        ? Gates.GRID_MULTI
                        : Gates.GRID_SINGLE;
        return new NetworkConfig(
                Family.GRID_ATTENTION_UNET,
                first.shape().length - 2,
                size(first, 1, "channels"),
                size(head, 0, "outputs"),
                widths,
                Upsampling.LINEAR,
                NormLayer.BATCH,
                gates,
                true);
    }

    /** Compares every name and shape and puts the weights in the expected order. */
    private static StateDict strict(
            NetworkConfig config, Map<String, Weight> named, String source, List<String> notes) {
        Map<String, long[]> expected = expected(config);
        Map<String, Weight> rest = new LinkedHashMap<>(named);
        String headName = config.upsampling() == Upsampling.NEAREST ? "Conv_1x1" : "Conv";
        Map<String, Weight> weights = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        boolean counted = named.keySet().stream().anyMatch(name -> name.endsWith(".num_batches_tracked"));
        expected.forEach((name, shape) -> {
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
        if (!rest.isEmpty() || !missing.isEmpty() || !misshapen.isEmpty()) {
            throw differs(config, source, rest.keySet(), missing, misshapen);
        }
        if (!counted && config.normalisation() == NormLayer.BATCH) {
            notes.add("set num_batches_tracked to 0, which PyTorch before 0.4.1 did not save");
        }
        return new StateDict(weights);
    }

    private static AttunetException differs(
            NetworkConfig config, String source, Set<String> unknown, List<String> missing, List<String> misshapen) {
        List<String> found = new ArrayList<>();
        if (!missing.isEmpty()) {
            found.add("missing: " + StateDict.some(missing));
        }
        if (!unknown.isEmpty()) {
            found.add("unknown: " + StateDict.some(unknown));
        }
        if (!misshapen.isEmpty()) {
            found.add("of another shape: " + StateDict.some(misshapen));
        }
        return new AttunetException(
                source,
                "its weights are nearly those of a known network; " + String.join("; ", found),
                "exactly the weights of " + text(config),
                "save the state_dict of an unchanged network, or rename its weights");
    }

    private static String text(NetworkConfig config) {
        return config.family() + " in " + config.dimension() + "D with widths " + config.widths() + ", upsampling "
                + config.upsampling() + ", normalisation " + config.normalisation() + ", gates " + config.gates();
    }

    private static int width(Map<String, Weight> named, String name, String source) {
        @Nullable Weight weight = named.get(name);
        if (weight == null) {
            throw new AttunetException(
                    source,
                    "the weight " + name + " is missing",
                    "a first convolution at every level",
                    "save the whole state_dict of the network");
        }
        return size(weight, 0, "widths");
    }

    private static int size(Weight weight, int axis, String what) {
        long[] shape = weight.shape();
        if (shape.length <= axis || shape[axis] > Integer.MAX_VALUE) {
            throw new ConfigException(what, Shapes.text(shape), "a convolution's weight");
        }
        return (int) shape[axis];
    }

    private static boolean has(Map<String, Weight> named, String prefix) {
        return named.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    private static AttunetException unknown(Map<String, Weight> named, String source) {
        return new AttunetException(
                source,
                "its weights belong to no known network; they begin with " + StateDict.some(named.keySet()),
                "an Attention U-Net or U-Net by the names of AttU_Net, or the 3D networks of the paper's authors",
                "train with attunet, or rename the weights in Python");
    }
}
