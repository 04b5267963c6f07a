package org.attunet.dicom.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The character sets of a data set's text (PS3.3, C.12.1.1.2): one, or several between which ISO 2022's escape sequences
 * change. A set that isn't known is read as ISO 8859-1, so that text never fails.
 */
final class CharacterSets {
    static final CharacterSets DEFAULT = new CharacterSets(StandardCharsets.ISO_8859_1, false);

    /** ISO_IR 192. */
    static final CharacterSets UTF_8 = new CharacterSets(StandardCharsets.UTF_8, false);

    private static final int ESCAPE = 0x1b;

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("ISO_IR 100", "ISO-8859-1"),
            Map.entry("ISO_IR 101", "ISO-8859-2"),
            Map.entry("ISO_IR 109", "ISO-8859-3"),
            Map.entry("ISO_IR 110", "ISO-8859-4"),
            Map.entry("ISO_IR 144", "ISO-8859-5"),
            Map.entry("ISO_IR 127", "ISO-8859-6"),
            Map.entry("ISO_IR 126", "ISO-8859-7"),
            Map.entry("ISO_IR 138", "ISO-8859-8"),
            Map.entry("ISO_IR 148", "ISO-8859-9"),
            Map.entry("ISO_IR 203", "ISO-8859-15"),
            Map.entry("ISO_IR 13", "JIS_X0201"),
            Map.entry("ISO_IR 166", "TIS-620"),
            Map.entry("ISO_IR 149", "EUC-KR"),
            Map.entry("ISO_IR 58", "GB2312"),
            Map.entry("ISO_IR 192", "UTF-8"),
            Map.entry("GB18030", "GB18030"),
            Map.entry("GBK", "GBK"));

    /** What follows an escape character, and the set that begins there. */
    private static final Map<String, String> ESCAPES = Map.ofEntries(
            Map.entry("(B", "US-ASCII"),
            Map.entry("(J", "JIS_X0201"),
            Map.entry(")I", "JIS_X0201"),
            Map.entry("-A", "ISO-8859-1"),
            Map.entry("-B", "ISO-8859-2"),
            Map.entry("-C", "ISO-8859-3"),
            Map.entry("-D", "ISO-8859-4"),
            Map.entry("-L", "ISO-8859-5"),
            Map.entry("-G", "ISO-8859-6"),
            Map.entry("-F", "ISO-8859-7"),
            Map.entry("-H", "ISO-8859-8"),
            Map.entry("-M", "ISO-8859-9"),
            Map.entry("-b", "ISO-8859-15"),
            Map.entry("-T", "TIS-620"),
            Map.entry("$B", "x-JIS0208"),
            Map.entry("$(D", "JIS_X0212-1990"),
            Map.entry("$)C", "EUC-KR"),
            Map.entry("$)A", "GB2312"));

    private final Charset first;
    private final boolean escapes;

    private CharacterSets(Charset first, boolean escapes) {
        this.first = first;
        this.escapes = escapes;
    }

    static CharacterSets of(List<String> terms) {
        if (terms.isEmpty()) {
            return DEFAULT;
        }
        String name = NAMES.get(terms.get(0).replace("ISO 2022 IR ", "ISO_IR "));
        return new CharacterSets(charset(name), terms.size() > 1 || terms.get(0).startsWith("ISO 2022"));
    }

    private static Charset charset(@Nullable String name) {
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.ISO_8859_1;
    }

    /** The values of an element, which backslashes separate, without the padding around them. */
    List<String> values(Element element) {
        String text = element.vr().ofCharacterSet()
                ? decode(element.value())
                : new String(element.value(), StandardCharsets.ISO_8859_1);
        boolean single =
                element.vr() == Vr.LT || element.vr() == Vr.ST || element.vr() == Vr.UT || element.vr() == Vr.UR;
        String[] values = single ? new String[] {text} : text.split("\\\\", -1);
        List<String> trimmed = Arrays.stream(values).map(CharacterSets::trimmed).toList();
        return trimmed.size() == 1 && trimmed.get(0).isEmpty() ? List.of() : trimmed;
    }

    /** Encodes text for an element, padded to an even length. */
    byte[] encode(Vr vr, String text) {
        byte[] bytes = text.getBytes(vr.ofCharacterSet() ? first : StandardCharsets.ISO_8859_1);
        if (bytes.length % 2 == 0) {
            return bytes;
        }
        byte[] even = Arrays.copyOf(bytes, bytes.length + 1);
        even[bytes.length] = (byte) vr.padding();
        return even;
    }

    /** An element's text as a whole, with its backslashes and without the padding around it. */
    String whole(byte[] value) {
        return trimmed(decode(value));
    }

    private static String trimmed(String text) {
        return text.replace("\0", "").strip();
    }

    private String decode(byte[] bytes) {
        if (!escapes) {
            return new String(bytes, first);
        }
        StringBuilder text = new StringBuilder();
        Charset current = first;
        int from = 0;
        for (int k = 0; k < bytes.length; k++) {
            boolean reset = bytes[k] == '\\' || bytes[k] == '^' || bytes[k] == '\n' || bytes[k] == '\r';
            String sequence = bytes[k] == ESCAPE ? sequence(bytes, k + 1) : "";
            if (!sequence.isEmpty()) {
                text.append(part(bytes, from, k, current));
                current = charset(ESCAPES.get(sequence));
                k += sequence.length();
                from = k + 1;
            } else if (reset && !current.name().startsWith("x-JIS")) {
                text.append(part(bytes, from, k + 1, current));
                current = first;
                from = k + 1;
            }
        }
        return text.append(part(bytes, from, bytes.length, current)).toString();
    }

    private static String sequence(byte[] bytes, int at) {
        for (int length = 2; length <= 3 && at + length <= bytes.length; length++) {
            String sequence = new String(bytes, at, length, StandardCharsets.US_ASCII);
            if (ESCAPES.containsKey(sequence)) {
                return sequence;
            }
        }
        return "";
    }

    private static String part(byte[] bytes, int from, int to, Charset charset) {
        return new String(bytes, from, to - from, charset);
    }
}
