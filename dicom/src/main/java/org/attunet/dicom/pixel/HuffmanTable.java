package org.attunet.dicom.pixel;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * The differences that the bits of a lossless JPEG scan begin with (ITU-T T.81, C and H.1.2.2): a code for the number of bits,
 * then so many bits. A table gives both at once for the shorter ones.
 */
final class HuffmanTable {
    /** The bits by which the table is looked up. */
    static final int PEEKED = 14;

    /** For bits that begin with a whole difference: it, then in the low 8 bits how many bits it takes; 0 for others. */
    private final int[] whole = new int[1 << PEEKED];

    /** The numbers of bits of differences, in the order of their codes. */
    private final byte[] sizes;

    /** For each length of a code: the first code behind those of this length, as 16 bits, and the place of the first. */
    private final int[] limits = new int[17];

    private final int[] places = new int[17];

    /**
     * @param lengths how many codes have 1 to 16 bits
     * @param sizes the number of bits of a difference, 0 to 16, for each code
     */
    HuffmanTable(int[] lengths, byte[] sizes) throws IIOException {
        this.sizes = sizes;
        int code = 0;
        int place = 0;
        for (int length = 1; length <= 16; length++) {
            places[length] = place - code;
            for (int k = 0; k < lengths[length - 1]; k++) {
                if (sizes[place] < 0 || sizes[place] > 16 || code >= 1 << length) {
                    throw new IIOException("a damaged Huffman table");
                }
                fill(code++, length, sizes[place++]);
            }
            limits[length] = code << (16 - length);
            code <<= 1;
        }
    }

    private void fill(int code, int length, int size) {
        int bits = size == 16 ? 0 : size; // the difference 32768 has no bits of its own
        int free = PEEKED - length - bits;
        for (int value = 0; free >= 0 && value < 1 << bits; value++) {
            int first = (code << bits | value) << free;
            Arrays.fill(whole, first, first + (1 << free), difference(size, value) << 8 | (length + bits));
        }
    }

    /** A difference of so many bits (H.1.2.2, table H.2). */
    static int difference(int size, int bits) {
        if (size == 0) {
            return 0;
        }
        if (size == 16) {
            return 1 << 15;
        }
        return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
    }

    /** The difference at the start of bits, and in the low 8 bits how many bits it takes; 0 if the table doesn't hold it. */
    int whole(int peeked) {
        return whole[peeked];
    }

    /** The length of the code at the start of 16 bits, and in the low 8 bits the size of its difference. */
    int code(int bits) throws IIOException {
        for (int length = 1; length <= 16; length++) {
            if (bits < limits[length]) {
                int place = places[length] + (bits >> (16 - length));
                if (place >= 0 && place < sizes.length) {
                    return length << 8 | sizes[place];
                }
            }
        }
        throw new IIOException("a code that isn't in its Huffman table");
    }
}
