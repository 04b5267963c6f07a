package org.attunet.dicom.pixel;

/**
 * The coding parameters of a scan (T.87 A.2.1, C.2.4.1.1).
 *
 * @param maximum MAXVAL, the largest sample: 1 to 2^bits - 1
 * @param near NEAR, the largest difference from the original: 0 to min(255, MAXVAL / 2)
 * @param t1 the first threshold of gradients, above NEAR
 * @param t2 the second, at least the first
 * @param t3 the third, at least the second, at most MAXVAL
 * @param reset samples of a context after which its sums are halved: 3 to max(255, MAXVAL)
 */
record JpegLsParameters(int maximum, int near, int t1, int t2, int t3, int reset) {

    /**
     * {@return the parameters of a scan, defaults (Tables C.2 and C.3) in place of zeros}
     *
     * @param segments what refuses values out of their range
     * @param preset MAXVAL, T1, T2, T3, RESET of the LSE segment; 0 for a default
     * @param bits bits per sample of the frame, 2 to 16
     * @param near NEAR of the scan, 0 to 255
     */
    static JpegLsParameters of(JpegLsSegments segments, int[] preset, int bits, int near) {
        int largest = (1 << bits) - 1;
        int maximum = preset[0] == 0 ? largest : preset[0];
        require(segments, "MAXVAL", maximum, 1, largest);
        require(segments, "NEAR", near, 0, Math.min(255, maximum / 2));
        int t1 = preset[1] == 0 ? threshold(maximum, near, 3, 2, near + 1) : preset[1];
        require(segments, "T1", t1, near + 1, maximum);
        int t2 = preset[2] == 0 ? threshold(maximum, near, 7, 3, t1) : preset[2];
        require(segments, "T2", t2, t1, maximum);
        int t3 = preset[3] == 0 ? threshold(maximum, near, 21, 4, t2) : preset[3];
        require(segments, "T3", t3, t2, maximum);
        int reset = preset[4] == 0 ? 64 : preset[4];
        require(segments, "RESET", reset, 3, Math.max(255, maximum));
        return new JpegLsParameters(maximum, near, t1, t2, t3, reset);
    }

    private static void require(JpegLsSegments segments, String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw segments.damaged("the JPEG-LS parameter " + name + " is " + value, low + " to " + high);
        }
    }

    /**
     * A default threshold (C.2.4.1.1.1): of 3, 7 and 21 for 8 bits and NEAR 0, scaled to MAXVAL; {@code least} is 2, 3, 4.
     */
    private static int threshold(int maximum, int near, int basic, int least, int low) {
        int margin = (2 * least - 1) * near; // 3, 5, 7 times NEAR
        int value;
        if (maximum >= 128) {
            int factor = (Math.min(maximum, 4095) + 128) / 256;
            value = factor * (basic - least) + least + margin;
        } else {
            int factor = 256 / (maximum + 1);
            value = Math.max(least, basic / factor + margin);
        }
        return value > maximum || value < low ? low : value;
    }

    /** {@return RANGE, how many values a quantised prediction error has} */
    int range() {
        return (maximum + 2 * near) / step() + 1;
    }

    /** {@return the width of a step of the prediction error: 1 if lossless} */
    int step() {
        return 2 * near + 1;
    }

    /** {@return qbpp, bits of a quantised prediction error: ceil(log2(RANGE))} */
    int errorBits() {
        return log2(range());
    }

    /** {@return LIMIT, the most bits of a coded number} */
    int limit() {
        int bits = Math.max(2, log2(maximum + 1));
        return 2 * (bits + Math.max(8, bits));
    }

    private static int log2(int value) {
        return 32 - Integer.numberOfLeadingZeros(value - 1);
    }
}
