package org.attunet.dicom.pixel;

import java.util.Arrays;
import javax.imageio.IIOException;
import org.attunet.dicom.data.PixelFormat;
import org.jspecify.annotations.Nullable;

/**
 * A decoder of lossless JPEG (ITU-T T.81, process 14): DICOM's transfer syntaxes 1.2.840.10008.1.2.4.57 and .70.
 *
 * <p>It reads 2 to 16 bits per sample, the predictors 1 to 7, point transforms, restart intervals, and components in scans of
 * their own or interleaved by sample. It refuses arithmetic coding and subsampled components.
 */
final class LosslessJpeg {
    private static final int SOF3 = 0xC3;
    private static final int DHT = 0xC4;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DRI = 0xDD;
    private static final int COM = 0xFE;
    private static final int APP0 = 0xE0;
    private static final int APP15 = 0xEF;

    private final byte[] stream;
    private final PixelFormat format;
    private final int[] samples;
    private final @Nullable HuffmanTable[] tables = new HuffmanTable[4];
    private final int[] identifiers;
    private final boolean[] decoded;
    private int at;
    private int precision;
    private int restartInterval;

    private LosslessJpeg(byte[] stream, PixelFormat format) {
        this.stream = stream;
        this.format = format;
        this.samples = new int[format.frameSamples()];
        this.identifiers = new int[format.samples()];
        this.decoded = new boolean[format.samples()];
    }

    /** {@return the values of a frame, colours by pixel} */
    static int[] values(byte[] frame, PixelFormat format) throws IIOException {
        LosslessJpeg decoder = new LosslessJpeg(frame, format);
        decoder.read();
        for (int k = 0; k < decoder.samples.length; k++) {
            decoder.samples[k] = NativePixels.stored(decoder.samples[k], format);
        }
        return decoder.samples;
    }

    /** Reads the markers from SOI to EOI (B.2). */
    private void read() throws IIOException {
        if (marker() != SOI) {
            throw new IIOException("no start of image");
        }
        while (true) {
            int marker = marker();
            if (marker == EOI) {
                break;
            }
            int end = at + u16(at);
            if (end > stream.length || end < at + 2) {
                throw new IIOException("a segment ends behind the stream");
            }
            at += 2;
            switch (marker) {
                case SOF3 -> frame(end);
                case DHT -> tables(end);
                case DRI -> restartInterval = u16(at);
                case SOS -> {
                    scan(end);
                    if (allDecoded()) {
                        return; // what follows matters to nobody
                    }
                    continue;
                }
                default -> {
                    if (marker != COM && (marker < APP0 || marker > APP15)) {
                        throw new IIOException("the marker 0x" + Integer.toHexString(marker));
                    }
                }
            }
            at = end;
        }
        throw new IIOException("no data for a component");
    }

    private boolean allDecoded() {
        for (boolean one : decoded) {
            if (!one) {
                return false;
            }
        }
        return true;
    }

    private int marker() throws IIOException {
        if (u8(at) != 0xFF) {
            throw new IIOException("no marker at byte " + at);
        }
        while (u8(at) == 0xFF) {
            at++;
        }
        return u8(at++);
    }

    /** The frame header (B.2.2). */
    private void frame(int end) throws IIOException {
        precision = u8(at);
        int rows = u16(at + 1);
        int columns = u16(at + 3);
        int components = u8(at + 5);
        if (columns != format.columns() || rows != format.rows() || components != format.samples()) {
            throw new IIOException("a frame of " + columns + " x " + rows + " with " + components
                    + " samples a pixel instead of " + format.columns() + " x " + format.rows() + " with "
                    + format.samples());
        }
        if (precision < 2 || precision > 16 || at + 6 + 3 * components > end) {
            throw new IIOException("a damaged frame header");
        }
        for (int c = 0; c < components; c++) {
            identifiers[c] = u8(at + 6 + 3 * c);
            if (components > 1 && u8(at + 7 + 3 * c) != 0x11) {
                throw new IIOException("subsampled components");
            }
        }
    }

    /** Huffman tables (B.2.4.2). */
    private void tables(int end) throws IIOException {
        while (at < end) {
            int place = u8(at++);
            if (place > 3 || at + 16 > end) {
                throw new IIOException("a damaged Huffman table");
            }
            int[] lengths = new int[16];
            int count = 0;
            for (int k = 0; k < 16; k++) {
                lengths[k] = u8(at++);
                count += lengths[k];
            }
            if (at + count > end) {
                throw new IIOException("a damaged Huffman table");
            }
            tables[place] = new HuffmanTable(lengths, Arrays.copyOfRange(stream, at, at + count));
            at += count;
        }
    }

    /** A scan: its header (B.2.3), then its data. */
    private void scan(int end) throws IIOException {
        int count = u8(at);
        if (precision == 0 || count < 1 || count > identifiers.length || at + 4 + 2 * count > end) {
            throw new IIOException("a damaged scan header");
        }
        int[] components = new int[count];
        HuffmanTable[] own = new HuffmanTable[count];
        for (int k = 0; k < count; k++) {
            components[k] = component(u8(at + 1 + 2 * k));
            HuffmanTable table = tables[u8(at + 2 + 2 * k) >> 4 & 3];
            if (table == null) {
                throw new IIOException("a scan without its Huffman table");
            }
            own[k] = table;
        }
        int predictor = u8(at + 1 + 2 * count);
        int transform = u8(at + 3 + 2 * count) & 15;
        if (predictor < 1 || predictor > 7 || transform >= precision) {
            throw new IIOException("the predictor " + predictor + " and the point transform " + transform);
        }
        LosslessScan scan = new LosslessScan(stream, end, own, predictor, 1 << (precision - transform - 1));
        scan.restart(restartInterval, format.columns());
        at = scan.decode(samples, components, format);
        for (int component : components) {
            for (int k = component; transform > 0 && k < samples.length; k += format.samples()) {
                samples[k] <<= transform;
            }
        }
    }

    private int component(int identifier) throws IIOException {
        for (int c = 0; c < identifiers.length; c++) {
            if (identifiers[c] == identifier && !decoded[c]) {
                decoded[c] = true;
                return c;
            }
        }
        throw new IIOException("a scan of an unknown component");
    }

    private int u8(int place) throws IIOException {
        if (place >= stream.length) {
            throw new IIOException("the stream ends within a segment");
        }
        return stream[place] & 0xFF;
    }

    private int u16(int place) throws IIOException {
        return u8(place) << 8 | u8(place + 1);
    }
}
