package org.attunet.weights;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A network's weights by name, in stored order: PyTorch's state_dict.
 *
 * <p>Immutable, so safe for any number of threads. Two are equal if they hold equal weights under the same names, in any
 * order.
 */
public final class StateDict {
    /** Prefixes that wrappers put before every name: data parallelism, {@code torch.compile}, Lightning modules. */
    private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.", "model.", "net.", "network.");

    private static final int LISTED_NAMES = 8;

    private final Map<String, Weight> weights;

    /** Keeps the map's order. */
    public StateDict(Map<String, Weight> weights) {
        this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /**
     * Reads a PyTorch or safetensors file, recognised by its first bytes.
     *
     * @throws AttunetException as {@link TorchFile#read} and {@link Safetensors#read} do
     */
    public static StateDict read(Path path) {
        return Safetensors.looksLike(path) ? Safetensors.read(path) : TorchFile.read(path);
    }

    /** Writes a safetensors file if the name ends in {@code .safetensors}, else a PyTorch file. */
    public void write(Path target) {
        if (target.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
            Safetensors.write(this, target);
        } else {
            TorchFile.write(this, target);
        }
    }

    /** The weights by name, in order; unmodifiable. */
    public Map<String, Weight> weights() {
        return weights;
    }

    /** The names in order. */
    public Set<String> names() {
        return weights.keySet();
    }

    /** The number of weights. */
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
     * @throws AttunetException if there is none
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

    /** The number of trained values: all elements except batch normalisation's running statistics. */
    public long parameters() {
        return weights.entrySet().stream()
                .filter(entry -> isParameter(entry.getKey()))
                .mapToLong(entry -> entry.getValue().elements())
                .sum();
    }

    /** Whether the optimizer changes the weight of that name, unlike batch normalisation's running statistics. */
    static boolean isParameter(String name) {
        return !name.endsWith(".running_mean")
                && !name.endsWith(".running_var")
                && !name.endsWith(".num_batches_tracked");
    }

    /** A copy without the prefixes that wrappers put before all names, such as {@code module.}, however nested. */
    public StateDict withoutWrapperPrefixes() {
        Map<String, Weight> inner = weights;
        for (String prefix = commonPrefix(inner); prefix != null; prefix = commonPrefix(inner)) {
            Map<String, Weight> stripped = new LinkedHashMap<>();
            int length = prefix.length();
            inner.forEach((name, weight) -> stripped.put(name.substring(length), weight));
            inner = stripped;
        }
        return inner == weights ? this : new StateDict(inner);
    }

    private static @Nullable String commonPrefix(Map<String, Weight> weights) {
        return WRAPPERS.stream()
                .filter(prefix ->
                        !weights.isEmpty() && weights.keySet().stream().allMatch(name -> name.startsWith(prefix)))
                .findFirst()
                .orElse(null);
    }

    /** A name from a file, safe for a message: at most 200 characters, without control characters. */
    static String printable(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 200 ? plain.substring(0, 200) + "..." : plain;
    }

    /** The first few names and the number of the others, for a message. */
    static String listed(Collection<String> names) {
        int more = names.size() - LISTED_NAMES;
        return names.stream().limit(LISTED_NAMES).map(StateDict::printable).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateDict that && weights.equals(that.weights);
    }

    @Override
    public int hashCode() {
        return weights.hashCode();
    }

    /** The numbers of weights and parameters. */
    @Override
    public String toString() {
        return weights.size() + " weights, " + parameters() + " parameters";
    }
}
