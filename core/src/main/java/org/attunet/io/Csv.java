package org.attunet.io;

import java.util.List;
import java.util.stream.Collectors;

/** Lines of CSV according to RFC 4180, but ended by bare line feeds. */
public final class Csv {
    private Csv() {}

    /**
     * {@return a line with its end} Fields with commas, quotes or line breaks are quoted; so are those that a spreadsheet would
     * take for a formula, after an apostrophe.
     *
     * @param fields the texts of a row
     */
    public static String line(List<String> fields) {
        return fields.stream().map(Csv::field).collect(Collectors.joining(",", "", "\n"));
    }

    private static String field(String text) {
        String safe = text.matches("(?s)[=+@\\t\\r-].*") && !text.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
                ? "'" + text
                : text;
        return safe.matches("(?s).*[\",\r\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }
}
