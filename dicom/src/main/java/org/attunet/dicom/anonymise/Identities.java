package org.attunet.dicom.anonymise;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Strings that identify people, and their removal from text.
 *
 * <p>They are compared without case, accents and punctuation: the identifier 12-34-56 is found in {@code ID 123456}, the name
 * Doe^John in {@code john_doe} and {@code JOHNDOE2}. Short ones are found as whole words only.
 */
final class Identities {
    /** What stands in the place of what is removed. */
    static final String REMOVED = "REMOVED";

    private static final int SHORTEST_INSIDE = 5;
    private static final int SHORTEST_IDENTIFIER = 4;
    private static final int LONGEST = 64;
    private static final int MOST_WORDS = 8;
    private static final int WIDEST_GAP = 3;
    private static final Pattern MARKS = Pattern.compile("\\p{M}");
    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final Pattern AGAIN = Pattern.compile("(?:" + REMOVED + "[ ^_,.-]*)+" + REMOVED);

    /** Parts of names that are words of their own in many texts, and forms of address. */
    private static final Set<String> PARTICLES = Set.of(
            "DE", "DEL", "DELLA", "DI", "DA", "DU", "DOS", "LA", "LE", "EL", "AL", "VAN", "VON", "VOM", "DER", "DEN",
            "ZU", "TEN", "TER", "BIN", "BEN", "IBN", "ABU", "SAN", "ST", "AND", "OF", "THE", "DR", "MD", "MR", "MRS",
            "MS", "PROF", "JR", "SR");

    private final Set<String> whole = new HashSet<>();
    private final Set<String> inside = new HashSet<>();
    private final TreeSet<Integer> lengths = new TreeSet<>(); // of those inside

    /** A word of a text: where it lies, and how it is compared. */
    private record Word(int from, int to, String folded) {}

    /** Adds the strings of another. */
    void add(Identities other) {
        whole.addAll(other.whole);
        inside.addAll(other.inside);
        lengths.addAll(other.lengths);
    }

    /** Adds a person's name (PS3.5, 6.2.1): groups of writing, each with family, given and middle names. */
    void addName(String name) {
        for (String group : name.split("=", -1)) {
            String[] components = group.split("\\^", -1);
            StringBuilder forward = new StringBuilder();
            StringBuilder backward = new StringBuilder();
            for (int k = 0; k < Math.min(3, components.length); k++) {
                String joined = addComponent(components[k]);
                forward.append(joined);
                backward.insert(0, joined);
            }
            addInside(forward.toString());
            addInside(backward.toString());
            if (components.length > 1) {
                addInside(folded(components[0] + components[1]));
                addInside(folded(components[1] + components[0]));
            }
        }
    }

    /** Adds a family name, given names or middle names; returns them as one word. */
    private String addComponent(String component) {
        List<Word> parts = words(component);
        for (Word part : parts) {
            String written = component.substring(part.from, part.to);
            for (String spelling : List.of(part.folded, folded(transcribed(written)))) {
                if (spelling.length() >= 2 && !(parts.size() > 1 && PARTICLES.contains(spelling))) {
                    whole.add(spelling);
                }
                if (spelling.length() >= (isSpelled(spelling) ? SHORTEST_INSIDE + 1 : 2)) {
                    addWithin(spelling);
                }
            }
        }
        String joined = folded(component);
        addInside(joined);
        return joined;
    }

    /** Adds an identifier, number, address or the like, and its numbers, unless too short to be told from other text. */
    void addIdentifier(String text) {
        String joined = folded(text);
        String digits = joined.replaceAll("[^0-9]", "");
        if (digits.length() > SHORTEST_INSIDE && !isOneDigit(digits)) {
            addInside(digits);
        }
        if (joined.length() >= SHORTEST_IDENTIFIER && !isOneDigit(joined)) {
            whole.add(shortened(joined));
            if (!digits.isEmpty() || joined.length() > SHORTEST_INSIDE) {
                addInside(joined);
            }
        }
    }

    private static boolean isOneDigit(String joined) {
        return joined.chars().allMatch(c -> c == joined.charAt(0));
    }

    /** Adds the usual spellings of a date of eight digits. */
    void addDate(String date) {
        if (!date.matches("\\d{8}.*")) {
            return;
        }
        String year = date.substring(0, 4);
        String month = date.substring(4, 6);
        String day = date.substring(6, 8);
        whole.addAll(List.of(year + month + day, day + month + year, month + day + year));
        String shortDay = day.replaceFirst("^0", "");
        String shortMonth = month.replaceFirst("^0", "");
        whole.addAll(List.of(year + shortMonth + shortDay, shortDay + shortMonth + year, shortMonth + shortDay + year));
        int number = Integer.parseInt(month);
        if (number >= 1 && number <= 12) {
            String name = java.time.Month.of(number).name();
            for (String called : List.of(name, name.substring(0, 3))) {
                whole.addAll(List.of(
                        day + called + year, shortDay + called + year, called + day + year, called + shortDay + year));
            }
        }
    }

    private void addInside(String joined) {
        if (joined.length() >= SHORTEST_INSIDE) {
            addWithin(joined);
        }
    }

    private void addWithin(String joined) {
        String text = shortened(joined);
        inside.add(text);
        whole.add(text);
        lengths.add(text.length());
    }

    /** Whether a word is of letters that spell it, instead of characters that are syllables or words. */
    private static boolean isSpelled(String word) {
        return word.chars().allMatch(c -> c < 0x2E80);
    }

    private static String shortened(String joined) {
        return joined.substring(0, Math.min(LONGEST, joined.length()));
    }

    private static String transcribed(String word) {
        return word.toLowerCase(Locale.ROOT)
                .replace("ä", "ae")
                .replace("ö", "oe")
                .replace("ü", "ue")
                .replace("ø", "oe")
                .replace("å", "aa");
    }

    /** Letters and digits alone, in capitals, without accents. */
    private static String folded(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int k = 0; k < text.length(); k++) {
            char c = text.charAt(k);
            if (c >= 0x80) {
                return foldedFromAll(text);
            }
            if (c >= 'a' && c <= 'z') {
                plain.append((char) (c - 'a' + 'A'));
            } else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private static String foldedFromAll(String text) {
        String upper = Normalizer.normalize(text, Normalizer.Form.NFKD).toUpperCase(Locale.ROOT);
        return SEPARATORS.matcher(MARKS.matcher(upper).replaceAll("")).replaceAll("");
    }

    /** The text with {@link #REMOVED} in the place of each string that identifies. */
    String scrub(String text) {
        List<int[]> found = found(text, 1);
        if (found.isEmpty()) {
            return text;
        }
        StringBuilder scrubbed = new StringBuilder();
        int at = 0;
        for (int[] range : found) {
            scrubbed.append(text, at, range[0]).append(REMOVED);
            at = range[1];
        }
        return AGAIN.matcher(scrubbed.append(text, at, text.length())).replaceAll(REMOVED);
    }

    /** Whether bytes hold a string that identifies and isn't short, as text of 8 or 16 bits. */
    boolean areIn(byte[] bytes) {
        byte[] behind = bytes.length == 0 ? bytes : Arrays.copyOfRange(bytes, 1, bytes.length);
        return !found(new String(bytes, StandardCharsets.ISO_8859_1), SHORTEST_INSIDE)
                        .isEmpty()
                || !found(new String(bytes, StandardCharsets.UTF_8), SHORTEST_INSIDE)
                        .isEmpty()
                || !found(new String(bytes, StandardCharsets.UTF_16LE), SHORTEST_INSIDE)
                        .isEmpty()
                || !found(new String(behind, StandardCharsets.UTF_16LE), SHORTEST_INSIDE)
                        .isEmpty();
    }

    /** The ranges of characters that identify, in their order. */
    private List<int[]> found(String text, int shortest) {
        List<Word> words = words(text);
        List<int[]> ranges = new ArrayList<>();
        for (int k = 0; k < words.size(); k++) {
            int count = count(words, k, shortest);
            if (count > 0) {
                ranges.add(new int[] {words.get(k).from, words.get(k + count - 1).to});
                k += count - 1;
            }
        }
        return ranges;
    }

    /** The words from one on that together identify; 0 if they don't. */
    private int count(List<Word> words, int first, int shortest) {
        StringBuilder joined = new StringBuilder();
        int longest = 0;
        for (int k = first; k < Math.min(words.size(), first + MOST_WORDS); k++) {
            boolean apart = k > first && words.get(k).from - words.get(k - 1).to > WIDEST_GAP;
            joined.append(words.get(k).folded);
            if (apart || joined.length() > 4 * LONGEST) {
                break;
            }
            if (joined.length() >= shortest && whole.contains(shortened(joined.toString()))) {
                longest = k - first + 1;
            }
        }
        String word = words.get(first).folded;
        return longest == 0 && (holds(word) || holdsLetters(word, shortest)) ? 1 : longest;
    }

    private boolean holds(String word) {
        for (int length : lengths.headSet(word.length(), true)) {
            for (int from = 0; from + length <= word.length(); from++) {
                if (inside.contains(word.substring(from, from + length))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the letters before, between or after digits identify. */
    private boolean holdsLetters(String word, int shortest) {
        if (word.chars().noneMatch(Character::isDigit)) {
            return false;
        }
        return Arrays.stream(DIGITS.split(word))
                .anyMatch(letters -> letters.length() >= shortest && whole.contains(letters));
    }

    private static List<Word> words(String text) {
        List<Word> words = new ArrayList<>();
        int from = -1;
        for (int at = 0; at <= text.length(); at++) {
            boolean inWord = at < text.length() && isOfWord(text.charAt(at));
            if (inWord && from < 0) {
                from = at;
            } else if (!inWord && from >= 0) {
                words.add(new Word(from, at, folded(text.substring(from, at))));
                from = -1;
            }
        }
        return words;
    }

    private static boolean isOfWord(char c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER,
                    Character.SURROGATE -> true;
            default -> Character.isLetterOrDigit(c);
        };
    }
}
