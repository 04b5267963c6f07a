package org.attunet.report;

import java.util.Locale;

/** Text for a page that is also well-formed XML, so that any XML parser can check it. */
public final class Html {
    private Html() {}

    /** Escapes text for elements and attributes; characters that XML does not allow become U+FFFD. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    private static boolean allowed(int c) {
        boolean whiteSpace = c == '\t' || c == '\n' || c == '\r';
        boolean control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        return whiteSpace || !(control || surrogate || c == 0xFFFE || c == 0xFFFF);
    }

    /** Escapes a name from outside and isolates its writing direction from the text around it. */
    static String name(String text) {
        return "<bdi>" + escape(text) + "</bdi>";
    }

    /** Formats a number, whatever the machine's language. */
    static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Like {@link String#format}, whatever the machine's language; arguments aren't escaped. */
    static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
