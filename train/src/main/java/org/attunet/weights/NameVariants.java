package org.attunet.weights;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Translates the spellings of the {@code AttU_Net} family in public checkpoints to the seed's: {@code W_gate} to {@code
 * W_g}, {@code UpConv4} to {@code Up_conv4}, {@code final} to the head, and so on.
 *
 * <p>A name that matches no rule is kept, so that the comparison with the expected names reports it.
 */
final class NameVariants {
    /** The canonical name of the head for every upsampling; no file has it. */
    static final String HEAD = "head";

    private static final Pattern STAGE = Pattern.compile("(up_?conv|upconv|conv|up|att|head)_?(\\d+)");
    private static final Pattern ATTENTION = Pattern.compile("attention(?:_?block|_?gate)?_?(\\d+)|att_?gate_?(\\d+)");
    private static final Pattern HEADS = Pattern.compile(
            "(conv|conv_?1x1|final|final_?conv|conv_?final|out|outc|out_?conv|output|last|last_?conv|head)"
                    + "((?:\\.conv|\\.0)?)\\.(weight|bias)");
    private static final Pattern WRAPPED = Pattern.compile(
            "(?:(?:conv|double_conv|doubleconv|block|layers?|seq|up|upsample)\\.)?(\\d+\\..+|weight|bias)");
    private static final Pattern GATE_PART = Pattern.compile("(w_?g|w_?gate|w_?gating|w_?x|w_?skip|w_?l|psi)\\.(.+)");

    private static final Pattern NUMBERED = Pattern.compile("(Conv|Up_conv|Up|Att)(\\d{1,2})\\..*");

    private NameVariants() {}

    /** Returns the seed's name for each name of a file, in the file's order. */
    static Map<String, String> canonical(Iterable<String> names) {
        Map<String, String> renamed = new LinkedHashMap<>();
        names.forEach(name -> renamed.put(name, canonical(name)));
        return countedFromTwo(renamed);
    }

    static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        Matcher head = HEADS.matcher(lower);
        if (head.matches()) {
            return HEAD + "." + head.group(3);
        }
        int dot = lower.indexOf('.');
        if (dot < 0) {
            return name;
        }
        String rest = lower.substring(dot + 1);
        Matcher attention = ATTENTION.matcher(lower.substring(0, dot));
        if (attention.matches()) {
            return gate(name, attention.group(1) == null ? attention.group(2) : attention.group(1), rest);
        }
        Matcher stage = STAGE.matcher(lower.substring(0, dot));
        if (!stage.matches()) {
            return name;
        }
        String number = stage.group(2);
        return switch (stage.group(1)) {
            case "att" -> gate(name, number, rest);
            case "head" -> "Head" + number + "." + rest;
            case "up" -> inner(name, "Up" + number + ".up.", rest);
            case "conv" -> inner(name, "Conv" + number + ".conv.", rest);
            default -> inner(name, "Up_conv" + number + ".conv.", rest);
        };
    }

    private static String inner(String name, String prefix, String rest) {
        Matcher wrapped = WRAPPED.matcher(rest);
        return wrapped.matches() ? prefix + wrapped.group(1) : name;
    }

    private static String gate(String name, String number, String rest) {
        Matcher part = GATE_PART.matcher(rest);
        if (!part.matches()) {
            return name;
        }
        String spelling = part.group(1).replace("_", "");
        String canonical = spelling.equals("psi") ? "psi" : spelling.startsWith("wg") ? "W_g" : "W_x";
        return "Att" + number + "." + canonical + "." + part.group(2);
    }

    /** Numbers decoder levels from 2, as the seed does, if the file numbers them from 1 (its last level is Up1). */
    private static Map<String, String> countedFromTwo(Map<String, String> renamed) {
        TreeSet<Integer> encoder = new TreeSet<>();
        TreeSet<Integer> decoder = new TreeSet<>();
        renamed.values().stream()
                .map(NUMBERED::matcher)
                .filter(Matcher::matches)
                .forEach(stage -> {
                    (stage.group(1).equals("Conv") ? encoder : decoder).add(Integer.valueOf(stage.group(2)));
                });
        boolean fromOne = !encoder.isEmpty()
                && !decoder.isEmpty()
                && decoder.first() == 1
                && decoder.last() == encoder.last() - 1;
        if (fromOne) {
            renamed.replaceAll((file, name) -> {
                Matcher stage = NUMBERED.matcher(name);
                return stage.matches() && !stage.group(1).equals("Conv")
                        ? stage.group(1) + (Integer.parseInt(stage.group(2)) + 1) + name.substring(stage.end(2))
                        : name;
            });
        }
        return renamed;
    }
}
