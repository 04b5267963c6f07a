package org.attunet.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.attunet.error.AttunetException;

/**
 * The bytes of a NIfTI-1 or NIfTI-2 header, read and written by field. {@link NiftiGeometry} interprets them. Sources:
 * nifti1.h and nifti2.h.
 */
final class NiftiHeader {
    static final int SIZE_1 = 348;
    static final int SIZE_2 = 540;
    /** The intent_code of files whose axis 5 holds the components of a vector. */
    static final int INTENT_VECTOR = 1007;

    private static final int MAGIC_1_AT = 344;
    private static final int MAGIC_2_AT = 4;
    private static final byte[] MAGIC_1 = {'n', '+', '1', 0};
    private static final byte[] MAGIC_2 = {'n', '+', '2', 0, '\r', '\n', 0x1a, '\n'};

    private static final byte[] PAIR_1 = {'n', 'i', '1', 0};
    private static final byte[] PAIR_2 = {'n', 'i', '2', 0, '\r', '\n', 0x1a, '\n'};

    private enum Kind {
        BYTE,
        SHORT,
        INT,
        LONG,
        FLOAT,
        DOUBLE
    }

    /** The fields that are used: their offset and number type in version 1, then in version 2. */
    enum Field {
        DIM(40, Kind.SHORT, 16, Kind.LONG), // the number of axes, then the size of each
        INTENT(68, Kind.SHORT, 504, Kind.INT), // intent_code
        DATATYPE(70, Kind.SHORT, 12, Kind.SHORT),
        BITPIX(72, Kind.SHORT, 14, Kind.SHORT), // bits per voxel
        PIXDIM(76, Kind.FLOAT, 104, Kind.DOUBLE), // the handedness of the quaternion, then the spacings
        VOX_OFFSET(108, Kind.FLOAT, 168, Kind.LONG), // the file position of the voxels
        SLOPE(112, Kind.FLOAT, 176, Kind.DOUBLE), // scl_slope; 0 or NaN for none
        INTER(116, Kind.FLOAT, 184, Kind.DOUBLE), // scl_inter
        UNITS(123, Kind.BYTE, 500, Kind.INT), // xyzt_units
        QFORM_CODE(252, Kind.SHORT, 344, Kind.INT), // above 0 if the quaternion is valid
        SFORM_CODE(254, Kind.SHORT, 348, Kind.INT), // above 0 if the affine is valid
        QUATERNION(256, Kind.FLOAT, 352, Kind.DOUBLE), // quatern_b, c, d, then qoffset_x, y, z
        SROW(280, Kind.FLOAT, 400, Kind.DOUBLE); // the affine, 3 rows of 4

        private final int offset1;
        private final Kind kind1;
        private final int offset2;
        private final Kind kind2;

        Field(int offset1, Kind kind1, int offset2, Kind kind2) {
            this.offset1 = offset1;
            this.kind1 = kind1;
            this.offset2 = offset2;
            this.kind2 = kind2;
        }
    }

    private final ByteBuffer bytes;
    private final int version;

    private NiftiHeader(ByteBuffer bytes, int version) {
        this.bytes = bytes;
        this.version = version;
    }

    /** An empty little-endian header of version 1 or 2, without extensions. */
    static NiftiHeader empty(int version) {
        int size = version == 1 ? SIZE_1 : SIZE_2;
        ByteBuffer bytes = ByteBuffer.allocate(size + 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, size).put(version == 1 ? MAGIC_1_AT : MAGIC_2_AT, version == 1 ? MAGIC_1 : MAGIC_2);
        if (version == 1) {
            bytes.put(38, (byte) 'r'); // "regular", which nifti1.h asks for
        }
        return new NiftiHeader(bytes, version);
    }

    /** Whether a file, compressed or not, begins with the header of a NIfTI file. */
    static boolean isIn(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            raw.mark(2);
            boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            byte[] start = (compressed ? new GZIPInputStream(raw) : raw).readNBytes(SIZE_1);
            return start.length == SIZE_1
                    && (Arrays.equals(start, 344, 348, MAGIC_1, 0, 4) || Arrays.equals(start, 4, 12, MAGIC_2, 0, 8));
        } catch (IOException e) {
            return false;
        }
    }

    /** The size of the header that starts with these 4 bytes, 348 or 540. */
    static int size(Path file, byte[] firstFour) throws IOException {
        int big = ByteBuffer.wrap(firstFour).getInt();
        int little = Integer.reverseBytes(big);
        for (int size : new int[] {SIZE_1, SIZE_2}) {
            if (big == size || little == size) {
                return size;
            }
        }
        RasterFormat picture = RasterFormat.bySignature(file);
        if (picture != null) {
            throw new AttunetException(
                    file, "it is " + picture + ", not NIfTI", "a name that suits the content", "rename the file");
        }
        ForeignFormat foreign = ForeignFormat.of(file);
        if (foreign != null && foreign != ForeignFormat.GZIP) {
            throw foreign.refusal(file);
        }
        throw new AttunetException(
                file,
                "it starts with the number " + little,
                "the header size of NIfTI, " + SIZE_1 + " or " + SIZE_2,
                "convert the file to NIfTI or copy it again");
    }

    /**
     * Wraps a header's 348 or 540 bytes; checks the signature only.
     *
     * @param alone whether the voxels are in another file
     */
    static NiftiHeader parse(Path file, byte[] bytes, boolean alone) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        if (b.getInt(0) != bytes.length) {
            b.order(ByteOrder.LITTLE_ENDIAN);
        }
        int version = bytes.length == SIZE_1 ? 1 : 2;
        int magicAt = version == 1 ? MAGIC_1_AT : MAGIC_2_AT;
        byte[] single = version == 1 ? MAGIC_1 : MAGIC_2;
        byte[] pair = version == 1 ? PAIR_1 : PAIR_2;
        byte[] expected = alone ? pair : single;
        byte[] found = Arrays.copyOfRange(bytes, magicAt, magicAt + expected.length);
        if (!Arrays.equals(found, expected)) {
            throw wrongMagic(file, version, found, alone);
        }
        return new NiftiHeader(b, version);
    }

    private static AttunetException wrongMagic(Path file, int version, byte[] found, boolean alone) {
        String text = new String(found, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
        boolean analyze = version == 1 && text.chars().allMatch(c -> c == '?');
        String signature = "\"" + (alone ? "ni" : "n+") + version + "\"";
        if (analyze) {
            return new AttunetException(
                    file,
                    "it is an ANALYZE 7.5 header, which doesn't say where left and right are",
                    "NIfTI, with the signature " + signature,
                    "convert it to .nii.gz with the program that wrote it, which knows its orientation");
        }
        String other = alone ? "n+" : "ni";
        if (text.startsWith(other)) {
            return new AttunetException(
                    file,
                    alone ? "it says that header and voxels are in one file" : "it is half of a .hdr/.img pair",
                    signature + ", header and voxels in " + (alone ? "files of their own" : "one file"),
                    alone ? "name it .nii" : "name it .hdr beside its .img, or convert it to .nii.gz");
        }
        return new AttunetException(file, "its signature is \"" + text + "\"", signature, FileErrors.COPY_AGAIN);
    }

    /** The byte order of header and voxels. */
    ByteOrder order() {
        return bytes.order();
    }

    /** The size in bytes without extensions. */
    int size() {
        return version == 1 ? SIZE_1 : SIZE_2;
    }

    private int offset(Field field) {
        return version == 1 ? field.offset1 : field.offset2;
    }

    private Kind kind(Field field) {
        return version == 1 ? field.kind1 : field.kind2;
    }

    /** A field's first number. */
    double get(Field field) {
        return get(field, 0);
    }

    double get(Field field, int index) {
        int at = offset(field);
        return switch (kind(field)) {
            case BYTE -> bytes.get(at + index);
            case SHORT -> bytes.getShort(at + 2 * index);
            case INT -> bytes.getInt(at + 4 * index);
            case LONG -> bytes.getLong(at + 8 * index);
            case FLOAT -> bytes.getFloat(at + 4 * index);
            case DOUBLE -> bytes.getDouble(at + 8 * index);
        };
    }

    /** A range of a field's numbers. */
    double[] get(Field field, int from, int end) {
        double[] values = new double[end - from];
        Arrays.setAll(values, i -> get(field, from + i));
        return values;
    }

    /** Sets the first numbers of a field. */
    NiftiHeader put(Field field, double... values) {
        int at = offset(field);
        for (int i = 0; i < values.length; i++) {
            switch (kind(field)) {
                case BYTE -> bytes.put(at + i, (byte) values[i]);
                case SHORT -> bytes.putShort(at + 2 * i, (short) values[i]);
                case INT -> bytes.putInt(at + 4 * i, (int) values[i]);
                case LONG -> bytes.putLong(at + 8 * i, (long) values[i]);
                case FLOAT -> bytes.putFloat(at + 4 * i, (float) values[i]);
                case DOUBLE -> bytes.putDouble(at + 8 * i, values[i]);
            }
        }
        return this;
    }

    /** The sizes from axis 1 on, for messages. */
    String sizes(int axes) {
        return Arrays.toString(Arrays.stream(get(Field.DIM, 1, axes + 1))
                .mapToLong(n -> (long) n)
                .toArray());
    }

    /** The header as bytes, followed by 4 zeros (no extensions). */
    byte[] toBytes() {
        byte[] copy = new byte[bytes.capacity()];
        bytes.get(0, copy);
        return copy;
    }
}
