package org.attunet.dicom.pixel;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.FrameBytes;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.data.TransferSyntax.Pixels;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/**
 * The frames of a DICOM file, decoded: the stored values of PS3.3, C.7.6.3.1, before any rescaling.
 *
 * <p>Not thread-safe; keeps the file open.
 */
public final class Frames implements AutoCloseable {
    /** What the optional library of JPEG 2000 is known by. */
    private static final String JPEG_2000_READER = "com.github.jaiimageio.jpeg2000.impl.J2KImageReader";

    private final DicomFile file;
    private final PixelFormat format;
    private final FrameBytes bytes;

    private Frames(DicomFile file, PixelFormat format, FrameBytes bytes) {
        this.file = file;
        this.format = format;
        this.bytes = bytes;
    }

    /**
     * Opens a file's frames.
     *
     * @throws AttunetException if the file has no pixels, or pixels that attunet doesn't read
     */
    public static Frames open(DicomFile file) {
        PixelFormat format = PixelFormat.of(file);
        requireKnown(file, format);
        try {
            return new Frames(file, format, FrameBytes.open(file, format));
        } catch (IOException e) {
            throw reading(file, e);
        }
    }

    private static void requireKnown(DicomFile file, PixelFormat format) {
        Pixels pixels = file.syntax().pixels();
        boolean plain = pixels == Pixels.NATIVE || pixels == Pixels.DEFLATED;
        if (pixels == Pixels.JPEG_2000) {
            requireJpeg2000(file);
        }
        if (pixels == Pixels.OTHER) {
            throw new AttunetException(
                    file.path(),
                    "pixels in " + file.syntax().name(),
                    "native pixels, RLE, JPEG, JPEG-LS or JPEG 2000",
                    "convert the file, for instance with gdcmconv --raw");
        }
        if (plain && (format.photometric().endsWith("_420") || (format.halfColours() && format.columns() % 2 == 1))) {
            throw new AttunetException(
                    file.path(),
                    format.columns() + " x " + format.rows() + " native pixels in " + format.photometric(),
                    "RGB, YBR_FULL, or YBR_FULL_422 of an even number of columns",
                    "convert the file");
        }
    }

    private static void requireJpeg2000(DicomFile file) {
        try {
            Class.forName(JPEG_2000_READER, false, Frames.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AttunetException(
                    file.path().toString(),
                    "pixels in " + file.syntax().name(),
                    "native pixels, RLE, JPEG or JPEG-LS",
                    "convert the file, for instance with gdcmconv --raw, or add the library jai-imageio-jpeg2000 (docs/dicom.md)",
                    e);
        }
    }

    /** {@return what the pixels are} */
    public PixelFormat format() {
        return format;
    }

    /**
     * Decodes a frame of whole numbers.
     *
     * @param frame from 0
     * @return stored values, row by row, colours by pixel; unsigned ones of 32 bits as {@link Integer#toUnsignedLong} reads them
     * @throws AttunetException if the frame can't be read or is damaged, or its pixels are real numbers
     */
    public int[] read(int frame) {
        if (format.real()) {
            throw new AttunetException(
                    file.path(), "floating-point pixels", "whole numbers", "give an image of a scanner");
        }
        try {
            byte[] encoded = bytes.frame(frame);
            String name = file.path() + ", frame " + (frame + 1);
            return switch (file.syntax().pixels()) {
                case DEFLATED_FRAMES ->
                    NativePixels.values(DeflatedFrame.decode(encoded, format), format, format.planar());
                case RLE -> NativePixels.values(Rle.decode(encoded, format), format, false);
                case JPEG -> JpegPixels.values(encoded, format, name);
                case JPEG_LS -> jpegLs(encoded, name);
                case JPEG_2000 -> Jpeg2000Pixels.values(encoded, format);
                default ->
                    format.halfColours()
                            ? NativePixels.halfColours(encoded, format)
                            : NativePixels.values(encoded, format, format.planar());
            };
        } catch (IOException | IndexOutOfBoundsException e) {
            throw reading(file, e);
        }
    }

    /**
     * Decodes a frame of any numbers.
     *
     * @param frame from 0
     * @return stored values, row by row, colours by pixel; those of 64 bits are rounded
     * @throws AttunetException if the frame can't be read or is damaged
     */
    public float[] numbers(int frame) {
        if (format.real()) {
            try {
                return NativePixels.real(bytes.frame(frame), format);
            } catch (IOException e) {
                throw reading(file, e);
            }
        }
        int[] stored = read(frame);
        boolean wide = format.stored() == 32 && !format.signed();
        float[] numbers = new float[stored.length];
        for (int k = 0; k < stored.length; k++) {
            numbers[k] = wide ? Integer.toUnsignedLong(stored[k]) : stored[k];
        }
        return numbers;
    }

    private int[] jpegLs(byte[] encoded, String name) {
        short[] samples = JpegLs.decode(
                        name, encoded, format.columns(), format.rows(), format.samples(), format.allocated())
                .samples();
        int[] values = new int[samples.length];
        for (int k = 0; k < values.length; k++) {
            values[k] = NativePixels.stored(samples[k], format);
        }
        return values;
    }

    private static AttunetException reading(DicomFile file, Exception cause) {
        if (cause instanceof ClosedByInterruptException) {
            throw Interruption.cancellation();
        }
        String found = cause instanceof EOFException
                ? "it ends within its pixel data"
                : "its pixel data is damaged (" + cause.getMessage() + ")";
        return new AttunetException(
                file.path().toString(), found, "whole pixel data", "copy or export the file again", cause);
    }

    @Override
    public void close() {
        try {
            bytes.close();
        } catch (IOException e) {
            throw reading(file, e);
        }
    }
}
