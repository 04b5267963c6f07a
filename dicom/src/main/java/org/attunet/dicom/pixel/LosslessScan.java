package org.attunet.dicom.pixel;

import javax.imageio.IIOException;
import org.attunet.dicom.data.PixelFormat;

/** The data of a scan of lossless JPEG (ITU-T T.81, H.1): differences from what is predicted of each sample. */
final class LosslessScan {
    private final byte[] stream;
    private final HuffmanTable[] tables;
    private final int predictor;
    private final int first;
    private int at;
    private long window; // the next bits, the lowest `count` ones
    private int count;
    private int beyond; // bits of the window that the stream doesn't have
    private int restartRows; // rows between restarts; 0 for none

    /**
     * @param at where the data begins
     * @param tables one for each component
     * @param first what is predicted of the first sample
     */
    LosslessScan(byte[] stream, int at, HuffmanTable[] tables, int predictor, int first) {
        this.stream = stream;
        this.at = at;
        this.tables = tables;
        this.predictor = predictor;
        this.first = first;
    }

    /** Sets the samples between restarts, which must be whole rows (H.1.1). */
    void restart(int interval, int columns) throws IIOException {
        if (interval % columns != 0) {
            throw new IIOException("restarts within a row");
        }
        restartRows = interval / columns;
    }

    /**
     * Decodes the scan.
     *
     * @param samples of all components, by pixel
     * @param components those of the scan
     * @return where the data ends
     */
    int decode(int[] samples, int[] components, PixelFormat format) throws IIOException {
        int columns = format.columns();
        for (int row = 0; row < format.rows(); row++) {
            boolean restarts = restartRows > 0 && row % restartRows == 0;
            if (restarts && row > 0) {
                restart();
            }
            boolean top = row == 0 || restarts;
            if (components.length == 1 && format.samples() == 1) {
                row(samples, row * columns, columns, top);
            } else {
                row(samples, row * columns * format.samples(), components, format, top);
            }
            if (count < beyond) {
                throw new IIOException("the data ends in row " + (row + 1) + " of " + format.rows());
            }
        }
        return end();
    }

    /** A row of one component. */
    private void row(int[] samples, int start, int columns, boolean top) throws IIOException {
        HuffmanTable table = tables[0];
        int above = start - columns;
        int left = top ? first : samples[above];
        left = left + difference(table) & 0xFFFF;
        samples[start] = left;
        if (top || predictor == 1) {
            for (int x = 1; x < columns; x++) {
                left = left + difference(table) & 0xFFFF;
                samples[start + x] = left;
            }
            return;
        }
        for (int x = 1; x < columns; x++) {
            int predicted = predict(left, samples[above + x], samples[above + x - 1]);
            left = predicted + difference(table) & 0xFFFF;
            samples[start + x] = left;
        }
    }

    /** A row of several components, interleaved by sample. */
    private void row(int[] samples, int start, int[] components, PixelFormat format, boolean top) throws IIOException {
        int step = format.samples();
        int up = format.columns() * step;
        for (int x = 0; x < format.columns(); x++) {
            for (int c = 0; c < components.length; c++) {
                int place = start + x * step + components[c];
                int predicted;
                if (x == 0) {
                    predicted = top ? first : samples[place - up];
                } else if (top) {
                    predicted = samples[place - step];
                } else {
                    predicted = predict(samples[place - step], samples[place - up], samples[place - up - step]);
                }
                samples[place] = predicted + difference(tables[c]) & 0xFFFF;
            }
        }
    }

    /** What is predicted from the samples on the left, above, and above on the left (table H.1). */
    private int predict(int a, int b, int c) {
        return switch (predictor) {
            case 1 -> a;
            case 2 -> b;
            case 3 -> c;
            case 4 -> a + b - c;
            case 5 -> a + ((b - c) >> 1);
            case 6 -> b + ((a - c) >> 1);
            default -> (a + b) >> 1;
        };
    }

    private int difference(HuffmanTable table) throws IIOException {
        if (count < 32) {
            fill();
        }
        int whole = table.whole((int) (window >>> (count - HuffmanTable.PEEKED)) & (1 << HuffmanTable.PEEKED) - 1);
        if (whole != 0) {
            count -= whole & 0xFF;
            return whole >> 8;
        }
        int code = table.code((int) (window >>> (count - 16)) & 0xFFFF);
        count -= code >> 8;
        int size = code & 0xFF;
        int bits = size == 16 ? 0 : size;
        count -= bits;
        return HuffmanTable.difference(size, (int) (window >>> count) & (1 << bits) - 1);
    }

    /** Takes bytes into the window, without the zeros after FF; zeros of its own at a marker. */
    private void fill() {
        while (count <= 48) {
            int next = at < stream.length ? stream[at] & 0xFF : 0;
            boolean ends = at >= stream.length || (next == 0xFF && (at + 1 >= stream.length || stream[at + 1] != 0));
            if (ends) {
                window <<= 8;
                beyond += 8;
            } else {
                window = window << 8 | next;
                at += next == 0xFF ? 2 : 1;
            }
            count += 8;
        }
    }

    /** Goes to the next restart marker and begins anew behind it. */
    private void restart() throws IIOException {
        int marker = end();
        boolean found = marker + 1 < stream.length && (stream[marker + 1] & 0xF8) == 0xD0;
        if (!found) {
            throw new IIOException("a restart marker is missing");
        }
        at = marker + 2;
        window = 0;
        count = 0;
        beyond = 0;
    }

    /** Where the next marker is, behind the bits that are left. */
    private int end() {
        int marker = at;
        while (marker + 1 < stream.length && (stream[marker] != (byte) 0xFF || stream[marker + 1] == 0)) {
            marker++;
        }
        return marker;
    }
}
