package org.attunet.dicom.result;

/** Texts as elements can hold them (PS3.5, 6.2). */
final class Texts {
    private static final int MOST_LINE = 64;

    private Texts() {}

    /** A text as one value of LO: without backslashes, which part values, and line breaks, at most 64 characters long. */
    static String line(String text) {
        String plain = text.replace('\\', '/').replaceAll("\\p{Cntrl}+", " ").strip();
        int end = Math.min(MOST_LINE, plain.length());
        boolean half = end < plain.length() && Character.isHighSurrogate(plain.charAt(end - 1));
        return plain.substring(0, half ? end - 1 : end).strip();
    }

    /** A text as {@link #line}, or another if it is blank. */
    static String line(String text, String otherwise) {
        String line = line(text);
        return line.isEmpty() ? otherwise : line;
    }
}
