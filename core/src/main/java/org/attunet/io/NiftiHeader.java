package org.attunet.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;

/**
 * The fields of a NIfTI-1 or NIfTI-2 header that say where the voxels lie and how they are stored, as they stand in the
 * file. {@link NiftiGeometry} gives them their meaning. Sources: nifti1.h and nifti2.h.
 *
 * @param version 1 (348 bytes) or 2 (540 bytes)
 * @param order byte order of header and voxels
 * @param dim dim[0] axes, then the size of each
 * @param intent intent_code; {@value #INTENT_VECTOR} says that axis 5 holds the components of a vector
 * @param datatype code of the number type
 * @param bitpix bits per voxel
 * @param pixdim handedness of the quaternion, then the spacings
 * @param voxOffset where the voxels start
 * @param slope scl_slope; 0 or NaN for none
 * @param inter scl_inter
 * @param units xyzt_units
 * @param qformCode above 0 where the quaternion holds
 * @param sformCode above 0 where the affine holds
 * @param quaternion b, c, d and the offsets x, y, z
 * @param srow the affine, 3 rows of 4
 */
record NiftiHeader(
        int version,
        ByteOrder order,
        long[] dim,
        int intent,
        int datatype,
        int bitpix,
        double[] pixdim,
        double voxOffset,
        double slope,
        double inter,
        int units,
        int qformCode,
        int sformCode,
        double[] quaternion,
        double[] srow) {
    static final int SIZE_1 = 348;
    static final int SIZE_2 = 540;
    static final int INTENT_VECTOR = 1007;
    static final int UNITS_MM = 2;
    private static final byte[] MAGIC_1 = {'n', '+', '1', 0};
    private static final byte[] MAGIC_2 = {'n', '+', '2', 0, '\r', '\n', 0x1a, '\n'};

    /** The size of the header that starts with these 4 bytes: 348 or 540; anything else is an error. */
    static int size(Path file, byte[] firstFour) {
        ByteBuffer start = ByteBuffer.wrap(firstFour);
        int big = start.getInt(0);
        int little = Integer.reverseBytes(big);
        for (int size : new int[] {SIZE_1, SIZE_2}) {
            if (big == size || little == size) {
                return size;
            }
        }
        throw new AttunetException(
                file,
                "it starts with the number " + little,
                "the header size of NIfTI, " + SIZE_1 + " or " + SIZE_2,
                "convert the file to NIfTI or copy it again");
    }

    /** Takes the fields out of a header's 348 or 540 bytes; checks the signature only. */
    static NiftiHeader parse(Path file, byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        if (b.getInt(0) != bytes.length) {
            b.order(ByteOrder.LITTLE_ENDIAN);
        }
        int magicAt = bytes.length == SIZE_1 ? 344 : 4;
        byte[] expected = bytes.length == SIZE_1 ? MAGIC_1 : MAGIC_2;
        requireMagic(file, Arrays.copyOfRange(bytes, magicAt, magicAt + expected.length), expected);
        return bytes.length == SIZE_1 ? parse1(b) : parse2(b);
    }

    private static NiftiHeader parse1(ByteBuffer b) {
        long[] dim = new long[8];
        for (int i = 0; i < 8; i++) {
            dim[i] = b.getShort(40 + 2 * i);
        }
        return new NiftiHeader(
                1,
                b.order(),
                dim,
                b.getShort(68),
                b.getShort(70),
                b.getShort(72),
                floats(b, 76, 8),
                b.getFloat(108),
                b.getFloat(112),
                b.getFloat(116),
                b.get(123),
                b.getShort(252),
                b.getShort(254),
                floats(b, 256, 6),
                floats(b, 280, 12));
    }

    private static NiftiHeader parse2(ByteBuffer b) {
        long[] dim = new long[8];
        for (int i = 0; i < 8; i++) {
            dim[i] = b.getLong(16 + 8 * i);
        }
        return new NiftiHeader(
                2,
                b.order(),
                dim,
                b.getInt(504),
                b.getShort(12),
                b.getShort(14),
                doubles(b, 104, 8),
                b.getLong(168),
                b.getDouble(176),
                b.getDouble(184),
                b.getInt(500),
                b.getInt(344),
                b.getInt(348),
                doubles(b, 352, 6),
                doubles(b, 400, 12));
    }

    private static void requireMagic(Path file, byte[] found, byte[] expected) {
        if (Arrays.equals(found, expected)) {
            return;
        }
        String text = new String(found, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
        boolean pair = text.startsWith("ni");
        throw new AttunetException(
                file,
                pair ? "it is half of a .hdr/.img pair" : "its signature is \"" + text + "\"",
                "\"n+" + (char) expected[2] + "\", header and voxels in one file",
                pair ? "convert it to .nii" : "copy or make the file again");
    }

    /** The header as bytes, 4 of them (no extensions follow) after its own 348 or 540. */
    byte[] toBytes() {
        ByteBuffer b = ByteBuffer.allocate((version == 1 ? SIZE_1 : SIZE_2) + 4).order(order);
        if (version == 1) {
            write1(b);
        } else {
            write2(b);
        }
        return b.array();
    }

    private void write1(ByteBuffer b) {
        b.putInt(0, SIZE_1).put(38, (byte) 'r');
        for (int i = 0; i < 8; i++) {
            b.putShort(40 + 2 * i, (short) dim[i]);
        }
        b.putShort(68, (short) intent).putShort(70, (short) datatype).putShort(72, (short) bitpix);
        putFloats(b, 76, pixdim);
        b.putFloat(108, (float) voxOffset).putFloat(112, (float) slope).putFloat(116, (float) inter);
        b.put(123, (byte) units).putShort(252, (short) qformCode).putShort(254, (short) sformCode);
        putFloats(b, 256, quaternion);
        putFloats(b, 280, srow);
        b.put(344, MAGIC_1);
    }

    private void write2(ByteBuffer b) {
        b.putInt(0, SIZE_2).put(4, MAGIC_2).putShort(12, (short) datatype).putShort(14, (short) bitpix);
        for (int i = 0; i < 8; i++) {
            b.putLong(16 + 8 * i, dim[i]);
        }
        putDoubles(b, 104, pixdim);
        b.putLong(168, (long) voxOffset).putDouble(176, slope).putDouble(184, inter);
        b.putInt(344, qformCode).putInt(348, sformCode);
        putDoubles(b, 352, quaternion);
        putDoubles(b, 400, srow);
        b.putInt(500, units).putInt(504, intent);
    }

    private static double[] floats(ByteBuffer b, int at, int count) {
        double[] out = new double[count];
        for (int i = 0; i < count; i++) {
            out[i] = b.getFloat(at + 4 * i);
        }
        return out;
    }

    private static double[] doubles(ByteBuffer b, int at, int count) {
        double[] out = new double[count];
        for (int i = 0; i < count; i++) {
            out[i] = b.getDouble(at + 8 * i);
        }
        return out;
    }

    private static void putFloats(ByteBuffer b, int at, double[] values) {
        for (int i = 0; i < values.length; i++) {
            b.putFloat(at + 4 * i, (float) values[i]);
        }
    }

    private static void putDoubles(ByteBuffer b, int at, double[] values) {
        for (int i = 0; i < values.length; i++) {
            b.putDouble(at + 8 * i, values[i]);
        }
    }
}
