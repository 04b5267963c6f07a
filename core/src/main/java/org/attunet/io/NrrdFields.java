package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;

/** The fields of an NRRD header, by name. Source: teem's "Definition of NRRD File Format", section 1. */
final class NrrdFields {
    private static final int LONGEST = 1 << 16;
    private static final Pattern END = Pattern.compile("\n\r?\n");
    private static final Pattern VECTOR = Pattern.compile("\\(([^,()]+),([^,()]+),([^,()]+)\\)");

    private final Path file;
    private final Map<String, String> values = new HashMap<>();
    private final int length;

    private NrrdFields(Path file, String header) {
        this.file = file;
        this.length = header.length();
        String text = new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        Arrays.stream(text.split("\r?\n"))
                .skip(1)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(this::add);
    }

    /** Reads a header of at most 64 KiB with the empty line after it; the stream must support mark. */
    static NrrdFields read(Path file, InputStream in) throws IOException {
        in.mark(LONGEST);
        String start = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
        in.reset();
        Matcher end = END.matcher(start);
        if (!start.matches("(?s)NRRD000[1-5]\r?\n.*")) {
            throw new AttunetException(
                    file, "it begins with no signature of NRRD", "NRRD0001 to NRRD0005", "convert the file");
        }
        if (!end.find()) {
            if (start.length() < LONGEST) {
                throw new EOFException();
            }
            throw damaged(file, "its header has no end within " + LONGEST + " bytes", "an empty line");
        }
        in.skipNBytes(end.end());
        return new NrrdFields(file, start.substring(0, end.end()));
    }

    private void add(String line) {
        int colon = line.indexOf(':');
        if (colon < 1) {
            throw damaged("a line of its header is neither a field nor a key", "\"field: value\" lines");
        }
        if (line.startsWith("=", colon + 1)) {
            requireNoSegments(line);
            return;
        }
        String field = line.substring(0, colon).toLowerCase(Locale.ROOT).replace("datafile", "data file");
        if (values.put(field, line.substring(colon + 1).strip()) != null) {
            throw damaged("its header holds the field \"" + clean(field) + "\" twice", "each field once");
        }
    }

    /** Refuses segmentations of 3D Slicer, whose keys map voxel values to segments. */
    private void requireNoSegments(String key) {
        if (key.startsWith("Segment0_")) {
            throw failure(
                    "it is a segmentation of 3D Slicer (.seg.nrrd)",
                    "a label map",
                    "export the segments to a label map and save that as .nrrd or .nii.gz");
        }
    }

    /** The length of the header in bytes, with the empty line. */
    int length() {
        return length;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** A required field. */
    String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw damaged("its header lacks the field \"" + name + "\"", "a header with it");
        }
        return value;
    }

    String get(String name, String missing) {
        return values.getOrDefault(name, missing);
    }

    /** Parses the value of a field as exactly {@code count} vectors {@code (a,b,c)}. */
    double[][] vectors(String name, String value, int count) {
        double[][] vectors = new double[count][];
        // bounded, so that a backtracking matcher stays fast
        String dense = value.length() > 1000 ? "" : value.replaceAll("\\s*([(),])\\s*", "$1");
        Matcher matcher = VECTOR.matcher(dense);
        int found = 0;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            if (found < count) {
                vectors[found] = new double[] {
                    number(name, matcher.group(1)), number(name, matcher.group(2)), number(name, matcher.group(3))
                };
            }
            found++;
            end = matcher.end();
        }
        if (found != count || end != dense.length()) {
            throw damaged("its " + name + " is \"" + clean(value) + "\"", count + " times (number,number,number)");
        }
        return vectors;
    }

    private double number(String name, String text) {
        double value = Double.NaN;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            // refused below, like infinity
        }
        if (!Double.isFinite(value)) {
            throw damaged("its " + name + " holds \"" + clean(text) + "\"", "finite numbers");
        }
        return value;
    }

    AttunetException failure(String found, String expected, String remedy) {
        return new AttunetException(file, found, expected, remedy);
    }

    AttunetException damaged(String found, String expected) {
        return damaged(file, found, expected);
    }

    private static AttunetException damaged(Path file, String found, String expected) {
        return new AttunetException(file, found, expected, "make the file again");
    }

    /** A value for a message: short, and without control characters. */
    static String clean(String value) {
        String text = value.replaceAll("[^\\x20-\\x7e]", "?");
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
