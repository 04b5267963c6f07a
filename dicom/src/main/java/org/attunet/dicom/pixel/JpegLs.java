package org.attunet.dicom.pixel;

import java.util.Arrays;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A decoder of JPEG-LS (ITU-T T.87, ISO/IEC 14495-1): DICOM's transfer syntaxes 1.2.840.10008.1.2.4.80 (lossless) and
 * 1.2.840.10008.1.2.4.81 (near-lossless).
 *
 * <p>It reads 2 to 16 bits per sample, NEAR 0 to 255, components in scans of their own or interleaved by line or by sample,
 * preset parameters and restart intervals. It refuses, by name: mapping tables, point transforms, subsampled components, the
 * colour transformations of HP's encoder, dimensions in an LSE or DNL segment, and the extensions of T.870. A frame is one
 * stream; bytes after its EOI marker (DICOM pads to an even length) are ignored.
 */
final class JpegLs {
    private static final int SOF55 = 0xFFF7;
    private static final int LSE = 0xFFF8;
    private static final int SOS = 0xFFDA;
    private static final int DRI = 0xFFDD;
    private static final int DNL = 0xFFDC;
    private static final int COM = 0xFFFE;
    private static final int SOI = 0xFFD8;
    private static final int EOI = 0xFFD9;
    private static final int APP0 = 0xFFE0;
    private static final int APP8 = 0xFFE8;
    private static final int APP15 = 0xFFEF;

    private final JpegLsSegments segments;
    private final int width;
    private final int height;
    /** Samples of all components, interleaved: the component runs fastest, then the column. */
    private short[] samples = {};
    /** For each component of the frame, whether a scan has given its samples. */
    private final boolean[] decoded;
    /** The identifiers of the components, in the frame's order; null before SOF55. */
    private int @Nullable [] identifiers;
    /** MAXVAL, T1, T2, T3 and RESET of the last LSE segment, 0 for a default (C.2.4.1.1). */
    private final int[] preset = new int[5];
    /** Lines between restart markers; 0 for none (C.2.5). */
    private long restartInterval;

    private int bits;
    private int near;

    /**
     * A decoded frame.
     *
     * @param width columns
     * @param height rows
     * @param components samples per pixel
     * @param bits bits per sample that the stream states, 2 to 16
     * @param near the largest difference from the original that the encoder was allowed; 0 if lossless
     * @param samples unsigned values (mask with 0xFFFF), 0 to 2^bits - 1; components interleaved, that is DICOM's planar
     *     configuration 0: the sample of row y, column x, component c is at (y * width + x) * components + c. Signed images
     *     hold the two's complement in their lowest bits: the caller extends the sign from Bits Stored.
     */
    record Frame(int width, int height, int components, int bits, int near, short[] samples) {}

    /**
     * Decodes one frame. The DICOM header says what is expected, and nothing larger is allocated: 2 bytes per sample of that
     * size, and at most 1 MB per component beside (two rows and a table).
     *
     * @param file what messages name, such as the file and the frame's number
     * @param stream the whole stream, from SOI to EOI
     * @param width columns expected, 1 to 65535
     * @param height rows expected, 1 to 65535
     * @param components samples per pixel expected, 1 to 255
     * @param bitsAllocated most bits that a sample may have, 2 to 16: Bits Allocated, since encoders write either Bits Stored
     *     or Bits Allocated
     * @return the frame
     * @throws AttunetException if the stream is cut off or damaged, differs from what is expected, or uses what isn't supported
     */
    static Frame decode(String file, byte[] stream, int width, int height, int components, int bitsAllocated) {
        long count = (long) width * height * components;
        if (width < 1 || height < 1 || components < 1 || count > Integer.MAX_VALUE - 8) {
            throw new AttunetException(
                    file,
                    "a frame has " + width + " columns, " + height + " rows and " + components + " samples per pixel",
                    "1 to " + (Integer.MAX_VALUE - 8) + " samples",
                    "correct Rows, Columns or Samples per Pixel");
        }
        JpegLs decoder = new JpegLs(new JpegLsSegments(file, stream), width, height, components);
        decoder.read(bitsAllocated);
        return new Frame(width, height, components, decoder.bits, decoder.near, decoder.samples);
    }

    private JpegLs(JpegLsSegments segments, int width, int height, int components) {
        this.segments = segments;
        this.width = width;
        this.height = height;
        this.decoded = new boolean[components];
    }

    /** Reads the markers from SOI to EOI (C.1, C.2). */
    private void read(int bitsAllocated) {
        int marker = segments.marker();
        if (marker != SOI) {
            throw segments.damaged(name(marker) + " at the start of the JPEG-LS stream", "the marker SOI");
        }
        while (true) {
            marker = segments.marker();
            if (marker == EOI) {
                requireAllComponents();
                return;
            }
            if (marker == DNL) {
                throw segments.unsupported("the number of rows in a DNL segment", "it in the frame header");
            }
            if (marker != SOF55 && marker != LSE && marker != SOS && marker != DRI && !isInformation(marker)) {
                throw segments.damaged(name(marker) + " in a JPEG-LS stream", "SOF55, LSE, DRI, SOS, COM, APPn or EOI");
            }
            segments.open(name(marker));
            switch (marker) {
                case SOF55 -> frame(bitsAllocated);
                case LSE -> presetParameters();
                case SOS -> scan();
                case DRI -> restartInterval();
                case APP8 -> colourTransformation();
                default -> segments.skip();
            }
        }
    }

    private static boolean isInformation(int marker) {
        return marker == COM || (marker >= APP0 && marker <= APP15);
    }

    /** The frame header (C.2.2). */
    private void frame(int bitsAllocated) {
        if (identifiers != null) {
            throw segments.damaged("a second frame header", "one SOF55");
        }
        bits = segments.u8();
        int lines = segments.u16();
        int columns = segments.u16();
        int count = segments.u8();
        segments.requireLength(8 + 3 * count);
        if (columns != width || lines != height || count != decoded.length) {
            throw segments.damaged(
                    "the JPEG-LS frame has " + columns + " columns, " + lines + " rows and " + count + " components",
                    width + " columns, " + height + " rows and " + decoded.length + " components as the header says");
        }
        if (bits < 2 || bits > Math.min(16, bitsAllocated)) {
            throw segments.damaged(
                    "the JPEG-LS frame has " + bits + " bits per sample",
                    "2 to " + Math.min(16, bitsAllocated) + " (Bits Allocated)");
        }
        samples = new short[width * height * count];
        identifiers = new int[count];
        Arrays.fill(identifiers, -1);
        for (int c = 0; c < count; c++) {
            int identifier = segments.u8();
            int sampling = segments.u8();
            segments.u8();
            if (indexOf(identifiers, identifier) >= 0) {
                throw segments.damaged("two components have the identifier " + identifier, "one of each");
            }
            if (sampling != 0x11) {
                throw segments.unsupported(
                        "the sampling factors " + (sampling >> 4) + "x" + (sampling & 15) + " for component "
                                + identifier,
                        "1x1: components without subsampling");
            }
            identifiers[c] = identifier;
        }
    }

    /** Preset parameters (C.2.4.1); tables that no scan uses are skipped. */
    private void presetParameters() {
        int id = segments.u8();
        if (id == 1) {
            segments.requireLength(13);
            for (int i = 0; i < preset.length; i++) {
                preset[i] = segments.u16();
            }
        } else if (id == 2 || id == 3) {
            segments.skip();
        } else if (id == 4) {
            throw segments.unsupported("the dimensions in an LSE segment (oversize image)", "them in the frame header");
        } else {
            throw segments.unsupported("an LSE segment with the ID " + id, "1, 2 or 3 (T.87); others belong to T.870");
        }
    }

    /** The restart interval, in lines, as a number of 2, 3 or 4 bytes (C.2.5). */
    private void restartInterval() {
        int bytes = segments.remaining();
        if (bytes < 2 || bytes > 4) {
            throw segments.damaged("a restart interval of " + bytes + " bytes", "2, 3 or 4");
        }
        restartInterval = 0;
        while (segments.remaining() > 0) {
            restartInterval = restartInterval << 8 | segments.u8();
        }
    }

    /** The segment "mrfx" by which HP's encoder names a colour transformation; it isn't part of the standard. */
    private void colourTransformation() {
        if (segments.remaining() == 5 && segments.u16() == ('m' << 8 | 'r') && segments.u16() == ('f' << 8 | 'x')) {
            int transformation = segments.u8();
            if (transformation != 0) {
                throw segments.unsupported(
                        "the colour transformation " + transformation + " of HP's encoder (APP8 mrfx)",
                        "colours without transformation");
            }
        }
        segments.skip();
    }

    /** A scan: its header (C.2.3), then its data. */
    private void scan() {
        if (identifiers == null) {
            throw segments.damaged("a scan before the frame header", "SOF55 before SOS");
        }
        int count = segments.u8();
        segments.requireLength(6 + 2 * count);
        if (count < 1 || count > 4) {
            throw segments.damaged("a scan of " + count + " components", "1 to 4");
        }
        int[] components = new int[count];
        for (int i = 0; i < count; i++) {
            components[i] = component(identifiers, segments.u8());
            if (segments.u8() != 0) {
                throw segments.unsupported("a mapping table (palette)", "samples that are the values");
            }
        }
        int allowed = segments.u8();
        int interleave = segments.u8();
        int transform = segments.u8();
        if (interleave > 2 || (interleave == 0) != (count == 1)) {
            throw segments.damaged(
                    "the interleave mode " + interleave + " in a scan with "
                            + (count == 1 ? "one component" : count + " components"),
                    "0 for one component, 1 (line) or 2 (sample) for several");
        }
        if (transform != 0) {
            throw segments.unsupported("a point transform of " + (transform & 15) + " bits", "none");
        }
        near = Math.max(near, allowed);
        JpegLsParameters parameters = JpegLsParameters.of(segments, preset, bits, allowed);
        new JpegLsScan(segments, parameters, width, components, interleave == 2)
                .decode(height, restartInterval, samples, decoded.length);
    }

    /** {@return the index in the frame of a component that has had no scan yet} */
    private int component(int[] known, int identifier) {
        int index = indexOf(known, identifier);
        if (index < 0) {
            throw segments.damaged(
                    "a scan of the component " + identifier, "one of the frame: " + Arrays.toString(known));
        }
        if (decoded[index]) {
            throw segments.damaged("a second scan of the component " + identifier, "one scan for each component");
        }
        decoded[index] = true;
        return index;
    }

    private void requireAllComponents() {
        for (int c = 0; c < decoded.length; c++) {
            if (!decoded[c]) {
                throw segments.damaged("no scan for component " + (c + 1) + " of " + decoded.length, "one before EOI");
            }
        }
    }

    private static int indexOf(int[] values, int value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return i;
            }
        }
        return -1;
    }

    /** {@return a marker's name for messages} */
    static String name(int marker) {
        return switch (marker) {
            case SOF55 -> "SOF55";
            case LSE -> "LSE";
            case SOS -> "SOS";
            case DRI -> "DRI";
            case SOI -> "SOI";
            case EOI -> "EOI";
            case COM -> "COM";
            default ->
                isInformation(marker)
                        ? "APP" + (marker - APP0)
                        : String.format(Locale.ROOT, "the marker 0x%04X", marker);
        };
    }
}
