package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;

/**
 * The structures of a file that have the names of labels: exactly, or but for cases and what isn't a letter or digit, if only one
 * label is called so.
 *
 * @param values the labels by the structures' numbers
 * @param left the structures with other names, as they are called for people
 */
public record NamedStructures(Map<Integer, Integer> values, List<String> left) {
    /**
     * Finds them.
     *
     * @param kind what the file calls them, such as segment
     * @param names by the structures' numbers, in the file's order
     * @throws AttunetException if there is none
     */
    static NamedStructures of(Path file, String kind, Map<Integer, String> names, LabelSet labels) {
        Map<String, Integer> exact = new HashMap<>();
        Map<String, Set<Integer>> alike = new HashMap<>();
        labels.asMap().forEach((value, name) -> {
            String line = Texts.line(name); // as files hold it
            exact.put(line, value);
            alike.computeIfAbsent(plain(line), plain -> new TreeSet<>()).add(value);
        });
        Map<Integer, Integer> values = new HashMap<>();
        List<String> left = new ArrayList<>();
        names.forEach((number, name) -> {
            Set<Integer> like = alike.getOrDefault(plain(name), Set.of());
            Integer value = exact.get(name);
            if (value != null) {
                values.put(number, value);
            } else if (like.size() == 1) {
                values.put(number, like.iterator().next());
            } else {
                left.add(described(kind, number, name));
            }
        });
        if (values.isEmpty()) {
            throw new AttunetException(
                    file,
                    left.isEmpty() ? "no " + kind : String.join(", ", left),
                    kind + "s with the names of the labels " + labels,
                    "name the labels as the " + kind + "s are named");
        }
        return new NamedStructures(values, left);
    }

    /** {@return whether a structure has the name of a label, but for cases and what isn't a letter or digit} */
    public static boolean any(Collection<String> names, LabelSet labels) {
        Set<String> known =
                labels.names().stream().map(name -> plain(Texts.line(name))).collect(Collectors.toSet());
        return names.stream().map(NamedStructures::plain).anyMatch(known::contains);
    }

    /** Such as {@code segment 2 (Liver)}. */
    static String described(String kind, int number, String name) {
        return kind + " " + number + (name.isEmpty() ? "" : " (" + name + ")");
    }

    /** A mask's notes with what was left out. */
    PlacedMask noted(PlacedMask mask) {
        List<String> notes = new ArrayList<>(mask.notes());
        if (!left.isEmpty()) {
            notes.add(
                    0,
                    String.join(", ", left) + (left.size() == 1 ? " isn't" : " aren't")
                            + " among the labels and left out");
        }
        return new PlacedMask(mask.labels(), notes);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
