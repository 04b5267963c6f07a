package org.attunet.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.attunet.error.AttunetException;

/**
 * A network's weights by name, in the order in which they were stored: what PyTorch calls a state_dict.
 *
 * <p>Immutable, so safe for any number of threads. Two are equal when they hold equal weights under the same names,
 * whatever the order.
 */
public final class StateDict {
    /** What wrappers put before every name: data parallelism, {@code torch.compile}, a Lightning module. */
    private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.", "model.", "net.", "network.");

    private final Map<String, Weight> weights;

    /** Keeps the map's order. */
    public StateDict(Map<String, Weight> weights) {
        this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /**
     * The weights in a file of PyTorch or of safetensors, told apart by their first bytes.
     *
     * @throws AttunetException as {@link TorchFile#read} and {@link Safetensors#read} do
     */
    public static StateDict read(Path path) {
        return Safetensors.looksLike(path) ? Safetensors.read(path) : TorchFile.read(path);
    }

    /** Writes safetensors where the name ends in {@code .safetensors}, else a file of PyTorch. */
    public void write(Path target) {
        if (target.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
            Safetensors.write(this, target);
        } else {
            TorchFile.write(this, target);
        }
    }

    /** The weights by name, in order, not modifiable. */
    public Map<String, Weight> weights() {
        return weights;
    }

    /** The names in order. */
    public Set<String> names() {
        return weights.keySet();
    }

    /** How many weights there are. */
    public int size() {
        return weights.size();
    }

    /** Whether there is a weight of that name. */
    public boolean contains(String name) {
        return weights.containsKey(name);
    }

    /**
     * The weight of that name.
     *
     * @throws AttunetException when there is none
     */
    public Weight get(String name) {
        Weight weight = weights.get(name);
        if (weight == null) {
            throw new AttunetException(
                    "weights",
                    "there is no weight " + name + " among " + weights.size(),
                    "one of that name",
                    "use weights of the same network");
        }
        return weight;
    }

    /** The number of trained values: everything but the running statistics of batch normalisation. */
    public long parameters() {
        return weights.entrySet().stream()
                .filter(entry -> isParameter(entry.getKey()))
                .mapToLong(entry -> entry.getValue().elements())
                .sum();
    }

    /** Whether the optimizer changes the weight of that name, which batch normalisation's statistics are not. */
    static boolean isParameter(String name) {
        return !name.endsWith(".running_mean")
                && !name.endsWith(".running_var")
                && !name.endsWith(".num_batches_tracked");
    }

    /** Without the prefixes that wrappers put before all names ({@code module.} and its kind), in any nesting. */
    public StateDict withoutWrapperPrefixes() {
        Map<String, Weight> inner = weights;
        for (boolean again = true; again; ) {
            again = false;
            for (String wrapper : WRAPPERS) {
                if (!inner.isEmpty() && inner.keySet().stream().allMatch(name -> name.startsWith(wrapper))) {
                    Map<String, Weight> cut = new LinkedHashMap<>();
                    inner.forEach((name, weight) -> cut.put(name.substring(wrapper.length()), weight));
                    inner = cut;
                    again = true;
                }
            }
        }
        return inner == weights ? this : new StateDict(inner);
    }

    /** A name from a file, for a message: not too long and nothing that a terminal would act on. */
    static String shown(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 200 ? plain.substring(0, 200) + "..." : plain;
    }

    /** The first few of many names, for a message. */
    static String some(Iterable<String> names) {
        List<String> shown = new ArrayList<>();
        int more = 0;
        for (String name : names) {
            if (shown.size() < 8) {
                shown.add(shown(name));
            } else {
                more++;
            }
        }
        return String.join(", ", shown) + (more == 0 ? "" : " and " + more + " more");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateDict that && weights.equals(that.weights);
    }

    @Override
    public int hashCode() {
        return weights.hashCode();
    }

    /** The number of weights and of parameters. */
    @Override
    public String toString() {
        return weights.size() + " weights, " + parameters() + " parameters";
    }
}
