package org.attunet.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** Reads the CSV of {@link ResultsTable#toCsv}, such as a run's {@code cases.csv}. */
public final class CasesCsv {
    private static final long LARGEST = 256L << 20;
    /** What all tables have, those of versions that knew millimetres only included. */
    private static final List<String> COLUMNS = List.of("case", "label", "status", "dice", "tp", "fp", "fn");

    private CasesCsv() {}

    /**
     * Reads the cases of a file in its order, with exactly the written values.
     *
     * @param file the file
     * @return the cases
     * @throws AttunetException if the file can't be read, has another header or a malformed line
     */
    public static List<CaseResult> read(Path file) {
        List<List<String>> records = records(text(file));
        List<String> header = records.isEmpty() ? List.of() : records.get(0);
        if (!header.containsAll(COLUMNS) || !header.subList(0, 3).equals(COLUMNS.subList(0, 3))) {
            throw broken(file, "its first line is not the header of metrics");
        }
        Map<String, CaseResult> cases = new LinkedHashMap<>();
        for (int k = 1; k < records.size(); k++) {
            List<String> fields = records.get(k);
            try {
                Map<String, String> row = row(header, fields);
                CaseResult one = new CaseResult(
                        fields.get(0),
                        Map.of(Integer.valueOf(fields.get(1)), metrics(row)),
                        estimate(row, "confidence"),
                        estimate(row, "novelty"));
                cases.merge(one.name(), one, CasesCsv::joined);
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw broken(file, "record " + (k + 1) + " doesn't fit the header");
            }
        }
        return new ArrayList<>(cases.values());
    }

    /** The text of a table of a sane size. */
    static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw broken(file, "it has " + Files.size(file) + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw broken(file, "it can't be read (" + e.getMessage() + ")");
        }
    }

    private static CaseResult joined(CaseResult first, CaseResult next) {
        Map<Integer, LabelMetrics> labels = new TreeMap<>(first.labels());
        labels.putAll(next.labels());
        return new CaseResult(first.name(), labels, first.confidence(), first.novelty());
    }

    /** The value of a column, which older tables lack. */
    private static @Nullable Double estimate(Map<String, String> row, String column) {
        String field = row.getOrDefault(column, "");
        return field.isEmpty() ? null : Double.valueOf(field);
    }

    private static Map<String, String> row(List<String> header, List<String> fields) {
        Map<String, String> row = new HashMap<>();
        for (int column = 0; column < header.size(); column++) {
            row.put(header.get(column), fields.get(column));
        }
        return row;
    }

    private static LabelMetrics metrics(Map<String, String> row) {
        var values = new EnumMap<Metric, Double>(Metric.class);
        for (Metric metric : Metric.values()) {
            String field = row.getOrDefault(metric.key(), "");
            if (!field.isEmpty()) {
                values.put(metric, Double.valueOf(field));
            }
        }
        String pixels = row.getOrDefault("nsd_tolerance_px", "");
        return new LabelMetrics(
                count(row, "tp"),
                count(row, "fp"),
                count(row, "fn"),
                values,
                Double.parseDouble(pixels.isEmpty() ? row.getOrDefault("nsd_tolerance_mm", "") : pixels),
                pixels.isEmpty());
    }

    private static long count(Map<String, String> row, String column) {
        return Long.parseLong(row.getOrDefault(column, ""));
    }

    /** RFC 4180: fields in quotes may hold commas, line feeds and doubled quotes. */
    static List<List<String>> records(String text) {
        List<List<String>> records = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                boolean doubled = c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
                quoted = c != '"' || doubled;
                if (quoted) {
                    field.append(c);
                }
                i += doubled ? 1 : 0;
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                fields.add(field.toString());
                field.setLength(0);
                if (c == '\n') {
                    records.add(fields);
                    fields = new ArrayList<>();
                }
            } else {
                field.append(c);
            }
        }
        if (field.length() > 0 || !fields.isEmpty()) {
            fields.add(field.toString());
            records.add(fields);
        }
        return records;
    }

    static AttunetException broken(Path file, String found) {
        return new AttunetException(
                file,
                found,
                "a table of metrics written by attunet",
                "measure the cases again with 'attunet evaluate'");
    }
}
