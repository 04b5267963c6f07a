package org.attunet.dicom.result;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.attunet.dicom.result.CodedLabel.Concept;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.picture.LabelColours;
import org.jspecify.annotations.Nullable;

/**
 * Codes of labels: those that a user gave, else those of a table of common structures by the label's name, else Tissue, with
 * the name as the segment's label.
 *
 * <p>The user's codes are JSON, an object of labels by their names. A label has the code of its type, {@code {"scheme": "SCT",
 * "value": "10200004", "meaning": "Liver"}}, or an object of such codes under {@code type} and, if need be, {@code category},
 * {@code modifier} and {@code region}. Cases of names, and what isn't a letter or digit, don't count.
 *
 * <p>Immutable and thread-safe.
 */
public final class Codes {
    private static final Code TISSUE = new Code("SCT", "85756007", "Tissue");
    private static final Map<String, Code> MODIFIERS = Map.of(
            "left", new Code("SCT", "7771000", "Left"),
            "right", new Code("SCT", "24028007", "Right"),
            "bilateral", new Code("SCT", "51440002", "Bilateral"),
            "anterior", new Code("SCT", "255549009", "Anterior"),
            "posterior", new Code("SCT", "255551008", "Posterior"));
    private static final Set<String> NO_WORDS = Set.of("of", "the", "and", "a", "in");
    private static final Codes DEFAULTS = new Codes(Map.of());

    private final Map<String, Concept> given;

    private Codes(Map<String, Concept> given) {
        this.given = given;
    }

    /** Whether a modifier is left, right or both (PS3.16, CID 244). */
    static boolean isSide(Code modifier) {
        return List.of("7771000", "24028007", "51440002").contains(modifier.value());
    }

    /** {@return the codes of common structures} */
    public static Codes defaults() {
        return DEFAULTS;
    }

    /**
     * {@return the codes that a user gave, and those of common structures}
     *
     * @param subject the file that holds them, for failures
     * @param codes an object of labels by their names
     * @throws AttunetException if a code is incomplete or too long
     */
    public static Codes of(String subject, JsonNode codes) {
        if (!codes.isObject()) {
            throw new AttunetException(
                    subject, "codes that are no object", "an object of codes by labels' names", "correct the codes");
        }
        Map<String, Concept> given = new HashMap<>();
        for (Map.Entry<String, JsonNode> label : codes.properties()) {
            given.put(key(label.getKey()), new GivenCode(subject, label).concept());
        }
        return new Codes(given);
    }

    /** {@return all labels with their codes and colours, in their order} */
    public List<CodedLabel> of(LabelSet labels) {
        List<CodedLabel> all = new ArrayList<>();
        labels.asMap().forEach((value, name) -> all.add(of(value, name)));
        return all;
    }

    /** {@return a label with its codes and its colour} */
    public CodedLabel of(int value, String name) {
        return new CodedLabel(value, name, concept(name), LabelColours.of(value));
    }

    private Concept concept(String name) {
        String key = key(name);
        Concept own = given.get(key);
        if (own != null) {
            return own;
        }
        Concept known = known(key);
        return known != null ? known : new Concept(TISSUE, TISSUE, modifier(key), null);
    }

    /** A concept of the table, or one with a side, or an abnormal structure in a normal one. */
    private static @Nullable Concept known(String key) {
        Concept whole = CodeTable.find(key);
        if (whole != null) {
            return whole;
        }
        Code modifier = modifier(key);
        Set<String> words = new TreeSet<>(List.of(key.split(" ")));
        words.removeAll(MODIFIERS.keySet());
        Concept sided = CodeTable.find(String.join(" ", words));
        if (sided != null && modifier != null) {
            return new Concept(sided.category(), sided.type(), modifier, null);
        }
        for (String word : words) {
            Concept lesion = CodeTable.find(word);
            Set<String> rest = new TreeSet<>(words);
            rest.remove(word);
            Concept place = CodeTable.find(String.join(" ", rest));
            if (lesion != null && CodeTable.isAbnormal(lesion) && place != null && !CodeTable.isAbnormal(place)) {
                return new Concept(lesion.category(), lesion.type(), modifier, place.type());
            }
        }
        return null;
    }

    private static @Nullable Code modifier(String key) {
        Code found = null;
        for (String word : key.split(" ")) {
            if (MODIFIERS.containsKey(word)) {
                if (found != null) {
                    return null;
                }
                found = MODIFIERS.get(word);
            }
        }
        return found;
    }

    /** The words of a name in alphabetical order, in lower case. */
    static String key(String name) {
        Set<String> words = new TreeSet<>();
        for (String word : name.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
            if (!word.isEmpty() && !NO_WORDS.contains(word)) {
                words.add(word);
            }
        }
        return String.join(" ", words);
    }
}
