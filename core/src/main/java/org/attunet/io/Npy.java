package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;

/**
 * A NumPy array file ({@code .npy}) as floats.
 *
 * <p>Reads versions 1 to 3, both byte orders and both memory orders, floats of 2, 4 and 8 bytes, integers of 1 to 8 bytes and
 * booleans; writes little-endian float32 in C order. Files are not trusted: a shape that contradicts the file's length is
 * refused before memory is allocated. Source: {@code numpy.lib.format}.
 *
 * @param shape the sizes, slowest axis first; empty for a scalar
 * @param values the numbers in C order (last axis fastest)
 */
public record Npy(int[] shape, float[] values) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-z]\\d{1,2})'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,L]*)\\)");
    private static final Map<String, VoxelType> TYPES = Map.ofEntries(
            Map.entry("b1", VoxelType.U8),
            Map.entry("u1", VoxelType.U8),
            Map.entry("i1", VoxelType.I8),
            Map.entry("u2", VoxelType.U16),
            Map.entry("i2", VoxelType.I16),
            Map.entry("u4", VoxelType.U32),
            Map.entry("i4", VoxelType.I32),
            Map.entry("u8", VoxelType.U64),
            Map.entry("i8", VoxelType.I64),
            Map.entry("f2", VoxelType.F16),
            Map.entry("f4", VoxelType.F32),
            Map.entry("f8", VoxelType.F64));

    /**
     * Checks the components.
     *
     * @param shape the sizes, slowest axis first; empty for a scalar
     * @param values the numbers in C order (last axis fastest)
     */
    public Npy {
        long count = count(shape);
        if (count != values.length) {
            throw new AttunetException(
                    "array",
                    values.length + " values",
                    count + " values for shape " + Arrays.toString(shape),
                    "check how the array was made");
        }
    }

    /**
     * Reads an array.
     *
     * @param file the file
     * @return the array
     * @throws AttunetException if the file is missing, damaged, truncated or of another type
     */
    public static Npy read(Path file) {
        try (InputStream in = new BufferedInputStream(FileInput.open(file), 1 << 16)) {
            return read(file, in, Files.size(file));
        } catch (IOException e) {
            throw FileErrors.reading(file, e);
        }
    }

    /**
     * Reads an array from the content of a file in an archive.
     *
     * @param file the file's name, for messages
     * @param content the bytes of the array
     * @return the array
     * @throws AttunetException if the content is damaged, truncated or of another type
     */
    public static Npy read(Path file, byte[] content) {
        try {
            return read(file, new ByteArrayInputStream(content), content.length);
        } catch (IOException e) {
            throw FileErrors.reading(file, e);
        }
    }

    private static Npy read(Path file, InputStream in, long size) throws IOException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || !Arrays.equals(Arrays.copyOf(start, 6), MAGIC)) {
            throw damaged(file, "it does not start with NumPy's signature");
        }
        int lengthBytes = start[6] == 1 ? 2 : 4;
        if (start[6] < 1 || start[6] > 3) {
            throw damaged(file, "it has version " + start[6] + "." + start[7]);
        }
        byte[] length = Arrays.copyOf(in.readNBytes(lengthBytes), 4);
        long headerLength =
                ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
        if (headerLength > LONGEST_HEADER) {
            throw damaged(file, "its header claims " + headerLength + " bytes");
        }
        byte[] header = in.readNBytes((int) headerLength);
        if (header.length < headerLength) {
            throw new EOFException();
        }
        long body = size - 8 - lengthBytes - headerLength;
        return body(file, new String(header, StandardCharsets.ISO_8859_1), in, body);
    }

    private static Npy body(Path file, String header, InputStream in, long bytes) throws IOException {
        Matcher descr = find(file, DESCR, header);
        VoxelType type = TYPES.get(descr.group(2));
        if (type == null) {
            String found = "its numbers are of type " + descr.group(2);
            throw new AttunetException(file, found, "floats, integers or booleans", "use astype('f4')");
        }
        int[] shape = shape(file, find(file, SHAPE, header).group(1));
        long count = count(shape);
        if (count > Integer.MAX_VALUE - 8 || count * type.bytes() != bytes) {
            String expected = count * (double) type.bytes() + " bytes for shape " + Arrays.toString(shape);
            throw new AttunetException(file, bytes + " bytes of data", expected, "save the array again");
        }
        FileErrors.requireMemory(file, count * 4);
        ByteOrder order = descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        float[] values = new float[(int) count];
        new VoxelStream(in, type, order).read(values.length, (from, block, n) -> {
            for (int i = 0; i < n; i++) {
                values[from + i] = (float) block[i];
            }
        });
        boolean fortran = find(file, ORDER, header).group(1).equals("True");
        return new Npy(shape, fortran ? toCOrder(shape, values) : values);
    }

    /** {@return the array as a file of little-endian float32 in C order} */
    public byte[] toBytes() {
        String sizes = Arrays.stream(shape).mapToObj(n -> n + ",").collect(Collectors.joining(" "));
        String tuple = "(" + (shape.length > 1 ? sizes.substring(0, sizes.length() - 1) : sizes) + ")";
        String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': " + tuple + ", }";
        // The data start at a multiple of 64 so that they can be memory-mapped.
        int length = (10 + dictionary.length() + 1 + 63) / 64 * 64 - 10;
        String header = dictionary + " ".repeat(length - dictionary.length() - 1) + "\n";
        var out = new ByteArrayOutputStream(values.length * 4 + 256);
        try {
            out.write(MAGIC);
            out.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
            out.write(header.getBytes(StandardCharsets.ISO_8859_1));
            VoxelStream.writeFloats(out, values);
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory can't fail", impossible);
        }
        return out.toByteArray();
    }

    private static Matcher find(Path file, Pattern pattern, String header) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw damaged(file, "its header is " + header.strip());
        }
        return matcher;
    }

    private static int[] shape(Path file, String tuple) {
        try {
            return Arrays.stream(tuple.replace("L", "").split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw damaged(file, "its shape is (" + tuple + ")");
        }
    }

    private static AttunetException damaged(Path file, String found) {
        return new AttunetException(file, found, "an array saved by numpy.save", "save the array again");
    }

    /** The number of elements, or Long.MAX_VALUE if that overflows. */
    private static long count(int[] shape) {
        long count = 1;
        boolean overflow = false;
        for (int n : shape) {
            if (n == 0) {
                return 0;
            }
            overflow |= n < 0 || count > (1L << 40) / n;
            count = overflow ? 1 : count * n;
        }
        return overflow ? Long.MAX_VALUE : count;
    }

    private static float[] toCOrder(int[] shape, float[] fortran) {
        float[] c = new float[fortran.length];
        int[] index = new int[shape.length];
        for (int to = 0; to < c.length; to++) {
            int from = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                from = from * shape[axis] + index[axis];
            }
            c[to] = fortran[from];
            for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                index[axis] = 0;
            }
        }
        return c;
    }
}
