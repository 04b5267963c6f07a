package org.attunet.weights;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The networks among the names of a checkpoint's tensors, such as {@code model.Conv1.conv.0.weight} beside
 * {@code ema.Conv1.conv.0.weight}. A network is found by its first two levels; what stands before them is its prefix,
 * whatever wrappers and dictionaries it comes from.
 */
final class SavedNames {
    /** Inserted amid names by {@code torch.compile} and by wrappers for sharding and checkpointing. */
    private static final Pattern INSERTED =
            Pattern.compile("(?<=^|\\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");

    /** Left by profilers, by averaging and by losses and metrics that are attributes of a training module. */
    private static final Pattern FOREIGN = Pattern.compile(
            "(.*\\.)?(total_ops|total_params|n_averaged)|[^.]*(loss|criterion|metric)[^.]*\\..*",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern AVERAGED =
            Pattern.compile("(.*[._])?(ema|shadow|swa|averaged?|avg)(_\\w+)?(\\..*)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern OPTIMIZER =
            Pattern.compile("(optim|lr_sched|sched|scaler|amp|callbacks|loops)[^.]*(\\..*)?", Pattern.CASE_INSENSITIVE);
    private static final String TOP = "."; // the place of a network without a prefix, in messages and as a key
    private static final List<String> FIRST = List.of("Conv1.conv.0.weight", "conv1.conv1.0.weight");
    private static final List<String> SECOND = List.of("Conv2.conv.0.weight", "conv2.conv1.0.weight");

    /**
     * A network's tensors.
     *
     * @param names the name in the file by the name in the network, in the file's order
     * @param notes what of the file was left out, a sentence each
     */
    record Chosen(Map<String, String> names, List<String> notes) {
        /** The network's part of all tensors, under its own names. */
        <T> Map<String, T> of(Map<String, T> all) {
            Map<String, T> part = new LinkedHashMap<>();
            names.forEach((name, place) -> part.put(name, Objects.requireNonNull(all.get(place))));
            return part;
        }
    }

    private final Map<String, Map<String, String>> networks = new LinkedHashMap<>(); // by prefix, without its last dot
    private final List<String> foreign = new ArrayList<>();
    private final List<String> others;

    private SavedNames(Collection<String> others) {
        this.others = List.copyOf(others);
    }

    /**
     * Finds the networks among the names of a file, in its order.
     *
     * @param others names of what is no tensor
     */
    static SavedNames of(Collection<String> names, Collection<String> others) {
        Map<String, String> plain = new LinkedHashMap<>();
        names.forEach(name -> plain.put(name, INSERTED.matcher(name).replaceAll("")));
        SavedNames found = new SavedNames(others);
        Set<String> prefixes = prefixes(plain.values());
        plain.forEach((name, bare) -> {
            String prefix = prefixes.stream()
                    .filter(bare::startsWith)
                    .max(Comparator.comparingInt(String::length))
                    .orElse(null);
            String rest = prefix == null ? bare : bare.substring(prefix.length());
            if (prefix == null || FOREIGN.matcher(rest).matches()) {
                found.foreign.add(name);
            } else {
                String key = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
                found.networks.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(rest, name);
            }
        });
        return found;
    }

    private static Set<String> prefixes(Collection<String> names) {
        Set<String> first = new LinkedHashSet<>();
        Set<String> second = new LinkedHashSet<>();
        for (String name : names) {
            String prefix = before(name, FIRST);
            if (prefix != null) {
                first.add(prefix);
            }
            prefix = before(name, SECOND);
            if (prefix != null) {
                second.add(prefix);
            }
        }
        first.retainAll(second);
        return first;
    }

    /** What stands before one of the names in any spelling, or null. */
    private static @Nullable String before(String name, List<String> wanted) {
        for (int at = 0; at >= 0; at = next(name, at)) {
            String rest = name.substring(at);
            if (wanted.contains(rest) || wanted.contains(NameVariants.canonical(rest))) {
                return name.substring(0, at);
            }
        }
        return null;
    }

    private static int next(String name, int at) {
        int dot = name.indexOf('.', at);
        return dot < 0 ? -1 : dot + 1;
    }

    /** Whether no network was found. */
    boolean isEmpty() {
        return networks.isEmpty();
    }

    /**
     * Chooses a network: the one of the key; else the only one; else the only one that is no moving average.
     *
     * @param key some parts of its prefix, such as {@code ema}; null for none
     * @throws AttunetException if the key names none or several, or there are several of equal standing
     */
    Chosen choose(CheckedFile file, @Nullable String key) {
        List<String> prefixes = networks.keySet().stream()
                .filter(prefix -> key == null || matches(prefix, key))
                .toList();
        List<String> current = prefixes.stream()
                .filter(prefix -> !AVERAGED.matcher(prefix).matches())
                .toList();
        List<String> best = prefixes.size() > 1 && key == null ? current : prefixes;
        if (best.size() != 1) {
            String found = prefixes.isEmpty()
                    ? "it holds no network under the key " + key + ", but under " + listed(networks.keySet())
                    : "it holds several networks: " + listed(prefixes);
            String example = shown((prefixes.isEmpty() ? networks.keySet() : prefixes)
                    .iterator()
                    .next());
            throw file.refused(
                    found, "one, or the name of one", "choose one with 'attunet import FILE --key " + example + "'");
        }
        String taken = best.get(0);
        return new Chosen(networks.getOrDefault(taken, Map.of()), notes(taken));
    }

    private static boolean matches(String prefix, String key) {
        return key.equals(TOP) ? prefix.isEmpty() : ("." + prefix + ".").contains("." + key + ".");
    }

    private static String listed(Collection<String> prefixes) {
        return StateDict.listed(prefixes.stream().map(SavedNames::shown).toList());
    }

    private static String shown(String prefix) {
        return prefix.isEmpty() ? TOP : prefix;
    }

    private List<String> notes(String taken) {
        List<String> notes = new ArrayList<>();
        List<String> rivals = networks.keySet().stream()
                .filter(prefix -> !prefix.equals(taken))
                .toList();
        if (!rivals.isEmpty()) {
            notes.add("took the network " + shown(taken) + " and left " + listed(rivals)
                    + "; 'attunet import FILE --key NAME' takes another");
        }
        List<String> left = Stream.concat(
                        foreign.stream().filter(name -> !OPTIMIZER.matcher(name).matches()),
                        others.stream().filter(name -> taken.isEmpty() || name.startsWith(taken + ".")))
                .toList();
        if (!left.isEmpty()) {
            notes.add("left out what is no part of the network" + (taken.isEmpty() ? "" : " under " + taken) + ": "
                    + StateDict.listed(left));
        }
        return notes;
    }
}
