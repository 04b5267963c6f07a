package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * The header of an NRRD file with a label map: three spatial axes, integers, data behind the header in the same file.
 * Source: teem's "Definition of NRRD File Format", sections 1, 4 and 5.
 *
 * @param grid the lattice of the voxels
 * @param type the number type of the voxels
 * @param order its byte order
 * @param compressed whether the data are compressed with gzip
 * @param length of the header in bytes, with the empty line
 */
record NrrdHeader(Grid grid, VoxelType type, ByteOrder order, boolean compressed, int length) {
    private static final int LONGEST = 1 << 16;
    private static final Pattern VECTOR = Pattern.compile("\\(([^,()]+),([^,()]+),([^,()]+)\\)");
    private static final Map<VoxelType, List<String>> TYPES = Map.of(
            VoxelType.I8, List.of("signed char", "int8", "int8_t"),
            VoxelType.U8, List.of("uchar", "unsigned char", "uint8", "uint8_t"),
            VoxelType.I16, List.of("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
            VoxelType.U16, List.of("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
            VoxelType.I32, List.of("int", "signed int", "int32", "int32_t"),
            VoxelType.U32, List.of("uint", "unsigned int", "uint32", "uint32_t"));

    /** Reads a header with the empty line after it, so that the stream is at the data. */
    static NrrdHeader read(Path file, InputStream in) throws IOException {
        var lines = new Lines(file, in);
        String magic = lines.next();
        if (!magic.matches("NRRD000[1-5]")) {
            throw new AttunetException(
                    file, "it begins with no signature of NRRD", "NRRD0001 to NRRD0005", "convert the file");
        }
        Map<String, String> fields = new HashMap<>();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            int colon = line.indexOf(':');
            if (line.startsWith("#")) {
                continue;
            }
            if (colon < 1) {
                throw damaged(file, "a line of its header is neither a field nor a key", "\"field: value\" lines");
            }
            if (line.startsWith("=", colon + 1)) {
                requireNoSegments(file, line.substring(0, colon));
                continue;
            }
            String field = line.substring(0, colon).toLowerCase(Locale.ROOT).replace("datafile", "data file");
            if (fields.put(field, line.substring(colon + 1).strip()) != null) {
                throw damaged(file, "its header holds the field \"" + clean(field) + "\" twice", "each field once");
            }
        }
        return of(file, fields, lines.count);
    }

    /** Refuses segmentations of 3D Slicer, whose keys map voxel values to segments. */
    private static void requireNoSegments(Path file, String key) {
        if (key.startsWith("Segment0_")) {
            throw new AttunetException(
                    file,
                    "it is a segmentation of 3D Slicer (.seg.nrrd)",
                    "a label map",
                    "export the segments to a label map and save that as .nrrd or .nii.gz");
        }
    }

    private static NrrdHeader of(Path file, Map<String, String> fields, int length) {
        requireAttached(file, fields);
        String dimension = field(file, fields, "dimension");
        if (!dimension.equals("3")) {
            throw new AttunetException(
                    file, "its dimension is " + clean(dimension), "3", "save one label map without further axes");
        }
        VoxelType type = type(file, field(file, fields, "type"));
        String encoding = field(file, fields, "encoding").toLowerCase(Locale.ROOT);
        boolean compressed = encoding.equals("gzip") || encoding.equals("gz");
        if (!compressed && !encoding.equals("raw")) {
            String found = "its encoding is \"" + clean(encoding) + "\"";
            throw new AttunetException(file, found, "raw or gzip", "save the file in one of these");
        }
        return new NrrdHeader(NrrdSpace.grid(file, fields), type, order(file, fields, type), compressed, length);
    }

    private static VoxelType type(Path file, String name) {
        return TYPES.entrySet().stream()
                .filter(names -> names.getValue().contains(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AttunetException(
                        file,
                        "its type is \"" + clean(name) + "\"",
                        "whole numbers of 8, 16 or 32 bits, such as unsigned char",
                        "save labels as whole numbers"));
    }

    private static void requireAttached(Path file, Map<String, String> fields) {
        if (fields.containsKey("data file")) {
            throw new AttunetException(
                    file, "its data are in another file", "header and data in one file", "save it as .nrrd");
        }
        for (String name : new String[] {"line skip", "lineskip", "byte skip", "byteskip"}) {
            if (!fields.getOrDefault(name, "0").equals("0")) {
                throw damaged(file, "it skips some of its data (" + name + ")", "data right after the header");
            }
        }
    }

    private static ByteOrder order(Path file, Map<String, String> fields, VoxelType type) {
        if (type.bytes() == 1) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        String endian = field(file, fields, "endian").toLowerCase(Locale.ROOT);
        if (!endian.equals("little") && !endian.equals("big")) {
            throw damaged(file, "its endian is \"" + clean(endian) + "\"", "little or big");
        }
        return endian.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** A required field. */
    static String field(Path file, Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw damaged(file, "its header lacks the field \"" + name + "\"", "a header with it");
        }
        return value;
    }

    /** Parses a value of exactly {@code count} vectors {@code (a,b,c)}. */
    static double[][] vectors(Path file, String name, String value, int count) {
        double[][] vectors = new double[count][];
        // bounded, so that a backtracking matcher stays fast
        String dense = value.length() > 1000 ? "" : value.replaceAll("\\s*([(),])\\s*", "$1");
        Matcher matcher = VECTOR.matcher(dense);
        int found = 0;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            if (found < count) {
                vectors[found] = new double[] {
                    number(file, name, matcher.group(1)),
                    number(file, name, matcher.group(2)),
                    number(file, name, matcher.group(3))
                };
            }
            found++;
            end = matcher.end();
        }
        if (found != count || end != dense.length()) {
            throw damaged(
                    file, "its " + name + " is \"" + clean(value) + "\"", count + " times (number,number,number)");
        }
        return vectors;
    }

    private static double number(Path file, String name, String text) {
        double value = Double.NaN;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            // refused below, like infinity
        }
        if (!Double.isFinite(value)) {
            throw damaged(file, "its " + name + " holds \"" + clean(text) + "\"", "finite numbers");
        }
        return value;
    }

    static AttunetException damaged(Path file, String found, String expected) {
        return new AttunetException(file, found, expected, "make the file again");
    }

    /** A value for a message: short, and without control characters. */
    static String clean(String value) {
        String text = value.replaceAll("[^\\x20-\\x7e]", "?");
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    /** The lines of a header, at most 64 KiB in total. */
    private static final class Lines {
        private final Path file;
        private final InputStream in;
        private int count;

        Lines(Path file, InputStream in) {
            this.file = file;
            this.in = in;
        }

        String next() throws IOException {
            byte[] line = new byte[256];
            int length = 0;
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException();
                }
                if (++count > LONGEST) {
                    throw damaged(file, "its header has no end within " + LONGEST + " bytes", "an empty line");
                }
                line = length == line.length ? Arrays.copyOf(line, 2 * length) : line;
                line[length++] = (byte) b;
            }
            count++;
            length -= length > 0 && line[length - 1] == '\r' ? 1 : 0;
            return new String(line, 0, length, StandardCharsets.UTF_8);
        }
    }
}
