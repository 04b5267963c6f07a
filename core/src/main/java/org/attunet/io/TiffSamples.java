package org.attunet.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;

/**
 * How a page of a TIFF file stores its samples. What isn't supported is refused by name.
 *
 * @param width in pixels, as stored
 * @param height in pixels, as stored
 * @param samples of a pixel, with alpha
 * @param bits of a sample
 * @param number what the bits mean
 * @param colours the meaning of the samples, as PhotometricInterpretation numbers it
 * @param compression as the field of this name numbers it
 */
record TiffSamples(int width, int height, int samples, int bits, NumberType number, int colours, int compression) {
    static final int WHITE_IS_ZERO = 0;
    static final int BLACK_IS_ZERO = 1;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int YCBCR = 6;
    static final int UNCOMPRESSED = 1;
    static final int JPEG = 7;
    private static final int LZW = 5;

    private static final Set<Integer> FAX = Set.of(2, 3, 4);
    private static final Set<Integer> DEFLATE = Set.of(8, 32946);
    private static final int PACK_BITS = 32773;

    private static final Map<Integer, String> OTHER_COLOURS = Map.ofEntries(
            Map.entry(4, "transparency"),
            Map.entry(5, "CMYK"),
            Map.entry(8, "CIE Lab"),
            Map.entry(9, "ICC Lab"),
            Map.entry(10, "ITU Lab"),
            Map.entry(32803, "a camera's colour filter array"),
            Map.entry(32844, "LogL"),
            Map.entry(32845, "LogLuv"),
            Map.entry(34892, "a camera's linear raw data"));
    private static final Map<Integer, String> OTHER_COMPRESSION = Map.ofEntries(
            Map.entry(6, "JPEG in its form of 1992"),
            Map.entry(33003, "JPEG 2000"),
            Map.entry(33004, "JPEG 2000"),
            Map.entry(33005, "JPEG 2000"),
            Map.entry(34712, "JPEG 2000"),
            Map.entry(34887, "LERC"),
            Map.entry(34925, "LZMA"),
            Map.entry(34933, "PNG"),
            Map.entry(34934, "JPEG XR"),
            Map.entry(50000, "Zstandard"),
            Map.entry(50001, "WebP"),
            Map.entry(50002, "JPEG XL"),
            Map.entry(52546, "JPEG XL"));

    /** The number type of samples, as SampleFormat numbers it. */
    enum NumberType {
        UNSIGNED(1),
        SIGNED(2),
        FLOAT(3);

        private final int code;

        NumberType(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** Reads and checks the fields of a page. */
    static TiffSamples of(Path file, TiffDirectory page) throws IOException {
        int samples = page.number(TiffTag.SAMPLES, 1);
        TiffSamples read = new TiffSamples(
                page.number(TiffTag.WIDTH, 0),
                page.number(TiffTag.HEIGHT, 0),
                samples,
                common(file, page, TiffTag.BITS, 1),
                numberType(file, common(file, page, TiffTag.SAMPLE_FORMAT, 1)),
                page.number(TiffTag.PHOTOMETRIC, samples < 3 ? BLACK_IS_ZERO : RGB),
                page.number(TiffTag.COMPRESSION, UNCOMPRESSED));
        if (read.width < 1 || read.height < 1 || samples < 1 || samples > 0xffff) {
            String size = read.width + " x " + read.height + " pixels of " + samples + " samples";
            throw FileErrors.damaged(file, size, "sizes of 1 or more");
        }
        read.requireCompression(file, page.number(TiffTag.PREDICTOR, 1), page.isBigEndian());
        read.requireColours(file, page.number(TiffTag.PLANAR, 1) == 2);
        read.requireBits(file);
        return read;
    }

    /** The value that all samples share. */
    private static int common(Path file, TiffDirectory page, int tag, int absent) throws IOException {
        long[] values = page.numbers(tag);
        if (Arrays.stream(values).distinct().count() > 1) {
            String name = tag == TiffTag.BITS ? "bits per sample" : "sample formats";
            throw unsupported(
                    file, "its samples differ: " + name + " " + Arrays.toString(values), "samples of one type");
        }
        return page.number(tag, absent);
    }

    private static NumberType numberType(Path file, int format) {
        return switch (format) {
            case 0, 1, 4 -> NumberType.UNSIGNED; // 4: the writer didn't know
            case 2 -> NumberType.SIGNED;
            case 3 -> NumberType.FLOAT;
            default ->
                throw new AttunetException(
                        file,
                        format == 5 || format == 6 ? "its numbers are complex" : "sample format " + format,
                        "whole or real numbers",
                        "save the magnitude, or real and imaginary part as two channels of float32");
        };
    }

    private void requireCompression(Path file, int predictor, boolean bigEndian) {
        boolean known = compression == UNCOMPRESSED
                || compression == LZW
                || compression == JPEG
                || compression == PACK_BITS
                || FAX.contains(compression)
                || DEFLATE.contains(compression);
        if (!known) {
            String name = OTHER_COMPRESSION.get(compression);
            throw unsupported(
                    file,
                    "compression " + compression + (name == null ? "" : " (" + name + ")"),
                    "none, LZW, Deflate, PackBits, JPEG or fax");
        }
        boolean suits = predictor == 1
                || (predictor == 2 && bits >= 8)
                || (predictor == 3
                        && number == NumberType.FLOAT
                        && !bigEndian); // of which the decoder makes other numbers
        if (isPredicted() && !suits) {
            String order = bigEndian ? " in big-endian order" : "";
            throw unsupported(
                    file,
                    "predictor " + predictor + " for " + typeName() + order,
                    "predictor 1 or 2, or 3 in little-endian");
        }
    }

    /** Whether a predictor applies. */
    boolean isPredicted() {
        return compression == LZW || DEFLATE.contains(compression);
    }

    private void requireColours(Path file, boolean planar) {
        String other = OTHER_COLOURS.get(colours);
        if (other != null || colours > YCBCR || (colours > PALETTE && colours < YCBCR)) {
            String name = other == null ? "colours of kind " + colours : "its colours are " + other;
            throw unsupported(file, name, "grey, RGB, YCbCr or a palette");
        }
        if (samples < colourSamples()) {
            throw FileErrors.damaged(file, samples + " samples for a colour", colourSamples() + " or more");
        }
        if (colours == WHITE_IS_ZERO && number != NumberType.UNSIGNED) {
            throw unsupported(file, "white is zero, with samples of " + typeName(), "black at zero");
        }
        if (isConverted() && (planar || bits != 8 || (samples != 1 && samples != 3))) {
            String found = (compression == JPEG ? "JPEG" : "YCbCr") + " with " + samples + " samples of " + typeName();
            throw unsupported(file, found + (planar ? ", plane by plane" : ""), "grey or RGB of 8 bits");
        }
    }

    private void requireBits(Path file) {
        boolean suits = switch (number) {
            case FLOAT -> bits == 16 || bits == 32 || bits == 64;
            case SIGNED -> bits == 8 || bits == 16 || bits == 32;
            case UNSIGNED ->
                bits == 8
                        || bits == 16
                        || bits == 32
                        || (samples == 1
                                && (bits == 1 || bits == 2 || bits == 4 || bits == 10 || bits == 12 || bits == 14));
        };
        if (!suits || (FAX.contains(compression) && bits != 1) || (colours == PALETTE && bits > 16)) {
            boolean large = bits == 64;
            throw new AttunetException(
                    file,
                    "its samples are " + typeName() + (samples > 1 ? ", " + samples + " a pixel" : ""),
                    "whole numbers of 1 to 32 bits or floating-point numbers of 16, 32 or 64",
                    large
                            ? "save it as 16- or 32-bit whole numbers, for instance by NumPy's astype(\"uint16\")"
                            : "save it as 8 or 16 bit");
        }
    }

    /** The samples that hold the colour; further ones are alpha or channels. */
    int colourSamples() {
        return colours == RGB || colours == YCBCR ? 3 : 1;
    }

    /** Whether the decoder turns what is stored into grey or RGB. */
    boolean isConverted() {
        return compression == JPEG || colours == YCBCR;
    }

    /** The samples without alpha: the colour, and those extra samples that aren't declared as alpha (1 and 2). */
    int[] withoutAlpha(TiffDirectory page) throws IOException {
        long[] extra = page.numbers(TiffTag.EXTRA_SAMPLES);
        return IntStream.range(0, samples)
                .filter(k -> {
                    int index = k - colourSamples();
                    return index < 0 || index >= extra.length || (extra[index] != 1 && extra[index] != 2);
                })
                .toArray();
    }

    /** Bytes of a plane of the given number of samples, whose rows start at whole bytes. */
    long planeBytes(int planeSamples) {
        return ((long) width * planeSamples * bits + 7) / 8 * height;
    }

    /** Such as {@code 640 x 480 pixels}. */
    String size() {
        return width + " x " + height + " pixels";
    }

    /** Such as {@code 3 samples of uint8 in RGB}. */
    String kind() {
        String names = colours == RGB
                ? " in RGB"
                : colours == YCBCR
                        ? " in YCbCr"
                        : colours == PALETTE ? " of a palette" : colours == WHITE_IS_ZERO ? " with white at zero" : "";
        return samples + (samples == 1 ? " sample of " : " samples of ") + typeName() + names;
    }

    /** Such as {@code uint16}. */
    private String typeName() {
        return switch (number) {
                    case UNSIGNED -> "uint";
                    case SIGNED -> "int";
                    case FLOAT -> "float";
                }
                + bits;
    }

    /** A failure for what the format allows and this program doesn't read. */
    static AttunetException unsupported(Path file, String found, String expected) {
        return new AttunetException(
                file, found, expected, "save it as grey or RGB TIFF without compression, for instance with ImageJ");
    }
}
