package org.attunet.dicom.pixel;

import java.util.Arrays;

/**
 * The coded data of one scan: lines, runs and interleaving (T.87 A.3, A.7.1, B.2, B.3). A line is decoded from the one above;
 * both have one sample more at each end, for the neighbours of the first and the last sample (A.2.1).
 */
final class JpegLsScan {
    /** J, bits of the length of a run's piece, by run index (A.2.1). */
    private static final byte[] RUN_BITS = {
        0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };

    private final JpegLsSegments segments;
    private final JpegLsParameters parameters;
    private final int width;
    /** For each component of the scan, its index in the frame. */
    private final int[] components;
    /** Whether the components are interleaved by sample; if not, and there are several, by line. */
    private final boolean bySample;
    /** Quantised gradients, -4 to 4, at the gradient + MAXVAL. */
    private final byte[] quantised;

    /** For each component, the line that is being decoded, and the one above. */
    private int[][] line;

    private int[][] above;
    private JpegLsContexts contexts;
    private JpegLsBits bits;
    /** RUNindex of the component that is being decoded, 0 to 31. */
    private int runIndex;

    /**
     * @param segments the stream, at the first byte after the scan's header
     * @param parameters the coding parameters
     * @param width samples of a line
     * @param components for each component of the scan, its index in the frame
     * @param bySample whether several components are interleaved by sample, rather than by line
     */
    JpegLsScan(JpegLsSegments segments, JpegLsParameters parameters, int width, int[] components, boolean bySample) {
        this.segments = segments;
        this.parameters = parameters;
        this.width = width;
        this.components = components;
        this.bySample = bySample;
        this.quantised = quantised(parameters);
        this.line = new int[components.length][width + 2];
        this.above = new int[components.length][width + 2];
        this.contexts = new JpegLsContexts(segments, parameters);
        this.bits = segments.codedData();
    }

    private static byte[] quantised(JpegLsParameters parameters) {
        int maximum = parameters.maximum();
        byte[] quantised = new byte[2 * maximum + 1];
        for (int d = 0; d <= maximum; d++) { // A.3.3
            int q = 4;
            if (d <= parameters.near()) {
                q = 0;
            } else if (d < parameters.t1()) {
                q = 1;
            } else if (d < parameters.t2()) {
                q = 2;
            } else if (d < parameters.t3()) {
                q = 3;
            }
            quantised[maximum + d] = (byte) q;
            quantised[maximum - d] = (byte) -q;
        }
        return quantised;
    }

    /**
     * Decodes the scan.
     *
     * @param height lines
     * @param restartInterval lines between restart markers; 0 for none
     * @param samples where the samples go: components interleaved
     * @param stride components of the frame
     */
    void decode(int height, long restartInterval, short[] samples, int stride) {
        int[] runIndices = new int[components.length];
        for (int y = 0; y < height; y++) {
            if (restartInterval > 0 && y > 0 && y % restartInterval == 0) {
                restart((int) (y / restartInterval - 1) & 7);
                runIndices = new int[components.length];
            }
            startLine();
            if (bySample) {
                interleavedLine();
            } else {
                for (int c = 0; c < components.length; c++) {
                    runIndex = runIndices[c];
                    line(above[c], line[c]);
                    runIndices[c] = runIndex;
                }
            }
            if (bits.isExhausted()) {
                throw segments.damaged("the JPEG-LS data end in row " + y + " of " + height, "data for every row");
            }
            store(samples, y * width * stride, stride);
            int[][] next = above;
            above = line;
            line = next;
        }
        requireEnd();
    }

    /** Reads a restart marker and begins anew, as at the first line (C.2.5). */
    private void restart(int number) {
        requireEnd();
        int marker = segments.marker();
        if (marker != 0xFFD0 + number) {
            throw segments.damaged(
                    JpegLs.name(marker) + " after a restart interval", "the restart marker RST" + number);
        }
        for (int[] row : above) {
            Arrays.fill(row, 0);
        }
        contexts = new JpegLsContexts(segments, parameters);
        runIndex = 0;
        bits = segments.codedData();
    }

    /** One byte may be left: a 0xFF that ends the data is followed by a stuffed byte. */
    private void requireEnd() {
        int unread = bits.unread();
        if (unread > 1) {
            throw segments.damaged(unread + " bytes of JPEG-LS data are left after the last row", "none");
        }
    }

    /** Sets the neighbours beyond the ends of the lines (A.2.1). */
    private void startLine() {
        for (int c = 0; c < line.length; c++) {
            line[c][0] = above[c][1];
            above[c][width + 1] = above[c][width];
        }
    }

    /** Decodes a line of one component. */
    private void line(int[] up, int[] row) {
        byte[] table = quantised;
        int zero = table.length >> 1;
        int a = row[0];
        int c = up[0];
        int b = up[1];
        for (int x = 1; x <= width; x++) {
            int d = up[x + 1];
            int context = (table[zero + d - b] * 9 + table[zero + b - c]) * 9 + table[zero + c - a];
            if (context != 0) {
                a = contexts.regular(bits, context, a, b, c);
                row[x] = a;
                c = b;
                b = d;
            } else {
                x = run(up, row, x);
                a = row[x];
                c = up[x];
                b = up[x + 1];
            }
        }
    }

    /**
     * Decodes a run from column x (the first is 1), and the sample that interrupts it (A.7).
     *
     * @return the last column decoded
     */
    private int run(int[] up, int[] row, int x) {
        int a = row[x - 1];
        int end = x + runLength(width + 1 - x);
        while (x < end) {
            row[x++] = a;
        }
        if (x > width) {
            return width;
        }
        int b = up[x];
        boolean alike = Math.abs(a - b) <= parameters.near();
        row[x] = contexts.interruption(bits, alike, a, b, RUN_BITS[runIndex]);
        runIndex = Math.max(0, runIndex - 1);
        return x;
    }

    /** {@return the length of a run (A.7.1), at most what is left of the line} */
    private int runLength(int left) {
        int length = 0;
        while (length < left && bits.bit() == 1) {
            int piece = 1 << RUN_BITS[runIndex];
            if (piece <= left - length) {
                length += piece;
                runIndex = Math.min(31, runIndex + 1);
            } else {
                return left;
            }
        }
        if (length == left) {
            return left;
        }
        length += bits.bits(RUN_BITS[runIndex]);
        if (length >= left) {
            throw segments.damaged("a run of JPEG-LS data is longer than its line", "runs of at most " + width);
        }
        return length;
    }

    /** Decodes a line of all components, interleaved by sample (B.3): a run is one of all components. */
    private void interleavedLine() {
        byte[] table = quantised;
        int zero = table.length >> 1;
        int[] found = new int[components.length];
        for (int x = 1; x <= width; x++) {
            int any = 0;
            for (int i = 0; i < found.length; i++) {
                int[] up = above[i];
                int c = up[x - 1];
                int b = up[x];
                found[i] =
                        (table[zero + up[x + 1] - b] * 9 + table[zero + b - c]) * 9 + table[zero + c - line[i][x - 1]];
                any |= found[i];
            }
            if (any == 0) {
                x = interleavedRun(x);
                continue;
            }
            for (int i = 0; i < found.length; i++) {
                line[i][x] = sample(i, x, found[i]);
            }
        }
    }

    private int sample(int i, int x, int context) {
        return contexts.regular(bits, context, line[i][x - 1], above[i][x], above[i][x - 1]);
    }

    /**
     * The same for all components, interleaved by sample: an interruption takes the context of differing neighbours.
     *
     * @return the last column decoded
     */
    private int interleavedRun(int x) {
        int end = x + runLength(width + 1 - x);
        for (int[] row : line) {
            Arrays.fill(row, x, end, row[x - 1]);
        }
        if (end > width) {
            return width;
        }
        for (int i = 0; i < line.length; i++) {
            line[i][end] = contexts.interruption(bits, false, line[i][end - 1], above[i][end], RUN_BITS[runIndex]);
        }
        runIndex = Math.max(0, runIndex - 1);
        return end;
    }

    private void store(short[] samples, int offset, int stride) {
        for (int c = 0; c < components.length; c++) {
            int[] row = line[c];
            int to = offset + components[c];
            for (int x = 1; x <= width; x++) {
                samples[to] = (short) row[x];
                to += stride;
            }
        }
    }
}
