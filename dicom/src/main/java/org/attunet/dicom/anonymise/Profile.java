package org.attunet.dicom.anonymise;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.attunet.dicom.data.Representations;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;

/**
 * The actions of the Basic Application Level Confidentiality Profile (PS3.15, table E.1-1), and stricter ones for what the
 * table doesn't list.
 *
 * <p>The table leaves a choice that depends on whether an element is required: here, what may be removed or empty is emptied,
 * and what may have to have a value gets a dummy, so that files stay valid without knowledge of their classes. What the table
 * doesn't list is kept only if it can't hold free text, or if the resource names it as text of technique and codes. Text
 * elements whose values the standard requires get a dummy; other free text, dates, private elements and those that the
 * standard doesn't have are removed, and so are overlays, curves and graphic annotations.
 */
final class Profile {
    private static final int CONTENT_SEQUENCE = 0x0040_A730;
    private static final int GRAPHIC_ANNOTATION_SEQUENCE = 0x0070_0001;
    private static final int DOCUMENT_TITLE = 0x0042_0010;

    /** Text Value, Tracking ID, Local Namespace and Universal Entity ID, Unformatted Text Value. */
    private static final Set<Integer> REQUIRED_TEXT =
            Set.of(0x0040_A160, 0x0062_0020, 0x0040_0031, 0x0040_0032, 0x0070_0006);

    private static final Set<Vr> TEXT = EnumSet.of(Vr.LO, Vr.SH, Vr.LT, Vr.ST, Vr.UC, Vr.UT, Vr.PN, Vr.UR, Vr.AE);
    private static final Set<Integer> BINARY = Set.of(0x0028, 0x5400); // lookup tables, colour profiles; waveforms

    private static final Map<Integer, Rule> RULES = new HashMap<>();

    /**
     * A row of the table.
     *
     * @param code the action of the basic profile, such as X/Z
     * @param options letters of the options that concern the element
     */
    private record Rule(String code, String options) {}

    static {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Profile.class.getResourceAsStream("profile.txt"), "resource"),
                StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                read(line.split(" "));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Profile() {}

    private static void read(String[] words) {
        if (!words[0].startsWith("#")) {
            Rule rule = new Rule(words[0], words[1]);
            for (int k = 2; k < words.length; k++) {
                if (words[k].indexOf('x') < 0) { // repeating groups are removed as a whole
                    RULES.put(Integer.parseUnsignedInt(words[k], 16), rule);
                }
            }
        }
    }

    static Action action(int tag, Vr vr, Retention retention) {
        Vr standard = Representations.of(tag, false);
        if (isLeftOut(tag, vr, standard)) {
            return Action.REMOVE;
        }
        if (tag == CONTENT_SEQUENCE) {
            return Action.KEEP; // its items are cleaned
        }
        Rule rule = RULES.get(tag);
        return rule == null ? unlisted(tag, vr, retention) : listed(rule, vr, retention);
    }

    /** Whether an element is removed whatever the table says. */
    private static boolean isLeftOut(int tag, Vr vr, Vr standard) {
        int group = tag >>> 16;
        boolean ofFile = group < 8; // commands, meta information, directories
        boolean length = (tag & 0xFFFF) == 0 || tag == 0x0008_0001;
        boolean drawn = (group & 0xFF00) == 0x5000 || (group & 0xFF00) == 0x6000 || tag == GRAPHIC_ANNOTATION_SEQUENCE;
        boolean unknown = standard == Vr.UN && !RULES.containsKey(tag);
        boolean disguised = (vr == Vr.SQ) != (standard == Vr.SQ) || (TEXT.contains(vr) && !isText(standard));
        return Tag.isPrivate(tag) || ofFile || length || drawn || unknown || disguised;
    }

    private static boolean isText(Vr vr) {
        return TEXT.contains(vr) || vr == Vr.CS || vr == Vr.UN;
    }

    private static Action listed(Rule rule, Vr vr, Retention retention) {
        if (retention.shiftedDates() && rule.options.contains("d")) {
            return Action.SHIFT;
        }
        if (retention.descriptors() && rule.options.contains("t")) {
            return isBytes(vr) ? Action.REMOVE : Action.CLEAN;
        }
        if (retention.characteristics() && rule.options.contains("p")) {
            return Action.CLEAN;
        }
        return switch (rule.code) {
            case "X" -> Action.REMOVE;
            case "Z", "X/Z" -> Action.EMPTY;
            case "U", "X/Z/U*" -> Action.IDENTIFIER;
            case "K" -> Action.KEEP;
            default -> Action.DUMMY;
        };
    }

    private static Action unlisted(int tag, Vr vr, Retention retention) {
        return switch (vr) {
            case UI -> Action.IDENTIFIER;
            case DA, DT, TM, AS, PN, UR, AE -> Action.REMOVE;
            case LO, SH -> retention.descriptors() ? Action.CLEAN : Action.DUMMY;
            case LT, ST, UC, UT -> retention.descriptors() ? Action.CLEAN : freeText(tag);
            case OB, UN -> BINARY.contains(tag >>> 16) ? Action.KEEP : Action.REMOVE;
            default -> Action.KEEP;
        };
    }

    private static Action freeText(int tag) {
        if (REQUIRED_TEXT.contains(tag)) {
            return Action.DUMMY;
        }
        return tag == DOCUMENT_TITLE ? Action.EMPTY : Action.REMOVE;
    }

    private static boolean isBytes(Vr vr) {
        return vr == Vr.OB || vr == Vr.UN;
    }
}
